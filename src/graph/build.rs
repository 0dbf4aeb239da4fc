//! The builders of a graph: one for each operation, with broadcasting where two shapes meet, and the small compositions
//! that everything uses. This package is compiled for speed: what is `#[inline]` here is compiled where it is called, for size.

use super::function::{self as f, Function};
use super::op::{Conv, Fold, Pool, PoolStep, Side};
use super::{Graph, Id, Op};
use crate::tensor::{Shape, Tensor, sorted::sort_by_key};
use std::sync::Arc;

/// Sources.
impl Graph {
    /// Numbers given before every step.
    #[inline]
    pub fn input(&mut self, name: &str, shape: impl Into<Shape>) -> Id {
        self.push(Op::Input(name.into()), &[], shape)
    }

    /// Pictures on the device, one byte a number, [rows, ..]; only [`Graph::gather`] reads them.
    #[inline]
    pub fn bytes(&mut self, name: &str, shape: impl Into<Shape>) -> Id {
        self.push(Op::Bytes(name.into()), &[], shape)
    }

    /// Numbers that stay from step to step.
    #[inline]
    pub fn state(&mut self, name: &str, shape: impl Into<Shape>) -> Id {
        self.push(Op::State(name.into()), &[], shape)
    }

    #[inline]
    pub fn constant(&mut self, tensor: Tensor) -> Id {
        self.push(Op::Constant(Arc::new(tensor.data)), &[], tensor.shape)
    }

    /// One number as an array without axes; it stretches to any shape.
    #[inline]
    pub fn scalar(&mut self, value: f32) -> Id {
        self.push(Op::Scalar(value), &[], [])
    }

    /// One number in every place of a shape.
    #[inline]
    pub fn full(&mut self, shape: impl Into<Shape>, value: f32) -> Id {
        self.push(Op::Scalar(value), &[], shape)
    }

    /// One number that is set anew for every step.
    #[inline]
    pub fn knob(&mut self, name: &str) -> Id {
        self.push(Op::Knob(name.into()), &[], [])
    }

    /// The index along `axis`, in every place.
    #[inline]
    pub fn iota(&mut self, shape: impl Into<Shape>, axis: usize) -> Id {
        self.push(Op::Iota { axis }, &[], shape)
    }

    /// Uniform numbers in [0, 1), new in every step; the first axis is the batch.
    #[inline]
    pub fn uniform(&mut self, purpose: u32, shape: impl Into<Shape>) -> Id {
        let shape = shape.into();
        let Some(rows) = self.rows else { return self.push(Op::Uniform { purpose }, &[], shape) };
        assert_eq!(shape[0], rows.count, "random numbers are for each row of the batch");
        let mut start = vec![0; shape.len()];
        start[0] = rows.from;
        let mut whole = shape.clone();
        whole[0] = rows.whole;
        let whole = self.push(Op::Uniform { purpose }, &[], whole);
        self.slice(whole, &start, &shape, &vec![1; shape.len()])
    }

    /// Standard normal numbers (Box–Muller), new in every step.
    #[inline]
    pub fn normal(&mut self, purpose: u32, shape: impl Into<Shape>) -> Id {
        let shape = shape.into();
        let u = self.uniform(purpose, shape.clone());
        let v = self.uniform(purpose ^ 0x9e37_79b9, shape);
        let above_zero = self.one_minus(u);
        let log = self.ln(above_zero);
        let square = self.scale(log, -2.0);
        let radius = self.sqrt(square);
        let angle = self.scale(v, std::f32::consts::TAU);
        let cos = self.cos(angle);
        self.mul(radius, cos)
    }
}

/// Elementwise functions.
impl Graph {
    /// Applies a function; inputs are broadcast to their common shape.
    #[inline]
    pub fn map(&mut self, function: Function, inputs: &[Id]) -> Id {
        assert_eq!(inputs.len(), function.0.arity, "{} takes {} inputs", function.0.name, function.0.arity);
        let mut shape = self.shape(inputs[0]).clone();
        for &input in &inputs[1..] {
            let other = self.shape(input);
            shape = shape
                .broadcast(other)
                .unwrap_or_else(|| panic!("{} of {shape} and {other}: sizes differ", function.0.name));
        }
        let inputs: Vec<Id> = inputs.iter().map(|&input| self.broadcast(input, shape.clone())).collect();
        self.push(Op::Map(function), &inputs, shape)
    }

    /// `x` times a number.
    #[inline]
    pub fn scale(&mut self, x: Id, factor: f32) -> Id {
        let factor = self.scalar(factor);
        self.mul(x, factor)
    }

    /// `x` plus a number.
    #[inline]
    pub fn shift(&mut self, x: Id, amount: f32) -> Id {
        let amount = self.scalar(amount);
        self.add(x, amount)
    }

    /// 1 − `x`.
    #[inline]
    pub fn one_minus(&mut self, x: Id) -> Id {
        let one = self.scalar(1.0);
        self.sub(one, x)
    }

    #[inline]
    pub fn square(&mut self, x: Id) -> Id {
        self.mul(x, x)
    }

    /// `yes` where `condition` is not 0, else `no`.
    #[inline]
    pub fn select(&mut self, condition: Id, yes: Id, no: Id) -> Id {
        self.map(f::SELECT, &[condition, yes, no])
    }
}

macro_rules! unary {
    ($($name:ident $row:ident),*) => {
        impl Graph { $(pub fn $name(&mut self, x: Id) -> Id { self.map(f::$row, &[x]) })* }
    };
}

macro_rules! binary {
    ($($name:ident $row:ident),*) => {
        impl Graph { $(pub fn $name(&mut self, a: Id, b: Id) -> Id { self.map(f::$row, &[a, b]) })* }
    };
}

unary!(
    neg NEG, exp EXP, ln LN, sqrt SQRT, abs ABS, sign SIGN, floor FLOOR, sin SIN, cos COS, tanh TANH, sigmoid SIGMOID,
    erf ERF, softplus SOFTPLUS, relu RELU, flush FLUSH, step STEP
);
binary!(add ADD, sub SUB, mul MUL, div DIV, max MAX, min MIN, pow POW, less LESS, less_equal LESS_EQUAL, equal EQUAL);

/// Reductions; `axes` stay as 1 unless the name says otherwise.
impl Graph {
    #[inline]
    fn reduce(&mut self, fold: Fold, x: Id, axes: &[usize]) -> Id {
        let shape = self.shape(x).clone();
        assert!(axes.iter().all(|&axis| axis < shape.len()), "{shape} has the axes that are named");
        let mut axes: Vec<usize> = axes.iter().copied().filter(|&axis| shape[axis] != 1).collect();
        sort_by_key(&mut axes, |&axis| axis);
        axes.dedup();
        if axes.is_empty() {
            return x;
        }
        let kept = shape.keep(&axes);
        self.push(Op::Reduce { fold, axes }, &[x], kept)
    }

    #[inline]
    pub fn sum(&mut self, x: Id, axes: &[usize]) -> Id {
        self.reduce(Fold::Sum, x, axes)
    }

    /// The maximum over `axes`; its gradient goes to every place that has it, shared equally.
    #[inline]
    pub fn maximum(&mut self, x: Id, axes: &[usize]) -> Id {
        self.reduce(Fold::Max, x, axes)
    }

    #[inline]
    pub fn mean(&mut self, x: Id, axes: &[usize]) -> Id {
        let count: usize = axes.iter().map(|&axis| self.shape(x)[axis]).product();
        let sum = self.sum(x, axes);
        self.scale(sum, 1.0 / count as f32)
    }

    /// The sum of all numbers, as an array without axes.
    #[inline]
    pub fn sum_all(&mut self, x: Id) -> Id {
        let axes: Vec<usize> = (0..self.shape(x).len()).collect();
        let sum = self.sum(x, &axes);
        self.reshape(sum, [])
    }

    /// The mean of all numbers, as an array without axes.
    #[inline]
    pub fn mean_all(&mut self, x: Id) -> Id {
        let count = self.shape(x).count();
        let sum = self.sum_all(x);
        self.scale(sum, 1.0 / count as f32)
    }

    /// The place of the maximum along an axis, which stays as 1; no gradient.
    #[inline]
    pub fn argmax(&mut self, x: Id, axis: usize) -> Id {
        let kept = self.shape(x).keep(&[axis]);
        self.push(Op::ArgMax { axis }, &[x], kept)
    }
}

/// Products.
impl Graph {
    /// [.., m, k] · [.., k, n] → [.., m, n]; batch axes broadcast.
    #[inline]
    pub fn matmul(&mut self, a: Id, b: Id) -> Id {
        self.matmul_with(a, b, false, false)
    }

    /// [`Graph::matmul`] with the last two axes of an operand swapped first.
    #[inline]
    pub fn matmul_with(&mut self, a: Id, b: Id, transpose_a: bool, transpose_b: bool) -> Id {
        let split = |shape: &Shape, transposed: bool| {
            let rank = shape.len();
            assert!(rank >= 2, "a matrix product needs two axes, not {shape}");
            let (rows, columns) = (shape[rank - 2], shape[rank - 1]);
            let sizes = if transposed { (columns, rows) } else { (rows, columns) };
            (Shape::from(&shape[..rank - 2]), sizes)
        };
        let (batch_a, (m, k)) = split(self.shape(a), transpose_a);
        let (batch_b, (k_b, n)) = split(self.shape(b), transpose_b);
        assert_eq!(k, k_b, "a matrix product of {} and {}: inner sizes differ", self.shape(a), self.shape(b));
        let batch = batch_a.broadcast(&batch_b).expect("batch axes of a matrix product fit");
        let spread = |graph: &mut Graph, x: Id, own: &Shape| {
            let shape = graph.shape(x);
            let last = shape[shape.len() - 2..].to_vec();
            if *own == batch { x } else { graph.broadcast(x, [&batch[..], &last[..]].concat()) }
        };
        let a = spread(self, a, &batch_a);
        let b = if batch_b.is_empty() { b } else { spread(self, b, &batch_b) };
        let shape = [&batch[..], &[m, n]].concat();
        self.push(Op::Matmul { transpose_a, transpose_b }, &[a, b], shape)
    }

    /// One side of a convolution from the other two, in the order of [`Side`].
    #[inline]
    pub fn conv(&mut self, side: Side, conv: Conv, a: Id, b: Id) -> Id {
        let [x, w, y] = conv.shapes();
        let (first, second, result) = match side {
            Side::Output => (x, w, y),
            Side::Input => (y, w, x),
            Side::Kernel => (x, y, w),
        };
        assert_eq!(self.shape(a)[..], first, "first operand of a convolution");
        assert_eq!(self.shape(b)[..], second, "second operand of a convolution");
        self.push(Op::Conv { side, conv }, &[a, b], result)
    }

    /// One step of pooling; `places` for [`PoolStep::Take`] and [`PoolStep::Put`].
    #[inline]
    pub fn pool(&mut self, step: PoolStep, pool: Pool, a: Id, places: Option<Id>) -> Id {
        let [x, y] = pool.shapes();
        let (from, to) = match step {
            PoolStep::ArgMax | PoolStep::Take | PoolStep::Sum => (x, y),
            PoolStep::Put | PoolStep::Spread => (y, x),
        };
        assert_eq!(self.shape(a)[..], from, "operand of pooling");
        assert_eq!(places.is_some(), matches!(step, PoolStep::Take | PoolStep::Put), "places of pooling");
        let inputs: Vec<Id> = std::iter::once(a).chain(places).collect();
        self.push(Op::Pool { step, pool }, &inputs, to)
    }

    /// The maximum of each window.
    #[inline]
    pub fn max_pool(&mut self, pool: Pool, x: Id) -> Id {
        let places = self.pool(PoolStep::ArgMax, pool, x, None);
        self.pool(PoolStep::Take, pool, x, Some(places))
    }

    /// The mean of each window, over the places that are there.
    #[inline]
    pub fn avg_pool(&mut self, pool: Pool, x: Id) -> Id {
        let reach = |axis: usize, out: usize| {
            let start = (out * pool.stride[axis]) as isize - pool.padding[axis] as isize;
            let end = (start + pool.size[axis] as isize).min(pool.input[axis] as isize);
            (end - start.max(0)).max(1) as f32
        };
        let counts: Vec<f32> = (0..pool.output[0])
            .flat_map(|row| (0..pool.output[1]).map(move |column| 1.0 / (reach(0, row) * reach(1, column))))
            .collect();
        let sum = self.pool(PoolStep::Sum, pool, x, None);
        if counts.iter().all(|&count| count == counts[0]) {
            return self.scale(sum, counts[0]);
        }
        let counts = self.constant(Tensor::new([1, pool.output[0], pool.output[1], 1], counts));
        self.mul(sum, counts)
    }
}

/// Movement: the same numbers in other places.
impl Graph {
    #[inline]
    pub fn reshape(&mut self, x: Id, shape: impl Into<Shape>) -> Id {
        let shape = shape.into();
        assert_eq!(self.shape(x).count(), shape.count(), "reshape keeps the count");
        if *self.shape(x) == shape {
            return x;
        }
        self.push(Op::Reshape, &[x], shape)
    }

    /// Repeats axes of 1, and adds axes in front, up to `shape`.
    #[inline]
    pub fn broadcast(&mut self, x: Id, shape: impl Into<Shape>) -> Id {
        let shape = shape.into();
        let own = self.shape(x).clone();
        if own == shape {
            return x;
        }
        if let Op::Scalar(value) = self.node(x).op {
            return self.full(shape, value);
        }
        assert_eq!(own.broadcast(&shape).as_ref(), Some(&shape), "{own} does not stretch to {shape}");
        let mut front = vec![1; shape.len() - own.len()];
        front.extend(&own[..]);
        let x = self.reshape(x, front);
        if *self.shape(x) == shape { x } else { self.push(Op::Broadcast, &[x], shape) }
    }

    #[inline]
    pub fn permute(&mut self, x: Id, axes: &[usize]) -> Id {
        let shape: Vec<usize> = axes.iter().map(|&axis| self.shape(x)[axis]).collect();
        assert_eq!(shape.len(), self.shape(x).len(), "a permutation names every axis");
        self.push(Op::Permute { axes: axes.to_vec() }, &[x], shape)
    }

    /// `count[axis]` numbers from `start[axis]`, every `step[axis]`-th.
    #[inline]
    pub fn slice(&mut self, x: Id, start: &[usize], count: &[usize], step: &[usize]) -> Id {
        let shape = self.shape(x);
        for axis in 0..shape.len() {
            let last = start[axis] + count[axis].saturating_sub(1) * step[axis];
            assert!(step[axis] > 0 && last < shape[axis], "a slice of {shape} stays inside");
        }
        if shape[..] == *count {
            return x;
        }
        self.push(Op::Slice { start: start.to_vec(), step: step.to_vec() }, &[x], count)
    }

    #[inline]
    pub fn pad(&mut self, x: Id, before: &[usize], after: &[usize], value: f32) -> Id {
        let own = self.shape(x);
        let shape: Vec<usize> = (0..own.len()).map(|axis| before[axis] + own[axis] + after[axis]).collect();
        self.push(Op::Pad { before: before.to_vec(), value }, &[x], shape)
    }

    #[inline]
    pub fn flip(&mut self, x: Id, axes: &[usize]) -> Id {
        let shape = self.shape(x).clone();
        self.push(Op::Flip { axes: axes.to_vec() }, &[x], shape)
    }

    #[inline]
    pub fn concat(&mut self, parts: &[Id], axis: usize) -> Id {
        let mut shape = self.shape(parts[0]).clone();
        shape[axis] = 0;
        for &part in parts {
            let own = self.shape(part);
            assert_eq!(own.without(&[axis]), shape.without(&[axis]), "parts agree in the other axes");
            shape[axis] += own[axis];
        }
        if parts.len() == 1 { parts[0] } else { self.push(Op::Concat { axis }, parts, shape) }
    }

    /// The input, through which no gradient flows.
    #[inline]
    pub fn stop(&mut self, x: Id) -> Id {
        let shape = self.shape(x).clone();
        self.push(Op::Stop, &[x], shape)
    }

    /// `value`, whose derivative with respect to x is `slope`, of the shape of x; axes of 1 of the value are repeated in it.
    #[inline]
    pub fn custom_gradient(&mut self, value: Id, x: Id, slope: Id) -> Id {
        assert_eq!(self.shape(x), self.shape(slope), "a slope has its variable's shape");
        let shape = self.shape(value).clone();
        self.push(Op::CustomGradient, &[value, x, slope], shape)
    }
}

/// Indexing. Indices are whole numbers in `f32`.
impl Graph {
    /// Rows of `table` [rows, ..] at `indices`: → [indices.., ..].
    #[inline]
    pub fn gather(&mut self, table: Id, indices: Id) -> Id {
        let shape = [&self.shape(indices)[..], &self.shape(table)[1..]].concat();
        self.push(Op::Gather, &[table, indices], shape)
    }

    /// What `each` makes of every row of `x`: [.., in] → [.., out]. It gets rows [r, in] and treats each one by itself: so
    /// where the rows were taken out of a table that has fewer, it gets the table, and they are taken out of what it makes.
    #[inline]
    pub fn each_row(&mut self, x: Id, each: impl FnOnce(&mut Graph, Id) -> Id) -> Id {
        if let Some((table, indices)) = self.taken(x) {
            let made = each(self, table);
            return self.gather(made, indices);
        }
        let mut sizes = self.shape(x).to_vec();
        let width = sizes.pop().expect("rows have an axis");
        let rows = self.reshape(x, [sizes.iter().product(), width]);
        let made = each(self, rows);
        sizes.push(self.shape(made)[1]);
        self.reshape(made, sizes)
    }

    /// The smaller table [rows, width] of numbers that the rows of `x` were taken out of, and their indices.
    #[inline]
    fn taken(&mut self, x: Id) -> Option<(Id, Id)> {
        let node = self.node(x);
        let &source = node.inputs.first()?;
        match &node.op {
            Op::Gather => {
                let indices = node.inputs[1];
                let table = self.node(source);
                let fits = table.shape.len() == 2 && table.shape[0] < self.shape(indices).count();
                (fits && !matches!(table.op, Op::Bytes(_))).then_some((source, indices))
            }
            Op::Permute { axes } if axes.last() == Some(&(axes.len() - 1)) => {
                let order = axes[..axes.len() - 1].to_vec();
                let (table, indices) = self.taken(source)?;
                Some((table, self.permute(indices, &order)))
            }
            _ => None,
        }
    }

    /// The sum of the rows of `values` [indices.., ..] at each of `rows` indices: → [rows, ..].
    #[inline]
    pub fn scatter_add(&mut self, indices: Id, values: Id, rows: usize) -> Id {
        let rank = self.shape(indices).len();
        assert_eq!(self.shape(values)[..rank], self.shape(indices)[..], "values begin with the indices' axes");
        let shape = [&[rows], &self.shape(values)[rank..]].concat();
        self.push(Op::ScatterAdd, &[indices, values], shape)
    }

    /// Pictures [n, h, w, c] seen through an affine map [n, 6]; see [`Op::Resample`].
    #[inline]
    pub fn resample(&mut self, x: Id, theta: Id) -> Id {
        let shape = self.shape(x).clone();
        assert_eq!(self.shape(theta)[..], [shape[0], 6], "one affine map a picture");
        self.push(Op::Resample, &[x, theta], shape)
    }
}

/// The longest axis of [`Op::LogSoftmax`]: on a graphics card one invocation walks it.
const MOST_CLASSES: usize = 256;

/// Compositions used by layers and losses alike.
impl Graph {
    #[inline]
    pub fn log_softmax(&mut self, x: Id, axis: usize) -> Id {
        let shape = self.shape(x).clone();
        if axis + 1 == shape.len() && shape[axis] <= MOST_CLASSES {
            return self.push(Op::LogSoftmax, &[x], shape);
        }
        let (below, _, sum) = self.powers(x, axis);
        let total = self.ln(sum);
        self.sub(below, total)
    }

    #[inline]
    pub fn softmax(&mut self, x: Id, axis: usize) -> Id {
        let (_, e, sum) = self.powers(x, axis);
        self.div(e, sum)
    }

    /// How far each number is below the largest along an axis, the exponential of that, and their sum, which keeps the axis as 1:
    /// so that large numbers overflow nowhere, and the difference of two of them loses no digits.
    #[inline]
    fn powers(&mut self, x: Id, axis: usize) -> (Id, Id, Id) {
        let top = self.maximum(x, &[axis]);
        let top = self.stop(top);
        let below = self.sub(x, top);
        let e = self.exp(below);
        let sum = self.sum(e, &[axis]);
        (below, e, sum)
    }

    /// 1 at each index, else 0: indices [..] → [.., classes].
    #[inline]
    pub fn one_hot(&mut self, indices: Id, classes: usize) -> Id {
        let mut shape = self.shape(indices).clone();
        shape.push(1);
        let column = self.reshape(indices, shape.clone());
        let last = shape.len() - 1;
        shape[last] = classes;
        let place = self.iota(shape, last);
        self.equal(column, place)
    }
}
