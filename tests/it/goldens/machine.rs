//! Runs a graph by the reference interpreter or by the CPU device, whichever is asked.

use std::collections::HashMap;

use whisker::{
    device::{
        Loaded,
        cpu::Cpu,
        reference::{self, Feed},
    },
    graph::Graph,
    plan::{self, Plan},
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Who {
    Reference,
    Cpu,
}

/// Arrays by name, and the graphs that run on them.
pub enum Machine {
    Reference(Feed, Vec<Graph>),
    Cpu(Box<Cpu>, Vec<(Plan, Loaded)>),
}

impl Machine {
    pub fn new(who: Who) -> Machine {
        match who {
            Who::Reference => Machine::Reference(Feed { seed: 1, ..Feed::default() }, Vec::new()),
            Who::Cpu => Machine::Cpu(Box::new(Cpu::new()), Vec::new()),
        }
    }

    /// Makes a graph ready; gives its number.
    pub fn load(&mut self, graph: &Graph) -> usize {
        match self {
            Machine::Reference(_, graphs) => {
                graphs.push(graph.clone());
                graphs.len() - 1
            }
            Machine::Cpu(cpu, plans) => {
                let plan = plan::compile(graph);
                let loaded = cpu.load(&plan).expect("a plan that loads");
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
            Machine::Cpu(cpu, _) => cpu.write(name, 0, numbers),
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
            Machine::Cpu(cpu, plans) => {
                let (plan, loaded) = &plans[graph];
                let knobs: Vec<(&str, f32)> = knobs.iter().map(|(name, value)| (*name, *value as f32)).collect();
                cpu.run(*loaded, &plan.turn(1, step, &knobs));
                outputs.iter().map(|name| (name.to_string(), cpu.read(*loaded, name))).collect()
            }
        }
    }

    pub fn state(&mut self, name: &str) -> Vec<f32> {
        match self {
            Machine::Reference(feed, _) => feed.arrays[name].iter().map(|x| *x as f32).collect(),
            Machine::Cpu(cpu, _) => cpu.state(name),
        }
    }
}
