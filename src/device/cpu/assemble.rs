//! Makes a program ready for the tile machine: which values are made once, which lie in memory, which register holds the rest.

use super::adam::Adam;
use super::chain::{self, Found, MOST};
use super::program::{Code, Machine, Source, TILE, Target, USUAL, Work};
use super::walk::Walk;
use crate::graph::function::EXP;
use crate::plan::{Core, Kernel, Program, Region, Step, Store, View};

impl Machine {
    /// `align` divides the first index of every [`Machine::run`]; 0 if that is always 0. `powers`: the core comes with them.
    #[inline]
    pub fn new(
        dims: &[usize],
        program: &Program,
        stores: &[Store],
        align: usize,
        powers: bool,
    ) -> Result<Machine, String> {
        let count = dims.iter().product();
        let mut maker = Maker { powers, ..Maker::new(dims, program, stores, align)? };
        for step in 0..program.steps.len() {
            maker.step(step)?;
        }
        stores
            .iter()
            .map(|store| store.value)
            .chain(program.steps.len().checked_sub(1))
            .for_each(|value| maker.spread(value));
        let mut targets = Vec::with_capacity(stores.len());
        for store in stores.iter().filter(|store| maker.straight[store.value].is_none()) {
            let walk = Walk::new(dims, &store.view.strides, store.view.offset as isize)?;
            targets.push(Target { value: maker.values[store.value], cell: store.view.place, walk });
        }
        let result = maker.values.last().copied().unwrap_or(Source::Nothing);
        let Maker { tile, once, mut each, registers, .. } = maker;
        if let Some(adam) = Adam::find(&each, &targets) {
            each.truncate(each.len() - 3);
            each.push(Code::Adam(adam));
            targets.clear();
        }
        Ok(Machine { count, tile, once, each, result, stores: targets, registers })
    }
}

/// What [`Machine::new`] knows on its way through the steps.
struct Maker<'a> {
    dims: &'a [usize],
    program: &'a Program,
    align: usize,
    powers: bool,
    tile: usize,
    values: Vec<Source>,
    /// For each value the last step that reads it; beyond all steps if it is stored or the result.
    last: Vec<usize>,
    stored: Vec<bool>,
    /// (cell, place) of values that are computed straight into memory.
    straight: Vec<Option<(usize, usize)>>,
    /// For each value the chain that ends with it.
    chains: Vec<Option<Found>>,
    /// Values that a chain computes on its way.
    inner: Vec<bool>,
    /// Registers that hold nothing of use any more.
    free: Vec<usize>,
    /// Registers that are filled once.
    kept: Vec<usize>,
    registers: usize,
    once: Vec<Code>,
    each: Vec<Code>,
}

impl<'a> Maker<'a> {
    #[inline]
    fn new(dims: &'a [usize], program: &'a Program, stores: &[Store], align: usize) -> Result<Maker<'a>, String> {
        let steps = &program.steps;
        let mut last: Vec<usize> = (0..steps.len()).collect();
        let mut uses = vec![0; steps.len()];
        for (i, step) in steps.iter().enumerate() {
            for from in arguments(step) {
                last[from] = i;
                uses[from] += 1;
            }
        }
        stores.iter().map(|store| store.value).chain(steps.len().checked_sub(1)).for_each(|value| uses[value] += 1);
        let chains = chain::find(steps, &uses);
        let mut inner = vec![false; steps.len()];
        for (i, found) in chains.iter().enumerate().filter_map(|(i, found)| Some((i, found.as_ref()?))) {
            found.inner.iter().for_each(|&value| inner[value] = true);
            found.operands().into_iter().flatten().for_each(|value| last[value] = last[value].max(i));
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
            powers: false,
            tile: USUAL,
            values: Vec::with_capacity(steps.len()),
            last,
            stored,
            chains,
            inner,
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
    #[inline]
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

    #[inline]
    fn step(&mut self, i: usize) -> Result<(), String> {
        let walk = |strides: &[isize], start: usize| Walk::new(self.dims, strides, start as isize);
        let program = self.program;
        let value = match &program.steps[i] {
            Step::Core => Source::Core,
            Step::Scalar(number) => Source::Number(*number),
            Step::Knob(knob) => Source::Knob(*knob),
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
            Step::Apply(..) if self.inner[i] => Source::Nothing,
            Step::Apply(function, [from, ..])
                if self.powers
                    && *function == EXP
                    && self.values[*from] == Source::Core
                    && self.straight[i].is_none() =>
            {
                Source::Powers
            }
            Step::Apply(function, from) => {
                let (work, from) = match &self.chains[i] {
                    Some(found) => (Work::Chain(found.chain), found.operands()),
                    None => {
                        let argument = |j: usize| (j < function.0.arity).then(|| from[j]);
                        (Work::Function(*function), std::array::from_fn(argument))
                    }
                };
                // A function reads a number for every index, and so does a chain but for its last operands.
                from[..MOST].iter().flatten().for_each(|&from| self.spread(from));
                let sources = from.map(|from| from.map_or(Source::Nothing, |from| self.values[from]));
                let value = match self.straight[i] {
                    Some((cell, offset)) => {
                        self.each.push(Code::Into(work, cell, offset, sources));
                        Source::Nothing
                    }
                    None => self.each(|to| Code::Apply(work, to, sources)),
                };
                from.into_iter().flatten().for_each(|from| self.release(from, i));
                value
            }
        };
        self.values.push(value);
        Ok(())
    }

    #[inline]
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

    /// Sees to it that there is a number for every index, where a value is the same for all.
    #[inline]
    fn spread(&mut self, value: usize) {
        self.values[value] = match self.values[value] {
            Source::Number(number) => self.once(|to| Code::Fill(to, number)),
            Source::Knob(knob) => self.once(|to| Code::Knob(to, knob)),
            other => other,
        };
    }

    #[inline]
    fn once(&mut self, code: impl FnOnce(usize) -> Code) -> Source {
        // Never one that a tile's steps have used.
        let to = self.registers;
        self.registers += 1;
        self.kept.push(to);
        self.once.push(code(to));
        Source::Register(to)
    }

    #[inline]
    fn each(&mut self, code: impl FnOnce(usize) -> Code) -> Source {
        let to = self.free.pop().unwrap_or_else(|| {
            self.registers += 1;
            self.registers - 1
        });
        self.each.push(code(to));
        Source::Register(to)
    }

    /// Frees the register of value `from` if step `i` was the last to read it.
    #[inline]
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

/// The values that a step reads.
#[inline]
fn arguments(step: &Step) -> impl Iterator<Item = usize> {
    let (arity, from) = match step {
        Step::Apply(function, from) => (function.0.arity, *from),
        _ => (0, [0; 3]),
    };
    from.into_iter().take(arity)
}

/// The values that are stored once, in order, into a cell that the program does not read, and are not used otherwise.
#[inline]
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

#[inline]
fn lcm(a: usize, b: usize) -> usize {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}

/// Puts cells in the place of a kernel's places.
#[inline]
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
        Core::ArgMax { x, .. } | Core::LogSoftmax { x } => region(x),
        Core::Gather { table, indices, .. } => [table, indices].into_iter().for_each(region),
        Core::ScatterAdd { indices, values, .. } => [indices, values].into_iter().for_each(region),
        Core::Resample { x, theta } => [x, theta].into_iter().for_each(region),
    }
}
