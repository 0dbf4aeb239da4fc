//! Convolution: each filter is a small kernel that slides over the picture and reports where it fits.
//!
//! Cross-correlation, x: [n, h, w, in] → y: [n, h', w', filters]; kernel: [kh, kw, in / groups, filters]. Groups are
//! consecutive slices of the channels.

use super::{Build, Group, Layer, Parameter, Remedy, Trouble, Work, dense::BIAS, finish, picture, window};
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

pub static CONV2D: Layer = Layer {
    about: About {
        id: "conv2d",
        label: "Convolution",
        help: words!("Small filters slide over the picture and report where they fit."),
        fields: &[
            FILTERS,
            KERNEL,
            STRIDE,
            window::SAME,
            Field::new(
                "dilation",
                "Dilation",
                "How far apart the numbers lie that the filter looks at.",
                STRIDES,
                Value::Size([1, 1]),
            ),
            Field::new(
                "groups",
                "Groups",
                "Into how many parts the channels are split; each filter sees one part.",
                Kind::Count { min: 1, max: 4096 },
                Value::Count(1),
            ),
            activation::FIELD,
            BIAS,
        ],
    },
    group: Group::Weights,
    joins: false,
    work: Work::new(shape, parameters, build),
};

pub const FILTERS: Field = Field::needed(
    "filters",
    "Filters",
    "How many patterns to look for; each makes one map.",
    Kind::Count { min: 1, max: 4096 },
    Value::Count(16),
);
pub const KERNEL: Field = Field::new(
    "kernel",
    "Kernel",
    "The height and width of a filter.",
    Kind::Size { min: 1, max: 64 },
    Value::Size([3, 3]),
);
pub const STRIDES: Kind = Kind::Size { min: 1, max: 64 };
pub const STRIDE: Field =
    Field::new("stride", "Stride", "How far the filter moves each time.", STRIDES, Value::Size([1, 1]));

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let [h, w, channels] = picture("Convolution", &inputs[0])?;
    let (filters, groups) = (values.count("filters"), values.count("groups"));
    if !channels.is_multiple_of(groups) || !filters.is_multiple_of(groups) {
        let message = format!(
            "{groups} groups cannot share {channels} channels and {filters} filters evenly; both must be multiples of the groups."
        );
        return Err(Trouble::new(message).at("groups").mend(|| Remedy::Set("groups", Value::Count(1))));
    }
    let [rows, columns] = stops(values, [h, w], values.size("dilation"))?;
    Ok([rows.output, columns.output, filters].into())
}

/// Where a filter with the fields `kernel`, `stride` and `padding` stops on a picture of this height and width.
pub fn stops(values: &Values, input: [usize; 2], dilation: [usize; 2]) -> Result<[window::Axis; 2], Trouble> {
    let (kernel, stride) = (values.size("kernel"), values.size("stride"));
    let side = |i: usize| window::axis(input[i], kernel[i], stride[i], dilation[i], values.choice("padding"));
    side(0).zip(side(1)).map(|(rows, columns)| [rows, columns]).ok_or_else(|| {
        let [h, w] = input;
        let reach = [0, 1].map(|i| (kernel[i] - 1) * dilation[i] + 1);
        let message = format!("The filter spans {} × {}, more than the picture's {h} × {w}.", reach[0], reach[1]);
        Trouble::new(message).at("kernel").mend(|| Remedy::Set("padding", Value::Choice("same")))
    })
}

fn parameters(values: &Values, inputs: &[Shape]) -> Vec<Parameter> {
    let [kh, kw] = values.size("kernel");
    let (filters, groups) = (values.count("filters"), values.count("groups"));
    let channels = inputs[0][2] / groups;
    let rectifies = activation::find(values.choice("activation")).rectifies;
    let init = Init::kernel(kh * kw * channels, kh * kw * filters / groups, rectifies);
    let mut parameters = vec![Parameter::trained("kernel", [kh, kw, channels, filters], init)];
    if values.flag("bias") {
        parameters.push(Parameter::trained("bias", [filters], Init::Full(0.0)));
    }
    parameters
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], parameters: &[Id]) -> Id {
    let [batch, h, w, channels] = b.sizes(inputs[0])[..] else { unreachable!("a batch of pictures") };
    let [rows, columns] = stops(values, [h, w], values.size("dilation")).expect("a window that fits");
    let conv = Conv {
        batch,
        input: [h, w],
        channels,
        output: [rows.output, columns.output],
        filters: values.count("filters"),
        kernel: values.size("kernel"),
        stride: values.size("stride"),
        dilation: values.size("dilation"),
        padding: [rows.before, columns.before],
        groups: values.count("groups"),
    };
    let y = b.graph.conv(Side::Output, conv, inputs[0], parameters[0]);
    finish(b, values, y, parameters.get(1).copied())
}
