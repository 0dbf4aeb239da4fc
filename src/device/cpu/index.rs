//! Rows by their index: taken from a table, added up in one, and the place of a maximum.

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
            for (&index, out) in indices.iter().zip(core.chunks_exact_mut(width)) {
                if cell.bytes.is_empty() {
                    out.copy_from_slice(&cell.numbers[row(index)..][..width]);
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

/// `Core::ScatterAdd` made ready.
pub struct Scatter {
    rows: usize,
    width: usize,
    count: usize,
    indices: Region,
    values: Region,
    block: usize,
}

impl Scatter {
    pub fn new(dims: &[usize], count: usize, indices: Region, values: Region) -> Scatter {
        let width = dims.last().copied().unwrap_or(1);
        let rows = dims.iter().product::<usize>() / width.max(1);
        let block = (BLOCK / width.max(1)).clamp(1, rows.max(1));
        Scatter { rows, width, count, indices, values, block }
    }
}

impl Work for Scatter {
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
