//! The tile machine: runs an elementwise program over some hundred indices at a time.
//!
//! Each step is one loop over a tile, so that its dispatch is paid once a tile and its loop is vector code. A value lies in a
//! register (a slice of [`TILE`] numbers), or in memory if it is a load in order. Values that are the same in every tile
//! (numbers, knobs, a bias that fits the tile) are made once a kernel. A tile is stored when all its steps are done, so a
//! kernel may write what it reads at the same index.

use super::adam::Adam;
use super::chain::{Chain, MOST};
use super::memory::Memory;
use super::walk::Walk;
use crate::graph::function::Function;
use crate::plan::Tick;
use crate::tensor::lanes::copy;
use crate::tensor::random;

/// Most indices of a tile.
pub const TILE: usize = 1024;
/// Indices of a tile where nothing asks for more or fewer: registers stay in the nearest cache.
pub const USUAL: usize = 1024;

/// The registers that machines run on, each of [`TILE`] numbers.
#[derive(Default)]
pub struct Registers(Vec<Vec<f32>>);

/// A program made ready for its index space.
pub struct Machine {
    pub count: usize,
    pub tile: usize,
    /// Steps whose value is the same in all tiles.
    pub once: Vec<Code>,
    pub each: Vec<Code>,
    /// The last step's value.
    pub result: Source,
    pub stores: Vec<Target>,
    pub registers: usize,
}

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    Nothing,
    /// A number, and a knob: the same for all indices.
    Number(f32),
    Knob(usize),
    Register(usize),
    /// Numbers in memory, in order.
    Cell {
        cell: usize,
        offset: usize,
    },
    Core,
    /// e to the power of the core, which [`super::Work::powers`] promises.
    Powers,
}

/// One step; the register that it fills comes first.
pub enum Code {
    Fill(usize, f32),
    Knob(usize, usize),
    Load(usize, usize, Walk),
    Index(usize, Walk),
    Uniform(usize, u32, Walk),
    Apply(Work, usize, Sources),
    /// Straight into memory: a cell that the program does not read, and the place of index 0.
    Into(Work, usize, usize, Sources),
    /// A step of Adam, straight into its cells.
    Adam(Adam),
}

/// The loop of a step.
#[derive(Clone, Copy)]
pub enum Work {
    Function(Function),
    Chain(&'static Chain),
}

/// A function's arguments; or a chain's operands, those that are the same for all indices behind those that are not.
pub type Sources = [Source; 2 * MOST];

pub struct Target {
    pub value: Source,
    pub cell: usize,
    pub walk: Walk,
}

impl Registers {
    /// Sees to it that there are so many.
    pub fn make(&mut self, count: usize) {
        while self.0.len() < count {
            self.0.push(vec![0.0; TILE]);
        }
    }
}

impl Machine {
    pub fn count(&self) -> usize {
        self.count
    }

    pub fn tile(&self) -> usize {
        self.tile
    }

    pub fn registers(&self) -> usize {
        self.registers
    }

    /// Makes what is the same in all tiles; before the first [`Machine::run`] of a kernel.
    pub fn begin(&self, memory: &mut Memory, registers: &mut Registers, tick: &Tick) {
        let count = self.tile.min(self.count);
        self.once.iter().for_each(|code| code.run(0, count, 0, &[], memory, &mut registers.0, tick));
    }

    /// Runs the program for `count` indices from `first` on and stores its values; `core` has the core's numbers for them, and
    /// behind those their powers where they were promised.
    pub fn run(
        &self,
        first: usize,
        count: usize,
        core: &[f32],
        memory: &mut Memory,
        registers: &mut Registers,
        tick: &Tick,
    ) {
        let mut done = 0;
        while done < count {
            let length = self.tile.min(count - done);
            self.steps(first + done, length, done, core, memory, registers, tick);
            for target in &self.stores {
                target.store(first + done, length, done, core, memory, &registers.0);
            }
            done += length;
        }
    }

    /// The last step's value for up to a tile of indices; for programs without core and stores.
    pub fn value<'a>(
        &'a self,
        first: usize,
        count: usize,
        memory: &'a mut Memory,
        registers: &'a mut Registers,
        tick: &'a Tick,
    ) -> &'a [f32] {
        self.steps(first, count, 0, &[], memory, registers, tick);
        self.result.numbers(first, count, 0, &[], memory, &registers.0, tick)
    }

    #[expect(clippy::too_many_arguments)]
    #[inline(always)]
    fn steps(
        &self,
        first: usize,
        count: usize,
        at: usize,
        core: &[f32],
        memory: &mut Memory,
        registers: &mut Registers,
        tick: &Tick,
    ) {
        self.each.iter().for_each(|code| code.run(first, count, at, core, memory, &mut registers.0, tick));
    }
}

impl Source {
    /// The value at `count` indices from `first` on, which are those from `at` on in `core`.
    ///
    /// A number that is the same for all of them comes once.
    #[expect(clippy::too_many_arguments)]
    #[inline(always)]
    fn numbers<'a>(
        &'a self,
        first: usize,
        count: usize,
        at: usize,
        core: &'a [f32],
        memory: &'a Memory,
        registers: &'a [Vec<f32>],
        tick: &'a Tick,
    ) -> &'a [f32] {
        match self {
            Source::Nothing => &[],
            Source::Number(number) => std::slice::from_ref(number),
            Source::Knob(knob) => std::slice::from_ref(&tick.knobs[*knob]),
            Source::Register(register) => &registers[*register][..count],
            Source::Cell { cell, offset } => &memory.cells[*cell].numbers[offset + first..][..count],
            Source::Core => &core[at..at + count],
            Source::Powers => &core[core.len() / 2 + at..][..count],
        }
    }
}

impl Code {
    #[expect(clippy::too_many_arguments)]
    fn run(
        &self,
        first: usize,
        count: usize,
        at: usize,
        core: &[f32],
        memory: &mut Memory,
        registers: &mut [Vec<f32>],
        tick: &Tick,
    ) {
        match self {
            Code::Fill(to, number) => registers[*to][..count].fill(*number),
            Code::Knob(to, knob) => registers[*to][..count].fill(tick.knobs[*knob]),
            Code::Load(to, cell, walk) => {
                load(&mut registers[*to][..count], &memory.cells[*cell].numbers, walk, first);
            }
            Code::Index(to, walk) => {
                let to = &mut registers[*to];
                walk.runs(first, count, |run| {
                    for (i, to) in to[run.index..][..run.count].iter_mut().enumerate() {
                        *to = (run.place + i as isize * run.stride) as f32;
                    }
                });
            }
            Code::Uniform(to, purpose, walk) => {
                let to = &mut registers[*to];
                walk.runs(first, count, |run| {
                    let (start, stride) = (run.place as u32, run.stride as u32);
                    for (i, to) in to[run.index..][..run.count].iter_mut().enumerate() {
                        let index = start.wrapping_add((i as u32).wrapping_mul(stride));
                        *to = random::uniform(tick.seed, *purpose, tick.step, index);
                    }
                });
            }
            Code::Apply(work, to, from) => {
                // The register is moved out while it is filled, so that the others can be read.
                let mut out = std::mem::take(&mut registers[*to]);
                let numbers = |i: usize| from[i].numbers(first, count, at, core, memory, registers, tick);
                work.run(&mut out[..count], numbers);
                registers[*to] = out;
            }
            Code::Into(work, cell, offset, from) => {
                // The cell is moved out for the same reason; the program does not read it.
                let mut out = std::mem::take(&mut memory.cells[*cell].numbers);
                let numbers = |i: usize| from[i].numbers(first, count, at, core, memory, registers, tick);
                work.run(&mut out[offset + first..][..count], numbers);
                memory.cells[*cell].numbers = out;
            }
            Code::Adam(adam) => {
                let mut cells = adam.take(memory);
                adam.run(first, &mut cells, |source| source.numbers(first, count, at, core, memory, registers, tick));
                adam.put(memory, cells);
            }
        }
    }
}

impl Work {
    /// `from` has the numbers of each source.
    #[inline]
    fn run<'a>(self, out: &mut [f32], from: impl Fn(usize) -> &'a [f32]) {
        match self {
            Work::Function(Function(row)) => {
                let argument = |i: usize| if i < row.arity { from(i) } else { &[] };
                (row.lanes)(out, argument(0), argument(1), argument(2));
            }
            Work::Chain(chain) => {
                let (mut lanes, mut numbers) = ([&[][..]; MOST], [0.0; MOST]);
                // Unused operands are behind the others.
                for (i, lane) in lanes.iter_mut().enumerate() {
                    *lane = from(i);
                    if lane.is_empty() {
                        break;
                    }
                }
                for (i, number) in numbers.iter_mut().enumerate() {
                    let [one, ..] = from(MOST + i) else { break };
                    *number = *one;
                }
                (chain.lanes)(out, lanes, numbers);
            }
        }
    }
}

/// Fills a tile with a view's numbers.
fn load(to: &mut [f32], numbers: &[f32], walk: &Walk, first: usize) {
    walk.runs(first, to.len(), |run| {
        let to = &mut to[run.index..][..run.count];
        let place = run.place as usize;
        match run.stride {
            1 => copy(&numbers[place..place + run.count], to),
            0 => to.fill(numbers[place]),
            stride => {
                let mut place = run.place;
                for to in to {
                    *to = numbers[place as usize];
                    place += stride;
                }
            }
        }
    });
}

impl Target {
    fn store(&self, first: usize, count: usize, at: usize, core: &[f32], memory: &mut Memory, registers: &[Vec<f32>]) {
        let from = match self.value {
            Source::Register(register) => &registers[register][..count],
            Source::Core => &core[at..at + count],
            Source::Powers => &core[core.len() / 2 + at..][..count],
            Source::Cell { .. } | Source::Number(_) | Source::Knob(_) | Source::Nothing => {
                unreachable!("what is stored lies in a register")
            }
        };
        let to = &mut memory.cells[self.cell].numbers;
        if let Some(start) = self.walk.contiguous() {
            copy(from, &mut to[start + first..][..count]);
            return;
        }
        self.walk.runs(first, count, |run| {
            let from = &from[run.index..][..run.count];
            if run.stride == 1 {
                copy(from, &mut to[run.place as usize..][..run.count]);
            } else {
                let mut place = run.place;
                for &number in from {
                    to[place as usize] = number;
                    place += run.stride;
                }
            }
        });
    }
}
