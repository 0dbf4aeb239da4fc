//! Cross-entropy: minus the log of the share that softmax gives to the right class.
//!
//! Mean over batch and positions of logsumexp(x) − x[class], x: […, classes].

use super::{Loss, Reads, Target};
use crate::nn::field::About;

pub static CROSS_ENTROPY: Loss = Loss {
    about: About {
        id: "cross-entropy",
        label: "Cross-entropy",
        help: "How surprised the network is by the right class.",
        fields: &[],
    },
    target: Target::Class,
    reads: Reads::Softmax,
};
