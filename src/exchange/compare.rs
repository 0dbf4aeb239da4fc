//! Two programs beside each other, the lines of the same layer joined by bands.

use super::{
    code,
    html::{choice, escape},
};
use crate::export::{FRAMEWORKS, File};

/// The height of a line, and the width between the two, in pixels; www/panel.css has the same.
const LINE: usize = 20;
const GAP: usize = 56;

/// The two choices.
pub fn choices(pair: [usize; 2]) -> String {
    let options: Vec<(&str, &str)> = FRAMEWORKS.iter().map(|row| (row.id, row.label)).collect();
    format!(
        "<div class=\"desk-pair\">{}{}</div>",
        choice("left", "The one on the left", &options, pair[0]),
        choice("right", "The one on the right", &options, pair[1])
    )
}

/// Both files and what joins them.
pub fn both(files: [&File; 2], labels: [&str; 2]) -> String {
    let height = files.map(|file| file.code.lines.len()).into_iter().max().unwrap_or(0) * LINE;
    let runs = files.map(runs);
    let mut bands = String::new();
    let layers = files.iter().flat_map(|file| file.code.lines.iter().filter_map(|line| line.layer)).max();
    for layer in 0..layers.map_or(0, |last| last + 1) {
        let [left, right] =
            [0, 1].map(|side: usize| runs[side].iter().filter(|run| run.0 == layer).collect::<Vec<_>>());
        // the n-th place on one side belongs to the n-th on the other; what is left over, to the last
        for pair in 0..left.len().max(right.len()) {
            let (Some(a), Some(b)) = (left.get(pair).or(left.last()), right.get(pair).or(right.last())) else { break };
            let y = [a.1, a.2, b.1, b.2].map(|line| line * LINE);
            let half = GAP / 2;
            bands += &format!(
                "<path class=\"band\" data-of=\"{layer}\" data-tint=\"{}\" d=\"M0 {}C{half} {} {half} {} {GAP} {}V{}C{half} {} {half} {} 0 {}z\"/>",
                layer % 6,
                y[0],
                y[0],
                y[2],
                y[2],
                y[3],
                y[3],
                y[1],
                y[1]
            );
        }
    }
    // the first line of a layer on either side, with a little before it: that is where it begins to be interesting
    let start =
        runs.iter().filter_map(|runs| runs.first()).map(|run| run.1).min().unwrap_or(0).saturating_sub(3) * LINE;
    let side = |side: usize| {
        format!(
            "<div class=\"desk-side\"><p class=\"desk-side-name\">{}</p>{}</div>",
            escape(labels[side]),
            code::lines(files[side], None, labels[side])
        )
    };
    format!(
        "<div class=\"desk-both\" data-start=\"{start}\">{}<svg class=\"bands\" aria-hidden=\"true\" width=\"{GAP}\" height=\"{height}\" \
         viewBox=\"0 0 {GAP} {height}\">{bands}</svg>{}</div>",
        side(0),
        side(1)
    )
}

/// Lines of one layer that lie together: (layer, first, end).
fn runs(file: &File) -> Vec<(usize, usize, usize)> {
    let mut all: Vec<(usize, usize, usize)> = Vec::new();
    for (place, line) in file.code.lines.iter().enumerate() {
        let Some(layer) = line.layer else { continue };
        match all.last_mut() {
            Some(last) if last.0 == layer && last.2 == place => last.2 = place + 1,
            _ => all.push((layer, place, place + 1)),
        }
    }
    all
}
