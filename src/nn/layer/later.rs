//! Layers that documents may name and this version does not compute yet: their fields are read and kept.

use super::{
    Group, Layer,
    conv2d::{FILTERS, KERNEL, STRIDES},
    dense::BIAS,
    window,
};
use crate::nn::{
    activation,
    field::{About, Field, Kind, Value},
};

const STRIDE: Field =
    Field::new("stride", "Stride", "How far the filter moves each time.", STRIDES, Value::Size([1, 1]));
const UNITS: Field = Field::needed(
    "units",
    "Units",
    "How many numbers come out.",
    Kind::Count { min: 1, max: 65_536 },
    Value::Count(32),
);
const WHOLE: Kind = Kind::Count { min: 1, max: 65_536 };

macro_rules! later {
    ($name:ident, $id:literal, $label:literal, $group:ident, $help:literal, $fields:expr) => {
        pub static $name: Layer = Layer {
            about: About { id: $id, label: $label, help: $help, fields: $fields },
            group: Group::$group,
            joins: false,
            work: None,
        };
    };
}

later!(
    CONV2D_TRANSPOSE,
    "conv2d-transpose",
    "Transposed convolution",
    Pictures,
    "Draws with its filters: every number stamps a pattern into a larger picture.",
    &[
        FILTERS,
        KERNEL,
        Field::new("stride", "Stride", "How many times larger the picture becomes.", STRIDES, Value::Size([2, 2])),
        window::SAME,
        activation::FIELD,
        BIAS,
    ]
);
later!(
    DEPTHWISE_CONV2D,
    "depthwise-conv2d",
    "Depthwise convolution",
    Pictures,
    "Filters that look at one channel each.",
    &[
        KERNEL,
        STRIDE,
        window::SAME,
        Field::new(
            "multiplier",
            "Multiplier",
            "Filters for each channel.",
            Kind::Count { min: 1, max: 64 },
            Value::Count(1)
        ),
        activation::FIELD,
        BIAS,
    ]
);
later!(
    EMBEDDING,
    "embedding",
    "Embedding",
    Sequences,
    "A learnt vector for each word of a vocabulary.",
    &[Field::needed("vocabulary", "Vocabulary", "How many different words.", WHOLE, Value::Count(64)), UNITS]
);
later!(
    POSITION,
    "position",
    "Position",
    Sequences,
    "Adds a learnt vector for each place in the sequence.",
    &[Field::needed("length", "Length", "The longest sequence.", WHOLE, Value::Count(64))]
);

const RECURRENT: &[Field] = &[
    UNITS,
    Field::new(
        "return-sequences",
        "Every step",
        "Whether the state after each step comes out, or the last alone.",
        Kind::Flag,
        Value::Flag(false),
    ),
];

later!(SIMPLE_RNN, "simple-rnn", "Recurrent", Sequences, "Reads step by step, with a memory of one state.", RECURRENT);
later!(
    LSTM,
    "lstm",
    "LSTM",
    Sequences,
    "Reads step by step; gates decide what is kept and what is forgotten.",
    RECURRENT
);
later!(GRU, "gru", "GRU", Sequences, "Reads step by step, with two gates.", RECURRENT);
later!(
    ATTENTION,
    "attention",
    "Attention",
    Sequences,
    "Every place asks all others and mixes their answers.",
    &[
        Field::new("heads", "Heads", "How many questions at once.", Kind::Count { min: 1, max: 64 }, Value::Count(1)),
        Field::new("causal", "Causal", "Whether a place sees only what came before.", Kind::Flag, Value::Flag(false)),
    ]
);
later!(
    RBM,
    "rbm",
    "Restricted Boltzmann machine",
    Weights,
    "Learns to draw its own input, before any class is named.",
    &[
        UNITS,
        Field::new("cd-steps", "Steps", "How long each dream is.", Kind::Count { min: 1, max: 100 }, Value::Count(1)),
    ]
);
