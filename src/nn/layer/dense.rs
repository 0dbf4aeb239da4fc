//! Dense: every result is a weighted sum of every number of the last axis.
//!
//! y = x·kernel + bias, x: […, in] → y: […, units].

use super::{Build, Group, Layer, Parameter, Trouble, Work, finish};
use crate::{
    graph::Id,
    nn::{
        activation,
        field::{About, Field, Kind, Value, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static DENSE: Layer = Layer {
    about: About {
        id: "dense",
        label: "Dense",
        help: words!("Every unit weighs every number that comes in."),
        fields: &[UNITS, activation::FIELD, BIAS],
    },
    group: Group::Weights,
    joins: false,
    work: Work::new(shape, parameters, build),
};

pub const UNITS: Field = Field::needed(
    "units",
    "Units",
    "How many numbers come out.",
    Kind::Count { min: 1, max: 65_536 },
    Value::Count(32),
);
/// The field `bias` of a layer with weights.
pub const BIAS: Field =
    Field::new("bias", "Bias", "A number added to every result, learnt too.", Kind::Flag, Value::Flag(true));

pub fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let mut shape = inputs[0].clone();
    *shape.last_mut().expect("an axis") = values.count("units");
    Ok(shape)
}

fn parameters(values: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    let (fan_in, units) = (*inputs[0].last().expect("an axis"), values.count("units"));
    let rectifies = activation::find(values.choice("activation")).rectifies;
    let mut parameters = vec![Parameter::trained("kernel", [fan_in, units], Init::kernel(fan_in, units, rectifies))];
    if values.flag("bias") {
        parameters.push(Parameter::trained("bias", [units], Init::Full(0.0)));
    }
    parameters
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let y = product(b, inputs[0], parameters[0]);
    finish(b, values, y, parameters.get(1).copied())
}

/// x·kernel on the last axis.
pub fn product(b: &mut Build, x: Id, kernel: Id) -> Id {
    b.graph.each_row(x, |g, rows| g.matmul(rows, kernel))
}
