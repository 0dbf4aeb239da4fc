//! Reductions: a program's values folded over some axes.
//!
//! The axes are walked as [kept, folded, kept inside]: rows, length, columns. With columns, tiles are added up
//! number by number (a vector for each place of the tile), else each tile is folded to one number.

use super::program::{Machine, Registers, TILE};
use super::{Need, Scratch, Sink, Work};
use crate::graph::op::Fold;
use crate::plan::{Program, Step, View};

/// Numbers of the output that are computed before the program runs on them.
const BLOCK: usize = 16_384;
/// Numbers that are folded side by side.
const SIDE: usize = 16;

/// A reduction made ready.
pub struct Reduce {
    fold: Fold,
    rows: usize,
    length: usize,
    columns: usize,
    machine: Machine,
    /// Rows of a block.
    block: usize,
}

impl Reduce {
    #[inline]
    pub fn new(fold: Fold, over: &[usize], folded: &[bool], program: &Program) -> Result<Reduce, String> {
        let inner = (0..over.len()).rev().find(|&axis| folded[axis] && over[axis] != 1).map_or(0, |axis| axis + 1);
        let outer = (0..inner).filter(|&axis| !folded[axis]);
        let middle = (0..inner).filter(|&axis| folded[axis]);
        let order: Vec<usize> = outer.clone().chain(middle.clone()).chain(inner..over.len()).collect();
        let size = |axes: &mut dyn Iterator<Item = usize>| axes.map(|axis| over[axis]).product::<usize>();
        let rows = size(&mut outer.clone());
        let length = size(&mut middle.clone());
        let columns = size(&mut (inner..over.len()));
        let dims: Vec<usize> = order.iter().map(|&axis| over[axis]).collect();
        let program = reorder(program, &order);
        let short = length * columns <= TILE / 2;
        let align = match (columns, short) {
            (1, true) => length,
            (1, false) => 1,
            (_, true) => length * columns,
            (_, false) if columns <= TILE => columns,
            (_, false) => 1,
        };
        let machine = Machine::new(&dims, &program, &[], align, false)?;
        let block = (BLOCK / columns.max(1)).clamp(1, rows.max(1));
        Ok(Reduce { fold, rows, length, columns, machine, block })
    }

    pub fn registers(&self) -> usize {
        self.machine.registers()
    }

    /// Folds the rows from `row` on into `out`, which holds the fold of nothing.
    fn block(
        &self,
        row: usize,
        out: &mut [f32],
        side: &mut [f32],
        registers: &mut Registers,
        sink: &mut Sink,
        fold: impl Fn(f32, f32) -> f32 + Copy,
    ) {
        let (size, tile) = (self.length * self.columns, self.machine.tile());
        let mut value = |first: usize, count: usize, visit: &mut dyn FnMut(&[f32])| {
            visit(self.machine.value(first, count, sink.memory, registers, sink.tick));
        };
        if size == 0 {
            return;
        }
        if size * 2 <= tile {
            // Several rows in a tile.
            let most = tile / size;
            for (group, out) in out.chunks_mut(most * self.columns).enumerate() {
                let rows = out.len() / self.columns;
                value((row + group * most) * size, rows * size, &mut |numbers| self.rows(numbers, size, out, fold));
            }
        } else if self.columns == 1 {
            for (i, out) in out.iter_mut().enumerate() {
                for first in (0..size).step_by(tile) {
                    let count = tile.min(size - first);
                    value((row + i) * size + first, count, &mut |numbers| {
                        let mut part = 0.0;
                        self.rows(numbers, count, std::slice::from_mut(&mut part), fold);
                        *out = fold(*out, part);
                    });
                }
            }
        } else if self.columns * 2 <= tile {
            let wide = tile / self.columns * self.columns;
            for (i, out) in out.chunks_exact_mut(self.columns).enumerate() {
                let side = &mut side[..wide];
                side.fill(identity(self.fold));
                for first in (0..size).step_by(wide) {
                    let count = wide.min(size - first);
                    value((row + i) * size + first, count, &mut |numbers| each(side, numbers, fold));
                }
                side.chunks_exact(self.columns).for_each(|numbers| each(out, numbers, fold));
            }
        } else {
            for (i, out) in out.chunks_exact_mut(self.columns).enumerate() {
                for start in (0..self.columns).step_by(tile) {
                    let count = tile.min(self.columns - start);
                    let out = &mut out[start..start + count];
                    for step in 0..self.length {
                        let first = (row + i) * size + step * self.columns + start;
                        value(first, count, &mut |numbers| each(out, numbers, fold));
                    }
                }
            }
        }
    }

    /// Folds each `size` numbers: to one if there are no columns, else into those of a row of `out`.
    #[inline(never)]
    fn rows(&self, numbers: &[f32], size: usize, out: &mut [f32], fold: impl Fn(f32, f32) -> f32 + Copy) {
        for (numbers, out) in numbers.chunks_exact(size).zip(out.chunks_exact_mut(self.columns)) {
            if self.columns == 1 {
                out[0] = fold_all(numbers, identity(self.fold), fold);
            } else {
                numbers.chunks_exact(self.columns).for_each(|numbers| pairs(out, numbers, fold));
            }
        }
    }
}

impl Work for Reduce {
    fn need(&self) -> Need {
        Need { core: self.block * self.columns, side: TILE.max(self.columns), pack: 0 }
    }

    fn align(&self) -> usize {
        self.columns
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let Scratch { core, side, registers, .. } = scratch;
        self.machine.begin(sink.memory, registers, sink.tick);
        for row in (0..self.rows).step_by(self.block) {
            let count = self.block.min(self.rows - row);
            let core = &mut core[..count * self.columns];
            core.fill(identity(self.fold));
            match self.fold {
                Fold::Sum => self.block(row, core, side, registers, sink, |a, b| a + b),
                Fold::Max => self.block(row, core, side, registers, sink, |a, b| if b > a { b } else { a }),
            }
            sink.take(row * self.columns, core);
        }
    }
}

/// Folds all numbers to one, some side by side.
#[inline(always)]
pub fn fold_all(numbers: &[f32], identity: f32, fold: impl Fn(f32, f32) -> f32 + Copy) -> f32 {
    if numbers.len() < SIDE {
        return numbers.iter().fold(identity, |all, &number| fold(all, number));
    }
    let mut sums = [identity; SIDE];
    let (chunks, rest) = numbers.as_chunks::<SIDE>();
    for chunk in chunks {
        for (sum, &number) in sums.iter_mut().zip(chunk) {
            *sum = fold(*sum, number);
        }
    }
    let all = sums.into_iter().reduce(fold).expect("there are some sums");
    rest.iter().fold(all, |all, &number| fold(all, number))
}

/// Folds many numbers into those at the same places.
#[inline(never)]
fn each(sums: &mut [f32], numbers: &[f32], fold: impl Fn(f32, f32) -> f32) {
    pairs(sums, numbers, fold);
}

/// The same for a few, where a call would cost as much.
#[inline(always)]
fn pairs(sums: &mut [f32], numbers: &[f32], fold: impl Fn(f32, f32) -> f32) {
    for (sum, &number) in sums.iter_mut().zip(numbers) {
        *sum = fold(*sum, number);
    }
}

fn identity(fold: Fold) -> f32 {
    match fold {
        Fold::Sum => 0.0,
        Fold::Max => f32::NEG_INFINITY,
    }
}

/// The same program for axes in another order.
#[inline]
fn reorder(program: &Program, order: &[usize]) -> Program {
    let turn = |strides: &Vec<isize>| order.iter().map(|&axis| strides[axis]).collect::<Vec<isize>>();
    let steps = program.steps.iter().map(|step| match step {
        Step::Load(view) => Step::Load(View { strides: turn(&view.strides), ..view.clone() }),
        Step::Index { start, strides } => Step::Index { start: *start, strides: turn(strides) },
        Step::Uniform { purpose, start, strides } => {
            Step::Uniform { purpose: *purpose, start: *start, strides: turn(strides) }
        }
        Step::Core | Step::Scalar(_) | Step::Knob(_) | Step::Apply(..) => step.clone(),
    });
    Program { steps: steps.collect() }
}
