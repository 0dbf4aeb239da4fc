//! x − ln Σ exp(x) over the last axis, relative to the largest of each row. Its twin is `shaders/log_softmax.wgsl`.

use super::reduce::fold_all;
use super::{Need, Scratch, Sink, Work};
use crate::graph::function::{EXP, LN};
use crate::plan::Region;

/// Numbers that are computed before the program runs on them; they and their powers stay in the nearest cache.
const BLOCK: usize = 2048;

/// Numbers of a row from which on its powers are handed over: it saves a time that shows, where a graphics card, which computes
/// them again, rounds otherwise.
const LONG: usize = 32;

/// `Core::LogSoftmax` made ready.
pub struct LogSoftmax {
    rows: usize,
    length: usize,
    x: Region,
    /// Rows of a block.
    block: usize,
}

impl LogSoftmax {
    #[inline]
    pub fn new(dims: &[usize], x: Region) -> LogSoftmax {
        let length = dims.last().copied().unwrap_or(1);
        let rows = x.count / length.max(1);
        LogSoftmax { rows, length, x, block: (BLOCK / length.max(1)).clamp(1, rows.max(1)) }
    }
}

impl Work for LogSoftmax {
    fn need(&self) -> Need {
        Need { core: 2 * self.block * self.length, pack: 2 * self.block, ..Need::default() }
    }

    fn align(&self) -> usize {
        self.length
    }

    fn powers(&self) -> bool {
        self.length >= LONG
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let length = self.length;
        for first in (0..self.rows).step_by(self.block) {
            let rows = self.block.min(self.rows - first);
            let both = &mut scratch.core[..2 * rows * length];
            let (core, powers) = both.split_at_mut(rows * length);
            let (sums, logs) = scratch.pack[..2 * rows].split_at_mut(rows);
            let x = &sink.memory.region(self.x)[first * length..][..rows * length];
            for (row, x) in core.chunks_exact_mut(length).zip(x.chunks_exact(length)) {
                let top = fold_all(x, f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
                row.iter_mut().zip(x).for_each(|(below, x)| *below = x - top);
            }
            (EXP.0.lanes)(powers, core, &[], &[]);
            for (sum, powers) in sums.iter_mut().zip(powers.chunks_exact(length)) {
                *sum = fold_all(powers, 0.0, |a, b| a + b);
            }
            (LN.0.lanes)(logs, sums, &[], &[]);
            for (row, log) in core.chunks_exact_mut(length).zip(&*logs) {
                row.iter_mut().for_each(|below| *below -= log);
            }
            if !self.powers() {
                sink.take(first * length, core);
                continue;
            }
            for (row, sum) in powers.chunks_exact_mut(length).zip(&*sums) {
                let share = 1.0 / sum;
                row.iter_mut().for_each(|power| *power *= share);
            }
            sink.take_with_powers(first * length, both);
        }
    }
}
