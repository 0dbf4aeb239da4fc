//! Gaussian noise: while training, a normal random number is added to every number.

use super::{Group, Layer, Work, none, same};
use crate::nn::field::{About, Field, Kind, Value};

pub static GAUSSIAN_NOISE: Layer = Layer {
    about: About {
        id: "gaussian-noise",
        label: "Gaussian noise",
        help: "Adds random noise while training, so that exact numbers cannot be learnt by heart.",
        fields: &[Field::new(
            "stddev",
            "Deviation",
            "How strong the noise is: its standard deviation.",
            Kind::Number { min: 0.0, max: 10.0, log: false },
            Value::Number(0.1),
        )],
    },
    group: Group::Regularisers,
    joins: false,
    work: Some(Work { shape: same, parameters: none }),
};
