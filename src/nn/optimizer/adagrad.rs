//! AdaGrad: each weight's step is divided by how large its gradients have been in all.
//!
//! s ← s + g², from 0; w ← w − rate·g / (√s + epsilon). Duchi, Hazan and Singer, 2011.

use super::{Optimizer, Step, Updated, epsilon, go, learning_rate, paced};
use crate::{
    graph::Graph,
    nn::field::{About, Values},
};

pub static ADAGRAD: Optimizer = Optimizer {
    about: About {
        id: "adagrad",
        label: words!("AdaGrad"),
        help: words!("Gives each weight its own pace, slower the more it has moved."),
        fields: &[learning_rate(0.01), epsilon(1e-10)],
    },
    states: &["square"],
    build: nodes!(|_, _, _| build),
};

fn build(g: &mut Graph, values: &Values, step: Step) -> Updated {
    let square = g.square(step.g);
    let s = g.add(step.states[0], square);
    let direction = paced(g, step.g, s, values);
    Updated { w: go(g, step.w, step.rate, direction), states: vec![s] }
}
