//! Transposed convolution: every pixel stamps a pattern into a larger picture; the gradient of a convolution.
//!
//! x: [n, h, w, in] → y: [n, h', w', filters]; kernel: [kh, kw, filters, in]. valid: h' = (h − 1)·stride + kh. same:
//! h' = h·stride, with kh − stride rows cropped, the odd one at the end; where the kernel is smaller than the stride,
//! the rows that no stamp reaches hold the bias alone.

use super::{
    Build, Group, Layer, Parameter, Trouble, Work,
    conv2d::{FILTERS, KERNEL, STRIDES},
    dense::BIAS,
    finish, picture, window,
};
use crate::{
    graph::{
        Id,
        op::{Conv, Side},
    },
    nn::{
        activation,
        field::{About, Field, Value, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static CONV2D_TRANSPOSE: Layer = Layer {
    about: About {
        id: "conv2d-transpose",
        label: "Transposed convolution",
        help: words!("Draws with its filters: every number stamps a pattern into a larger picture."),
        fields: &[
            FILTERS,
            KERNEL,
            Field::new("stride", "Stride", "How many times larger the picture becomes.", STRIDES, Value::Size([2, 2])),
            window::SAME,
            activation::FIELD,
            BIAS,
        ],
    },
    group: Group::Pictures,
    joins: false,
    work: Work::new(shape, parameters, build),
};

/// (size of the result, rows cropped before it) along one axis.
fn axis(values: &Values, input: usize, axis: usize) -> (usize, usize) {
    let (kernel, stride) = (values.size("kernel")[axis], values.size("stride")[axis]);
    match values.choice("padding") {
        "same" => (input * stride, kernel.saturating_sub(stride) / 2),
        _ => ((input - 1) * stride + kernel, 0),
    }
}

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let [h, w, _] = picture("Transposed convolution", &inputs[0])?;
    Ok([axis(values, h, 0).0, axis(values, w, 1).0, values.count("filters")].into())
}

fn parameters(values: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    let ([kh, kw], [sh, sw]) = (values.size("kernel"), values.size("stride"));
    let (filters, channels) = (values.count("filters"), inputs[0][2]);
    let rectifies = activation::find(values.choice("activation")).rectifies;
    // only every stride-th row and column of stamps meets at one place
    let fan_in = kh.div_ceil(sh) * kw.div_ceil(sw) * channels;
    let init = Init::kernel(fan_in, kh * kw * filters, rectifies);
    let mut parameters = vec![Parameter::trained("kernel", [kh, kw, filters, channels], init)];
    if values.flag("bias") {
        parameters.push(Parameter::trained("bias", [filters], Init::Full(0.0)));
    }
    parameters
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let [batch, h, w, channels] = b.sizes(inputs[0])[..] else { unreachable!("a batch of pictures") };
    let ((rows, top), (columns, left)) = (axis(values, h, 0), axis(values, w, 1));
    // the convolution that would lead from the result to the input
    let conv = Conv {
        batch,
        input: [rows, columns],
        channels: values.count("filters"),
        output: [h, w],
        filters: channels,
        kernel: values.size("kernel"),
        stride: values.size("stride"),
        dilation: [1, 1],
        padding: [top, left],
        groups: 1,
    };
    let y = b.graph.conv(Side::Input, conv, inputs[0], parameters[0]);
    finish(b, values, y, parameters.get(1).copied())
}
