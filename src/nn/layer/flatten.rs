//! Flatten: all numbers of a sample in one row. [n, …] → [n, count].

use super::{Build, Group, Layer, Trouble, Work, none};
use crate::{
    graph::Id,
    nn::field::{About, Values},
    tensor::Shape,
};

pub static FLATTEN: Layer = Layer {
    about: About {
        id: "flatten",
        label: "Flatten",
        help: words!("Lays all numbers out in one row, so that a dense layer sees them all."),
        fields: &[],
    },
    group: Group::Shapes,
    joins: false,
    work: Work::new(shape, none, build),
};

fn shape(_: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    Ok([inputs[0].count()].into())
}

fn build(b: &mut Build, _: &Values, inputs: &[Id], _: &[Id]) -> Id {
    let sizes = b.sizes(inputs[0]);
    b.graph.reshape(inputs[0], [sizes[0], sizes[1..].iter().product()])
}
