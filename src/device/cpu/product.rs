//! Matrix products: rows in blocks, each block's sums through the register tile, then through the kernel's program.
//!
//! A transposed left operand is read as it lies (a step of the product is then a row of it); a right operand is packed into
//! panels where it is transposed, or so wide that its rows would evict each other from the cache.

use super::tile::{self, COLUMNS, Left, Out, ROWS, Right};
use super::{Need, Scratch, Sink, Work};
use crate::plan::{Core, Region};

/// Steps that are added up in registers at a time; a panel of so many stays in the nearest cache.
const DEPTH: usize = 512;
/// Numbers of the output that are computed before the program runs on them.
const BLOCK: usize = 16_384;
/// Columns from which on a right operand is packed.
const WIDE: usize = 64;

/// A matrix product made ready.
pub struct Product {
    batch: usize,
    m: usize,
    n: usize,
    k: usize,
    a: Region,
    b: Region,
    transpose_a: bool,
    transpose_b: bool,
    shared_b: bool,
    packed: bool,
    /// Rows of a block.
    rows: usize,
    /// Where each row of a and of the output begins.
    bases: Vec<u32>,
    outs: Vec<u32>,
}

impl Product {
    pub fn new(core: &Core) -> Product {
        let &Core::Matmul { mut batch, mut m, n, k, a, b, transpose_a, transpose_b, shared_b } = core else {
            unreachable!("a matrix product is made from one");
        };
        if shared_b && !transpose_a {
            // The rows of all matrices are one long list.
            (batch, m) = (1, batch * m);
        }
        let rows = (BLOCK / n.max(1)).clamp(ROWS, 4096) / ROWS * ROWS;
        let packed = transpose_b || n > WIDE && m > 2 * ROWS;
        let bases = (0..m).map(|row| if transpose_a { row } else { row * k } as u32).collect();
        let outs = (0..rows.min(m)).map(|row| (row * n) as u32).collect();
        Product { batch, m, n, k, a, b, transpose_a, transpose_b, shared_b, packed, rows, bases, outs }
    }
}

impl Work for Product {
    fn need(&self) -> Need {
        let pack = if self.packed { self.k * self.n.next_multiple_of(COLUMNS) } else { 0 };
        Need { core: self.rows.min(self.m) * self.n, side: 0, pack }
    }

    fn align(&self) -> usize {
        self.n
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let &Product { batch, m, n, k, .. } = self;
        for matrix in 0..batch {
            let from_b = if self.shared_b { 0 } else { matrix * k * n };
            if self.packed && (matrix == 0 || !self.shared_b) {
                let b = &sink.memory.region(self.b)[from_b..][..k * n];
                let (across, along) = if self.transpose_b { (1, k) } else { (n, 1) };
                tile::pack(b, k, n, across, along, &mut scratch.pack);
            }
            for row in (0..m).step_by(self.rows) {
                let count = self.rows.min(m - row);
                let core = &mut scratch.core[..count * n];
                if k == 0 {
                    core.fill(0.0);
                }
                for step in (0..k).step_by(DEPTH) {
                    let length = DEPTH.min(k - step);
                    let a = &sink.memory.region(self.a)[matrix * m * k..][..m * k];
                    let (from_a, step_a) = if self.transpose_a { (step * m, m) } else { (step, 1) };
                    let left = Left { numbers: a, segments: &[from_a as u32], length, step: step_a };
                    let right = if self.packed {
                        Right { numbers: &scratch.pack[step * COLUMNS..], panel: k * COLUMNS, step: COLUMNS }
                    } else {
                        let b = &sink.memory.region_and_slack(self.b)[from_b..];
                        Right { numbers: &b[step * n..], panel: COLUMNS, step: n }
                    };
                    let mut out = Out { numbers: core, rows: &self.outs, origin: 0, column: 0, add: step > 0 };
                    tile::product(left, &self.bases[row..row + count], right, n, &mut out);
                }
                sink.take(matrix * m * n + row * n, core);
            }
        }
    }
}
