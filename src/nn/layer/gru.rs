//! Gated recurrent unit: one gate mixes old and new, another decides how much of the old the new may see.
//!
//! With a = x·kernel + bias₀ and b = h·recurrent-kernel + bias₁ in three blocks z, r, h: z = σ(a + b), r = σ(a + b),
//! candidate = tanh(a + r·b), h ← z·h + (1 − z)·candidate; h starts at 0. Cho et al., 2014; the reset gate after the
//! product.

use super::{Build, Group, Layer, Parameter, Trouble, Work, recurrent};
use crate::{
    graph::Id,
    nn::{
        field::{About, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static GRU: Layer = Layer {
    about: About {
        id: "gru",
        label: "GRU",
        help: words!("Reads step by step, with two gates."),
        fields: recurrent::FIELDS,
    },
    group: Group::Sequences,
    joins: false,
    work: Work { held: |values, inputs| recurrent::held(values, &inputs[0], 6), ..Work::new(shape, parameters, build) },
};

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    recurrent::shape("GRU", values, &inputs[0])
}

/// `bias`: [2, 3·units], the row for the input and the row for the state.
fn parameters(values: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    recurrent::parameters(values, &inputs[0], 3, [2, 3 * values.count("units")], Init::Full(0.0))
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let [kernel, recurrent_kernel, bias] = parameters[..] else { unreachable!("three parameters") };
    let (units, batch) = (values.count("units"), b.sizes(inputs[0])[0]);
    let [bias, own_bias] = [0, 1].map(|row| {
        let row = b.graph.slice(bias, &[row, 0], &[1, 3 * units], &[1, 1]);
        b.graph.reshape(row, [3 * units])
    });
    let projected = recurrent::project(b, inputs[0], kernel, bias);
    recurrent::unroll(b, values, projected, |g, now, state| {
        let before = match state {
            Some([h]) => {
                let product = g.matmul(h, recurrent_kernel);
                g.add(product, own_bias)
            }
            None => g.broadcast(own_bias, [batch, 3 * units]),
        };
        let [a_mix, a_reset, a_new] = [0, 1, 2].map(|i| recurrent::gate(g, now, i, units));
        let [b_mix, b_reset, b_new] = [0, 1, 2].map(|i| recurrent::gate(g, before, i, units));
        let mix = g.add(a_mix, b_mix);
        let mix = g.sigmoid(mix);
        let reset = g.add(a_reset, b_reset);
        let reset = g.sigmoid(reset);
        let seen = g.mul(reset, b_new);
        let new = g.add(a_new, seen);
        let new = g.tanh(new);
        let fresh = g.one_minus(mix);
        let fresh = g.mul(fresh, new);
        match state {
            Some([h]) => {
                let kept = g.mul(mix, h);
                [g.add(kept, fresh)]
            }
            None => [fresh],
        }
    })
}
