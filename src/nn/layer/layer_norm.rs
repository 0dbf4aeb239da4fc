//! Layer normalisation: the last axis of each sample gets mean 0 and variance 1, then a scale and a shift.
//!
//! y = gamma·(x − mean) / √(variance + epsilon) + beta. Ba, Kiros and Hinton, "Layer Normalization", 2016.

use super::{
    Build, Group, Layer, Parameter, Work,
    batch_norm::{EPSILON, scale},
    same,
};
use crate::{
    graph::Id,
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
        help: words!("Brings the last axis of each sample to mean 0 and variance 1."),
        fields: &[EPSILON],
    },
    group: Group::Regularisers,
    joins: false,
    work: Work::new(same, parameters, build),
};

fn parameters(_: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    let width = *inputs[0].last().expect("an axis");
    vec![Parameter::trained("gamma", [width], Init::Full(1.0)), Parameter::trained("beta", [width], Init::Full(0.0))]
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let x = inputs[0];
    let last = b.sizes(x).len() - 1;
    let mean = b.graph.mean(x, &[last]);
    let centred = b.graph.sub(x, mean);
    let square = b.graph.square(centred);
    let variance = b.graph.mean(square, &[last]);
    scale(b, centred, variance, values.number("epsilon") as f32, parameters[0], parameters[1])
}
