//! Adam: momentum and a pace for each weight, both corrected for their start at 0.
//!
//! m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²; w ← w − rate·m̂ / (√v̂ + epsilon), with m̂ = m / (1 − β₁ᵗ⁺¹) and
//! v̂ = v / (1 − β₂ᵗ⁺¹), t from 0. Kingma and Ba, "Adam", 2015, algorithm 1.

use super::{Optimizer, Step, Updated, blend, decay, epsilon, go, learning_rate, paced};
use crate::{
    graph::{Graph, Id},
    nn::field::{About, Field, Values},
};

pub static ADAM: Optimizer = Optimizer {
    about: About {
        id: "adam",
        label: words!("Adam"),
        help: words!("Momentum and a pace of its own for each weight: a good first choice."),
        fields: &[learning_rate(0.001), BETA_1, BETA_2, epsilon(1e-8)],
    },
    states: STATES,
    build: nodes!(|_, _, _| build),
};

pub const STATES: &[&str] = &["mean", "square"];

pub const BETA_1: Field = decay("beta-1", "Beta 1", "How much of the past gradients is kept.", 0.9);
pub const BETA_2: Field = decay("beta-2", "Beta 2", "How much of their past squares is kept.", 0.999);

/// The step that AdamW makes too, after its decay.
pub fn build(g: &mut Graph, values: &Values, step: Step) -> Updated {
    let (beta_1, beta_2) = (values.number("beta-1"), values.number("beta-2"));
    let m = blend(g, beta_1, step.states[0], step.g);
    let square = g.square(step.g);
    let v = blend(g, beta_2, step.states[1], square);
    // One number a step each: 1 / (1 − βᵗ⁺¹) = (1 / tanh(−(t + 1)·ln β / 2) + 1) / 2. Both β and its powers are near 1 at
    // first, where five digits of their distance from 1 would be lost.
    let count = g.shift(step.t, 1.0);
    let correction = |g: &mut Graph, beta: f64| -> Id {
        let half = g.scale(count, (beta.ln() / -2.0).min(20.0) as f32);
        let tanh = g.tanh(half);
        let one = g.scalar(1.0);
        let inverse = g.div(one, tanh);
        let sum = g.shift(inverse, 1.0);
        g.scale(sum, 0.5)
    };
    let (for_m, for_v) = (correction(g, beta_1), correction(g, beta_2));
    let rate = g.mul(step.rate, for_m);
    let v_hat = g.mul(v, for_v);
    let direction = paced(g, m, v_hat, values);
    Updated { w: go(g, step.w, rate, direction), states: vec![m, v] }
}
