//! Losses: one number that says how wrong the network is. One row each in [`LOSSES`].
//!
//! To add one: write `loss/NAME.rs` with a `pub static` of type [`Loss`], and put it into the slice.

use std::fmt;

use super::field::About;
use crate::graph::{Graph, Id};

mod binary_cross_entropy;
mod cross_entropy;
mod hinge;
mod huber;
mod mean_absolute_error;
mod mean_squared_error;

/// Every loss that a document may name.
pub static LOSSES: &[&Loss] = &[
    &cross_entropy::CROSS_ENTROPY,
    &binary_cross_entropy::BINARY_CROSS_ENTROPY,
    &mean_squared_error::MEAN_SQUARED_ERROR,
    &mean_absolute_error::MEAN_ABSOLUTE_ERROR,
    &huber::HUBER,
    &hinge::HINGE,
];

/// The row of this name.
pub fn find(id: &str) -> Option<&'static Loss> {
    LOSSES.iter().copied().find(|loss| loss.about.id == id)
}

/// One row of [`LOSSES`].
pub struct Loss {
    pub about: About,
    /// What it compares the output with.
    pub target: Target,
    /// What it takes the output for.
    pub reads: Reads,
    /// (output, target) → one loss for each class or number that the target names; the loss is the mean of all.
    pub each: fn(&mut Graph, Id, Id) -> Id,
}

impl Loss {
    /// The loss of a batch, one number without axes.
    pub fn build(&self, graph: &mut Graph, output: Id, target: Id) -> Id {
        let each = (self.each)(graph, output, target);
        graph.mean_all(each)
    }

    /// The loss of each sample of a batch: [n].
    pub fn by_sample(&self, graph: &mut Graph, output: Id, target: Id) -> Id {
        let each = (self.each)(graph, output, target);
        by_sample(graph, each)
    }
}

/// For each sample the share of its classes that the output gets right: [n]. output: [n, …, classes], target: [n, …].
pub fn right(graph: &mut Graph, output: Id, target: Id) -> Id {
    let last = graph.shape(output).len() - 1;
    let best = graph.argmax(output, last);
    let sizes = graph.shape(target).clone();
    let best = graph.reshape(best, sizes);
    let hit = graph.equal(best, target);
    by_sample(graph, hit)
}

/// The mean over all axes but the first: [n].
fn by_sample(graph: &mut Graph, x: Id) -> Id {
    let axes: Vec<usize> = (1..graph.shape(x).len()).collect();
    let mean = graph.mean(x, &axes);
    let batch = graph.shape(x)[0];
    graph.reshape(mean, [batch])
}

/// What a network is taught with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The index of a class: [batch], or [batch, positions].
    Class,
    /// Numbers in the shape of the network's output.
    Value,
}

/// How a loss reads the network's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// As logits that it puts through softmax.
    Softmax,
    /// As logits that it puts through sigmoid.
    Sigmoid,
    /// As they are.
    Plain,
}

impl Target {
    pub fn id(self) -> &'static str {
        match self {
            Target::Class => "class",
            Target::Value => "value",
        }
    }

    /// The loss of a document that names none.
    pub fn loss(self) -> &'static Loss {
        match self {
            Target::Class => &cross_entropy::CROSS_ENTROPY,
            Target::Value => &mean_squared_error::MEAN_SQUARED_ERROR,
        }
    }
}

impl PartialEq for Loss {
    fn eq(&self, other: &Loss) -> bool {
        self.about.id == other.about.id
    }
}

impl fmt::Debug for Loss {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.about.id)
    }
}
