//! The place of the maximum along the middle axis, the first of equals.

use super::{Need, Scratch, Sink, Work};
use crate::plan::Region;

/// Numbers of the output that are computed before the program runs on them.
const BLOCK: usize = 16_384;

/// `Core::ArgMax` made ready.
pub struct ArgMax {
    outer: usize,
    length: usize,
    inner: usize,
    x: Region,
    /// Outer indices of a block.
    block: usize,
}

impl ArgMax {
    #[inline]
    pub fn new(dims: &[usize], length: usize, x: Region) -> ArgMax {
        let count: usize = dims.iter().product();
        let inner = dims.last().copied().unwrap_or(1);
        let outer = count / inner.max(1);
        ArgMax { outer, length, inner, x, block: (BLOCK / inner.max(1)).clamp(1, outer.max(1)) }
    }
}

impl Work for ArgMax {
    fn need(&self) -> Need {
        Need { core: self.block * self.inner, side: self.inner, pack: 0 }
    }

    fn align(&self) -> usize {
        self.inner
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let &ArgMax { inner, length, .. } = self;
        let best = &mut scratch.side[..inner];
        for first in (0..self.outer).step_by(self.block) {
            let count = self.block.min(self.outer - first);
            let core = &mut scratch.core[..count * inner];
            core.fill(0.0);
            let x = &sink.memory.region(self.x)[first * length * inner..];
            for (places, x) in core.chunks_exact_mut(inner).zip(x.chunks_exact(length * inner)) {
                best.fill(f32::NEG_INFINITY);
                for (place, row) in x.chunks_exact(inner).enumerate() {
                    for ((best, found), &x) in best.iter_mut().zip(&mut *places).zip(row) {
                        let better = x > *best;
                        *best = if better { x } else { *best };
                        *found = if better { place as f32 } else { *found };
                    }
                }
            }
            sink.take(first * inner, core);
        }
    }
}
