//! AdamW: Adam, and before each step every weight shrinks by rate·weight-decay.
//!
//! Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2.

use super::{
    Optimizer, Step, Updated,
    adam::{self, BETA_1, BETA_2, STATES},
    epsilon, learning_rate,
};
use crate::{
    graph::Graph,
    nn::field::{About, Field, Kind, Value, Values},
};

pub static ADAMW: Optimizer = Optimizer {
    about: About {
        id: "adamw",
        label: words!("AdamW"),
        help: words!("Adam, and every weight shrinks a little at each step."),
        fields: &[
            learning_rate(0.001),
            BETA_1,
            BETA_2,
            epsilon(1e-8),
            Field::new(
                "weight-decay",
                "Weight decay",
                "How much every weight shrinks, times the learning rate.",
                Kind::Number { min: 0.0, max: 10.0, log: true },
                Value::Number(0.01),
            ),
        ],
    },
    states: STATES,
    build: nodes!(|_, _, _| build),
};

fn build(g: &mut Graph, values: &Values, step: Step) -> Updated {
    let shrink = g.scale(step.rate, values.number("weight-decay") as f32);
    let kept = g.one_minus(shrink);
    let w = g.mul(step.w, kept);
    adam::build(g, values, Step { w, ..step })
}
