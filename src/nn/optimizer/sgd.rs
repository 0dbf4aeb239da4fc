//! Gradient descent, with momentum or Nesterov's look ahead.
//!
//! v ← momentum·v + g; w ← w − rate·v, or with Nesterov w ← w − rate·(g + momentum·v).
//! Sutskever et al., "On the importance of initialization and momentum", 2013.

use super::{Optimizer, decay, learning_rate};
use crate::nn::field::{About, Field, Kind, Value};

pub static SGD: Optimizer = Optimizer {
    about: About {
        id: "sgd",
        label: "Gradient descent",
        help: "Steps straight down the slope; momentum lets it roll.",
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
};
