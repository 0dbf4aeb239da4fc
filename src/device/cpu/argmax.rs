//! The place of the maximum along the middle axis, the first of equals.

use super::{Need, Scratch, Sink, Work};
use crate::plan::Region;

/// `Core::ArgMax` made ready.
pub struct ArgMax {
    outer: usize,
    length: usize,
    inner: usize,
    x: Region,
}

impl ArgMax {
    pub fn new(dims: &[usize], length: usize, x: Region) -> ArgMax {
        let count: usize = dims.iter().product();
        let inner = dims.last().copied().unwrap_or(1);
        ArgMax { outer: count / inner.max(1), length, inner, x }
    }
}

impl Work for ArgMax {
    fn need(&self) -> Need {
        Need { core: self.inner, side: self.inner, pack: 0 }
    }

    fn align(&self) -> usize {
        1
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let places = &mut scratch.core[..self.inner];
        let best = &mut scratch.side[..self.inner];
        for outer in 0..self.outer {
            let size = self.length * self.inner;
            let x = &sink.memory.region(self.x)[outer * size..][..size];
            places.fill(0.0);
            best.fill(f32::NEG_INFINITY);
            for (place, row) in x.chunks_exact(self.inner).enumerate() {
                for ((best, found), &x) in best.iter_mut().zip(&mut *places).zip(row) {
                    let better = x > *best;
                    *best = if better { x } else { *best };
                    *found = if better { place as f32 } else { *found };
                }
            }
            sink.take(outer * self.inner, places);
        }
    }
}
