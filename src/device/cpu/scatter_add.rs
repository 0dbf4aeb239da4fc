//! Rows added up at their indices, in order.

use super::{Need, Scratch, Sink, Work};
use crate::plan::Region;

/// Numbers of the output that are computed before the program runs on them.
const BLOCK: usize = 16_384;

/// `Core::ScatterAdd` made ready.
pub struct ScatterAdd {
    rows: usize,
    width: usize,
    count: usize,
    indices: Region,
    values: Region,
    block: usize,
}

impl ScatterAdd {
    #[inline]
    pub fn new(dims: &[usize], count: usize, indices: Region, values: Region) -> ScatterAdd {
        let width = dims.last().copied().unwrap_or(1);
        let rows = dims.iter().product::<usize>() / width.max(1);
        let block = (BLOCK / width.max(1)).clamp(1, rows.max(1));
        ScatterAdd { rows, width, count, indices, values, block }
    }
}

impl Work for ScatterAdd {
    fn need(&self) -> Need {
        Need { core: self.block * self.width, side: 0, pack: 0 }
    }

    fn align(&self) -> usize {
        self.width
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let width = self.width;
        for first in (0..self.rows).step_by(self.block) {
            let rows = self.block.min(self.rows - first);
            let core = &mut scratch.core[..rows * width];
            core.fill(0.0);
            let indices = &sink.memory.region(self.indices)[..self.count];
            let values = sink.memory.region(self.values);
            for (&index, values) in indices.iter().zip(values.chunks_exact(width)) {
                let row = (index as usize).wrapping_sub(first);
                if row < rows {
                    for (sum, &value) in core[row * width..][..width].iter_mut().zip(values) {
                        *sum += value;
                    }
                }
            }
            sink.take(first * width, core);
        }
    }
}
