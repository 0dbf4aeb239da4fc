//! Dropout: while training, each number is lost with some chance, and the rest is scaled up to make good for it.
//!
//! Training: y = x·[u ≥ rate] / (1 − rate), u uniform. In use: y = x.

use super::{Build, Group, Layer, Work, none, same};
use crate::{
    graph::Id,
    nn::field::{About, Field, Kind, Value, Values},
};

pub static DROPOUT: Layer = Layer {
    about: About {
        id: "dropout",
        label: "Dropout",
        help: words!("Loses numbers at random while training, so that no unit leans on one other."),
        fields: &[Field::new(
            "rate",
            "Rate",
            "The share that is lost.",
            Kind::Number { min: 0.0, max: 0.99, log: false },
            Value::Number(0.5),
        )],
    },
    group: Group::Regularisers,
    joins: false,
    work: Work::new(same, none, build),
};

fn build(b: &mut Build, values: &Values, inputs: &[Id], _: &[Id]) -> Id {
    let rate = values.number("rate");
    if !b.training || rate == 0.0 {
        return inputs[0];
    }
    let sizes = b.sizes(inputs[0]);
    let draw = b.graph.uniform(b.purpose, sizes);
    let limit = b.graph.scalar(rate as f32);
    let kept = b.graph.less_equal(limit, draw);
    let mask = b.graph.scale(kept, (1.0 / (1.0 - rate)) as f32);
    b.graph.mul(inputs[0], mask)
}
