//! Binary cross-entropy: each output is the logit of its own yes or no.
//!
//! Mean over all of max(x, 0) − x·y + log(1 + e^−|x|), which equals −y·log σ(x) − (1 − y)·log(1 − σ(x)).

use super::{Loss, Reads, Target};
use crate::nn::field::About;

pub static BINARY_CROSS_ENTROPY: Loss = Loss {
    about: About {
        id: "binary-cross-entropy",
        label: "Binary cross-entropy",
        help: "How surprised the network is by each yes or no.",
        fields: &[],
    },
    target: Target::Value,
    reads: Reads::Sigmoid,
};
