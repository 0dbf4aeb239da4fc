//! Batch normalisation: each channel gets mean 0 and variance 1 over the batch, then a scale and a shift of its own.
//!
//! y = gamma·(x − mean) / √(variance + epsilon) + beta over all axes but the last. Training uses the batch's mean and
//! biased variance, and moves: moving ← momentum·moving + (1 − momentum)·batch. In use the moving values stand in.
//! Ioffe and Szegedy, "Batch Normalization", 2015.

use super::{Group, Layer, Parameter, Work, same};
use crate::{
    nn::{
        field::{About, Field, Kind, Value, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static BATCH_NORM: Layer = Layer {
    about: About {
        id: "batch-norm",
        label: "Batch normalisation",
        help: "Brings each channel to mean 0 and variance 1 over the batch; deep networks learn faster.",
        fields: &[
            Field::new(
                "momentum",
                "Momentum",
                "How much of the moving mean and variance stays at each step.",
                Kind::Number { min: 0.0, max: 1.0, log: false },
                Value::Number(0.9),
            ),
            EPSILON,
        ],
    },
    group: Group::Regularisers,
    joins: false,
    work: Some(Work { shape: same, parameters }),
};

/// The field `epsilon` of a normalisation.
pub const EPSILON: Field = Field::new(
    "epsilon",
    "Epsilon",
    "A small number under the root, against dividing by 0.",
    Kind::Number { min: 1e-12, max: 1.0, log: true },
    Value::Number(1e-5),
);

fn parameters(_: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    let channels = *inputs[0].last().expect("an axis");
    vec![
        Parameter::trained("gamma", [channels], Init::Full(1.0)),
        Parameter::trained("beta", [channels], Init::Full(0.0)),
        Parameter::moving("moving-mean", [channels], 0.0),
        Parameter::moving("moving-variance", [channels], 1.0),
    ]
}
