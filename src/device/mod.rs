//! Floor 3: who computes. A [`Device`] loads plans, keeps their memory and runs them.
//!
//! State, inputs and bytes are shared by name between the plans of one device; scratch memory is each plan's own.

pub mod cpu;
pub mod reference;

pub use whisker_gpu::device::{Loaded, Pending, gpu};

use crate::plan::{Plan, Tick};

/// Something that runs plans.
pub enum Device {
    Cpu(cpu::Cpu),
    Gpu(Box<gpu::Gpu>),
}

impl Device {
    /// Makes a plan ready: memory, pipelines. New state is zero; state that exists under its name is kept.
    pub async fn load(&mut self, plan: &Plan) -> Result<Loaded, String> {
        match self {
            Device::Cpu(cpu) => cpu.load(plan),
            Device::Gpu(gpu) => gpu.load(plan).await,
        }
    }

    /// Frees what `load` took; shared state stays until [`Device::forget`].
    pub fn unload(&mut self, loaded: Loaded) {
        match self {
            Device::Cpu(cpu) => cpu.unload(loaded),
            Device::Gpu(gpu) => gpu.unload(loaded),
        }
    }

    /// Frees the shared numbers of this name, once no loaded plan uses them.
    pub fn forget(&mut self, name: &str) {
        match self {
            Device::Cpu(cpu) => cpu.forget(name),
            Device::Gpu(gpu) => gpu.forget(name),
        }
    }

    /// Writes shared state or an input, from `offset` on.
    pub fn write(&mut self, name: &str, offset: usize, numbers: &[f32]) {
        match self {
            Device::Cpu(cpu) => cpu.write(name, offset, numbers),
            Device::Gpu(gpu) => gpu.write(name, offset, numbers),
        }
    }

    /// The place of so many numbers of shared state or of an input, to be written; none on a graphics card, whose memory is its own.
    pub fn room(&mut self, name: &str, count: usize) -> &mut [f32] {
        match self {
            Device::Cpu(cpu) => cpu.room(name, count),
            Device::Gpu(_) => &mut [],
        }
    }

    /// Writes shared bytes, from `offset` on (a multiple of 4).
    pub fn write_bytes(&mut self, name: &str, offset: usize, bytes: &[u8]) {
        match self {
            Device::Cpu(cpu) => cpu.write_bytes(name, offset, bytes),
            Device::Gpu(gpu) => gpu.write_bytes(name, offset, bytes),
        }
    }

    /// Runs one step for each tick, in order.
    pub fn run(&mut self, loaded: Loaded, ticks: &[Tick]) {
        match self {
            Device::Cpu(cpu) => ticks.iter().for_each(|tick| cpu.run(loaded, tick)),
            Device::Gpu(gpu) => gpu.run(loaded, ticks),
        }
    }

    /// Runs one step until an output can be read, where that is sooner than all of it: then [`Device::finish`] must be called
    /// before anything else.
    pub fn begin(&mut self, loaded: Loaded, tick: Tick, output: &str) {
        match self {
            Device::Cpu(cpu) => cpu.begin(loaded, tick, output),
            Device::Gpu(gpu) => gpu.run(loaded, &[tick]),
        }
    }

    /// Does a third of what is left of a step that was begun.
    pub fn advance(&mut self) {
        if let Device::Cpu(cpu) = self {
            cpu.advance();
        }
    }

    /// Does what is left of a step that was begun.
    pub fn finish(&mut self) {
        if let Device::Cpu(cpu) = self {
            cpu.finish();
        }
    }

    /// The numbers of an output, after all that was run before.
    pub async fn read(&mut self, loaded: Loaded, output: &str) -> Result<Vec<f32>, String> {
        match self {
            Device::Cpu(cpu) => Ok(cpu.read(loaded, output)),
            Device::Gpu(gpu) => gpu.read(loaded, output).await,
        }
    }

    /// The numbers of several outputs, or of shared state by name, after all that was run before; more may be run before they
    /// are awaited.
    pub fn fetch(&mut self, loaded: Loaded, outputs: &[&str]) -> Pending {
        match self {
            Device::Cpu(cpu) => {
                let one = |name: &&str| match cpu.read(loaded, name) {
                    none if none.is_empty() => cpu.state(name).to_vec(),
                    numbers => numbers,
                };
                let results = outputs.iter().map(one).collect();
                Box::pin(std::future::ready(Ok(results)))
            }
            Device::Gpu(gpu) => gpu.fetch(loaded, outputs),
        }
    }

    /// The numbers of a shared state where they lie; none on a graphics card, whose memory is its own.
    pub fn numbers(&self, name: &str) -> &[f32] {
        match self {
            Device::Cpu(cpu) => cpu.state(name),
            Device::Gpu(_) => &[],
        }
    }

    /// The numbers of a shared state.
    pub async fn state(&mut self, name: &str) -> Result<Vec<f32>, String> {
        match self {
            Device::Cpu(cpu) => Ok(cpu.state(name).to_vec()),
            Device::Gpu(gpu) => gpu.state(name).await,
        }
    }
}
