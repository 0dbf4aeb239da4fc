//! From a document to graphs: a training step, a look at the answers, a look at every layer.
//!
//! All graphs of a session name the same state, so that they share it on the device.

use crate::graph::{Graph, Id, Rows};
use crate::nn::{Target, augment, loss};
use crate::spec::{Network, Spec};
use crate::tensor::Shape;

/// Names of state, of inputs and of knobs.
pub const PICTURES: &str = "pictures";
pub const POINTS: &str = "points";
pub const LABELS: &str = "labels";
pub const ORDER: &str = "order";
pub const LOG: &str = "log";
/// What a shared step is along the sum of: gradients, and behind each the loss and the share that is right.
pub const PARTS: [&str; 2] = ["part", "part/other"];
/// Where in the order of the epoch the batch begins.
pub const POSITION: &str = "position";
/// Which place of the log the step writes.
pub const SLOT: &str = "slot";
/// How many steps the log holds.
pub const SLOTS: usize = 64;

/// The names of the inputs of a graph for so many samples: x, y, indices.
pub fn x(count: usize) -> String {
    format!("x of {count}")
}

pub fn y(count: usize) -> String {
    format!("y of {count}")
}

pub fn indices(count: usize) -> String {
    format!("indices of {count}")
}

/// Where a batch comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Batch {
    /// So many samples are given with the step.
    Given(usize),
    /// So many samples of the set, in the order of the epoch.
    Order(usize),
    /// So many samples of the set, by their indices.
    Indices(usize),
}

impl Batch {
    /// How many samples.
    pub fn count(self) -> usize {
        match self {
            Batch::Given(count) | Batch::Order(count) | Batch::Indices(count) => count,
        }
    }
}

/// The set on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Train and test together.
    pub rows: usize,
    pub train: usize,
    /// Bytes, else floats.
    pub pictures: bool,
}

/// Everything that graphs are composed of.
pub struct Composer<'a> {
    pub spec: &'a Spec,
    pub network: &'a Network,
    pub table: Option<Table>,
}

impl Composer<'_> {
    /// One optimizer step on a batch: output `loss`, the loss before it; for a batch of the set also a row of the log.
    pub fn step(&self, batch: Batch) -> Graph {
        let mut graph = Graph::new();
        let g = &mut graph;
        let (x, y) = self.seen(g, batch);
        let step = self.network.step(self.spec, g, x, y);
        g.output("loss", step.loss);
        if matches!(batch, Batch::Order(_)) {
            let right = self.right(g, step.built.results.last().copied().expect("a network has layers"), y);
            log(g, step.loss, right);
        }
        graph
    }

    /// A part of a step, some rows of a batch: output `loss`. The first of [`PARTS`] becomes its gradient, and behind it the
    /// loss and the share that is right, all times the share of the batch.
    pub fn part(&self, batch: Batch, rows: Rows) -> Graph {
        let mut graph = Graph { rows: Some(rows), ..Graph::new() };
        let g = &mut graph;
        let (x, y) = self.seen(g, batch);
        let share = rows.count as f32 / rows.whole as f32;
        let nodes = self.network.part(self.spec, g, x, y, share);
        let right = self.right(g, nodes.built.results.last().copied().expect("a network has layers"), y);
        let right = g.scale(right, share);
        let [loss, right] = [nodes.loss, right].map(|number| g.reshape(number, [1]));
        let part = g.concat(&[nodes.gradient, loss, right], 0);
        let own = g.state(PARTS[0], g.shape(part).clone());
        g.assign(own, part);
        g.output("loss", loss);
        graph
    }

    /// The rest of a step along the sum of so many of [`PARTS`]: output `loss`; for a batch of the set also a row of the log.
    pub fn descend(&self, batch: Batch, terms: usize) -> Graph {
        let mut graph = Graph::new();
        let g = &mut graph;
        let count = self.network.layout().trained;
        let parts: Vec<Id> = PARTS[..terms].iter().map(|part| g.state(part, [count + 2])).collect();
        let sum = |g: &mut Graph, from: usize, count: usize| {
            let of = |g: &mut Graph, part: Id| g.slice(part, &[from], &[count], &[1]);
            let first = of(g, parts[0]);
            parts[1..].iter().fold(first, |sum, &part| {
                let other = of(g, part);
                g.add(sum, other)
            })
        };
        let gradient = sum(g, 0, count);
        let [loss, right] = [count, count + 1].map(|at| {
            let number = sum(g, at, 1);
            g.reshape(number, [])
        });
        let loss = self.network.whole(self.spec, g, loss, gradient);
        g.output("loss", loss);
        if matches!(batch, Batch::Order(_)) {
            log(g, loss, right);
        }
        graph
    }

    /// A batch as training sees it: pictures of the set augmented.
    fn seen(&self, g: &mut Graph, batch: Batch) -> (Id, Id) {
        let (x, y) = self.batch(g, batch);
        if matches!(batch, Batch::Given(_)) { (x, y) } else { (augment::build(g, &self.spec.augment, x), y) }
    }

    /// The network in use: outputs `output`, and `loss` without the penalty where the target is known.
    pub fn answer(&self, batch: Batch) -> Graph {
        let mut graph = Graph::new();
        let g = &mut graph;
        let (x, y) = match batch {
            Batch::Given(count) => (self.input(g, count), None),
            Batch::Order(_) | Batch::Indices(_) => {
                let (x, y) = self.batch(g, batch);
                (x, Some(y))
            }
        };
        let results = self.results(g, x);
        let output = *results.last().expect("a network has layers");
        g.output("output", output);
        if let Some(y) = y {
            let loss = self.spec.loss.build(g, output, y);
            g.output("loss", loss);
        }
        graph
    }

    /// The network in use on given samples: output `all`, the results of every layer, one layer after the other.
    pub fn inspect(&self, count: usize) -> Graph {
        let mut graph = Graph::new();
        let g = &mut graph;
        let x = self.input(g, count);
        let results = self.results(g, x);
        let flat: Vec<Id> = results
            .into_iter()
            .map(|piece| {
                let count = g.shape(piece).count();
                g.reshape(piece, [count])
            })
            .collect();
        let all = g.concat(&flat, 0);
        g.output("all", all);
        graph
    }

    /// The result of each layer in use.
    fn results(&self, g: &mut Graph, x: Id) -> Vec<Id> {
        let weights = self.network.weights(g);
        self.network.build(self.spec, g, x, &weights.parts, false).results
    }

    fn sample(&self, count: usize, shape: &Shape) -> Shape {
        Shape([&[count], &shape[..]].concat())
    }

    fn input(&self, g: &mut Graph, count: usize) -> Id {
        g.input(&x(count), self.sample(count, &self.network.sample.shape))
    }

    /// (x, y) of a batch, or of the graph's rows of it.
    fn batch(&self, g: &mut Graph, batch: Batch) -> (Id, Id) {
        let rows = g.rows.unwrap_or(Rows { from: 0, count: batch.count(), whole: batch.count() });
        let (count, indices) = match batch {
            Batch::Given(_) => {
                let count = rows.count;
                let x = self.input(g, count);
                let shape = self.sample(count, &self.target());
                return (x, g.input(&y(count), shape));
            }
            Batch::Indices(count) => (count, g.input(&indices(count), [count])),
            Batch::Order(_) => {
                let train = self.table.expect("an order is of a set").train;
                let order = g.state(ORDER, [train]);
                let (place, position) = (g.iota([rows.whole], 0), g.knob(POSITION));
                let place = g.slice(place, &[rows.from], &[rows.count], &[1]);
                let at = g.add(place, position);
                (rows.count, g.gather(order, at))
            }
        };
        let table = self.table.expect("indices are of a set");
        let shape = self.sample(table.rows, &self.network.sample.shape);
        let set = if table.pictures { g.bytes(PICTURES, shape) } else { g.state(POINTS, shape) };
        let labels = g.state(LABELS, [table.rows]);
        let x = g.gather(set, indices);
        debug_assert_eq!(g.shape(x)[0], count);
        (x, g.gather(labels, indices))
    }

    /// The shape of one sample's target.
    pub fn target(&self) -> Shape {
        let output = self.network.output();
        match self.network.sample.target {
            Target::Class => Shape::from(&output[..output.len() - 1]),
            Target::Value => output.clone(),
        }
    }

    /// The share of the answers that is right; 0 where the target is a value.
    fn right(&self, g: &mut Graph, output: Id, y: Id) -> Id {
        match self.network.sample.target {
            Target::Class => {
                let right = loss::right(g, output, y);
                g.mean_all(right)
            }
            Target::Value => g.scalar(0.0),
        }
    }
}

/// Writes the loss and the share that is right into the step's place of their rows of the log.
fn log(g: &mut Graph, loss: Id, right: Id) {
    let log = g.state(LOG, [2, SLOTS]);
    let place = g.iota([1, SLOTS], 1);
    let slot = g.knob(SLOT);
    let here = g.equal(place, slot);
    let renewed = [(0, loss), (1, right)].map(|(row, entry)| {
        let before = g.slice(log, &[row, 0], &[1, SLOTS], &[1, 1]);
        g.select(here, entry, before)
    });
    let renewed = g.concat(&renewed, 0);
    g.assign(log, renewed);
}
