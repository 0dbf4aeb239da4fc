//! Layer normalisation: the last axis of each sample gets mean 0 and variance 1, then a scale and a shift.
//!
//! y = gamma·(x − mean) / √(variance + epsilon) + beta. Ba, Kiros and Hinton, "Layer Normalization", 2016.

use super::{Group, Layer, Parameter, Work, batch_norm::EPSILON, same};
use crate::{
    nn::{
        field::{About, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static LAYER_NORM: Layer = Layer {
    about: About {
        id: "layer-norm",
        label: "Layer normalisation",
        help: "Brings the last axis of each sample to mean 0 and variance 1.",
        fields: &[EPSILON],
    },
    group: Group::Regularisers,
    joins: false,
    work: Some(Work { shape: same, parameters }),
};

fn parameters(_: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    let width = *inputs[0].last().expect("an axis");
    vec![Parameter::trained("gamma", [width], Init::Full(1.0)), Parameter::trained("beta", [width], Init::Full(0.0))]
}
