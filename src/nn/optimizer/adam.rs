//! Adam: momentum and a pace for each weight, both corrected for their start at 0.
//!
//! m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²; w ← w − rate·m̂ / (√v̂ + epsilon), with m̂ = m / (1 − β₁ᵗ⁺¹) and
//! v̂ = v / (1 − β₂ᵗ⁺¹), t from 0. Kingma and Ba, "Adam", 2015, algorithm 1.

use super::{Optimizer, decay, epsilon, learning_rate};
use crate::nn::field::{About, Field};

pub static ADAM: Optimizer = Optimizer {
    about: About {
        id: "adam",
        label: "Adam",
        help: "Momentum and a pace of its own for each weight: a good first choice.",
        fields: &[learning_rate(0.001), BETA_1, BETA_2, epsilon(1e-8)],
    },
};

pub const BETA_1: Field = decay("beta-1", "Beta 1", "How much of the past gradients is kept.", 0.9);
pub const BETA_2: Field = decay("beta-2", "Beta 2", "How much of their past squares is kept.", 0.999);
