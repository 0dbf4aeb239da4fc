//! Gradient descent, with momentum or Nesterov's look ahead.
//!
//! v ← momentum·v + g; w ← w − rate·v, or with Nesterov w ← w − rate·(g + momentum·v).
//! Sutskever et al., "On the importance of initialization and momentum", 2013.

use super::{Optimizer, Step, Updated, decay, go, learning_rate};
use crate::{
    graph::Graph,
    nn::field::{About, Field, Kind, Value, Values},
};

pub static SGD: Optimizer = Optimizer {
    about: About {
        id: "sgd",
        label: words!("Gradient descent"),
        help: words!("Steps straight down the slope; momentum lets it roll."),
        fields: &[
            learning_rate(0.01),
            decay("momentum", "Momentum", "How much of the last step is kept.", 0.0),
            Field::new(
                "nesterov",
                "Nesterov",
                "Looks at the slope where it is rolling to.",
                Kind::Flag,
                Value::Flag(false),
            ),
        ],
    },
    states: &["momentum"],
    build: nodes!(|_, _, _| build),
};

fn build(g: &mut Graph, values: &Values, step: Step) -> Updated {
    let momentum = values.number("momentum") as f32;
    if momentum == 0.0 {
        // v ← g, so that momentum can set in at any step
        return Updated { w: go(g, step.w, step.rate, step.g), states: vec![step.g] };
    }
    let rolling = g.scale(step.states[0], momentum);
    let v = g.add(rolling, step.g);
    let v = g.flush(v);
    let direction = match values.flag("nesterov") {
        true => {
            let ahead = g.scale(v, momentum);
            g.add(step.g, ahead)
        }
        false => v,
    };
    Updated { w: go(g, step.w, step.rate, direction), states: vec![v] }
}
