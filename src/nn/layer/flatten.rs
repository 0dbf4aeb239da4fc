//! Flatten: all numbers of a sample in one row. [n, …] → [n, count].

use super::{Group, Layer, Trouble, Work, none};
use crate::{
    nn::field::{About, Values},
    tensor::Shape,
};

pub static FLATTEN: Layer = Layer {
    about: About {
        id: "flatten",
        label: "Flatten",
        help: "Lays all numbers out in one row, so that a dense layer sees them all.",
        fields: &[],
    },
    group: Group::Shapes,
    joins: false,
    work: Some(Work { shape, parameters: none }),
};

fn shape(_: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    Ok([inputs[0].count()].into())
}
