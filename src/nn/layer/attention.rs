//! Self-attention: every place asks all others and mixes their answers. x: [n, time, d] → the same.
//!
//! With q, k, v = x·W + b each, cut into heads that are consecutive slices of the last axis: softmax(q·kᵀ / √(d / heads))·v,
//! the heads side by side again, ·output + output-bias. Causal: a place sees itself and what came before.
//! Vaswani et al., "Attention Is All You Need", 2017, section 3.2.

use super::{Build, Group, Layer, Parameter, Remedy, Trouble, Work, sequence};
use crate::{
    graph::Id,
    nn::{
        field::{About, Field, Kind, Value, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static ATTENTION: Layer = Layer {
    about: About {
        id: "attention",
        label: "Attention",
        help: words!("Every place asks all others and mixes their answers."),
        fields: &[
            Field::new(
                "heads",
                "Heads",
                "How many questions at once.",
                Kind::Count { min: 1, max: 64 },
                Value::Count(1),
            ),
            Field::new(
                "causal",
                "Causal",
                "Whether a place sees only what came before.",
                Kind::Flag,
                Value::Flag(false),
            ),
        ],
    },
    group: Group::Sequences,
    joins: false,
    work: Work { held, ..Work::new(shape, parameters, build) },
};

/// The score of a place that must not be seen: low enough that its share is 0, and finite.
const UNSEEN: f32 = -1e30;

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let [_, width] = sequence("Attention", &inputs[0])?;
    let heads = values.count("heads");
    if width.is_multiple_of(heads) {
        return Ok(inputs[0].clone());
    }
    let message =
        format!("{heads} heads cannot share {width} numbers evenly; {width} must be a multiple of the heads.");
    Err(Trouble::new(message).at("heads").mend(|| {
        let most = (1..heads).rev().find(|heads| width.is_multiple_of(*heads));
        most.map(|most| Remedy::Set("heads", Value::Count(most as i64)))
    }))
}

fn parameters(_: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    let d = inputs[0][1];
    let matrix = |name| Parameter::trained(name, [d, d], Init::kernel(d, d, false));
    let bias = |name| Parameter::trained(name, [d], Init::Full(0.0));
    ["query", "key", "value", "output"]
        .map(matrix)
        .into_iter()
        .chain(["query-bias", "key-bias", "value-bias", "output-bias"].map(bias))
        .collect()
}

/// Scores and shares of every head, and their gradients; queries, keys, values and what is mixed.
fn held(values: &Values, inputs: &[Shape]) -> usize {
    let [time, d] = inputs[0][..] else { unreachable!("a sequence") };
    let scores = time.saturating_mul(time).saturating_mul(values.count("heads"));
    scores.saturating_mul(4).saturating_add(time.saturating_mul(d).saturating_mul(8))
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let [query, key, value, output, query_bias, key_bias, value_bias, output_bias] = parameters[..] else {
        unreachable!("four matrices and their biases")
    };
    let [batch, time, d] = b.sizes(inputs[0])[..] else { unreachable!("a batch of sequences") };
    let heads = values.count("heads");
    let g = &mut *b.graph;
    let rows = g.reshape(inputs[0], [batch * time, d]);
    let scale = 1.0 / ((d / heads) as f32).sqrt();
    // [batch, heads, time, d / heads]
    let [q, k, v] =
        [(query, query_bias, scale), (key, key_bias, 1.0), (value, value_bias, 1.0)].map(|(w, bias, scale)| {
            let x = g.matmul(rows, w);
            let x = g.add(x, bias);
            let x = if scale == 1.0 { x } else { g.scale(x, scale) };
            let x = g.reshape(x, [batch, time, heads, d / heads]);
            g.permute(x, &[0, 2, 1, 3])
        });
    let mut scores = g.matmul_with(q, k, false, true);
    if values.flag("causal") {
        let (asks, answers) = (g.iota([time, time], 0), g.iota([time, time], 1));
        let seen = g.less_equal(answers, asks);
        let unseen = g.scalar(UNSEEN);
        scores = g.select(seen, scores, unseen);
    }
    let shares = g.softmax(scores, 3);
    let mixed = g.matmul(shares, v);
    let mixed = g.permute(mixed, &[0, 2, 1, 3]);
    let mixed = g.reshape(mixed, [batch * time, d]);
    let y = g.matmul(mixed, output);
    let y = g.add(y, output_bias);
    g.reshape(y, [batch, time, d])
}
