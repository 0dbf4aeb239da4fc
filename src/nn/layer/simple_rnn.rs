//! The simplest recurrent layer: h ← tanh(x·kernel + h·recurrent-kernel + bias), h = 0 at the start.

use super::{Build, Group, Layer, Parameter, Trouble, Work, recurrent};
use crate::{
    graph::Id,
    nn::{
        field::{About, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static SIMPLE_RNN: Layer = Layer {
    about: About {
        id: "simple-rnn",
        label: "Recurrent",
        help: words!("Reads step by step, with a memory of one state."),
        fields: recurrent::FIELDS,
    },
    group: Group::Sequences,
    joins: false,
    work: Work { held: |values, inputs| recurrent::held(values, &inputs[0], 1), ..Work::new(shape, parameters, build) },
};

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    recurrent::shape("Recurrent", values, &inputs[0])
}

fn parameters(values: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    recurrent::parameters(values, &inputs[0], 1, [values.count("units")], Init::Full(0.0))
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let [kernel, recurrent_kernel, bias] = parameters[..] else { unreachable!("three parameters") };
    let projected = recurrent::project(b, inputs[0], kernel, bias);
    recurrent::unroll(b, values, projected, |g, now, state| {
        let sum = match state {
            Some([h]) => {
                let before = g.matmul(h, recurrent_kernel);
                g.add(now, before)
            }
            None => now,
        };
        [g.tanh(sum)]
    })
}
