//! Long lines of code as several: the longest bracket is opened, its items stand one step deeper.

/// How long a line may be.
pub const WIDTH: usize = 100;

/// How a language breaks its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaks {
    /// What begins a remark.
    pub remark: &'static str,
    /// Whether the last of several items has a comma too.
    pub comma: bool,
}

pub const PYTHON: Breaks = Breaks { remark: "#", comma: true };
pub const SCRIPT: Breaks = Breaks { remark: "//", comma: true };

/// A line, `depth` steps of `unit` deep, as one or more: each with the steps that it is deeper.
pub fn wrap(text: &str, depth: usize, unit: &str, breaks: Breaks) -> Vec<(usize, String)> {
    let room = WIDTH.saturating_sub(depth * unit.len());
    let whole = || vec![(0, text.to_string())];
    if text.chars().count() <= room {
        return whole();
    }
    if let Some(words) = text.strip_prefix(breaks.remark) {
        return remark(words, room, breaks).map(|line| (0, line)).collect();
    }
    if text.contains("\"\"\"") || text.starts_with("/**") {
        return whole();
    }
    if let Some(at) = text.find(&format!(" {} ", breaks.remark)) {
        let (code, words) = text.split_at(at);
        let words = words.trim_start().trim_start_matches(breaks.remark);
        let above = remark(words, room, breaks).map(|line| (0, line));
        return above.chain(wrap(code.trim_end(), depth, unit, breaks)).collect();
    }
    let Some((open, close)) = longest(text) else { return whole() };
    let inner = text[open + 1..close].trim();
    let (head, tail) = (&text[..=open], &text[close..]);
    // brackets that hold nothing but brackets are opened with them
    if let Some((first, last)) = longest(inner)
        && (first, last + 1) == (0, inner.len())
    {
        let head = format!("{head}{}", &inner[..1]);
        return opened(&head, &inner[1..last], &format!("{}{tail}", &inner[last..]), depth, unit, breaks, false);
    }
    opened(head, inner, tail, depth, unit, breaks, true)
}

/// Head, items and tail on lines of their own; the items on one line where they may share it.
fn opened(
    head: &str,
    inner: &str,
    tail: &str,
    depth: usize,
    unit: &str,
    breaks: Breaks,
    share: bool,
) -> Vec<(usize, String)> {
    let inner = inner.trim().trim_end_matches(',');
    let room = WIDTH.saturating_sub((depth + 1) * unit.len());
    let mut lines = vec![(0, head.to_string())];
    let items = items(inner);
    if (share && inner.chars().count() <= room) || inner.contains(" for ") {
        lines.push((1, inner.to_string()));
    } else {
        let count = items.len();
        for (i, item) in items.iter().enumerate() {
            // nothing may stand behind the rest of a pattern
            let comma = if i + 1 < count || (breaks.comma && count > 1 && !item.starts_with("...")) { "," } else { "" };
            let deeper = wrap(&format!("{item}{comma}"), depth + 1, unit, breaks);
            lines.extend(deeper.into_iter().map(|(own, line)| (own + 1, line)));
        }
    }
    lines.push((0, tail.to_string()));
    lines
}

/// A remark on lines of this length.
fn remark(words: &str, room: usize, breaks: Breaks) -> impl Iterator<Item = String> {
    let mut lines = vec![breaks.remark.to_string()];
    for word in words.split_whitespace() {
        let last = lines.last_mut().expect("a line");
        if last.chars().count() + 1 + word.chars().count() > room && *last != breaks.remark {
            lines.push(format!("{} {word}", breaks.remark));
        } else {
            *last += &format!(" {word}");
        }
    }
    lines.into_iter()
}

/// Where each letter that is no part of a string stands, and how many brackets are open before it.
fn letters(text: &str) -> impl Iterator<Item = (usize, char, usize)> {
    let (mut quote, mut escaped, mut open) = (None, false, 0_usize);
    text.char_indices().filter_map(move |(at, letter)| {
        if let Some(own) = quote {
            match letter {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if letter == own => quote = None,
                _ => {}
            }
            return None;
        }
        let depth = open;
        match letter {
            '"' | '\'' | '`' => quote = Some(letter),
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        Some((at, letter, depth))
    })
}

/// The longest outermost pair of brackets; `None` where they do not close on this line.
fn longest(text: &str) -> Option<(usize, usize)> {
    let (mut start, mut best, mut depth) = (None, None, 0_i32);
    for (at, letter, _) in letters(text) {
        match letter {
            '(' | '[' | '{' => {
                if depth == 0 {
                    start = Some(at);
                }
                depth += 1;
            }
            ')' | ']' | '}' => {
                depth -= 1;
                let begin = start.filter(|_| depth == 0);
                if depth < 0 {
                    return None;
                }
                if let Some(begin) = begin
                    && best.is_none_or(|(from, to): (usize, usize)| at - begin > to - from)
                {
                    best = Some((begin, at));
                }
            }
            _ => {}
        }
    }
    best.filter(|(from, to)| depth == 0 && to - from > 1)
}

/// What commas outside of brackets and strings keep apart.
fn items(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut from = 0;
    for (at, letter, depth) in letters(text) {
        if letter == ',' && depth == 0 {
            all.push(text[from..at].trim());
            from = at + 1;
        }
    }
    all.push(text[from..].trim());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, breaks: Breaks) -> String {
        let lines = wrap(text, 0, "  ", breaks).into_iter().map(|(depth, line)| "  ".repeat(depth) + &line);
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn short_lines_stay() {
        assert_eq!(lines("f(a, b)", PYTHON), "f(a, b)");
    }

    #[test]
    fn items_share_a_line_or_stand_alone() {
        let (a, b) = ("a".repeat(60), "b".repeat(60));
        assert_eq!(lines(&format!("f({a}, \"(,\")(g({a}))"), PYTHON), format!("f(\n  {a}, \"(,\"\n)(g({a}))"));
        assert_eq!(lines(&format!("f({a}, {b})"), PYTHON), format!("f(\n  {a},\n  {b},\n)"));
        assert_eq!(lines(&format!("f({a}, {b})"), Breaks { comma: false, ..SCRIPT }), format!("f(\n  {a},\n  {b}\n)"));
        assert_eq!(lines(&format!("f({{ {a}, {b} }});"), SCRIPT), format!("f({{\n  {a},\n  {b},\n}});"));
    }

    #[test]
    fn remarks_go_above() {
        let code = "c".repeat(90);
        assert_eq!(lines(&format!("{code}  # why it is so"), PYTHON), format!("# why it is so\n{code}"));
    }

    #[test]
    fn what_has_no_brackets_to_open_stays() {
        for text in ["x".repeat(120), format!("f({}", "x".repeat(120)), format!("\"({})\"", "x".repeat(120))] {
            assert_eq!(lines(&text, PYTHON), text);
        }
    }
}
