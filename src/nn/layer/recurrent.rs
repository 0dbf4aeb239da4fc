//! What the layers that read step by step share: fields, shapes, the products of all steps at once, and the results.
//!
//! x: [n, time, in] → [n, time, units], or [n, units] where the last state alone is asked for. Inside, time stands in front,
//! so that a step's numbers lie together and the states of all steps are one array as they are. The time loop is unrolled:
//! a step is one product with the recurrent kernel and the gates.

use super::{Build, Parameter, Remedy, Trouble, sequence};
use crate::{
    graph::{Graph, Id},
    nn::{
        field::{Field, Kind, Value, Values},
        init::Init,
    },
    tensor::Shape,
};

/// The longest sequence that is unrolled.
pub const LONGEST: usize = 512;

pub const FIELDS: &[Field] = &[
    // an orthogonal start takes the cube of it
    Field::needed(
        "units",
        "Units",
        "How many numbers the memory holds.",
        Kind::Count { min: 1, max: 1024 },
        Value::Count(32),
    ),
    Field::new(
        "return-sequences",
        "Every step",
        "Whether the state after each step comes out, or the last alone.",
        Kind::Flag,
        Value::Flag(false),
    ),
];

/// The shape of the result.
pub fn shape(label: &str, values: &Values, input: &Shape) -> Result<Shape, Trouble> {
    let [time, width] = sequence(label, input)?;
    if time > LONGEST {
        let message = format!("{label} reads {LONGEST} steps at most, but gets {time}.");
        return Err(Trouble::new(message).mend(|| {
            // as many numbers in fewer, wider steps, where that comes out even
            let steps = (2..=LONGEST).rev().find(|steps| time.is_multiple_of(*steps));
            steps.map(|steps| Remedy::reshape(vec![steps, time / steps * width]))
        }));
    }
    let units = values.count("units");
    Ok(if values.flag("return-sequences") { [time, units].into() } else { [units].into() })
}

/// `kernel` [in, gates·units], `recurrent-kernel` [units, gates·units] and `bias`.
pub fn parameters(values: &Values, input: &Shape, gates: usize, bias: impl Into<Shape>, start: Init) -> Vec<Parameter> {
    let (width, units) = (input[1], values.count("units"));
    vec![
        Parameter::trained("kernel", [width, gates * units], Init::kernel(width, gates * units, false)),
        Parameter::trained("recurrent-kernel", [units, gates * units], Init::Orthogonal),
        Parameter::trained("bias", bias, start),
    ]
}

/// How many numbers a layer keeps that has `gates` numbers for each unit and step on the way, and as many gradients.
pub fn held(values: &Values, input: &Shape, gates: usize) -> usize {
    input[0].saturating_mul(values.count("units")).saturating_mul(4 * gates)
}

/// x·kernel + bias for all steps in one product, time in front: [n, time, in] → [time, n, width].
pub fn project(b: &mut Build, x: Id, kernel: Id, bias: Id) -> Id {
    let rows = b.graph.permute(x, &[1, 0, 2]);
    b.graph.each_row(rows, |g, rows| {
        let sums = g.matmul(rows, kernel);
        g.add(sums, bias)
    })
}

/// Runs `step` from the first time to the last: (graph, the projected numbers of this time [n, width], the state before, or
/// `None` where it is 0) → the state after, whose first array [n, units] is the layer's result.
pub fn unroll<const N: usize>(
    b: &mut Build,
    values: &Values,
    projected: Id,
    mut step: impl FnMut(&mut Graph, Id, Option<[Id; N]>) -> [Id; N],
) -> Id {
    let [time, batch, width] = b.sizes(projected)[..] else { unreachable!("steps of a batch") };
    let units = values.count("units");
    let (mut state, mut results) = (None, Vec::with_capacity(time));
    for t in 0..time {
        let now = b.graph.slice(projected, &[t, 0, 0], &[1, batch, width], &[1, 1, 1]);
        let now = b.graph.reshape(now, [batch, width]);
        let after = step(b.graph, now, state);
        results.push(after[0]);
        state = Some(after);
    }
    if !values.flag("return-sequences") {
        return *results.last().expect("a step");
    }
    let rows: Vec<Id> = results.iter().map(|y| b.graph.reshape(*y, [1, batch, units])).collect();
    let all = b.graph.concat(&rows, 0);
    b.graph.permute(all, &[1, 0, 2])
}

/// The i-th of the blocks of `units` columns: [n, gates·units] → [n, units].
pub fn gate(g: &mut Graph, x: Id, i: usize, units: usize) -> Id {
    let batch = g.shape(x)[0];
    g.slice(x, &[0, i * units], &[batch, units], &[1, 1])
}
