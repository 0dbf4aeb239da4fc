//! Gaussian noise: while training, a normal random number is added to every number.

use super::{Build, Group, Layer, Work, none, same};
use crate::{
    graph::Id,
    nn::field::{About, Field, Kind, Value, Values},
};

pub static GAUSSIAN_NOISE: Layer = Layer {
    about: About {
        id: "gaussian-noise",
        label: "Gaussian noise",
        help: words!("Adds random noise while training, so that exact numbers cannot be learnt by heart."),
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
    work: Work::new(same, none, build),
};

fn build(b: &mut Build, values: &Values, inputs: &[Id], _: &[Id]) -> Id {
    let deviation = values.number("stddev");
    if !b.training || deviation == 0.0 {
        return inputs[0];
    }
    let sizes = b.sizes(inputs[0]);
    let normal = b.graph.normal(b.purpose, sizes);
    let noise = b.graph.scale(normal, deviation as f32);
    b.graph.add(inputs[0], noise)
}
