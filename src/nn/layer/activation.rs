//! An activation function as a layer of its own.

use super::{Build, Group, Layer, Work, none, same};
use crate::{
    graph::Id,
    nn::{
        activation::{WORDS, find},
        field::{About, Field, Kind, Value, Values},
    },
};

pub static ACTIVATION: Layer = Layer {
    about: About {
        id: "activation",
        label: "Activation",
        help: words!("Puts every number through a function."),
        fields: &[Field::needed(
            "function",
            "Function",
            "The function that every number goes through.",
            Kind::Choice(&WORDS),
            Value::Choice("relu"),
        )],
    },
    group: Group::Functions,
    joins: false,
    work: Work::new(same, none, build),
};

fn build(b: &mut Build, values: &Values, inputs: &[Id], _: &[Id]) -> Id {
    (find(values.choice("function")).apply)(b.graph, inputs[0])
}
