//! Dropout: while training, each number is lost with some chance, and the rest is scaled up to make good for it.
//!
//! Training: y = x·[u ≥ rate] / (1 − rate), u uniform. In use: y = x.

use super::{Group, Layer, Work, none, same};
use crate::nn::field::{About, Field, Kind, Value};

pub static DROPOUT: Layer = Layer {
    about: About {
        id: "dropout",
        label: "Dropout",
        help: "Loses numbers at random while training, so that no unit leans on one other.",
        fields: &[Field::new(
            "rate",
            "Rate",
            "The share that is lost.",
            Kind::Number { min: 0.0, max: 0.99, log: false },
            Value::Number(0.5),
        )],
    },
    group: Group::Regularisers,
    joins: false,
    work: Some(Work { shape: same, parameters: none }),
};
