//! Runs a graph by the reference interpreter or by a device, whichever is asked.

use std::collections::HashMap;

#[cfg(feature = "native")]
use crate::golden::WEBGPU;
use crate::golden::{CPU, Tolerances};

use pollster::block_on;
use whisker::{
    device::{
        Device, Loaded,
        cpu::Cpu,
        reference::{self, Feed},
    },
    graph::Graph,
    plan::{self, Holds, Plan},
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Who {
    Reference,
    Cpu,
    #[cfg(feature = "native")]
    Card,
}

impl Who {
    /// How far its results may be off.
    pub fn most(self) -> Tolerances {
        match self {
            Who::Reference | Who::Cpu => CPU,
            #[cfg(feature = "native")]
            Who::Card => WEBGPU,
        }
    }
}

/// Arrays by name, and the graphs that run on them.
pub enum Machine {
    Reference(Feed, Vec<Graph>),
    Plans(Device, Vec<(Plan, Loaded)>),
}

impl Machine {
    pub fn new(who: Who) -> Machine {
        match who {
            Who::Reference => Machine::Reference(Feed { seed: 1, ..Feed::default() }, Vec::new()),
            Who::Cpu => Machine::Plans(Device::Cpu(Cpu::new()), Vec::new()),
            #[cfg(feature = "native")]
            Who::Card => {
                let card = block_on(whisker::device::gpu::Gpu::open()).expect("a graphics card");
                Machine::Plans(Device::Gpu(Box::new(card)), Vec::new())
            }
        }
    }

    /// Makes a graph ready; gives its number.
    pub fn load(&mut self, graph: &Graph) -> usize {
        match self {
            Machine::Reference(_, graphs) => {
                graphs.push(graph.clone());
                graphs.len() - 1
            }
            Machine::Plans(device, plans) => {
                let plan = plan::compile(graph);
                let loaded = block_on(device.load(&plan)).expect("a plan that loads");
                plans.push((plan, loaded));
                plans.len() - 1
            }
        }
    }

    /// Writes an input or a state of the graphs that are loaded.
    pub fn write(&mut self, name: &str, numbers: &[f32]) {
        match self {
            Machine::Reference(feed, _) => {
                feed.arrays.insert(name.into(), numbers.iter().map(|x| f64::from(*x)).collect());
            }
            Machine::Plans(device, _) => device.write(name, 0, numbers),
        }
    }

    /// One step of a graph: the results of these outputs.
    pub fn run(
        &mut self,
        graph: usize,
        step: u32,
        knobs: &[(&str, f64)],
        outputs: &[&str],
    ) -> HashMap<String, Vec<f32>> {
        match self {
            Machine::Reference(feed, graphs) => {
                feed.step = step;
                feed.knobs = knobs.iter().map(|(name, value)| (name.to_string(), *value)).collect();
                let results = reference::run(&graphs[graph], feed);
                let read = |name: &&str| (name.to_string(), results[*name].iter().map(|x| *x as f32).collect());
                outputs.iter().map(read).collect()
            }
            Machine::Plans(device, plans) => {
                let (plan, loaded) = &plans[graph];
                let knobs: Vec<(&str, f32)> = knobs.iter().map(|(name, value)| (*name, *value as f32)).collect();
                device.run(*loaded, &[plan.turn(1, step, &knobs)]);
                let read = |name: &&str| (name.to_string(), block_on(device.read(*loaded, name)).expect("an output"));
                outputs.iter().map(read).collect()
            }
        }
    }

    /// Drops the graphs and what they were given.
    pub fn clear(&mut self) {
        match self {
            Machine::Reference(feed, graphs) => {
                feed.arrays.clear();
                graphs.clear();
            }
            Machine::Plans(device, plans) => {
                for (plan, loaded) in plans.drain(..) {
                    device.unload(loaded);
                    for place in &plan.places {
                        if let Holds::Input(name) | Holds::State(name) | Holds::Bytes(name) = &place.holds {
                            device.forget(name);
                        }
                    }
                }
            }
        }
    }

    pub fn state(&mut self, name: &str) -> Vec<f32> {
        match self {
            Machine::Reference(feed, _) => feed.arrays[name].iter().map(|x| *x as f32).collect(),
            Machine::Plans(device, _) => block_on(device.state(name)).expect("a state"),
        }
    }
}
