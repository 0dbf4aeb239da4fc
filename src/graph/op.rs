//! What a node can be: the primitives that everything else is composed of.

use super::function::Function;
use std::sync::Arc;

/// One primitive operation. Shapes are those of the node's inputs, in order, and of the node.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Numbers given before a step, by name.
    Input(String),
    /// Pictures on the device, one byte a number: read through [`Op::Gather`] alone, as value / 255.
    Bytes(String),
    /// Numbers that stay on the device from step to step, by name.
    State(String),
    /// Numbers known while building.
    Constant(Arc<Vec<f32>>),
    /// One number known while building, in every place.
    Scalar(f32),
    /// One number set anew for every step, by name: a learning rate, the count of steps.
    Knob(String),
    /// The index along an axis.
    Iota {
        axis: usize,
    },
    /// Uniform in [0, 1) from (seed, purpose, step, place in row-major order).
    Uniform {
        purpose: u32,
    },
    /// An elementwise function; all inputs have the node's shape.
    Map(Function),
    /// Sum or maximum over axes, which stay as 1.
    Reduce {
        fold: Fold,
        axes: Vec<usize>,
    },
    /// The place of the maximum along an axis (the first of equals), which stays as 1.
    ArgMax {
        axis: usize,
    },
    /// x − ln Σ exp(x) over the last axis.
    LogSoftmax,
    /// [.., m, k] · [.., k, n] → [.., m, n]; a transposed operand has its last two axes swapped. The batch axes are equal,
    /// or the second operand has none.
    Matmul {
        transpose_a: bool,
        transpose_b: bool,
    },
    /// One side of the triple Σ x·w·y that a convolution is; see [`Conv`].
    Conv {
        side: Side,
        conv: Conv,
    },
    /// One of five steps of pooling; see [`Pool`].
    Pool {
        step: PoolStep,
        pool: Pool,
    },
    /// The same numbers in row-major order under another shape.
    Reshape,
    /// Axis i of the result is axis `axes[i]` of the input.
    Permute {
        axes: Vec<usize>,
    },
    /// Axes of 1 repeated to the node's shape; ranks are equal.
    Broadcast,
    /// From `start`, every `step`-th, as many as the node's shape says.
    Slice {
        start: Vec<usize>,
        step: Vec<usize>,
    },
    /// `value` around the input, which begins at `before`.
    Pad {
        before: Vec<usize>,
        value: f32,
    },
    Flip {
        axes: Vec<usize>,
    },
    Concat {
        axis: usize,
    },
    /// Rows of a table [rows, ..] by indices: → [indices.., ..].
    Gather,
    /// Rows added up at their indices: (indices, values [indices.., ..]) → [rows, ..].
    ScatterAdd,
    /// Pictures [n, h, w, c] seen through an affine map [n, 6] of output to input coordinates, bilinear, edges repeated.
    ///
    /// With u, v in [−1, 1] across the output (pixel centres), input u' = t0·u + t1·v + t2, v' = t3·u + t4·v + t5; u runs
    /// along the width. It moves data, and has no gradient.
    Resample,
    /// The input; no gradient flows back through it.
    Stop,
    /// (value, x, slope) → value, where the caller knows its derivative: what flows back goes to x alone, times slope.
    CustomGradient,
}

/// How a reduction combines numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fold {
    Sum,
    Max,
}

/// A two-dimensional convolution as a form of three arrays: T = Σ x[n, oh·s + kh·d − p, …, ci] · w[kh, kw, ci, co] · y[n, oh, ow, co].
///
/// Each [`Side`] is the derivative of T with respect to one array, so the three are closed under gradients.
/// x: [n, height, width, channels], w: [kernel.., channels / groups, filters], y: [n, out.., filters].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conv {
    pub batch: usize,
    pub input: [usize; 2],
    pub channels: usize,
    pub output: [usize; 2],
    pub filters: usize,
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    /// Zeros before the first row and column. Those after the last follow from the sizes.
    pub padding: [usize; 2],
    pub groups: usize,
}

/// Which array a convolution node computes from the other two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// (x, w) → y: the convolution.
    Output,
    /// (y, w) → x: its gradient for the input, the transposed convolution.
    Input,
    /// (x, y) → w: its gradient for the kernel.
    Kernel,
}

/// Windows over pictures. x: [n, height, width, channels], y: [n, out.., channels].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pool {
    pub batch: usize,
    pub input: [usize; 2],
    pub channels: usize,
    pub output: [usize; 2],
    pub size: [usize; 2],
    pub stride: [usize; 2],
    /// Rows and columns before the first that are not there; they are never chosen and add nothing.
    pub padding: [usize; 2],
}

/// One of the linear or index steps that pooling consists of, closed under gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolStep {
    /// x → y: the place row · width + column of each window's maximum, the first of equals.
    ArgMax,
    /// (x, places) → y: the numbers at these places.
    Take,
    /// (y, places) → x: the numbers added up at these places.
    Put,
    /// x → y: the sum of each window.
    Sum,
    /// y → x: each number added to every place of its window.
    Spread,
}

impl Conv {
    /// Shapes of (x, w, y).
    pub fn shapes(&self) -> [[usize; 4]; 3] {
        [
            [self.batch, self.input[0], self.input[1], self.channels],
            [self.kernel[0], self.kernel[1], self.channels / self.groups, self.filters],
            [self.batch, self.output[0], self.output[1], self.filters],
        ]
    }
}

impl Pool {
    /// Shapes of (x, y).
    pub fn shapes(&self) -> [[usize; 4]; 2] {
        [
            [self.batch, self.input[0], self.input[1], self.channels],
            [self.batch, self.output[0], self.output[1], self.channels],
        ]
    }
}
