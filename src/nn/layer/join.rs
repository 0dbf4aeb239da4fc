//! Add and multiply: branches of equal shape, joined number by number.

use super::{Build, Group, Layer, Remedy, Trouble, Work, none};
use crate::{
    graph::Id,
    nn::field::{About, Value, Values},
    tensor::Shape,
};

pub static ADD: Layer = Layer {
    about: About {
        id: "add",
        label: "Add",
        help: words!("Sums branches: a residual network adds what came in to what came out."),
        fields: &[],
    },
    group: Group::Joins,
    joins: true,
    work: Work::new(shape, none, sum),
};

pub static MULTIPLY: Layer = Layer {
    about: About {
        id: "multiply",
        label: "Multiply",
        help: words!("Multiplies branches: one can be a gate for the other."),
        fields: &[],
    },
    group: Group::Joins,
    joins: true,
    work: Work::new(shape, none, product),
};

fn shape(_: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    match inputs.iter().position(|input| *input != inputs[0]) {
        None => Ok(inputs[0].clone()),
        Some(other) => {
            let (a, b) = (&inputs[0], &inputs[other]);
            let trouble = Trouble::new(format!("The branches must have equal shapes, but one is {a} and another {b}."));
            Err(trouble.mend(|| {
                let way = bridge(a, b).map(|way| (0, way)).or_else(|| bridge(b, a).map(|way| (other, way)));
                way.map(|(input, (layer, values))| Remedy::Before { input, layer, values })
            }))
        }
    }
}

/// The layer that leads from one shape to another: a convolution of 1 × 1 with strides, or a dense layer.
fn bridge(from: &Shape, to: &Shape) -> Option<(&'static str, Vec<(&'static str, Value)>)> {
    match (&from[..], &to[..]) {
        ([h, w, _], [to_h, to_w, filters]) => {
            let stride = [h.div_ceil(*to_h), w.div_ceil(*to_w)];
            let meets = h.div_ceil(stride[0]) == *to_h && w.div_ceil(stride[1]) == *to_w;
            let filters = Value::Count(*filters as i64);
            let one = Value::Size([1, 1]);
            meets.then(|| ("conv2d", vec![("filters", filters), ("kernel", one), ("stride", Value::Size(stride))]))
        }
        ([.., _], [.., units]) if from.len() == to.len() && from[..from.len() - 1] == to[..to.len() - 1] => {
            Some(("dense", vec![("units", Value::Count(*units as i64))]))
        }
        _ => None,
    }
}

fn sum(b: &mut Build, _: &Values, inputs: &[Id], _: &[Id]) -> Id {
    inputs[1..].iter().fold(inputs[0], |sum, x| b.graph.add(sum, *x))
}

fn product(b: &mut Build, _: &Values, inputs: &[Id], _: &[Id]) -> Id {
    inputs[1..].iter().fold(inputs[0], |product, x| b.graph.mul(product, *x))
}
