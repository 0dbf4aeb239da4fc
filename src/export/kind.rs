//! What a layer computes, as a closed set: every framework answers for each of these, or the compiler says so.

use crate::{
    nn::{Values, layer::window},
    tensor::Shape,
};

/// A layer with every field filled in; what is not here is in its shapes.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Dense {
        units: usize,
        bias: bool,
    },
    Conv2d {
        filters: usize,
        window: Window,
        groups: usize,
        bias: bool,
    },
    /// `crop`: rows and columns taken off (before, after) along each axis; a negative number is as many rows added.
    Conv2dTranspose {
        filters: usize,
        kernel: [usize; 2],
        stride: [usize; 2],
        same: bool,
        crop: [[isize; 2]; 2],
        bias: bool,
    },
    DepthwiseConv2d {
        window: Window,
        multiplier: usize,
        bias: bool,
    },
    MaxPool2d {
        window: Window,
    },
    AvgPool2d {
        window: Window,
    },
    GlobalMaxPool2d,
    GlobalAvgPool2d,
    Upsample2d {
        factor: usize,
        bilinear: bool,
    },
    Flatten,
    /// To the layer's own shape.
    Reshape,
    /// The layer's own function, and nothing else.
    Activation,
    Dropout {
        rate: f64,
    },
    GaussianNoise {
        stddev: f64,
    },
    /// `momentum` is the share of the old value that stays.
    BatchNorm {
        momentum: f64,
        epsilon: f64,
    },
    LayerNorm {
        epsilon: f64,
    },
    Embedding {
        vocabulary: usize,
        units: usize,
    },
    Position {
        length: usize,
    },
    Recurrent {
        cell: Cell,
        units: usize,
        sequences: bool,
    },
    Attention {
        heads: usize,
        causal: bool,
    },
    Add,
    Multiply,
    /// Along this axis of a sample; the batch is not counted.
    Concat {
        axis: usize,
    },
    /// In use a dense layer with a sigmoid; its visible bias has no part in that.
    Rbm {
        units: usize,
    },
}

/// Where a window stops on a picture: height, then width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub size: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    /// Padded so that the result has ⌈input / stride⌉ places; else not at all.
    pub same: bool,
    /// The rows and columns of padding that this comes to.
    pub before: [usize; 2],
    pub after: [usize; 2],
}

impl Window {
    /// Whether both ends are padded alike, which is all that some frameworks know.
    pub fn is_even(&self) -> bool {
        self.before == self.after
    }

    pub fn is_padded(&self) -> bool {
        self.before != [0, 0] || self.after != [0, 0]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    Simple,
    Lstm,
    Gru,
}

/// An activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Linear,
    Relu,
    LeakyRelu,
    Elu,
    Gelu,
    Silu,
    Sigmoid,
    Tanh,
    Softplus,
    Softmax,
    Step,
}

impl Kind {
    /// The kind of the row `id` with these fields on such inputs; `None` for a row that has no description yet.
    pub fn read(id: &str, values: &Values, inputs: &[Shape], output: &Shape) -> Option<Kind> {
        let bias = || values.flag("bias");
        let window = |size: &str, dilation: [usize; 2]| {
            let same = values.choice("padding") == "same";
            let (size, stride) = (values.size(size), values.size("stride"));
            let axis = |i: usize| {
                window::axis(inputs[0][i], size[i], stride[i], dilation[i], values.choice("padding"))
                    .expect("a window that was checked")
            };
            let (rows, columns) = (axis(0), axis(1));
            let (before, after) = ([rows.before, columns.before], [rows.after, columns.after]);
            Window { size, stride, dilation, same, before, after }
        };
        Some(match id {
            "dense" => Kind::Dense { units: values.count("units"), bias: bias() },
            "conv2d" => Kind::Conv2d {
                filters: values.count("filters"),
                window: window("kernel", values.size("dilation")),
                groups: values.count("groups"),
                bias: bias(),
            },
            "conv2d-transpose" => {
                let (kernel, stride) = (values.size("kernel"), values.size("stride"));
                let crop = [0, 1].map(|i| {
                    let all = (inputs[0][i] - 1) * stride[i] + kernel[i];
                    let cut = all as isize - output[i] as isize;
                    let before = cut.max(0) / 2;
                    [before, cut - before]
                });
                let same = values.choice("padding") == "same";
                Kind::Conv2dTranspose { filters: values.count("filters"), kernel, stride, same, crop, bias: bias() }
            }
            "depthwise-conv2d" => Kind::DepthwiseConv2d {
                window: window("kernel", [1, 1]),
                multiplier: values.count("multiplier"),
                bias: bias(),
            },
            "max-pool2d" => Kind::MaxPool2d { window: window("size", [1, 1]) },
            "avg-pool2d" => Kind::AvgPool2d { window: window("size", [1, 1]) },
            "global-max-pool2d" => Kind::GlobalMaxPool2d,
            "global-avg-pool2d" => Kind::GlobalAvgPool2d,
            "upsample2d" => {
                Kind::Upsample2d { factor: values.count("factor"), bilinear: values.choice("method") == "bilinear" }
            }
            "flatten" => Kind::Flatten,
            "reshape" => Kind::Reshape,
            "activation" => Kind::Activation,
            "dropout" => Kind::Dropout { rate: values.number("rate") },
            "gaussian-noise" => Kind::GaussianNoise { stddev: values.number("stddev") },
            "batch-norm" => Kind::BatchNorm { momentum: values.number("momentum"), epsilon: values.number("epsilon") },
            "layer-norm" => Kind::LayerNorm { epsilon: values.number("epsilon") },
            "embedding" => Kind::Embedding { vocabulary: values.count("vocabulary"), units: values.count("units") },
            "position" => Kind::Position { length: values.count("length") },
            "simple-rnn" => recurrent(Cell::Simple, values),
            "lstm" => recurrent(Cell::Lstm, values),
            "gru" => recurrent(Cell::Gru, values),
            "attention" => Kind::Attention { heads: values.count("heads"), causal: values.flag("causal") },
            "add" => Kind::Add,
            "multiply" => Kind::Multiply,
            "concat" => {
                let axis = values.whole("axis");
                let axis = if axis < 0 { inputs[0].len() as i64 + axis } else { axis - 1 };
                Kind::Concat { axis: usize::try_from(axis).ok()? }
            }
            "rbm" => Kind::Rbm { units: values.count("units") },
            _ => return None,
        })
    }
}

fn recurrent(cell: Cell, values: &Values) -> Kind {
    Kind::Recurrent { cell, units: values.count("units"), sequences: values.flag("return-sequences") }
}

impl Function {
    /// The function of this name in documents; `None` for one that has no description yet.
    pub fn read(id: &str) -> Option<Function> {
        Some(match id {
            "linear" => Function::Linear,
            "relu" => Function::Relu,
            "leaky-relu" => Function::LeakyRelu,
            "elu" => Function::Elu,
            "gelu" => Function::Gelu,
            "silu" => Function::Silu,
            "sigmoid" => Function::Sigmoid,
            "tanh" => Function::Tanh,
            "softplus" => Function::Softplus,
            "softmax" => Function::Softmax,
            "step" => Function::Step,
            _ => return None,
        })
    }

    /// Whether kernels before it start with He's normal numbers rather than Glorot's uniform ones.
    pub fn rectifies(self) -> bool {
        match self {
            Function::Relu | Function::LeakyRelu | Function::Elu | Function::Gelu | Function::Silu => true,
            Function::Linear
            | Function::Sigmoid
            | Function::Tanh
            | Function::Softplus
            | Function::Softmax
            | Function::Step => false,
        }
    }
}
