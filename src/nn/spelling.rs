//! Words that nobody knows: what is allowed, and which one was probably meant.

use super::field::brief;

/// `there is no value "rleu"; allowed are linear, relu, …. Did you mean "relu"?`
pub fn unknown<'a>(what: &str, found: &str, allowed: impl IntoIterator<Item = &'a str>) -> String {
    let allowed: Vec<&str> = allowed.into_iter().collect();
    let guess = match nearest(found, &allowed) {
        Some(word) => format!(" Did you mean \"{word}\"?"),
        None => String::new(),
    };
    format!("there is no {what} {}; allowed are {}.{guess}", brief(&found.into()), allowed.join(", "))
}

/// The allowed word that `found` was probably meant to be: the same but for case and hyphens, or few edits away.
pub fn nearest<'a>(found: &str, allowed: &[&'a str]) -> Option<&'a str> {
    let plain = |text: &str| -> Vec<char> {
        text.chars()
            .take(64)
            .filter(|c| c.is_ascii_alphanumeric() || !c.is_ascii())
            .map(|c| c.to_ascii_lowercase())
            .collect()
    };
    let found = plain(found);
    let rank = |word: &str| {
        let word = plain(word);
        match found.len() >= 3 && (word.starts_with(&found) || found.starts_with(&word)) {
            true => usize::from(found != word),
            false => edits(&found, &word),
        }
    };
    (allowed.iter().map(|word| (rank(word), *word)).min_by_key(|(rank, _)| *rank))
        .filter(|(rank, word)| *rank <= (found.len().min(word.len()) / 3).max(1))
        .map(|(_, word)| word)
}

/// How many insertions, deletions, replacements and swaps of neighbours lead from `a` to `b` (Damerau, 1964).
fn edits(a: &[char], b: &[char]) -> usize {
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let moved = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                match i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    true => moved.min(table[i - 2][j - 2] + 1),
                    false => moved,
                }
            };
        }
    }
    table[a.len()][b.len()]
}
