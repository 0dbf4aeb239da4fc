//! RMSprop: each weight's step is divided by how large its gradients have been lately.
//!
//! s ← rho·s + (1 − rho)·g²; w ← w − rate·g / (√s + epsilon). Tieleman and Hinton, Coursera lecture 6.5, 2012.

use super::{Optimizer, Step, Updated, blend, decay, epsilon, go, learning_rate, paced};
use crate::{
    graph::Graph,
    nn::field::{About, Values},
};

pub static RMSPROP: Optimizer = Optimizer {
    about: About {
        id: "rmsprop",
        label: words!("RMSprop"),
        help: words!("Gives each weight its own pace, by how large its gradients have been lately."),
        fields: &[learning_rate(0.001), decay("rho", "Memory", "How much of the past is kept.", 0.9), epsilon(1e-8)],
    },
    states: &["square"],
    build: nodes!(|_, _, _| build),
};

fn build(g: &mut Graph, values: &Values, step: Step) -> Updated {
    let square = g.square(step.g);
    let s = blend(g, values.number("rho"), step.states[0], square);
    let direction = paced(g, step.g, s, values);
    Updated { w: go(g, step.w, step.rate, direction), states: vec![s] }
}
