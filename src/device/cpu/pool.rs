//! Pooling: windows over pictures, a row of windows or pixels at a time, channels side by side.

use super::{Need, Scratch, Sink, Work};
use crate::graph::op::{Pool, PoolStep};
use crate::plan::Region;
use crate::tensor::lanes::Lanes;
use std::ops::Range;

/// A step of pooling made ready.
pub struct Pooling {
    kind: Kind,
    pool: Pool,
    a: Region,
    places: Option<Region>,
    /// For each row and each column of the result, the rows and columns that it reads.
    spans: [Vec<Range<usize>>; 2],
}

/// What is computed: one of the five steps, or the maximum and its place at once.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Step(PoolStep),
    Max,
}

/// Where a window lies along an axis: from `low` up to `high`, outside the padding.
#[inline]
fn window(pool: &Pool, axis: usize, out: usize) -> Range<usize> {
    let start = (out * pool.stride[axis]) as isize - pool.padding[axis] as isize;
    let end = start + pool.size[axis] as isize;
    let inside = |at: isize| at.clamp(0, pool.input[axis] as isize) as usize;
    inside(start)..inside(end)
}

/// The windows along an axis that reach place `at`.
#[inline]
fn reaching(pool: &Pool, axis: usize, at: usize) -> Range<usize> {
    let (size, stride) = (pool.size[axis], pool.stride[axis]);
    let place = at + pool.padding[axis];
    let first = (place + 1).saturating_sub(size).div_ceil(stride);
    first..(place / stride + 1).min(pool.output[axis])
}

impl Pooling {
    #[inline]
    pub fn new(step: PoolStep, pool: &Pool, a: Region, places: Option<Region>) -> Pooling {
        Pooling::of(Kind::Step(step), pool, a, places)
    }

    #[inline]
    pub fn max(pool: &Pool, x: Region, places: Region) -> Pooling {
        Pooling::of(Kind::Max, pool, x, Some(places))
    }

    #[inline]
    fn of(kind: Kind, pool: &Pool, a: Region, places: Option<Region>) -> Pooling {
        let mut pooling = Pooling { kind, pool: *pool, a, places, spans: [Vec::new(), Vec::new()] };
        let back = pooling.spreads();
        pooling.spans = [0, 1].map(|axis| {
            let count = if back { pool.input[axis] } else { pool.output[axis] };
            (0..count).map(|at| if back { reaching(pool, axis, at) } else { window(pool, axis, at) }).collect()
        });
        pooling
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
        let (width, c) = (self.pool.input[1], self.pool.channels);
        best.fill(f32::NEG_INFINITY);
        found.fill(0.0);
        // A row of pixels after the other, as they lie in memory.
        for h in self.spans[0][row].clone() {
            let x = &x[h * width * c..][..width * c];
            let windows = best.chunks_exact_mut(c).zip(found.chunks_exact_mut(c));
            for (columns, (best, found)) in self.spans[1].iter().zip(windows) {
                for (w, x) in columns.clone().zip(x[columns.start * c..columns.end * c].chunks_exact(c)) {
                    larger(best, found, x, (h * width + w) as f32);
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
        for (column, out) in out.chunks_exact_mut(c).enumerate() {
            let place = (row * pool.input[1] + column) as f32;
            self.each(row, column, out, |window, sums, first| {
                let at = window * c;
                add_chosen(sums, &y[at..at + c], &places[at..at + c], place, first);
            });
        }
    }

    fn sum(&self, x: &[f32], row: usize, out: &mut [f32]) {
        let c = self.pool.channels;
        for (column, out) in out.chunks_exact_mut(c).enumerate() {
            self.each(row, column, out, |pixel, sums, first| add(sums, &x[pixel * c..][..c], first));
        }
    }

    fn spread(&self, y: &[f32], row: usize, out: &mut [f32]) {
        let c = self.pool.channels;
        for (column, out) in out.chunks_exact_mut(c).enumerate() {
            self.each(row, column, out, |window, sums, first| add(sums, &y[window * c..][..c], first));
        }
    }

    /// Visits what the result at (row, column) reads, and says which is the first; zero if there is nothing.
    #[inline(always)]
    fn each(&self, row: usize, column: usize, sums: &mut [f32], mut visit: impl FnMut(usize, &mut [f32], bool)) {
        let width = if self.spreads() { self.pool.output[1] } else { self.pool.input[1] };
        let mut first = true;
        for h in self.spans[0][row].clone() {
            for w in self.spans[1][column].clone() {
                visit(h * width + w, sums, first);
                first = false;
            }
        }
        if first {
            sums.fill(0.0);
        }
    }
}

/// Keeps the larger of two numbers, and where it was.
#[inline(always)]
fn larger(best: &mut [f32], found: &mut [f32], x: &[f32], place: f32) {
    let (best, best_rest) = best.as_chunks_mut::<4>();
    let (found, found_rest) = found.as_chunks_mut::<4>();
    let (x, x_rest) = x.as_chunks::<4>();
    let at = Lanes::splat(place);
    for ((best, found), x) in best.iter_mut().zip(found).zip(x) {
        let (x, most) = (Lanes::of(x), Lanes::of(best));
        x.if_above(most, at, Lanes::of(found)).put(found);
        x.if_above(most, x, most).put(best);
    }
    for ((best, found), &x) in best_rest.iter_mut().zip(found_rest).zip(x_rest) {
        if x > *best {
            (*best, *found) = (x, place);
        }
    }
}

/// Adds up the numbers whose place is `place`, or begins with them.
#[inline(always)]
fn add_chosen(sums: &mut [f32], numbers: &[f32], places: &[f32], place: f32, first: bool) {
    let (fours, rest) = sums.as_chunks_mut::<4>();
    let (numbers, numbers_rest) = numbers.as_chunks::<4>();
    let (places, places_rest) = places.as_chunks::<4>();
    let at = Lanes::splat(place);
    for ((sum, number), own) in fours.iter_mut().zip(numbers).zip(places) {
        let chosen = Lanes::of(own).if_equal(at, Lanes::of(number));
        let chosen = if first { chosen } else { chosen.add(Lanes::of(sum)) };
        chosen.put(sum);
    }
    for ((sum, &number), &own) in rest.iter_mut().zip(numbers_rest).zip(places_rest) {
        let chosen = if own == place { number } else { 0.0 };
        *sum = if first { chosen } else { *sum + chosen };
    }
}

/// Adds numbers up, or begins with them.
#[inline(always)]
fn add(sums: &mut [f32], numbers: &[f32], first: bool) {
    if first {
        sums.copy_from_slice(numbers);
    } else {
        for (sum, &number) in sums.iter_mut().zip(numbers) {
            *sum += number;
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
