//! Batch normalisation: each channel gets mean 0 and variance 1 over the batch, then a scale and a shift of its own.
//!
//! y = gamma·(x − mean) / √(variance + epsilon) + beta over all axes but the last. Training uses the batch's mean and
//! biased variance, and moves: moving ← momentum·moving + (1 − momentum)·batch. In use the moving values stand in.
//! Ioffe and Szegedy, "Batch Normalization", 2015.

use super::{Build, Group, Layer, Parameter, Work, same};
use crate::{
    graph::Id,
    nn::{
        field::{About, Field, Kind, Value, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static BATCH_NORM: Layer = Layer {
    about: About {
        id: "batch-norm",
        label: "Batch normalisation",
        help: words!("Brings each channel to mean 0 and variance 1 over the batch; deep networks learn faster."),
        fields: &[
            Field::new(
                "momentum",
                "Momentum",
                "How much of the moving mean and variance stays at each step.",
                Kind::Number { min: 0.0, max: 1.0, log: false },
                Value::Number(0.9),
            ),
            EPSILON,
        ],
    },
    group: Group::Regularisers,
    joins: false,
    work: Work::new(same, parameters, build),
};

/// The field `epsilon` of a normalisation.
pub const EPSILON: Field = Field::new(
    "epsilon",
    "Epsilon",
    "A small number under the root, against dividing by 0.",
    Kind::Number { min: 1e-12, max: 1.0, log: true },
    Value::Number(1e-5),
);

fn parameters(_: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    let channels = *inputs[0].last().expect("an axis");
    vec![
        Parameter::trained("gamma", [channels], Init::Full(1.0)),
        Parameter::trained("beta", [channels], Init::Full(0.0)),
        Parameter::moving("moving-mean", [channels], 0.0),
        Parameter::moving("moving-variance", [channels], 1.0),
    ]
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let [gamma, beta, moving_mean, moving_variance] = parameters[..] else { unreachable!("four parameters") };
    let (x, epsilon) = (inputs[0], values.number("epsilon") as f32);
    if !b.training {
        let centred = b.graph.sub(x, moving_mean);
        return scale(b, centred, moving_variance, epsilon, gamma, beta);
    }
    let axes: Vec<usize> = (0..b.sizes(x).len() - 1).collect();
    // Mean and variance in one pass: sums of x − s and (x − s)². With s among the numbers of the channel, the variance is
    // no small difference of large ones.
    let sizes = b.sizes(x);
    let (first, mut one) = (vec![0; sizes.len()], vec![1; sizes.len()]);
    one[axes.len()] = sizes[axes.len()];
    let some = b.graph.slice(x, &first, &one, &vec![1; sizes.len()]);
    let some = b.graph.stop(some);
    let near = b.graph.sub(x, some);
    let square = b.graph.square(near);
    let (above, square) = (b.graph.mean(near, &axes), b.graph.mean(square, &axes));
    let centred = b.graph.sub(near, above);
    let mean = b.graph.add(above, some);
    let above = b.graph.square(above);
    let variance = b.graph.sub(square, above);
    let variance = b.graph.relu(variance);
    for (place, moving, batch) in [(2, moving_mean, mean), (3, moving_variance, variance)] {
        let momentum = values.number("momentum");
        let channels = b.sizes(moving);
        let batch = b.graph.reshape(batch, channels);
        let batch = b.graph.scale(batch, (1.0 - momentum) as f32);
        let old = b.graph.scale(moving, momentum as f32);
        let new = b.graph.add(old, batch);
        b.moved.push((place, new));
    }
    scale(b, centred, variance, epsilon, gamma, beta)
}

/// gamma·centred / √(variance + epsilon) + beta.
pub fn scale(b: &mut Build, centred: Id, variance: Id, epsilon: f32, gamma: Id, beta: Id) -> Id {
    let above = b.graph.shift(variance, epsilon);
    let deviation = b.graph.sqrt(above);
    let factor = b.graph.div(gamma, deviation);
    let y = b.graph.mul(centred, factor);
    b.graph.add(y, beta)
}
