//! Restricted Boltzmann machine: y = σ(x·kernel + bias), the chance of each hidden unit to be on. x: […, in] → […, units].
//!
//! `visible-bias` has no part in it: it is for the way back, from hidden units to what they would see. Smolensky, 1986;
//! Hinton, "Training Products of Experts by Minimizing Contrastive Divergence", 2002.

use super::{
    Build, Group, Layer, Parameter, Trouble, Work,
    dense::{self, UNITS},
};
use crate::{
    graph::Id,
    nn::{
        field::{About, Field, Kind, Value, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static RBM: Layer = Layer {
    about: About {
        id: "rbm",
        label: "Restricted Boltzmann machine",
        help: words!("Hidden units, each on by chance, that could draw the input they were taught with."),
        fields: &[
            UNITS,
            Field::new(
                "cd-steps",
                "Steps",
                "How long each dream is.",
                Kind::Count { min: 1, max: 100 },
                Value::Count(1),
            ),
        ],
    },
    group: Group::Weights,
    joins: false,
    work: Work::new(shape, parameters, build),
};

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    dense::shape(values, inputs)
}

fn parameters(values: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    let (fan_in, units) = (*inputs[0].last().expect("an axis"), values.count("units"));
    vec![
        Parameter::trained("kernel", [fan_in, units], Init::kernel(fan_in, units, false)),
        Parameter::trained("bias", [units], Init::Full(0.0)),
        Parameter::trained("visible-bias", [fan_in], Init::Full(0.0)),
    ]
}

fn build(b: &mut Build, _: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let sums = dense::product(b, inputs[0], parameters[0]);
    let sums = b.graph.add(sums, parameters[1]);
    b.graph.sigmoid(sums)
}
