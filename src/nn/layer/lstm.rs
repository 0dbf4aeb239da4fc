//! Long short-term memory: gates decide what a cell takes in, keeps and shows.
//!
//! With a = x·kernel + h·recurrent-kernel + bias in four blocks i, f, g, o: c ← σ(f)·c + σ(i)·tanh(g), h ← σ(o)·tanh(c);
//! both start at 0. Hochreiter and Schmidhuber, 1997; the forget gate by Gers, Schmidhuber and Cummins, 2000.

use super::{Build, Group, Layer, Parameter, Trouble, Work, recurrent};
use crate::{
    graph::Id,
    nn::{
        field::{About, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static LSTM: Layer = Layer {
    about: About {
        id: "lstm",
        label: "LSTM",
        help: words!("Reads step by step; gates decide what is kept and what is forgotten."),
        fields: recurrent::FIELDS,
    },
    group: Group::Sequences,
    joins: false,
    work: Work { held: |values, inputs| recurrent::held(values, &inputs[0], 4), ..Work::new(shape, parameters, build) },
};

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    recurrent::shape("LSTM", values, &inputs[0])
}

fn parameters(values: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    recurrent::parameters(values, &inputs[0], 4, [4 * values.count("units")], Init::ForgetGate)
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let [kernel, recurrent_kernel, bias] = parameters[..] else { unreachable!("three parameters") };
    let units = values.count("units");
    let projected = recurrent::project(b, inputs[0], kernel, bias);
    recurrent::unroll(b, values, projected, |g, now, state| {
        let sum = match state {
            Some([h, _]) => {
                let before = g.matmul(h, recurrent_kernel);
                g.add(now, before)
            }
            None => now,
        };
        let [take, keep, new, show] = [0, 1, 2, 3].map(|i| recurrent::gate(g, sum, i, units));
        let (take, new) = (g.sigmoid(take), g.tanh(new));
        let taken = g.mul(take, new);
        let cell = match state {
            Some([_, cell]) => {
                let keep = g.sigmoid(keep);
                let kept = g.mul(keep, cell);
                g.add(kept, taken)
            }
            None => taken,
        };
        let (show, seen) = (g.sigmoid(show), g.tanh(cell));
        [g.mul(show, seen), cell]
    })
}
