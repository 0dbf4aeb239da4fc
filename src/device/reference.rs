//! The definition of every operation: a slow interpreter of graphs in f64, written to be read.
//!
//! CPU and GPU are right when they agree with it. It runs graphs, not plans, so it also says what planning may not change.

use crate::graph::op::{Conv, Fold, Op, Pool, PoolStep, Side};
use crate::graph::{Graph, Id};
use crate::tensor::Shape;
use crate::tensor::random;
use std::collections::HashMap;

/// What a graph is run on.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    pub seed: u32,
    pub step: u32,
    /// Inputs, bytes (0 to 255) and state by name.
    pub arrays: HashMap<String, Vec<f64>>,
    pub knobs: HashMap<String, f64>,
}

/// The numbers of every node.
pub fn values(graph: &Graph, feed: &Feed) -> Vec<Vec<f64>> {
    let mut values: Vec<Vec<f64>> = Vec::with_capacity(graph.nodes.len());
    for index in 0..graph.nodes.len() {
        let value = eval(graph, Id(index as u32), &values, feed);
        debug_assert_eq!(value.len(), graph.nodes[index].shape.count());
        values.push(value);
    }
    values
}

/// Runs one step: results by name, and the state renewed in `feed`.
pub fn run(graph: &Graph, feed: &mut Feed) -> HashMap<String, Vec<f64>> {
    let values = values(graph, feed);
    for (state, value) in &graph.updates {
        let Op::State(name) = &graph.node(*state).op else { unreachable!("only a state is assigned") };
        feed.arrays.insert(name.clone(), values[value.index()].clone());
    }
    graph.outputs.iter().map(|(name, id)| (name.clone(), values[id.index()].clone())).collect()
}

/// Every index of a shape, in row-major order.
pub fn indices(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let shape = shape.to_vec();
    (0..shape.iter().product()).map(move |flat: usize| {
        let mut rest = flat;
        let mut index = vec![0; shape.len()];
        for axis in (0..shape.len()).rev() {
            index[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        index
    })
}

fn at(shape: &Shape, index: &[usize]) -> usize {
    shape.strides().iter().zip(index).map(|(stride, i)| stride * i).sum()
}

fn eval(graph: &Graph, id: Id, values: &[Vec<f64>], feed: &Feed) -> Vec<f64> {
    let node = graph.node(id);
    let shape = &node.shape;
    let count = shape.count();
    let input = |i: usize| &values[node.inputs[i].index()];
    let of = |i: usize| graph.shape(node.inputs[i]);
    // The input's number at an index worked out from the result's.
    let moved = |from: &dyn Fn(Vec<usize>) -> Vec<usize>| -> Vec<f64> {
        indices(shape).map(|index| input(0)[at(of(0), &from(index))]).collect()
    };
    match &node.op {
        Op::Input(name) | Op::Bytes(name) | Op::State(name) => {
            let array = feed.arrays.get(name).unwrap_or_else(|| panic!("nothing is fed as {name}"));
            assert_eq!(array.len(), count, "{name} has {shape}");
            array.clone()
        }
        Op::Constant(data) => data.iter().map(|&v| f64::from(v)).collect(),
        Op::Scalar(value) => vec![f64::from(*value); count],
        Op::Knob(name) => vec![*feed.knobs.get(name).unwrap_or(&0.0)],
        Op::Iota { axis } => indices(shape).map(|index| index[*axis] as f64).collect(),
        Op::Uniform { purpose } => {
            (0..count).map(|i| f64::from(random::uniform(feed.seed, *purpose, feed.step, i as u32))).collect()
        }
        Op::Map(function) => {
            let get = |i: usize, k: usize| if i < node.inputs.len() { input(i)[k] } else { 0.0 };
            (0..count).map(|k| (function.0.eval)(get(0, k), get(1, k), get(2, k))).collect()
        }
        Op::Reduce { fold, axes } => {
            let start = match fold {
                Fold::Sum => 0.0,
                Fold::Max => f64::NEG_INFINITY,
            };
            let mut result = vec![start; count];
            for (mut index, &value) in indices(of(0)).zip(input(0)) {
                axes.iter().for_each(|&axis| index[axis] = 0);
                let place = &mut result[at(shape, &index)];
                match fold {
                    Fold::Sum => *place += value,
                    Fold::Max => *place = place.max(value),
                }
            }
            result
        }
        Op::ArgMax { axis } => {
            let mut best = vec![(f64::NEG_INFINITY, 0.0); count];
            for (mut index, &value) in indices(of(0)).zip(input(0)) {
                let place = index[*axis];
                index[*axis] = 0;
                let best = &mut best[at(shape, &index)];
                if value > best.0 {
                    *best = (value, place as f64);
                }
            }
            best.into_iter().map(|(_, place)| place).collect()
        }
        Op::LogSoftmax => {
            let row = |row: &[f64]| {
                let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total = row.iter().map(|x| (x - top).exp()).sum::<f64>().ln();
                row.iter().map(|x| x - top - total).collect::<Vec<_>>()
            };
            input(0).chunks(*shape.last().expect("it has an axis")).flat_map(row).collect()
        }
        Op::Matmul { transpose_a, transpose_b } => {
            let rank = shape.len();
            let inner = of(0)[if *transpose_a { rank - 2 } else { rank - 1 }];
            let pick = |i: usize, index: &[usize], row: usize, column: usize, transposed: bool| {
                let own = of(i);
                let mut place = index[..own.len() - 2].to_vec();
                place.extend(if transposed { [column, row] } else { [row, column] });
                input(i)[at(own, &place)]
            };
            indices(shape)
                .map(|index| {
                    let (row, column) = (index[rank - 2], index[rank - 1]);
                    let product = |k| pick(0, &index, row, k, *transpose_a) * pick(1, &index, k, column, *transpose_b);
                    (0..inner).map(product).sum()
                })
                .collect()
        }
        Op::Conv { side, conv } => convolve(*side, conv, input(0), input(1)),
        Op::Pool { step, pool } => pool_step(*step, pool, input(0), node.inputs.get(1).map(|p| &values[p.index()][..])),
        Op::Reshape | Op::Stop | Op::CustomGradient => input(0).clone(),
        Op::Permute { axes } => moved(&|index| {
            let mut from = vec![0; axes.len()];
            axes.iter().zip(index).for_each(|(&axis, i)| from[axis] = i);
            from
        }),
        Op::Broadcast => moved(&|index| index.iter().zip(&of(0)[..]).map(|(&i, &size)| i.min(size - 1)).collect()),
        Op::Slice { start, step } => {
            moved(&|index| (0..index.len()).map(|axis| start[axis] + index[axis] * step[axis]).collect())
        }
        Op::Pad { before, value } => indices(shape)
            .map(|index| {
                let from: Option<Vec<usize>> = (0..index.len())
                    .map(|axis| index[axis].checked_sub(before[axis]).filter(|&i| i < of(0)[axis]))
                    .collect();
                from.map_or(f64::from(*value), |from| input(0)[at(of(0), &from)])
            })
            .collect(),
        Op::Flip { axes } => moved(&|mut index| {
            axes.iter().for_each(|&axis| index[axis] = shape[axis] - 1 - index[axis]);
            index
        }),
        Op::Concat { axis } => indices(shape)
            .map(|mut index| {
                let mut part = 0;
                while index[*axis] >= of(part)[*axis] {
                    index[*axis] -= of(part)[*axis];
                    part += 1;
                }
                input(part)[at(of(part), &index)]
            })
            .collect(),
        Op::Gather => {
            let width: usize = of(0)[1..].iter().product();
            let scale = if matches!(graph.node(node.inputs[0]).op, Op::Bytes(_)) { 1.0 / 255.0 } else { 1.0 };
            let row = |index: &f64| (index.max(0.0) as usize).min(of(0)[0] - 1) * width;
            input(1).iter().flat_map(|i| input(0)[row(i)..][..width].iter().map(|v| v * scale)).collect()
        }
        Op::ScatterAdd => {
            let width: usize = shape[1..].iter().product();
            let mut result = vec![0.0; count];
            for (&index, values) in input(0).iter().zip(input(1).chunks(width.max(1))) {
                for (place, value) in result.iter_mut().skip(index as usize * width).zip(values) {
                    *place += value;
                }
            }
            result
        }
        Op::Resample => resample(of(0), input(0), input(1)),
    }
}

/// Σ over the two other arrays of the form that a convolution is; see [`Conv`].
fn convolve(side: Side, conv: &Conv, a: &[f64], b: &[f64]) -> Vec<f64> {
    let shapes = conv.shapes().map(Shape::from);
    let [x_shape, w_shape, y_shape] = &shapes;
    let mut result = vec![
        0.0;
        match side {
            Side::Output => y_shape,
            Side::Input => x_shape,
            Side::Kernel => w_shape,
        }
        .count()
    ];
    let per_group = conv.filters / conv.groups;
    for y_index in indices(y_shape) {
        let [n, row, column, filter] = y_index[..] else { unreachable!("y has four axes") };
        let y_at = at(y_shape, &y_index);
        for w_index in indices(&[conv.kernel[0], conv.kernel[1], conv.channels / conv.groups]) {
            let [kh, kw, c] = w_index[..] else { unreachable!("three axes are walked") };
            let place = |out: usize, tap: usize, axis: usize| {
                (out * conv.stride[axis] + tap * conv.dilation[axis])
                    .checked_sub(conv.padding[axis])
                    .filter(|&i| i < conv.input[axis])
            };
            let (Some(h), Some(w)) = (place(row, kh, 0), place(column, kw, 1)) else { continue };
            let channel = filter / per_group * (conv.channels / conv.groups) + c;
            let x_at = at(x_shape, &[n, h, w, channel]);
            let w_at = at(w_shape, &[kh, kw, c, filter]);
            match side {
                Side::Output => result[y_at] += a[x_at] * b[w_at],
                Side::Input => result[x_at] += a[y_at] * b[w_at],
                Side::Kernel => result[w_at] += a[x_at] * b[y_at],
            }
        }
    }
    result
}

fn pool_step(step: PoolStep, pool: &Pool, a: &[f64], places: Option<&[f64]>) -> Vec<f64> {
    let [x_shape, y_shape] = pool.shapes().map(Shape::from);
    let to_x = matches!(step, PoolStep::Put | PoolStep::Spread);
    let mut result = vec![0.0; if to_x { x_shape.count() } else { y_shape.count() }];
    for (y_at, y_index) in indices(&y_shape).enumerate() {
        let [n, row, column, c] = y_index[..] else { unreachable!("y has four axes") };
        let chosen = places.map(|places| places[y_at] as usize);
        let mut best = f64::NEG_INFINITY;
        for tap in indices(&pool.size) {
            let place = |out: usize, axis: usize| {
                (out * pool.stride[axis] + tap[axis]).checked_sub(pool.padding[axis]).filter(|&i| i < pool.input[axis])
            };
            let (Some(h), Some(w)) = (place(row, 0), place(column, 1)) else { continue };
            let flat = h * pool.input[1] + w;
            let x_at = at(&x_shape, &[n, h, w, c]);
            match step {
                PoolStep::ArgMax if a[x_at] > best => {
                    best = a[x_at];
                    result[y_at] = flat as f64;
                }
                PoolStep::ArgMax => {}
                PoolStep::Take if chosen == Some(flat) => result[y_at] = a[x_at],
                PoolStep::Put if chosen == Some(flat) => result[x_at] += a[y_at],
                PoolStep::Take | PoolStep::Put => {}
                PoolStep::Sum => result[y_at] += a[x_at],
                PoolStep::Spread => result[x_at] += a[y_at],
            }
        }
    }
    result
}

fn resample(shape: &Shape, x: &[f64], theta: &[f64]) -> Vec<f64> {
    let [_, height, width, _] = shape[..] else { panic!("pictures have four axes") };
    indices(shape)
        .map(|index| {
            let [n, row, column, c] = index[..] else { unreachable!("pictures have four axes") };
            let t = &theta[n * 6..][..6];
            let u = (2.0 * column as f64 + 1.0) / width as f64 - 1.0;
            let v = (2.0 * row as f64 + 1.0) / height as f64 - 1.0;
            let px = ((t[0] * u + t[1] * v + t[2] + 1.0) * width as f64 - 1.0) / 2.0;
            let py = ((t[3] * u + t[4] * v + t[5] + 1.0) * height as f64 - 1.0) / 2.0;
            let (fx, fy) = (px - px.floor(), py - py.floor());
            let pick = |y: f64, x_: f64| {
                let y = y.clamp(0.0, height as f64 - 1.0) as usize;
                let x_ = x_.clamp(0.0, width as f64 - 1.0) as usize;
                x[at(shape, &[n, y, x_, c])]
            };
            let (x0, y0) = (px.floor(), py.floor());
            let top = pick(y0, x0) * (1.0 - fx) + pick(y0, x0 + 1.0) * fx;
            let bottom = pick(y0 + 1.0, x0) * (1.0 - fx) + pick(y0 + 1.0, x0 + 1.0) * fx;
            top * (1.0 - fy) + bottom * fy
        })
        .collect()
}
