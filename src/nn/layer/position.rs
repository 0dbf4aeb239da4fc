//! Position: adds a learnt vector for each place in a sequence. x: [n, time, units], time ≤ length.

use super::{Build, Group, Layer, Parameter, Remedy, Trouble, Work, embedding::START, sequence};
use crate::{
    graph::Id,
    nn::field::{About, Field, Kind, Value, Values},
    tensor::Shape,
};

pub static POSITION: Layer = Layer {
    about: About {
        id: "position",
        label: "Position",
        help: words!("Adds a learnt vector for each place in the sequence."),
        fields: &[Field::needed("length", "Length", "The longest sequence.", LENGTH, Value::Count(64))],
    },
    group: Group::Sequences,
    joins: false,
    work: Work::new(shape, parameters, build),
};

const LENGTH: Kind = Kind::Count { min: 1, max: 65_536 };

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let [time, _] = sequence("Position", &inputs[0])?;
    let length = values.count("length");
    if time <= length {
        return Ok(inputs[0].clone());
    }
    let trouble = Trouble::new(format!("The sequence has {time} places, but there are vectors for {length} alone."));
    Err(trouble.at("length").mend(|| {
        let wanted = Value::Count(time as i64);
        LENGTH.allows(&wanted).then(|| Remedy::Set("length", wanted))
    }))
}

fn parameters(values: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    vec![Parameter::trained("embeddings", [values.count("length"), inputs[0][1]], START)]
}

fn build(b: &mut Build, _: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let [_, time, units] = b.sizes(inputs[0])[..] else { unreachable!("a batch of sequences") };
    let vectors = b.graph.slice(parameters[0], &[0, 0], &[time, units], &[1, 1]);
    b.graph.add(inputs[0], vectors)
}
