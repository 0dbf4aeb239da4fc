//! Losses: one number that says how wrong the network is. One row each in [`LOSSES`].
//!
//! To add one: write `loss/NAME.rs` with a `pub static` of type [`Loss`], and put it into the slice.

use std::fmt;

use super::field::About;

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
