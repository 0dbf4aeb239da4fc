//! Reshape: the same numbers in the same order, read as another shape.

use std::borrow::Cow;

use super::{Build, Group, Layer, Remedy, Trouble, Work, none};
use crate::{
    graph::Id,
    nn::field::{About, Field, Kind, Value, Values},
    tensor::Shape,
};

pub static RESHAPE: Layer = Layer {
    about: About {
        id: "reshape",
        label: "Reshape",
        help: words!("Reads the same numbers as another shape."),
        fields: &[Field::needed(
            "shape",
            "Shape",
            "The new sizes, without the batch.",
            Kind::Shape,
            Value::Shape(Cow::Borrowed(&[8, 8, 1])),
        )],
    },
    group: Group::Shapes,
    joins: false,
    work: Work::new(shape, none, build),
};

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let sizes = values.shape("shape");
    let count = sizes.iter().fold(1_usize, |product, size| product.saturating_mul(*size));
    if count == inputs[0].count() {
        return Ok(sizes.into());
    }
    let (came, wanted) = (inputs[0].count(), Shape::from(sizes));
    let message = format!("{wanted} has room for {count} numbers, but {} brings {came}.", inputs[0]);
    Err(Trouble::new(message).at("shape").mend(|| Remedy::Set("shape", Value::Shape(inputs[0].to_vec().into()))))
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], _: &[Id]) -> Id {
    let batch = b.sizes(inputs[0])[0];
    b.graph.reshape(inputs[0], [&[batch], values.shape("shape")].concat())
}
