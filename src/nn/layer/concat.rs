//! Concatenate: branches laid end to end along one axis.

use super::{Build, Group, Layer, Remedy, Trouble, Work, none};
use crate::{
    graph::Id,
    nn::field::{About, Field, Kind, Value, Values},
    tensor::Shape,
};

pub static CONCAT: Layer = Layer {
    about: About {
        id: "concat",
        label: "Concatenate",
        help: words!("Lays branches end to end along one axis."),
        fields: &[Field::new(
            "axis",
            "Axis",
            "Along which axis; the batch is axis 0, and −1 is the last.",
            Kind::Count { min: -4, max: 4 },
            Value::Count(-1),
        )],
    },
    group: Group::Joins,
    joins: true,
    work: Work::new(shape, none, build),
};

/// Which axis of a sample is meant; `None` for the batch or one that is not there.
pub fn axis(values: &Values, rank: usize) -> Option<usize> {
    let axis = values.whole("axis");
    let from_end = if axis < 0 { rank as i64 + axis } else { axis - 1 };
    usize::try_from(from_end).ok().filter(|axis| *axis < rank)
}

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let rank = inputs[0].len();
    let Some(axis) = axis(values, rank) else {
        let message = match values.whole("axis") {
            0 => "Axis 0 is the batch; samples cannot be laid end to end.".to_string(),
            axis => format!("There is no axis {axis} in {}: give 1 to {rank}, or −1 for the last.", inputs[0]),
        };
        return Err(Trouble::new(message).at("axis").mend(|| Remedy::Set("axis", Value::Count(-1))));
    };
    let mut total = 0;
    for (place, input) in inputs.iter().enumerate() {
        let meets = input.len() == rank && (0..rank).all(|i| i == axis || input[i] == inputs[0][i]);
        if !meets {
            let message = format!(
                "The branches must agree in all axes but axis {}, but one is {} and another {input}.",
                axis + 1,
                inputs[0]
            );
            return Err(Trouble::new(message).mend(|| {
                let flat = if rank == 1 { place } else { 0 };
                let mixed = input.len() != rank && (rank == 1 || input.len() == 1);
                mixed.then(|| Remedy::Before { input: flat, layer: "flatten", values: vec![] })
            }));
        }
        total += input[axis];
    }
    let mut shape = inputs[0].clone();
    shape[axis] = total;
    Ok(shape)
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], _: &[Id]) -> Id {
    let rank = b.sizes(inputs[0]).len() - 1;
    let axis = axis(values, rank).expect("an axis of a sample");
    b.graph.concat(inputs, axis + 1)
}
