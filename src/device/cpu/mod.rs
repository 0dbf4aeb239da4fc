//! The CPU device: runs a plan's kernels one after the other, four numbers at a time.
//!
//! One file a kernel. Matrix products and convolutions share the register tile in `tile.rs`; every elementwise program, its
//! own kernel or behind a core, runs on the tile machine in `program.rs`: a core fills a block of its output, and the program
//! turns it into what is stored while it is still in cache. All memory is taken by `load`; `run` allocates nothing.
//!
//! This package is compiled for speed. What makes a kernel ready is `#[inline]`: so it is compiled where it is called, for size.
//!
//! To add a core: a file with a type that does its [`Work`], and a row in [`work`].

mod adam;
mod argmax;
mod assemble;
mod chain;
mod conv;
mod conv_kernel;
mod depthwise;
mod frame;
mod gather;
mod log_softmax;
mod map;
mod matmul;
mod memory;
mod pool;
mod program;
mod reduce;
mod resample;
mod scatter_add;
mod tile;
mod walk;
mod winograd;

use super::Loaded;
use crate::graph::op::Side;
use crate::plan::{Core, Kernel, Plan, Region, Tick};
use memory::Memory;
use program::{Machine, Registers};
use std::collections::HashMap;

/// The memory of one device and the plans it has loaded.
#[derive(Default)]
pub struct Cpu {
    memory: Memory,
    plans: Vec<Option<Ready>>,
    scratch: Scratch,
    registers: Registers,
    /// A step of which so many kernels were run.
    begun: Option<(Loaded, usize, Tick)>,
}

/// A loaded plan.
struct Ready {
    cells: Vec<usize>,
    kernels: Kernels,
    outputs: Vec<Output>,
}

type Kernels = Vec<(Box<dyn Work>, Machine)>;

struct Output {
    name: String,
    region: Region,
    /// How many kernels must have run.
    after: usize,
}

/// A core made ready.
trait Work {
    fn need(&self) -> Need;

    /// A number that divides the first index of each block it makes; 0 if all is one block.
    fn align(&self) -> usize;

    /// Whether it hands over e to the power of its numbers too, which it has anyway.
    fn powers(&self) -> bool {
        false
    }

    /// Computes all blocks, each into the sink.
    fn run(&self, scratch: &mut Scratch, sink: &mut Sink);
}

/// Buffers that kernels share, as long as the largest needs them.
#[derive(Default)]
struct Scratch {
    /// What a core has computed.
    core: Vec<f32>,
    /// A second result, or the pictures with their padding.
    side: Vec<f32>,
    /// A packed operand.
    pack: Vec<f32>,
    /// For a program that runs inside a core.
    registers: Registers,
}

/// How many numbers of each buffer a core needs.
#[derive(Clone, Copy, Default)]
struct Need {
    core: usize,
    side: usize,
    pack: usize,
}

/// Where a core's numbers go: through the kernel's program into memory.
struct Sink<'a> {
    memory: &'a mut Memory,
    machine: &'a Machine,
    registers: &'a mut Registers,
    tick: &'a Tick,
}

impl Sink<'_> {
    /// Runs the program on the core's numbers for the indices from `first` on.
    #[inline(always)]
    fn take(&mut self, first: usize, core: &[f32]) {
        self.machine.run(first, core.len(), core, self.memory, self.registers, self.tick);
    }

    /// The same with e to the power of each number behind them all.
    fn take_with_powers(&mut self, first: usize, core: &[f32]) {
        self.machine.run(first, core.len() / 2, core, self.memory, self.registers, self.tick);
    }
}

impl Cpu {
    pub fn new() -> Cpu {
        Cpu::default()
    }

    #[inline]
    pub fn load(&mut self, plan: &Plan) -> Result<Loaded, String> {
        let mut cells = self.memory.enter(plan)?;
        let ready = self.ready(plan, &mut cells);
        let ready = ready.map(|(kernels, outputs)| Ready { cells: cells.clone(), kernels, outputs });
        let ready = ready.inspect_err(|_| self.memory.leave(&cells))?;
        let free = self.plans.iter().position(Option::is_none).unwrap_or(self.plans.len());
        if free == self.plans.len() {
            self.plans.push(None);
        }
        self.plans[free] = Some(ready);
        Ok(Loaded(free))
    }

    pub fn unload(&mut self, loaded: Loaded) {
        self.finish();
        if let Some(ready) = self.plans.get_mut(loaded.0).and_then(Option::take) {
            self.memory.leave(&ready.cells);
        }
    }

    pub fn forget(&mut self, name: &str) {
        self.memory.forget(name);
    }

    pub fn write(&mut self, name: &str, offset: usize, numbers: &[f32]) {
        self.memory.room(name, offset + numbers.len())[offset..].copy_from_slice(numbers);
    }

    pub fn room(&mut self, name: &str, count: usize) -> &mut [f32] {
        self.memory.room(name, count)
    }

    pub fn write_bytes(&mut self, name: &str, offset: usize, bytes: &[u8]) {
        self.memory.write_bytes(name, offset, bytes);
    }

    pub fn run(&mut self, loaded: Loaded, tick: &Tick) {
        self.kernels(loaded, tick, 0, usize::MAX);
    }

    /// Runs a step until an output is there to be read; [`Cpu::finish`] does the rest.
    pub fn begin(&mut self, loaded: Loaded, tick: Tick, output: &str) {
        let after = self.output(loaded, output).map_or(0, |output| output.after);
        self.kernels(loaded, &tick, 0, after);
        self.begun = Some((loaded, after, tick));
    }

    /// A third of what is left of a step that was begun, if one was.
    pub fn advance(&mut self) {
        if let Some((loaded, from, tick)) = self.begun.take() {
            let all = self.plans[loaded.0].as_ref().map_or(0, |ready| ready.kernels.len());
            let part = from + (all - from) / 3;
            self.kernels(loaded, &tick, from, part);
            self.begun = Some((loaded, part, tick));
        }
    }

    /// The rest of a step that was begun, if one was.
    pub fn finish(&mut self) {
        if let Some((loaded, from, tick)) = self.begun.take() {
            self.kernels(loaded, &tick, from, usize::MAX);
        }
    }

    /// Runs the kernels from one to before another.
    fn kernels(&mut self, loaded: Loaded, tick: &Tick, from: usize, to: usize) {
        let Cpu { memory, plans, scratch, registers, .. } = self;
        let ready = plans[loaded.0].as_ref().expect("a plan that runs is loaded");
        for (work, machine) in ready.kernels.iter().take(to).skip(from) {
            machine.begin(memory, registers, tick);
            work.run(scratch, &mut Sink { memory, machine, registers, tick });
        }
    }

    fn output(&self, loaded: Loaded, name: &str) -> Option<&Output> {
        let ready = self.plans[loaded.0].as_ref().expect("a plan that is read is loaded");
        ready.outputs.iter().find(|output| output.name == name)
    }

    /// The numbers of an output; none if the plan has no such output.
    pub fn read(&self, loaded: Loaded, output: &str) -> Vec<f32> {
        self.output(loaded, output).map_or_else(Vec::new, |output| self.memory.region(output.region).to_vec())
    }

    /// The numbers of a shared state; none if there is no such state.
    pub fn state(&self, name: &str) -> &[f32] {
        let cell = self.memory.find(name).map(|cell| &self.memory.cells[cell]);
        cell.map_or(&[], |cell| &cell.numbers[..cell.count])
    }

    /// The kernels and outputs of a plan whose places are `cells`; kernels may take further ones.
    #[inline]
    fn ready(&mut self, plan: &Plan, cells: &mut Vec<usize>) -> Result<(Kernels, Vec<Output>), String> {
        let mut kernels = Vec::with_capacity(plan.kernels.len());
        let mut need = Need::default();
        let packers = matmul::packers(&plan.kernels);
        let mut kept: HashMap<usize, usize> = HashMap::new();
        let places = cells.clone();
        for (at, kernel) in plan.kernels.iter().enumerate() {
            let mut kernel = kernel.clone();
            assemble::settle(&mut kernel, &places);
            let work = match packers[at] {
                Some(first) => {
                    let mut product = matmul::Matmul::new(&kernel.core);
                    if first == at {
                        let count = product.keeps().expect("a product that packs its operand");
                        let cell = self.memory.keep(count)?;
                        cells.push(cell);
                        kept.insert(first, cell);
                    }
                    product.keep(kept[&first], first == at);
                    Box::new(product)
                }
                None => work(&kernel, &mut self.scratch)?,
            };
            let machine = Machine::new(&kernel.dims, &kernel.program, &kernel.stores, work.align(), work.powers())?;
            let own = work.need();
            need.core = need.core.max(own.core);
            need.side = need.side.max(own.side);
            need.pack = need.pack.max(own.pack);
            self.registers.make(machine.registers());
            kernels.push((work, machine));
        }
        let Scratch { core, side, pack, .. } = &mut self.scratch;
        for (buffer, need) in [(core, need.core), (side, need.side), (pack, need.pack)] {
            if buffer.len() < need {
                memory::reserve(buffer, need)?;
                buffer.resize(need, 0.0);
            }
        }
        let output = |(name, region): &(String, Region)| {
            let last = plan.kernels.iter().rposition(|kernel| kernel.writes(*region));
            // What no kernel writes is there when all is done.
            let after = last.map_or(plan.kernels.len(), |last| last + 1);
            Output { name: name.clone(), region: Region { place: cells[region.place], ..*region }, after }
        };
        let outputs = plan.outputs.iter().map(output).collect();
        Ok((kernels, outputs))
    }
}

/// The core of a kernel whose places are cells.
#[inline]
fn work(kernel: &Kernel, scratch: &mut Scratch) -> Result<Box<dyn Work>, String> {
    let dims = &kernel.dims;
    Ok(match &kernel.core {
        Core::Map => Box::new(map::Map),
        Core::Reduce { fold, over, folded, program } => {
            let core = reduce::Reduce::new(*fold, over, folded, program)?;
            scratch.registers.make(core.registers());
            Box::new(core)
        }
        Core::Matmul { .. } => Box::new(matmul::Matmul::new(&kernel.core)),
        Core::Conv { side: Side::Kernel, conv, a, b } if winograd::suits(conv) => {
            Box::new(winograd::Kernel::new(conv, *a, *b))
        }
        Core::Conv { side, conv, a, b } if winograd::suits(conv) => {
            Box::new(winograd::Picture::new(matches!(side, Side::Input), conv, *a, *b))
        }
        Core::Conv { side: Side::Kernel, conv, a, b } => Box::new(conv_kernel::Kernel::new(conv, *a, *b)),
        Core::Conv { side: Side::Output, conv, a, b } => Box::new(conv::Picture::new(false, conv, *a, *b)),
        Core::Conv { side: Side::Input, conv, a, b } => Box::new(conv::Picture::new(true, conv, *a, *b)),
        Core::Pool { step, pool, a, places } => Box::new(pool::Pooling::new(*step, pool, *a, *places)),
        Core::MaxPool { pool, x, places } => Box::new(pool::Pooling::max(pool, *x, *places)),
        Core::ArgMax { length, x } => Box::new(argmax::ArgMax::new(dims, *length, *x)),
        Core::LogSoftmax { x } => Box::new(log_softmax::LogSoftmax::new(dims, *x)),
        Core::Gather { rows, table, indices } => Box::new(gather::Gather::new(dims, *rows, *table, *indices)),
        Core::ScatterAdd { count, indices, values } => {
            Box::new(scatter_add::ScatterAdd::new(dims, *count, *indices, *values))
        }
        Core::Resample { x, theta } => Box::new(resample::Resample::new(dims, *x, *theta)),
    })
}
