//! The first stage: the same graph with less in it.
//!
//! Nodes that nothing depends on go, equal nodes become one, constants are worked out, movement that moves nothing is
//! left out, and what was put together before is not put together again. Runs after all gradients exist, so [`Op::Stop`]
//! and [`Op::CustomGradient`] have done their work and go too.

use crate::graph::op::{Fold, Op};
use crate::graph::{Graph, Id, Node};
use crate::tensor::Shape;
use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::Arc;

/// The simplified graph: every node is needed by an output or an update.
pub fn simplify(graph: &Graph) -> Graph {
    let live = live(graph);
    let mut made = Made::default();
    let mut renamed: Vec<Option<Id>> = vec![None; graph.nodes.len()];
    for (index, node) in graph.nodes.iter().enumerate() {
        if live[index] {
            let inputs = node.inputs.iter().map(|input| renamed[input.index()].expect("inputs stand before")).collect();
            renamed[index] = Some(made.add(node.op.clone(), inputs, node.shape.clone()));
        }
    }
    let name = |id: Id| renamed[id.index()].expect("roots are live");
    let mut result = made.graph;
    result.outputs = graph.outputs.iter().map(|(text, id)| (text.clone(), name(*id))).collect();
    result.updates = graph.updates.iter().map(|&(state, value)| (name(state), name(value))).collect();
    sweep(result)
}

/// Which nodes an output or an update depends on.
pub fn live(graph: &Graph) -> Vec<bool> {
    let mut live = vec![false; graph.nodes.len()];
    let roots = graph.outputs.iter().map(|(_, id)| *id).chain(graph.updates.iter().flat_map(|&(s, v)| [s, v]));
    roots.for_each(|id| live[id.index()] = true);
    for index in (0..graph.nodes.len()).rev() {
        if live[index] {
            graph.nodes[index].inputs.iter().for_each(|input| live[input.index()] = true);
        }
    }
    live
}

/// Drops what the rewriting left without use.
fn sweep(graph: Graph) -> Graph {
    let live = live(&graph);
    let mut renamed = vec![Id(0); graph.nodes.len()];
    let mut result = Graph::new();
    for (index, mut node) in graph.nodes.into_iter().enumerate() {
        if live[index] {
            node.inputs.iter_mut().for_each(|input| *input = renamed[input.index()]);
            renamed[index] = Id(result.nodes.len() as u32);
            result.nodes.push(node);
        }
    }
    let name = |id: Id| renamed[id.index()];
    result.outputs = graph.outputs.into_iter().map(|(text, id)| (text, name(id))).collect();
    result.updates = graph.updates.into_iter().map(|(state, value)| (name(state), name(value))).collect();
    result
}

/// The graph being made, and where each node stands that is already in it.
#[derive(Default)]
struct Made {
    graph: Graph,
    /// By the kind of operation, its inputs and the shape: few nodes share all three.
    seen: HashMap<(Discriminant<Op>, Vec<Id>, Shape), Vec<Id>>,
    /// By the numbers of a part: the arrays put together of parts that lie one after the other, and its place among them.
    joined: HashMap<Id, Vec<(Id, usize)>>,
}

impl Made {
    /// The node, or one that is known to be equal.
    fn add(&mut self, op: Op, inputs: Vec<Id>, shape: Shape) -> Id {
        if let Some(id) = self.shortcut(&op, &inputs, &shape) {
            return id;
        }
        let key = (discriminant(&op), inputs, shape);
        let mut known = self.seen.get(&key).into_iter().flatten();
        if let Some(&id) = known.find(|id| same(&self.graph.node(**id).op, &op)) {
            return id;
        }
        let id = Id(self.graph.nodes.len() as u32);
        if lie_together(&op, &key.2) {
            for (place, &part) in key.1.iter().enumerate() {
                let numbers = self.numbers(part);
                self.joined.entry(numbers).or_default().push((id, place));
            }
        }
        self.graph.nodes.push(Node { op, inputs: key.1.clone(), shape: key.2.clone() });
        self.seen.entry(key).or_default().push(id);
        id
    }

    /// The node whose numbers these are in another shape.
    fn numbers(&self, mut id: Id) -> Id {
        while self.graph.node(id).op == Op::Reshape {
            id = self.graph.node(id).inputs[0];
        }
        id
    }

    /// A stretch of a longer array that has the same parts in the same order.
    fn stretch(&mut self, parts: &[Id], shape: &Shape) -> Option<Id> {
        let first = self.numbers(parts[0]);
        let fits = |&&(whole, place): &&(Id, usize)| {
            let others = &self.graph.node(whole).inputs[place..];
            let same = |(part, other): (&Id, &Id)| self.numbers(*part) == self.numbers(*other);
            others.len() >= parts.len() && parts.iter().zip(others).all(same)
        };
        let (whole, place) = *self.joined.get(&first)?.iter().find(fits)?;
        let node = self.graph.node(whole);
        let start = node.inputs[..place].iter().map(|&part| self.graph.shape(part).count()).sum();
        let row = Shape::from([node.shape.count()]);
        let row = self.add(Op::Reshape, vec![whole], row);
        let cut = Op::Slice { start: vec![start], step: vec![1] };
        let cut = match self.graph.shape(row).count() == shape.count() {
            true => row,
            false => self.add(cut, vec![row], Shape::from([shape.count()])),
        };
        Some(self.add(Op::Reshape, vec![cut], shape.clone()))
    }

    /// The number that a node is in every place, if it is one.
    fn number(&self, id: Id) -> Option<f32> {
        match self.graph.node(id).op {
            Op::Scalar(value) => Some(value),
            _ => None,
        }
    }

    /// An equal, simpler node.
    fn shortcut(&mut self, op: &Op, inputs: &[Id], shape: &Shape) -> Option<Id> {
        let scalar = |made: &mut Made, value: f32| Some(made.add(Op::Scalar(value), vec![], shape.clone()));
        let first = *inputs.first()?;
        let same = self.graph.shape(first) == shape;
        match op {
            Op::Stop | Op::CustomGradient => Some(first),
            Op::Reshape | Op::Broadcast if same => Some(first),
            Op::Reshape | Op::Broadcast | Op::Permute { .. } | Op::Slice { .. } | Op::Flip { .. }
                if self.number(first).is_some() =>
            {
                let value = self.number(first)?;
                scalar(self, value)
            }
            Op::Reshape | Op::Broadcast if self.graph.node(first).op == *op => {
                let source = self.graph.node(first).inputs[0];
                Some(self.add(op.clone(), vec![source], shape.clone()))
            }
            Op::Matmul { .. } if [first, inputs[1]].iter().any(|&id| self.number(id) == Some(0.0)) => scalar(self, 0.0),
            // A product reads a matrix either way.
            Op::Matmul { transpose_a, transpose_b } => {
                let swapped = |id: Id| match &self.graph.node(id).op {
                    Op::Permute { axes } => {
                        let rank = axes.len();
                        let plain = (0..rank - 2).all(|axis| axes[axis] == axis);
                        (plain && axes[rank - 2] == rank - 1).then(|| self.graph.node(id).inputs[0])
                    }
                    _ => None,
                };
                let (a, b) = (swapped(first), swapped(inputs[1]));
                if a.is_none() && b.is_none() {
                    return None;
                }
                let op = Op::Matmul { transpose_a: transpose_a ^ a.is_some(), transpose_b: transpose_b ^ b.is_some() };
                Some(self.add(op, vec![a.unwrap_or(first), b.unwrap_or(inputs[1])], shape.clone()))
            }
            Op::Concat { .. } if lie_together(op, shape) => self.stretch(inputs, shape),
            Op::Reduce { fold, .. } => {
                let value = self.number(first)?;
                let folded = self.graph.shape(first).count() / shape.count();
                scalar(
                    self,
                    match fold {
                        Fold::Sum => value * folded as f32,
                        Fold::Max => value,
                    },
                )
            }
            Op::Map(function) => {
                let numbers: Vec<Option<f32>> = inputs.iter().map(|&input| self.number(input)).collect();
                if numbers.iter().all(Option::is_some) {
                    let at = |i: usize| numbers.get(i).copied().flatten().map_or(0.0, f64::from);
                    return scalar(self, (function.0.eval)(at(0), at(1), at(2)) as f32);
                }
                let second = inputs.get(1).copied();
                match (function.0.name, numbers[0], numbers.get(1).copied().flatten()) {
                    ("add", Some(0.0), _) | ("mul", Some(1.0), _) => second,
                    ("add" | "sub", _, Some(0.0)) => Some(first),
                    ("mul" | "div" | "pow", _, Some(1.0)) => Some(first),
                    ("mul", Some(0.0), _) | ("mul", _, Some(0.0)) => scalar(self, 0.0),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Whether two operations compute the same from the same inputs; 0 and −0 are two numbers.
fn same(a: &Op, b: &Op) -> bool {
    match (a, b) {
        (Op::Scalar(a), Op::Scalar(b)) => a.to_bits() == b.to_bits(),
        (Op::Constant(a), Op::Constant(b)) => Arc::ptr_eq(a, b),
        (a, b) => a == b,
    }
}

/// Whether the parts of what is put together lie in memory one after the other.
fn lie_together(op: &Op, shape: &Shape) -> bool {
    match op {
        Op::Concat { axis } => shape[..*axis].iter().all(|size| *size == 1),
        _ => false,
    }
}
