//! The tile machine: runs an elementwise program over some hundred indices at a time.
//!
//! Each step is one loop over a tile, so that its dispatch is paid once a tile and its loop is vector code. A value lies in a
//! register (a slice of [`TILE`] numbers), or in memory if it is a load in order. Values that are the same in every tile
//! (numbers, knobs, a bias that fits the tile) are made once a kernel. A tile is stored when all its steps are done, so a
//! kernel may write what it reads at the same index.

use super::memory::Memory;
use super::walk::Walk;
use crate::graph::function::Function;
use crate::plan::{Core, Kernel, Program, Region, Step, Store, Tick, View};
use crate::tensor::random;

/// Most indices of a tile.
pub const TILE: usize = 1024;
/// Indices of a tile where nothing asks for more or fewer: registers stay in the nearest cache.
const USUAL: usize = 512;

/// The registers that machines run on, each of [`TILE`] numbers.
#[derive(Default)]
pub struct Registers(Vec<Vec<f32>>);

/// A program made ready for its index space.
pub struct Machine {
    count: usize,
    tile: usize,
    /// Steps whose value is the same in all tiles.
    once: Vec<Code>,
    each: Vec<Code>,
    /// The last step's value.
    result: Source,
    stores: Vec<Target>,
    registers: usize,
}

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    Nothing,
    Register(usize),
    /// Numbers in memory, in order.
    Cell {
        cell: usize,
        offset: usize,
    },
    Core,
}

/// One step; the register that it fills comes first.
enum Code {
    Fill(usize, f32),
    Knob(usize, usize),
    Load(usize, usize, Walk),
    Index(usize, Walk),
    Uniform(usize, u32, Walk),
    Apply(Function, usize, [Source; 3]),
    /// Straight into memory: a cell that the program does not read, and the place of index 0.
    Into(Function, usize, usize, [Source; 3]),
}

struct Target {
    value: Source,
    cell: usize,
    walk: Walk,
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
    /// `align` divides the first index of every [`Machine::run`]; 0 if that is always 0.
    pub fn new(dims: &[usize], program: &Program, stores: &[Store], align: usize) -> Result<Machine, String> {
        let count = dims.iter().product();
        let mut maker = Maker::new(dims, program, stores, align)?;
        for step in 0..program.steps.len() {
            maker.step(step)?;
        }
        let mut targets = Vec::with_capacity(stores.len());
        for store in stores.iter().filter(|store| maker.straight[store.value].is_none()) {
            let walk = Walk::new(dims, &store.view.strides, store.view.offset as isize)?;
            targets.push(Target { value: maker.values[store.value], cell: store.view.place, walk });
        }
        let result = maker.values.last().copied().unwrap_or(Source::Nothing);
        let Maker { tile, once, each, registers, .. } = maker;
        Ok(Machine { count, tile, once, each, result, stores: targets, registers })
    }

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

    /// Runs the program for `count` indices from `first` on and stores its values; `core` has the core's numbers for them.
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
        &self,
        first: usize,
        count: usize,
        memory: &'a mut Memory,
        registers: &'a mut Registers,
        tick: &Tick,
    ) -> &'a [f32] {
        self.steps(first, count, 0, &[], memory, registers, tick);
        self.result.numbers(first, count, 0, &[], memory, &registers.0)
    }

    #[expect(clippy::too_many_arguments)]
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
    #[inline]
    fn numbers<'a>(
        self,
        first: usize,
        count: usize,
        at: usize,
        core: &'a [f32],
        memory: &'a Memory,
        registers: &'a [Vec<f32>],
    ) -> &'a [f32] {
        match self {
            Source::Nothing => &[],
            Source::Register(register) => &registers[register][..count],
            Source::Cell { cell, offset } => &memory.cells[cell].numbers[offset + first..][..count],
            Source::Core => &core[at..at + count],
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
            Code::Apply(function, to, from) => {
                // The register is moved out while it is filled, so that the others can be read.
                let mut out = std::mem::take(&mut registers[*to]);
                let [a, b, c] = from.map(|source| source.numbers(first, count, at, core, memory, registers));
                (function.0.lanes)(&mut out[..count], a, b, c);
                registers[*to] = out;
            }
            Code::Into(function, cell, offset, from) => {
                // The cell is moved out for the same reason; the program does not read it.
                let mut out = std::mem::take(&mut memory.cells[*cell].numbers);
                let [a, b, c] = from.map(|source| source.numbers(first, count, at, core, memory, registers));
                (function.0.lanes)(&mut out[offset + first..][..count], a, b, c);
                memory.cells[*cell].numbers = out;
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
            1 => to.copy_from_slice(&numbers[place..place + run.count]),
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
            Source::Cell { .. } | Source::Nothing => unreachable!("what is stored lies in a register"),
        };
        let to = &mut memory.cells[self.cell].numbers;
        if let Some(start) = self.walk.contiguous() {
            to[start + first..][..count].copy_from_slice(from);
            return;
        }
        self.walk.runs(first, count, |run| {
            let from = &from[run.index..][..run.count];
            if run.stride == 1 {
                to[run.place as usize..][..run.count].copy_from_slice(from);
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

/// What [`Machine::new`] knows on its way through the steps.
struct Maker<'a> {
    dims: &'a [usize],
    program: &'a Program,
    align: usize,
    tile: usize,
    values: Vec<Source>,
    /// For each value the last step that reads it; beyond all steps if it is stored or the result.
    last: Vec<usize>,
    stored: Vec<bool>,
    /// (cell, place) of values that are computed straight into memory.
    straight: Vec<Option<(usize, usize)>>,
    /// Registers that hold nothing of use any more.
    free: Vec<usize>,
    /// Registers that are filled once.
    kept: Vec<usize>,
    registers: usize,
    once: Vec<Code>,
    each: Vec<Code>,
}

impl<'a> Maker<'a> {
    fn new(dims: &'a [usize], program: &'a Program, stores: &[Store], align: usize) -> Result<Maker<'a>, String> {
        let steps = &program.steps;
        let mut last: Vec<usize> = (0..steps.len()).collect();
        for (i, step) in steps.iter().enumerate() {
            if let Step::Apply(function, from) = step {
                from[..function.0.arity].iter().for_each(|&from| last[from] = i);
            }
        }
        let mut stored = vec![false; steps.len()];
        let straight = straight(dims, program, stores, &last)?;
        for store in stores {
            stored[store.value] = true;
            last[store.value] = steps.len();
        }
        if let Some(result) = last.last_mut() {
            *result = steps.len();
        }
        let mut maker = Maker {
            straight,
            dims,
            program,
            align,
            tile: USUAL,
            values: Vec::with_capacity(steps.len()),
            last,
            stored,
            free: Vec::new(),
            kept: Vec::new(),
            registers: 0,
            once: Vec::new(),
            each: Vec::new(),
        };
        maker.tile = maker.tile_for_periods()?;
        Ok(maker)
    }

    /// A multiple of the periods of the loads that repeat, as far as a tile has room for them.
    fn tile_for_periods(&self) -> Result<usize, String> {
        let mut period = if (1..=TILE).contains(&self.align) { self.align } else { 1 };
        for step in &self.program.steps {
            if let Step::Load(view) = step {
                let own = Walk::new(self.dims, &view.strides, view.offset as isize)?.period();
                let both = lcm(period, own);
                if both <= TILE && self.align.is_multiple_of(own) {
                    period = both;
                }
            }
        }
        Ok(period * (USUAL / period).max(1))
    }

    fn step(&mut self, i: usize) -> Result<(), String> {
        let walk = |strides: &[isize], start: usize| Walk::new(self.dims, strides, start as isize);
        let program = self.program;
        let value = match &program.steps[i] {
            Step::Core => Source::Core,
            Step::Scalar(number) => self.once(|to| Code::Fill(to, *number)),
            Step::Knob(knob) => self.once(|to| Code::Knob(to, *knob)),
            Step::Load(view) => {
                let walk = walk(&view.strides, view.offset)?;
                self.load(i, view, walk)
            }
            Step::Index { start, strides } => {
                let walk = walk(strides, *start)?;
                self.each(|to| Code::Index(to, walk))
            }
            Step::Uniform { purpose, start, strides } => {
                let walk = walk(strides, *start)?;
                self.each(|to| Code::Uniform(to, *purpose, walk))
            }
            Step::Apply(function, from) => {
                let mut sources = [Source::Nothing; 3];
                for (source, &from) in sources.iter_mut().zip(&from[..function.0.arity]) {
                    *source = self.values[from];
                }
                let value = match self.straight[i] {
                    Some((cell, offset)) => {
                        self.each.push(Code::Into(*function, cell, offset, sources));
                        Source::Nothing
                    }
                    None => self.each(|to| Code::Apply(*function, to, sources)),
                };
                from[..function.0.arity].iter().for_each(|&from| self.release(from, i));
                value
            }
        };
        self.values.push(value);
        Ok(())
    }

    fn load(&mut self, i: usize, view: &View, walk: Walk) -> Source {
        let cell = view.place;
        let period = walk.period();
        // A tile always begins at a multiple of itself after a multiple of `align`.
        if self.tile.is_multiple_of(period) && self.align.is_multiple_of(period) && walk.contiguous().is_none() {
            return self.once(|to| Code::Load(to, cell, walk));
        }
        match walk.contiguous() {
            Some(offset) if !self.stored[i] => Source::Cell { cell, offset },
            Some(_) | None => self.each(|to| Code::Load(to, cell, walk)),
        }
    }

    fn once(&mut self, code: impl FnOnce(usize) -> Code) -> Source {
        // Never one that a tile's steps have used.
        let to = self.registers;
        self.registers += 1;
        self.kept.push(to);
        self.once.push(code(to));
        Source::Register(to)
    }

    fn each(&mut self, code: impl FnOnce(usize) -> Code) -> Source {
        let to = self.free.pop().unwrap_or_else(|| {
            self.registers += 1;
            self.registers - 1
        });
        self.each.push(code(to));
        Source::Register(to)
    }

    /// Frees the register of value `from` if step `i` was the last to read it.
    fn release(&mut self, from: usize, i: usize) {
        if let Source::Register(register) = self.values[from]
            && self.last[from] == i
            && !self.kept.contains(&register)
            && !self.free.contains(&register)
        {
            self.free.push(register);
        }
    }
}

/// The values that are stored once, in order, into a cell that the program does not read, and are not used otherwise.
fn straight(
    dims: &[usize],
    program: &Program,
    stores: &[Store],
    last: &[usize],
) -> Result<Vec<Option<(usize, usize)>>, String> {
    let mut straight = vec![None; program.steps.len()];
    for store in stores {
        let (value, cell) = (store.value, store.view.place);
        let walk = Walk::new(dims, &store.view.strides, store.view.offset as isize)?;
        let reads = |step: &Step| matches!(step, Step::Load(view) if view.place == cell);
        let computed = matches!(program.steps[value], Step::Apply(..)) && last[value] == value;
        let alone = stores.iter().filter(|store| store.value == value).count() == 1;
        if computed && alone && !program.steps.iter().any(reads) {
            straight[value] = walk.contiguous().map(|offset| (cell, offset));
        }
    }
    Ok(straight)
}

fn lcm(a: usize, b: usize) -> usize {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}

/// Puts cells in the place of a kernel's places.
pub fn settle(kernel: &mut Kernel, cells: &[usize]) {
    let region = |region: &mut Region| region.place = cells[region.place];
    let program = |program: &mut Program| {
        for step in &mut program.steps {
            if let Step::Load(view) = step {
                view.place = cells[view.place];
            }
        }
    };
    program(&mut kernel.program);
    kernel.stores.iter_mut().for_each(|store| store.view.place = cells[store.view.place]);
    match &mut kernel.core {
        Core::Map => {}
        Core::Reduce { program: own, .. } => program(own),
        Core::Matmul { a, b, .. } | Core::Conv { a, b, .. } => [a, b].into_iter().for_each(region),
        Core::Pool { a, places, .. } => {
            region(a);
            places.iter_mut().for_each(region);
        }
        Core::MaxPool { x, places, .. } => [x, places].into_iter().for_each(region),
        Core::ArgMax { x, .. } => region(x),
        Core::Gather { table, indices, .. } => [table, indices].into_iter().for_each(region),
        Core::ScatterAdd { indices, values, .. } => [indices, values].into_iter().for_each(region),
        Core::Resample { x, theta } => [x, theta].into_iter().for_each(region),
    }
}
