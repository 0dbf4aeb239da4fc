//! Depthwise convolution: each channel has filters of its own.
//!
//! x: [n, h, w, in] → y: [n, h', w', in·multiplier]; kernel: [kh, kw, in, multiplier]. The result of filter m of a channel
//! is channel·multiplier + m: a convolution with as many groups as channels.

use super::{
    Build, Group, Layer, Parameter, Trouble, Work,
    conv2d::{self, KERNEL, STRIDE},
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
        field::{About, Field, Kind, Value, Values},
        init::Init,
    },
    tensor::Shape,
};

pub static DEPTHWISE_CONV2D: Layer = Layer {
    about: About {
        id: "depthwise-conv2d",
        label: "Depthwise convolution",
        help: words!("Filters that look at one channel each."),
        fields: &[
            KERNEL,
            STRIDE,
            window::SAME,
            Field::new(
                "multiplier",
                "Multiplier",
                "Filters for each channel.",
                Kind::Count { min: 1, max: 64 },
                Value::Count(1),
            ),
            activation::FIELD,
            BIAS,
        ],
    },
    group: Group::Pictures,
    joins: false,
    work: Work::new(shape, parameters, build),
};

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let [h, w, channels] = picture("Depthwise convolution", &inputs[0])?;
    let [rows, columns] = conv2d::stops(values, [h, w], [1, 1])?;
    Ok([rows.output, columns.output, channels * values.count("multiplier")].into())
}

fn parameters(values: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    let [kh, kw] = values.size("kernel");
    let (channels, multiplier) = (inputs[0][2], values.count("multiplier"));
    let rectifies = activation::find(values.choice("activation")).rectifies;
    let init = Init::kernel(kh * kw, kh * kw * multiplier, rectifies);
    let mut parameters = vec![Parameter::trained("kernel", [kh, kw, channels, multiplier], init)];
    if values.flag("bias") {
        parameters.push(Parameter::trained("bias", [channels * multiplier], Init::Full(0.0)));
    }
    parameters
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let [batch, h, w, channels] = b.sizes(inputs[0])[..] else { unreachable!("a batch of pictures") };
    let (kernel, filters) = (values.size("kernel"), channels * values.count("multiplier"));
    let [rows, columns] = conv2d::stops(values, [h, w], [1, 1]).expect("a window that fits");
    let conv = Conv {
        batch,
        input: [h, w],
        channels,
        output: [rows.output, columns.output],
        filters,
        kernel,
        stride: values.size("stride"),
        dilation: [1, 1],
        padding: [rows.before, columns.before],
        groups: channels,
    };
    let w = b.graph.reshape(parameters[0], [kernel[0], kernel[1], 1, filters]);
    let y = b.graph.conv(Side::Output, conv, inputs[0], w);
    finish(b, values, y, parameters.get(1).copied())
}
