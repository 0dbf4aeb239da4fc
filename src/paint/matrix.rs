//! The cells of a confusion matrix: rows are the true classes, columns what was said.

use super::Theme;
use super::colour::{mix, opaque};

/// One cell, ready to be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    pub truth: usize,
    pub said: usize,
    pub count: u32,
    /// The part of its row, 0 to 1; 0 in an empty row.
    pub share: f32,
    /// Its colour: greener the more of the row is right, redder the more is wrong, the card's own where nothing is.
    pub fill: [u8; 4],
}

/// All cells, row by row; `counts` holds classes × classes numbers.
pub fn cells(counts: &[u32], classes: usize, theme: Theme) -> Vec<Cell> {
    assert_eq!(counts.len(), classes * classes, "a matrix of {classes} classes has a cell for each pair");
    let row = |truth: usize| &counts[truth * classes..][..classes];
    let cell = |(place, &count): (usize, &u32)| {
        let (truth, said) = (place / classes, place % classes);
        let all: u64 = row(truth).iter().map(|count| u64::from(*count)).sum();
        let share = if all == 0 { 0.0 } else { (f64::from(count) / all as f64) as f32 };
        Cell { truth, said, count, share, fill: fill(share, truth == said, theme) }
    };
    counts.iter().enumerate().map(cell).collect()
}

/// The colour of a cell that holds `share` of its row.
pub fn fill(share: f32, right: bool, theme: Theme) -> [u8; 4] {
    let anchors = theme.anchors();
    if share <= 0.0 {
        return opaque(anchors.card);
    }
    // A single mistake must already show, and ink must stay readable on a full cell.
    let (colour, from, to) = if right { (anchors.good, 0.04, 0.28) } else { (anchors.bad, 0.08, 0.45) };
    opaque(mix(anchors.card, colour, from + (to - from) * share.min(1.0)))
}
