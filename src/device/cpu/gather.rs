//! Rows of a table by their indices; a row of bytes becomes numbers from 0 to 1.

use super::{Need, Scratch, Sink, Work};
use crate::plan::Region;
use crate::tensor::lanes::copy;

/// Numbers of the output that are computed before the program runs on them.
const BLOCK: usize = 16_384;

/// `Core::Gather` made ready.
pub struct Gather {
    count: usize,
    width: usize,
    rows: usize,
    table: Region,
    indices: Region,
    block: usize,
}

impl Gather {
    #[inline]
    pub fn new(dims: &[usize], rows: usize, table: Region, indices: Region) -> Gather {
        let width = dims.last().copied().unwrap_or(1);
        let count = indices.count;
        let block = (BLOCK / width.max(1)).clamp(1, count.max(1));
        Gather { count, width, rows, table, indices, block }
    }
}

impl Work for Gather {
    fn need(&self) -> Need {
        Need { core: self.block * self.width, side: 0, pack: 0 }
    }

    fn align(&self) -> usize {
        self.width
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let width = self.width;
        for first in (0..self.count).step_by(self.block) {
            let count = self.block.min(self.count - first);
            let core = &mut scratch.core[..count * width];
            let indices = &sink.memory.region(self.indices)[first..first + count];
            let row = |index: f32| self.table.offset + (index as usize).min(self.rows - 1) * width;
            let cell = &sink.memory.cells[self.table.place];
            if width == 1 && cell.bytes.is_empty() {
                // Copying numbers one by one costs a call each.
                for (&index, out) in indices.iter().zip(&mut *core) {
                    *out = cell.numbers[row(index)];
                }
                sink.take(first, core);
                continue;
            }
            for (&index, out) in indices.iter().zip(core.chunks_exact_mut(width)) {
                if cell.bytes.is_empty() {
                    copy(&cell.numbers[row(index)..][..width], out);
                } else {
                    for (out, &byte) in out.iter_mut().zip(&cell.bytes[row(index)..][..width]) {
                        *out = f32::from(byte) / 255.0;
                    }
                }
            }
            sink.take(first * width, core);
        }
    }
}
