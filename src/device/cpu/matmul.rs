//! Matrix products: rows in blocks, each block's sums through the register tile, then through the kernel's program.
//!
//! Operands are read as they lie where that is quick: a right operand is packed into panels where it is transposed, or so
//! wide that its rows would evict each other from the cache, and a transposed left operand where it is used more than once.

use super::tile::{self, COLUMNS, Left, Out, ROWS, Right, Whole};
use super::{Need, Scratch, Sink, Work};
use crate::plan::{Core, Kernel, Region};

/// Steps that are added up in registers at a time; a panel of so many stays in the nearest cache.
const DEPTH: usize = 256;
/// Numbers of the output that are computed before the program runs on them.
const BLOCK: usize = 32_768;
/// Columns from which on a right operand is packed.
const WIDE: usize = 32;

/// A matrix product made ready.
pub struct Matmul {
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
    /// The cell that keeps the packed right operand for other products, and whether this one packs it.
    kept: Option<(usize, bool)>,
    packed_left: bool,
    /// Rows of a block.
    rows: usize,
    /// Where each row of a and of the output begins.
    bases: Vec<u32>,
    outs: Vec<u32>,
}

impl Matmul {
    #[inline]
    pub fn new(core: &Core) -> Matmul {
        let &Core::Matmul { mut batch, mut m, n, k, a, b, transpose_a, transpose_b, shared_b } = core else {
            unreachable!("a matrix product is made from one");
        };
        if shared_b && !transpose_a {
            // The rows of all matrices are one long list.
            (batch, m) = (1, batch * m);
        }
        let rows = (BLOCK / n.max(1)).clamp(128, 4096) / ROWS * ROWS;
        let packed = transpose_b || n > WIDE && m > 2 * ROWS;
        let packed_left = transpose_a && n > COLUMNS;
        let depth = DEPTH.min(k);
        let base = |row: usize| match (transpose_a, packed_left) {
            (_, true) => row % rows / ROWS * ROWS * depth + row % ROWS,
            (true, false) => row,
            (false, false) => row * k,
        };
        let bases = (0..m).map(|row| base(row) as u32).collect();
        let outs = (0..rows.min(m)).map(|row| (row * n) as u32).collect();
        Matmul {
            batch,
            m,
            n,
            k,
            a,
            b,
            transpose_a,
            transpose_b,
            shared_b,
            packed,
            kept: None,
            packed_left,
            rows,
            bases,
            outs,
        }
    }

    /// Whether rows and columns fill whole tiles, and the left operand lies as [`Whole`] reads it.
    fn is_whole(&self) -> bool {
        let left = self.packed_left || !self.transpose_a && self.k <= DEPTH;
        self.packed && left && self.m.is_multiple_of(ROWS) && self.n.is_multiple_of(COLUMNS)
    }

    /// Whether each panel of the right operand is packed just before the only time that it is read.
    fn in_turn(&self) -> bool {
        self.is_whole() && self.packed_left && self.kept.is_none() && self.m <= self.rows
    }

    /// How many numbers its packed right operand is, if it has one for the whole run.
    #[inline]
    pub fn keeps(&self) -> Option<usize> {
        (self.packed && (self.batch == 1 || self.shared_b)).then(|| self.k * self.n.next_multiple_of(COLUMNS))
    }

    /// Takes the packed right operand from this cell; the `first` puts it there.
    #[inline]
    pub fn keep(&mut self, cell: usize, first: bool) {
        self.kept = Some((cell, first));
    }
}

/// For each kernel, the first one before it (or itself) that packs the very same right operand, where several do and nothing
/// is written to it between them: a recurrent kernel is packed once for all steps.
#[inline]
pub fn packers(kernels: &[Kernel]) -> Vec<Option<usize>> {
    type Key = (Region, bool, usize, usize);
    let mut alive: Vec<(Key, usize)> = Vec::new();
    let mut packers = vec![None; kernels.len()];
    for (at, kernel) in kernels.iter().enumerate() {
        if let Core::Matmul { b, transpose_b, k, n, .. } = kernel.core
            && Matmul::new(&kernel.core).keeps().is_some()
        {
            let key = (b, transpose_b, k, n);
            let known = alive.iter().find(|(other, _)| *other == key).map(|(_, first)| *first);
            packers[at] = Some(known.unwrap_or(at));
            if known.is_none() {
                alive.push((key, at));
            }
        }
        alive.retain(|((region, ..), _)| !kernel.writes(*region));
    }
    let shared = |first: usize| packers.iter().filter(|packer| **packer == Some(first)).count() > 1;
    packers.iter().map(|packer| packer.filter(|&first| shared(first))).collect()
}

impl Work for Matmul {
    fn need(&self) -> Need {
        let pack = match self.packed && self.kept.is_none() {
            true if self.in_turn() => DEPTH.min(self.k) * COLUMNS,
            true => self.k * self.n.next_multiple_of(COLUMNS),
            false => 0,
        };
        let rows = self.rows.min(self.m);
        let side = if self.packed_left { rows.next_multiple_of(ROWS) * DEPTH.min(self.k) } else { 0 };
        Need { core: rows * self.n, side, pack }
    }

    fn align(&self) -> usize {
        self.n
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let &Matmul { batch, m, n, k, .. } = self;
        for matrix in 0..batch {
            let from_b = if self.shared_b { 0 } else { matrix * k * n };
            let (across, along) = if self.transpose_b { (1, k) } else { (n, 1) };
            let packs = self.packed && !self.in_turn();
            if packs && (matrix == 0 || !self.shared_b) && self.kept.is_none_or(|(_, first)| first) {
                let mut own = self.kept.map(|(cell, _)| std::mem::take(&mut sink.memory.cells[cell].numbers));
                let b = &sink.memory.region(self.b)[from_b..][..k * n];
                tile::pack(b, k, n, across, along, own.as_mut().unwrap_or(&mut scratch.pack));
                if let Some((cell, _)) = self.kept {
                    sink.memory.cells[cell].numbers = own.unwrap_or_default();
                }
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
                    if self.packed_left {
                        let a = &a[step * m + row..][..(length - 1) * m + count];
                        tile::pack_left(a, count, m, DEPTH.min(k), &mut scratch.side);
                    }
                    let (numbers, from_a, step_a) = match (self.transpose_a, self.packed_left) {
                        (_, true) => (&scratch.side[..], 0, ROWS),
                        (true, false) => (a, step * m, m),
                        (false, false) => (a, step, 1),
                    };
                    if self.in_turn() {
                        let b = &sink.memory.region(self.b)[from_b..][..k * n];
                        if step == 0 {
                            core.fill(0.0);
                        }
                        let whole = Whole {
                            rows: count,
                            steps: length,
                            columns: COLUMNS,
                            pitch: n,
                            four: ROWS * DEPTH.min(k),
                            panel: 0,
                        };
                        for column in (0..n).step_by(COLUMNS) {
                            let b = &b[step * across + column * along..];
                            tile::pack(b, length, COLUMNS, across, along, &mut scratch.pack);
                            whole.product::<true, true>(numbers, &scratch.pack, &mut core[column..]);
                        }
                        continue;
                    }
                    let left = Left { numbers, segments: &[from_a as u32], length, step: step_a };
                    let right = if self.packed {
                        let pack = self.kept.map_or(&scratch.pack, |(cell, _)| &sink.memory.cells[cell].numbers);
                        Right { numbers: &pack[step * COLUMNS..], panel: k * COLUMNS, step: COLUMNS }
                    } else {
                        let b = &sink.memory.region_and_slack(self.b)[from_b..];
                        Right { numbers: &b[step * n..], panel: COLUMNS, step: n }
                    };
                    if self.is_whole() {
                        let whole =
                            |four| Whole { rows: count, steps: length, columns: n, pitch: n, four, panel: k * COLUMNS };
                        if self.packed_left {
                            if step == 0 {
                                core.fill(0.0);
                            }
                            whole(ROWS * DEPTH.min(k)).product::<true, true>(numbers, right.numbers, core);
                        } else {
                            whole(ROWS * k).product::<false, false>(&numbers[row * k..], right.numbers, core);
                        }
                        continue;
                    }
                    let mut out = Out { numbers: core, rows: &self.outs, origin: 0, column: 0, add: step > 0 };
                    tile::product(left, &self.bases[row..row + count], right, n, &mut out);
                }
                sink.take(matrix * m * n + row * n, core);
            }
        }
    }
}
