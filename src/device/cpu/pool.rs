//! Pooling: windows over pictures, a row of windows or pixels at a time, channels side by side.

use super::{Need, Scratch, Sink, Work};
use crate::graph::op::{Pool, PoolStep};
use crate::plan::Region;

/// A step of pooling made ready.
pub struct Pooling {
    kind: Kind,
    pool: Pool,
    a: Region,
    places: Option<Region>,
}

/// What is computed: one of the five steps, or the maximum and its place at once.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Step(PoolStep),
    Max,
}

/// Where a window lies along an axis: from `low` up to `high`, outside the padding.
fn window(pool: &Pool, axis: usize, out: usize) -> std::ops::Range<usize> {
    let start = (out * pool.stride[axis]) as isize - pool.padding[axis] as isize;
    let end = (start + pool.size[axis] as isize).min(pool.input[axis] as isize);
    start.max(0) as usize..end.max(0) as usize
}

/// The windows along an axis that reach place `at`.
fn reaching(pool: &Pool, axis: usize, at: usize) -> std::ops::Range<usize> {
    let (size, stride) = (pool.size[axis], pool.stride[axis]);
    let place = at + pool.padding[axis];
    let first = (place + 1).saturating_sub(size).div_ceil(stride);
    first..(place / stride + 1).min(pool.output[axis])
}

impl Pooling {
    pub fn new(step: PoolStep, pool: &Pool, a: Region, places: Option<Region>) -> Pooling {
        Pooling { kind: Kind::Step(step), pool: *pool, a, places }
    }

    pub fn max(pool: &Pool, x: Region, places: Region) -> Pooling {
        Pooling { kind: Kind::Max, pool: *pool, a: x, places: Some(places) }
    }

    /// Whether the result has the size of the pictures, not of the windows.
    fn spreads(&self) -> bool {
        matches!(self.kind, Kind::Step(PoolStep::Put | PoolStep::Spread))
    }

    fn row(&self) -> usize {
        (if self.spreads() { self.pool.input[1] } else { self.pool.output[1] }) * self.pool.channels
    }

    /// The maximum of each window of a row and its place, the first of equals.
    fn maxima(&self, x: &[f32], row: usize, best: &mut [f32], found: &mut [f32]) {
        let (pool, c) = (&self.pool, self.pool.channels);
        let rows = window(pool, 0, row);
        for column in 0..pool.output[1] {
            let best = &mut best[column * c..][..c];
            let found = &mut found[column * c..][..c];
            best.fill(f32::NEG_INFINITY);
            found.fill(0.0);
            for h in rows.clone() {
                for w in window(pool, 1, column) {
                    let place = h * pool.input[1] + w;
                    let x = &x[place * c..][..c];
                    let number = place as f32;
                    for ((best, found), &x) in best.iter_mut().zip(&mut *found).zip(x) {
                        let better = x > *best;
                        *best = if better { x } else { *best };
                        *found = if better { number } else { *found };
                    }
                }
            }
        }
    }

    fn take(&self, x: &[f32], places: &[f32], row: usize, out: &mut [f32]) {
        let c = self.pool.channels;
        let places = &places[row * out.len()..][..out.len()];
        for (out, places) in out.chunks_exact_mut(c).zip(places.chunks_exact(c)) {
            for (channel, (out, &place)) in out.iter_mut().zip(places).enumerate() {
                *out = x[place as usize * c + channel];
            }
        }
    }

    /// For each pixel of a row the sum of the numbers whose window chose it.
    fn put(&self, y: &[f32], places: &[f32], row: usize, out: &mut [f32]) {
        let (pool, c) = (&self.pool, self.pool.channels);
        out.fill(0.0);
        for (column, out) in out.chunks_exact_mut(c).enumerate() {
            let place = (row * pool.input[1] + column) as f32;
            for oh in reaching(pool, 0, row) {
                for ow in reaching(pool, 1, column) {
                    let from = (oh * pool.output[1] + ow) * c;
                    let (y, places) = (&y[from..][..c], &places[from..][..c]);
                    for ((out, &y), &chosen) in out.iter_mut().zip(y).zip(places) {
                        *out += if chosen == place { y } else { 0.0 };
                    }
                }
            }
        }
    }

    fn sum(&self, x: &[f32], row: usize, out: &mut [f32]) {
        let (pool, c) = (&self.pool, self.pool.channels);
        out.fill(0.0);
        for (column, out) in out.chunks_exact_mut(c).enumerate() {
            for h in window(pool, 0, row) {
                for w in window(pool, 1, column) {
                    add(out, &x[(h * pool.input[1] + w) * c..][..c]);
                }
            }
        }
    }

    fn spread(&self, y: &[f32], row: usize, out: &mut [f32]) {
        let (pool, c) = (&self.pool, self.pool.channels);
        out.fill(0.0);
        for (column, out) in out.chunks_exact_mut(c).enumerate() {
            for oh in reaching(pool, 0, row) {
                for ow in reaching(pool, 1, column) {
                    add(out, &y[(oh * pool.output[1] + ow) * c..][..c]);
                }
            }
        }
    }
}

impl Work for Pooling {
    fn need(&self) -> Need {
        Need { core: self.row(), side: self.row(), pack: 0 }
    }

    fn align(&self) -> usize {
        self.pool.channels
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let pool = &self.pool;
        let row = self.row();
        let (core, side) = (&mut scratch.core[..row], &mut scratch.side[..row]);
        let height = if self.spreads() { pool.input[0] } else { pool.output[0] };
        let x_size = pool.input[0] * pool.input[1] * pool.channels;
        let y_size = pool.output[0] * pool.output[1] * pool.channels;
        let a_size = if self.spreads() { y_size } else { x_size };
        for at in 0..pool.batch * height {
            let (n, y) = (at / height, at % height);
            let a = &sink.memory.region(self.a)[n * a_size..][..a_size];
            let places = self.places.map(|places| &sink.memory.region(places)[n * y_size..][..y_size]);
            match self.kind {
                Kind::Max => self.maxima(a, y, core, side),
                Kind::Step(PoolStep::ArgMax) => self.maxima(a, y, side, core),
                Kind::Step(PoolStep::Take) => self.take(a, places.expect("taking has places"), y, core),
                Kind::Step(PoolStep::Put) => self.put(a, places.expect("putting has places"), y, core),
                Kind::Step(PoolStep::Sum) => self.sum(a, y, core),
                Kind::Step(PoolStep::Spread) => self.spread(a, y, core),
            }
            if let (Kind::Max, Some(places)) = (self.kind, self.places) {
                sink.memory.region_mut(places)[at * row..][..row].copy_from_slice(side);
            }
            sink.take(at * row, core);
        }
    }
}

fn add(sums: &mut [f32], numbers: &[f32]) {
    for (sum, &number) in sums.iter_mut().zip(numbers) {
        *sum += number;
    }
}
