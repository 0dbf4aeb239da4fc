//! Reverse-mode differentiation from graph to graph: gradients are ordinary nodes, so gradients of gradients are too.
//!
//! The walk is one function; what an operation passes on is its rule, written with operations only. This package is compiled
//! for speed: what is `#[inline]` here is compiled where it is called, for size.

use super::function::Gradient;
use super::op::{Fold, PoolStep, Side};
use super::{Graph, Id, Op};
use crate::tensor::sorted::sort_by_key;

/// Appends the gradients of the scalar `loss` with respect to each of `wrt`; zeros where it does not depend on one.
///
/// Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3.2.
#[inline]
pub fn backward(graph: &mut Graph, loss: Id, wrt: &[Id]) -> Vec<Id> {
    assert_eq!(graph.shape(loss).count(), 1, "a gradient is of one number");
    let count = loss.index() + 1;
    let mut needed = vec![false; count];
    for id in wrt.iter().filter(|id| id.index() < count) {
        needed[id.index()] = true;
    }
    for index in 0..count {
        needed[index] |= graph.nodes[index].inputs.iter().any(|input| needed[input.index()]);
    }
    // what each reader of a node passes on, in the order it comes in
    let mut gradients: Vec<Vec<Id>> = vec![Vec::new(); count];
    let seed = graph.shape(loss).clone();
    gradients[loss.index()] = vec![graph.full(seed, 1.0)];
    for index in (0..count).rev() {
        if !needed[index] || gradients[index].is_empty() {
            continue;
        }
        let dy = total(graph, &gradients[index]);
        gradients[index] = vec![dy];
        let inputs = graph.nodes[index].inputs.clone();
        let parts = rule(graph, Id(index as u32), dy, &needed);
        for (input, part) in inputs.into_iter().zip(parts) {
            let Some(part) = part.filter(|_| needed[input.index()]) else { continue };
            assert_eq!(graph.shape(part), graph.shape(input), "a gradient has its value's shape");
            gradients[input.index()].push(part);
        }
    }
    wrt.iter()
        .map(|id| {
            gradients.get(id.index()).and_then(|parts| parts.first().copied()).unwrap_or_else(|| {
                let shape = graph.shape(*id).clone();
                graph.full(shape, 0.0)
            })
        })
        .collect()
}

/// The sum of what the readers of one node pass on. Slices that lie side by side pass on what they have among zeros: these
/// are put together rather than added up, so that cutting an array into many parts costs no more than one pass over it.
#[inline]
fn total(g: &mut Graph, parts: &[Id]) -> Id {
    if let [only] = parts {
        return *only;
    }
    let mut rest: Vec<Id> = Vec::new();
    // by axis: (where the part begins, the part)
    let mut pieces: Vec<(usize, Vec<(usize, Id)>)> = Vec::new();
    let stripped: Vec<Option<(usize, usize, Id)>> = parts.iter().map(|part| strip(g, *part)).collect();
    let mut along = vec![0; g.shape(parts[0]).len()];
    stripped.iter().flatten().for_each(|(axis, ..)| along[*axis] += 1);
    for (&part, own) in parts.iter().zip(&stripped) {
        match *own {
            Some((axis, start, inner)) if along[axis] > 1 => {
                match pieces.iter_mut().find(|(other, _)| *other == axis) {
                    Some((_, list)) => list.push((start, inner)),
                    None => pieces.push((axis, vec![(start, inner)])),
                }
            }
            _ => rest.push(part),
        }
    }
    let whole = g.shape(parts[0]).clone();
    for (axis, mut list) in pieces {
        sort_by_key(&mut list, |(start, _)| *start);
        // each row of parts that do not overlap becomes one array
        while !list.is_empty() {
            let (mut row, mut left, mut end) = (Vec::new(), Vec::new(), 0);
            let gap = |g: &mut Graph, from: usize, to: usize| {
                let mut shape = whole.clone();
                shape[axis] = to - from;
                (to > from).then(|| g.full(shape, 0.0))
            };
            for (start, part) in list {
                if start < end {
                    left.push((start, part));
                    continue;
                }
                row.extend(gap(g, end, start));
                row.push(part);
                end = start + g.shape(part)[axis];
            }
            row.extend(gap(g, end, whole[axis]));
            rest.push(g.concat(&row, axis));
            list = left;
        }
    }
    let rest = products(g, rest);
    let first = rest[0];
    rest[1..].iter().fold(first, |sum, part| g.add(sum, *part))
}

/// Replaces products of matrices by one, whose inner axis is all of theirs: Σ AᵢBᵢ = [A₁ A₂ …]·[B₁; B₂; …]. So the steps of a
/// sequence have one product for the matrix that they share.
#[inline]
fn products(g: &mut Graph, parts: Vec<Id>) -> Vec<Id> {
    let flags = |g: &Graph, id: Id| match g.node(id).op {
        Op::Matmul { transpose_a, transpose_b } if g.shape(id).len() == 2 => Some((transpose_a, transpose_b)),
        _ => None,
    };
    let Some((ta, tb)) = parts.iter().find_map(|&id| flags(g, id)) else { return parts };
    let (mut alike, mut rest): (Vec<Id>, Vec<Id>) = parts.iter().partition(|&&id| flags(g, id) == Some((ta, tb)));
    if alike.len() < 2 {
        return parts;
    }
    // in the order in which their operands were made, as they may lie in memory already
    sort_by_key(&mut alike, |&id| g.node(id).inputs[0]);
    let [a, b] = [0, 1].map(|input| alike.iter().map(|&id| g.node(id).inputs[input]).collect::<Vec<_>>());
    let (a, b) = (g.concat(&a, usize::from(!ta)), g.concat(&b, usize::from(tb)));
    rest.insert(0, g.matmul_with(a, b, ta, tb));
    rest
}

/// (axis, where it begins, the numbers) of what stands among zeros along one axis alone.
#[inline]
fn strip(g: &Graph, id: Id) -> Option<(usize, usize, Id)> {
    let node = g.node(id);
    let Op::Pad { before, value: 0.0 } = &node.op else { return None };
    let inner = node.inputs[0];
    let from = g.shape(inner);
    let mut axes = (0..from.len()).filter(|&axis| from[axis] != node.shape[axis]);
    let axis = axes.next()?;
    axes.next().is_none().then_some((axis, before[axis], inner))
}

/// The gradient of each input of a node, given that of its result; `None` where none flows or none is needed.
#[inline]
fn rule(g: &mut Graph, id: Id, dy: Id, needed: &[bool]) -> Vec<Option<Id>> {
    let node = g.node(id).clone();
    let x = &node.inputs;
    let wants = |input: usize| needed[x[input].index()];
    match &node.op {
        Op::Input(_) | Op::Bytes(_) | Op::State(_) | Op::Constant(_) | Op::Scalar(_) | Op::Knob(_) => vec![],
        Op::Iota { .. } | Op::Uniform { .. } => vec![],
        Op::ArgMax { .. } | Op::Stop | Op::Resample => vec![None; x.len()],
        Op::Map(function) => match function.0.gradient {
            Gradient::None => vec![None; x.len()],
            Gradient::Rule(rule) => rule(g, x, id, dy),
        },
        Op::Reduce { fold: Fold::Sum, .. } => {
            let shape = g.shape(x[0]).clone();
            vec![Some(g.broadcast(dy, shape))]
        }
        Op::Reduce { fold: Fold::Max, axes } => {
            let shape = g.shape(x[0]).clone();
            let top = g.broadcast(id, shape);
            let hit = g.equal(x[0], top);
            let hits = g.sum(hit, axes);
            let share = g.div(dy, hits);
            vec![Some(g.mul(hit, share))]
        }
        Op::LogSoftmax => {
            let shares = g.exp(id);
            let sum = g.sum(dy, &[node.shape.len() - 1]);
            let part = g.mul(shares, sum);
            vec![Some(g.sub(dy, part))]
        }
        Op::CustomGradient => vec![None, Some(g.mul(x[2], dy)), None],
        Op::Matmul { transpose_a, transpose_b } => matmul(g, x[0], x[1], dy, (*transpose_a, *transpose_b), wants),
        Op::Conv { side, conv } => {
            let (a, b) = match side {
                // dy plays y
                Side::Output => ((Side::Input, dy, x[1]), (Side::Kernel, x[0], dy)),
                // dy plays x; a is y, b is w
                Side::Input => ((Side::Output, dy, x[1]), (Side::Kernel, dy, x[0])),
                // dy plays w; a is x, b is y
                Side::Kernel => ((Side::Input, x[1], dy), (Side::Output, x[0], dy)),
            };
            [(0, a), (1, b)]
                .map(|(input, (side, first, second))| wants(input).then(|| g.conv(side, *conv, first, second)))
                .to_vec()
        }
        Op::Pool { step, pool } => match step {
            PoolStep::ArgMax => vec![None],
            PoolStep::Take => vec![Some(g.pool(PoolStep::Put, *pool, dy, Some(x[1]))), None],
            PoolStep::Put => vec![Some(g.pool(PoolStep::Take, *pool, dy, Some(x[1]))), None],
            PoolStep::Sum => vec![Some(g.pool(PoolStep::Spread, *pool, dy, None))],
            PoolStep::Spread => vec![Some(g.pool(PoolStep::Sum, *pool, dy, None))],
        },
        Op::Reshape => {
            let shape = g.shape(x[0]).clone();
            vec![Some(g.reshape(dy, shape))]
        }
        Op::Permute { axes } => {
            let mut back = vec![0; axes.len()];
            for (to, &from) in axes.iter().enumerate() {
                back[from] = to;
            }
            vec![Some(g.permute(dy, &back))]
        }
        Op::Broadcast => {
            let from = g.shape(x[0]).clone();
            let axes: Vec<usize> = (0..from.len()).filter(|&axis| from[axis] != node.shape[axis]).collect();
            vec![Some(g.sum(dy, &axes))]
        }
        Op::Slice { start, step } => {
            let from = g.shape(x[0]).clone();
            vec![Some(unslice(g, dy, &from, start, step))]
        }
        Op::Pad { before, .. } => {
            let from = g.shape(x[0]).clone();
            vec![Some(g.slice(dy, before, &from, &vec![1; from.len()]))]
        }
        Op::Flip { axes } => vec![Some(g.flip(dy, axes))],
        Op::Concat { axis } => {
            let mut start = vec![0; node.shape.len()];
            let step = vec![1; node.shape.len()];
            let part = |&input: &Id| {
                let count = g.shape(input).clone();
                let piece = g.slice(dy, &start, &count, &step);
                start[*axis] += count[*axis];
                Some(piece)
            };
            x.iter().map(part).collect()
        }
        Op::Gather => {
            let rows = g.shape(x[0])[0];
            vec![wants(0).then(|| g.scatter_add(x[1], dy, rows)), None]
        }
        Op::ScatterAdd => vec![None, Some(g.gather(dy, x[0]))],
    }
}

/// C = A·B: dA = dC·Bᵀ, dB = Aᵀ·dC, with the transposes that the operands carry.
#[inline]
fn matmul(
    g: &mut Graph,
    a: Id,
    b: Id,
    dy: Id,
    transposed: (bool, bool),
    wants: impl Fn(usize) -> bool,
) -> Vec<Option<Id>> {
    let (ta, tb) = transposed;
    let da = wants(0).then(|| if ta { g.matmul_with(b, dy, tb, true) } else { g.matmul_with(dy, b, false, !tb) });
    let db = wants(1).then(|| {
        let rank = g.shape(a).len();
        if g.shape(b).len() == 2 && rank > 2 {
            // One matrix for the whole batch: its rows are one long list.
            assert!(!ta, "a batch with one shared second matrix is not transposed");
            let flat = |g: &mut Graph, x: Id| {
                let shape = g.shape(x).clone();
                let last = shape[shape.len() - 1];
                g.reshape(x, [shape.count() / last, last])
            };
            let (a, dy) = (flat(g, a), flat(g, dy));
            return if tb { g.matmul_with(dy, a, true, false) } else { g.matmul_with(a, dy, true, false) };
        }
        if tb { g.matmul_with(dy, a, true, ta) } else { g.matmul_with(a, dy, !ta, false) }
    });
    vec![da, db]
}

/// Puts a slice's gradient back among zeros.
#[inline]
fn unslice(g: &mut Graph, dy: Id, from: &[usize], start: &[usize], step: &[usize]) -> Id {
    let mut dy = dy;
    for axis in 0..from.len() {
        if step[axis] == 1 {
            continue;
        }
        // Spread along the axis: a new axis of the step's size, zeros behind each number.
        let shape = g.shape(dy).clone();
        let mut apart = shape.clone();
        apart.insert(axis + 1, 1);
        let x = g.reshape(dy, apart);
        let mut after = vec![0; shape.len() + 1];
        after[axis + 1] = step[axis] - 1;
        let x = g.pad(x, &vec![0; shape.len() + 1], &after, 0.0);
        let mut wide = shape.clone();
        wide[axis] *= step[axis];
        let x = g.reshape(x, wide.clone());
        let mut count = wide.clone();
        count[axis] = wide[axis] - (step[axis] - 1);
        dy = g.slice(x, &vec![0; shape.len()], &count, &vec![1; shape.len()]);
    }
    let after: Vec<usize> = (0..from.len()).map(|axis| from[axis] - start[axis] - g.shape(dy)[axis]).collect();
    if start.iter().chain(&after).all(|&edge| edge == 0) { dy } else { g.pad(dy, start, &after, 0.0) }
}
