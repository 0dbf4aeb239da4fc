//! An activation function as a layer of its own.

use super::{Group, Layer, Work, none, same};
use crate::nn::{
    activation::WORDS,
    field::{About, Field, Kind, Value},
};

pub static ACTIVATION: Layer = Layer {
    about: About {
        id: "activation",
        label: "Activation",
        help: "Puts every number through a function.",
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
    work: Some(Work { shape: same, parameters: none }),
};
