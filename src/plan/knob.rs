//! Numbers that the host works out once a step: rates, corrections, schedules; they cost no kernel.

use super::Knob;
use crate::graph::Graph;
use crate::graph::op::Op;

/// All knobs of a graph, and for each node its knob if it is one.
#[inline(never)]
pub fn knobs(graph: &Graph) -> (Vec<Knob>, Vec<Option<usize>>) {
    let mut knobs = Vec::new();
    let mut of: Vec<Option<usize>> = vec![None; graph.nodes.len()];
    for (index, node) in graph.nodes.iter().enumerate() {
        if node.shape.count() != 1 {
            continue;
        }
        let inputs: Option<Vec<usize>> = node
            .inputs
            .iter()
            .map(|input| match graph.node(*input).op {
                Op::Scalar(value) if of[input.index()].is_none() => {
                    knobs.push(Knob::Scalar(value));
                    Some(knobs.len() - 1)
                }
                _ => of[input.index()],
            })
            .collect();
        let knob = match (&node.op, inputs) {
            (Op::Knob(name), _) => Knob::Named(name.clone()),
            (Op::Map(function), Some(inputs)) => Knob::Apply(*function, inputs),
            (Op::Reshape | Op::Broadcast, Some(inputs)) if !matches!(knobs[inputs[0]], Knob::Scalar(_)) => {
                of[index] = Some(inputs[0]);
                continue;
            }
            _ => continue,
        };
        of[index] = Some(knobs.len());
        knobs.push(knob);
    }
    (knobs, of)
}
