//! Sums, products, means and places of the largest along axes.

use super::super::{
    array::I64,
    build::{Build, Made},
    layer,
    operator::Operator,
};
use crate::graph::{Graph, Id};

/// Places along an axis that are multiplied one after the other.
const LONGEST: usize = 4096;

pub static ROWS: &[Operator] = &[
    Operator::new("ReduceSum", 7, |b| reduce(b, 13, |g, x, axes| g.sum(x, axes))),
    Operator::new("ReduceMean", 7, |b| reduce(b, 18, |g, x, axes| g.mean(x, axes))).layer(layer::window::mean),
    Operator::new("ReduceMax", 7, |b| reduce(b, 18, |g, x, axes| g.maximum(x, axes))).layer(layer::window::maximum),
    Operator::new("ReduceMin", 7, |b| {
        reduce(b, 18, |g, x, axes| {
            let minus = g.neg(x);
            let top = g.maximum(minus, axes);
            g.neg(top)
        })
    }),
    Operator::new("ReduceProd", 7, |b| {
        let rank = b.array(0)?.shape.len();
        let axes: Vec<usize> = axes(b, 18, rank)?;
        let mut y = b.x(0)?;
        for axis in axes {
            let count = b.sizes(y)[axis];
            if count > LONGEST {
                return Err(format!("a product of {count} numbers is longer than is computed here"));
            }
            let mut product = b.part(y, axis, 0, 1)?;
            for place in 1..count {
                let next = b.part(y, axis, place, 1)?;
                product = b.graph.mul(product, next);
            }
            y = product;
        }
        finish(b, 18, y)
    }),
    Operator::new("ReduceL1", 7, |b| {
        reduce(b, 18, |g, x, axes| {
            let size = g.abs(x);
            g.sum(size, axes)
        })
    }),
    Operator::new("ReduceL2", 7, |b| {
        reduce(b, 18, |g, x, axes| {
            let sum = squares(g, x, axes);
            g.sqrt(sum)
        })
    }),
    Operator::new("ReduceSumSquare", 7, |b| reduce(b, 18, squares)),
    Operator::new("ReduceLogSum", 7, |b| {
        reduce(b, 18, |g, x, axes| {
            let sum = g.sum(x, axes);
            g.ln(sum)
        })
    }),
    Operator::new("ReduceLogSumExp", 7, |b| {
        reduce(b, 18, |g, x, axes| {
            let top = g.maximum(x, axes);
            let below = g.sub(x, top);
            let e = g.exp(below);
            let sum = g.sum(e, axes);
            let log = g.ln(sum);
            g.add(log, top)
        })
    }),
    Operator::new("ArgMax", 7, |b| place(b, false)),
    Operator::new("ArgMin", 7, |b| place(b, true)),
    Operator::new("CumSum", 11, |b| {
        let x = b.x(0)?;
        let axis = b.axis(b.number(1, 0.0)? as i64, b.sizes(x).len())?;
        let count = b.sizes(x)[axis];
        b.room(&[count, count])?;
        let (exclusive, reverse) = (b.node.int("exclusive", 0) != 0, b.node.int("reverse", 0) != 0);
        // [to, from]: whether a number is a part of the sum
        let part = |to: usize, from: usize| match (exclusive, reverse) {
            (false, false) => from <= to,
            (true, false) => from < to,
            (false, true) => from >= to,
            (true, true) => from > to,
        };
        let matrix = (0..count * count).map(|at| f32::from(u8::from(part(at / count, at % count)))).collect();
        let y = b.along(x, axis, count, matrix)?;
        b.like(y)
    }),
    Operator::new("Softmax", 7, |b| soft(b, Graph::softmax)).layer(layer::function::softmax),
    Operator::new("LogSoftmax", 7, |b| soft(b, Graph::log_softmax)),
    Operator::new("Hardmax", 7, |b| {
        soft(b, |g, x, axis| {
            let top = g.argmax(x, axis);
            let shape = g.shape(x).clone();
            let places = g.iota(shape, axis);
            g.equal(top, places)
        })
    }),
];

/// The axes that are reduced: an input from operator set `since` on, an attribute before; all where none are named.
fn axes(b: &Build, since: i64, rank: usize) -> Result<Vec<usize>, String> {
    let named = if b.opset >= since { b.list(1, "axes")? } else { b.node.ints("axes") };
    match named {
        Some(axes) if !axes.is_empty() => b.axes(&axes, rank),
        Some(_) | None if b.node.int("noop_with_empty_axes", 0) != 0 => Ok(Vec::new()),
        Some(_) | None => Ok((0..rank).collect()),
    }
}

fn reduce(b: &mut Build, since: i64, function: fn(&mut Graph, Id, &[usize]) -> Id) -> Made {
    let x = b.x(0)?;
    let axes = axes(b, since, b.sizes(x).len())?;
    let y = function(&mut b.graph, x, &axes);
    finish(b, since, y)
}

/// Takes the axes of 1 off where they are not to stay.
fn finish(b: &mut Build, since: i64, y: Id) -> Made {
    let axes = axes(b, since, b.sizes(y).len())?;
    let kept = b.node.int("keepdims", 1) != 0;
    let shape = if kept { b.graph.shape(y).clone() } else { b.graph.shape(y).without(&axes) };
    let y = b.graph.reshape(y, shape);
    b.like(y)
}

fn squares(g: &mut Graph, x: Id, axes: &[usize]) -> Id {
    let square = g.square(x);
    g.sum(square, axes)
}

/// The place of the largest, or of the smallest.
fn place(b: &mut Build, smallest: bool) -> Made {
    let mut x = b.x(0)?;
    let axis = b.axis(b.node.int("axis", 0), b.sizes(x).len())?;
    let last = b.node.int("select_last_index", 0) != 0;
    if smallest {
        x = b.graph.neg(x);
    }
    if last {
        x = b.graph.flip(x, &[axis]);
    }
    let count = b.sizes(x)[axis];
    let mut y = b.graph.argmax(x, axis);
    if last {
        let back = b.graph.neg(y);
        y = b.graph.shift(back, (count - 1) as f32);
    }
    if b.node.int("keepdims", 1) == 0 {
        let shape = b.graph.shape(y).without(&[axis]);
        y = b.graph.reshape(y, shape);
    }
    Ok(vec![(y, I64)])
}

/// A function along an axis; before operator set 13, along all axes from it on.
fn soft(b: &mut Build, function: fn(&mut Graph, Id, usize) -> Id) -> Made {
    let x = b.x(0)?;
    let sizes = b.sizes(x);
    if b.opset >= 13 {
        let axis = b.axis(b.node.int("axis", -1), sizes.len())?;
        let y = function(&mut b.graph, x, axis);
        return b.like(y);
    }
    let axis = b.axis(b.node.int("axis", 1), sizes.len())?;
    let rows = [sizes[..axis].iter().product(), sizes[axis..].iter().product()];
    let flat = b.reshape(x, &rows)?;
    let y = function(&mut b.graph, flat, 1);
    let y = b.reshape(y, &sizes)?;
    b.like(y)
}
