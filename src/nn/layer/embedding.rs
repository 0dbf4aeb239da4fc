//! Embedding: a learnt vector for each word of a vocabulary. Indices […] → […, units].

use super::{Build, Group, Layer, Parameter, Trouble, Work, dense::UNITS};
use crate::{
    graph::Id,
    nn::{
        field::{About, Field, Kind, Value, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static EMBEDDING: Layer = Layer {
    about: About {
        id: "embedding",
        label: "Embedding",
        help: words!("A learnt vector for each word of a vocabulary."),
        fields: &[
            Field::needed(
                "vocabulary",
                "Vocabulary",
                "How many different words there are.",
                Kind::Count { min: 1, max: 65_536 },
                Value::Count(64),
            ),
            UNITS,
        ],
    },
    group: Group::Sequences,
    joins: false,
    work: Work::new(shape, parameters, build),
};

/// The spread of learnt vectors at their start.
pub const START: Init = Init::Normal { deviation: 0.05 };

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    Ok([&inputs[0][..], &[values.count("units")]].concat().into())
}

fn parameters(values: &Values, _: &[Shape]) -> Vec<Parameter> {
    vec![Parameter::trained("embeddings", [values.count("vocabulary"), values.count("units")], START)]
}

fn build(b: &mut Build, _: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    b.graph.gather(parameters[0], inputs[0])
}
