//! RMSprop: each weight's step is divided by how large its gradients have been lately.
//!
//! s ← rho·s + (1 − rho)·g²; w ← w − rate·g / (√s + epsilon). Tieleman and Hinton, Coursera lecture 6.5, 2012.

use super::{Optimizer, decay, epsilon, learning_rate};
use crate::nn::field::About;

pub static RMSPROP: Optimizer = Optimizer {
    about: About {
        id: "rmsprop",
        label: "RMSprop",
        help: "Gives each weight its own pace, by how large its gradients have been lately.",
        fields: &[learning_rate(0.001), decay("rho", "Memory", "How much of the past is kept.", 0.9), epsilon(1e-8)],
    },
};
