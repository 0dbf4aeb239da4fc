//! Each class of Keras as layers of a document, with its arrays as their parameters.

use super::{
    Array, Row,
    config::{Config, leaky},
    graph::text,
    made::Made,
};
use crate::nn::json::Json;

/// Everything that a class may ask of where it stands.
pub struct Around<'a> {
    pub row: &'a Row,
    pub arrays: Vec<Array>,
    /// The row that it reads, where that is made for it alone.
    pub before: Option<&'a Row>,
    /// The row that alone reads it.
    pub after: Option<&'a Row>,
    /// How many numbers a sample has there, where that is known.
    pub count: Option<usize>,
}

/// The layers that a row becomes, one after the other; none where it changes nothing. The error is the end of a sentence that
/// begins with the layer's name.
pub fn made(around: &mut Around) -> Result<Vec<Made>, String> {
    let row = around.row;
    let c = Config { json: &row.config };
    c.channels_last()?;
    let activation = || c.activation("activation");
    let one = |made: Made| Ok(vec![made]);
    match row.class.as_str() {
        "Dense" => {
            let made = Made::of("dense").with("units", c.count("units")?).bias(c.flag("use_bias", true));
            one(made.function(activation()?).weights(around, &["kernel"], &[("bias", c.flag("use_bias", true))])?)
        }
        "Conv2D" | "Convolution2D" => one(convolution(around, &c)?),
        "SeparableConv2D" | "SeparableConvolution2D" => separable(around, &c),
        "Conv2DTranspose" => {
            let (kernel, stride) = (c.size("kernel_size", None)?, c.size("strides", Some([1, 1]))?);
            let same = c.padding()? == "same";
            if c.size("dilation_rate", Some([1, 1]))? != [1, 1] || !c.is_null("output_padding") {
                return Err("has a dilation or an output padding, which a transposed convolution here has \
                    not."
                    .into());
            }
            let more = [0, 1].map(|i| if same { 0 } else { stride[i].saturating_sub(kernel[i]) });
            let cut = around.after.filter(|row| row.class == "Cropping2D");
            let cut = cut.map(|row| Config { json: &row.config }.around("cropping")).transpose()?;
            if more != [0, 0] && cut != Some(more.map(|more| [0, more])) {
                return Err("has a kernel smaller than its strides without padding, so that it ends in empty \
                    rows: use \"same\"."
                    .into());
            }
            let bias = c.flag("use_bias", true);
            let made = Made::of("conv2d-transpose").with("filters", c.count("filters")?);
            let made = made.size("kernel", kernel, [3, 3]).size("stride", stride, [2, 2]).padding(same, true);
            one(made.bias(bias).function(activation()?).weights(around, &["kernel"], &[("bias", bias)])?)
        }
        "DepthwiseConv2D" => {
            if c.size("dilation_rate", Some([1, 1]))? != [1, 1] {
                return Err("has a dilation, which a depthwise convolution here has not.".into());
            }
            one(depthwise(&c, around.before)?.bias(c.flag("use_bias", true)).function(activation()?).weights(
                around,
                &["kernel"],
                &[("bias", c.flag("use_bias", true))],
            )?)
        }
        "MaxPooling2D" | "MaxPool2D" => one(pooled("max-pool2d", &c)?),
        "AveragePooling2D" | "AvgPool2D" => one(pooled("avg-pool2d", &c)?),
        "PaddedAveragePooling2D" => {
            let (size, stride) = (c.size("pool_size", None)?, c.size("strides", None)?);
            let mut made =
                Made::of("avg-pool2d").size("size", size, [2, 2]).size("stride", stride, size).padding(true, false);
            made.padding = Some(c.around("padding")?);
            one(made)
        }
        "GlobalMaxPooling2D" | "GlobalMaxPool2D" | "GlobalAveragePooling2D" | "GlobalAvgPool2D" => {
            if c.flag("keepdims", false) {
                return Err("keeps the axes of height and width: set keepdims to False.".into());
            }
            one(Made::of(if row.class.contains("Max") { "global-max-pool2d" } else { "global-avg-pool2d" }))
        }
        "UpSampling2D" => {
            let [h, w] = c.size("size", Some([2, 2]))?;
            let method = text(c.json, "interpolation").unwrap_or("nearest");
            if h != w || !["nearest", "bilinear"].contains(&method) {
                return Err(format!(
                    "enlarges by {h} and {w} by the method \"{method}\": one factor for both \
                    axes and nearest or bilinear are read."
                ));
            }
            one(Made::of("upsample2d").usual("factor", h, 2).choice("method", method, "nearest"))
        }
        "BilinearUpSampling2D" => {
            one(Made::of("upsample2d").usual("factor", c.count("factor")?, 2).choice("method", "bilinear", "nearest"))
        }
        "Flatten" => one(Made::of("flatten")),
        "Reshape" => one(Made::of("reshape").with("shape", target(&c, around.count)?)),
        "Activation" => match activation()? {
            "linear" if row.name.contains("_again_") => Ok(Vec::new()),
            function => one(Made::of("activation").with("function", function)),
        },
        "ReLU" => match (c.number("max_value"), c.number("negative_slope").or(c.number("alpha")).unwrap_or(0.0)) {
            (None, slope) if c.number("threshold").unwrap_or(0.0) == 0.0 => {
                one(Made::of("activation").with("function", leaky(slope)?))
            }
            _ => Err("cuts its values off at an upper bound or a threshold, which no activation here does: use \
                a plain ReLU."
                .into()),
        },
        "LeakyReLU" => {
            let slope = c.number("negative_slope").or(c.number("alpha")).unwrap_or(0.3);
            one(Made::of("activation").with("function", leaky(slope)?))
        }
        "ELU" if c.number("alpha").unwrap_or(1.0) == 1.0 => one(Made::of("activation").with("function", "elu")),
        "Softmax" if c.axis_is_last() => one(Made::of("activation").with("function", "softmax")),
        "Step" => one(Made::of("activation").with("function", "step")),
        "Dropout" => one(Made::of("dropout").usual_number("rate", c.number("rate").unwrap_or(0.5), 0.5)),
        "SpatialDropout2D" | "AlphaDropout" => {
            let made = Made::of("dropout").usual_number("rate", c.number("rate").unwrap_or(0.5), 0.5);
            one(made.say("It became a plain dropout; answers are the same, training differs a little."))
        }
        "GaussianNoise" => {
            one(Made::of("gaussian-noise").usual_number("stddev", c.number("stddev").unwrap_or(0.1), 0.1))
        }
        "BatchNormalization" => {
            let made = Made::of("batch-norm").usual_number("momentum", c.number("momentum").unwrap_or(0.99), 0.9);
            let mut made = made.usual_number("epsilon", c.number("epsilon").unwrap_or(1e-3), 1e-5);
            made.axis = c.last_axis()?;
            let (scale, center) = (c.flag("scale", true), c.flag("center", true));
            let own = [("gamma", scale), ("beta", center), ("moving-mean", true), ("moving-variance", true)];
            one(made.weights(around, &[], &own)?)
        }
        "LayerNormalization" => {
            let mut made = Made::of("layer-norm").usual_number("epsilon", c.number("epsilon").unwrap_or(1e-3), 1e-5);
            made.axis = c.last_axis()?;
            one(made.weights(around, &[], &[("gamma", c.flag("scale", true)), ("beta", c.flag("center", true))])?)
        }
        "Embedding" => {
            let made =
                Made::of("embedding").with("vocabulary", c.count("input_dim")?).with("units", c.count("output_dim")?);
            let made = match c.flag("mask_zero", false) {
                true => made.say("It masks zeros, which nothing here does: they count like any other number."),
                false => made,
            };
            one(made.weights(around, &["embeddings"], &[])?)
        }
        "Position" | "PositionEmbedding" => {
            let length = c.count("length").or_else(|_| c.count("sequence_length"))?;
            one(Made::of("position").with("length", length).weights(around, &["embeddings"], &[])?)
        }
        "SimpleRNN" | "LSTM" | "GRU" | "ResetAfterGRU" => one(recurrent(around, &c)?),
        "MultiHeadAttention" | "MultiHeadSelfAttention" => one(attention(around, &c)?),
        "SelfAttention" => {
            let made =
                Made::of("attention").usual("heads", c.count("heads")?, 1).flag("causal", c.flag("causal", false));
            let names = ["query", "key", "value", "output", "query-bias", "key-bias", "value-bias", "output-bias"];
            one(made.weights(around, &names, &[])?)
        }
        "GroupedConv2D" => one(convolution(around, &c)?),
        "Add" => one(Made::of("add")),
        "Multiply" => one(Made::of("multiply")),
        "Concatenate" => one(match c.number("axis").unwrap_or(-1.0) {
            -1.0 => Made::of("concat"),
            axis => Made::of("concat").with("axis", axis),
        }),
        "TimeDistributed" => inner(around, &c),
        "Rescaling" if c.number("scale") == Some(1.0) && c.number("offset").unwrap_or(0.0) == 0.0 => Ok(Vec::new()),
        "Rescaling"
            if row.inputs == [0]
                && c.number("scale").is_some_and(|s| (s * 255.0 - 1.0).abs() < 1e-6)
                && c.number("offset").unwrap_or(0.0) == 0.0 =>
        {
            Ok(vec![Made::default().say(
                "It makes numbers up to 255 numbers up to 1, which pictures here have \
                from the start; it is left out.",
            )])
        }
        class if AUGMENTING.contains(&class) => Ok(vec![Made::default().say(
            "It changes samples while training alone; it is left out. Choose \
                augmentations beside the data instead.",
        )]),
        // taken up by the layer before it
        "Cropping2D" if around.before.is_some_and(|row| row.class == "Conv2DTranspose") => Ok(Vec::new()),
        "ZeroPadding2D" if around.after.is_some_and(|row| PADDED.contains(&row.class.as_str())) => Ok(Vec::new()),
        "ZeroPadding2D" => Err("pads what no convolution after it reads alone: give the convolution padding \
            \"same\" instead."
            .into()),
        "Lambda" | "TFOpLambda" | "SlicingOpLambda" => {
            // a plain sum or product of two layers, as Keras 2 writes it
            if let Some(join) = joined(row, &c) {
                return one(Made::of(join));
            }
            Err("computes with a program of its own, and nothing out of a file is executed here: replace it by \
                plain layers."
                .into())
        }
        class => Err(format!(
            "is of the class \"{class}\", for which there is no layer here: take it out, or \
            replace it by one that there is."
        )),
    }
}

/// Layers that take up the zeros of a layer before them.
const PADDED: &[&str] = &["Conv2D", "Convolution2D", "SeparableConv2D", "SeparableConvolution2D", "DepthwiseConv2D"];

/// Layers that change samples while training alone.
const AUGMENTING: &[&str] = &[
    "RandomFlip",
    "RandomRotation",
    "RandomZoom",
    "RandomTranslation",
    "RandomContrast",
    "RandomBrightness",
    "RandomShear",
    "RandomHeight",
    "RandomWidth",
    "RandomColorJitter",
    "RandomHue",
    "RandomSaturation",
    "RandomErasing",
    "GaussianDropout",
    "ActivityRegularization",
];

fn convolution(around: &mut Around, c: &Config) -> Result<Made, String> {
    let bias = c.flag("use_bias", true);
    let mut made = Made::of("conv2d").with("filters", c.count("filters")?);
    made = made.size("kernel", c.size("kernel_size", None)?, [3, 3]).size(
        "stride",
        c.size("strides", Some([1, 1]))?,
        [1, 1],
    );
    made = padded(made, c, around.before)?.size("dilation", c.size("dilation_rate", Some([1, 1]))?, [1, 1]);
    made = made.usual("groups", c.count("groups").unwrap_or(1), 1).bias(bias).function(c.activation("activation")?);
    made.weights(around, &["kernel"], &[("bias", bias)])
}

/// A convolution of each channel, then one of single pixels.
fn separable(around: &mut Around, c: &Config) -> Result<Vec<Made>, String> {
    let bias = c.flag("use_bias", true);
    if c.size("dilation_rate", Some([1, 1]))? != [1, 1] {
        return Err("has a dilation, which a depthwise convolution here has not.".into());
    }
    let first = depthwise(c, around.before)?.bias(false).weights(around, &["kernel"], &[])?;
    let second = Made::of("conv2d").with("filters", c.count("filters")?).with("kernel", 1).bias(bias);
    let second = second.function(c.activation("activation")?).weights(around, &["kernel"], &[("bias", bias)])?;
    Ok(vec![first, second])
}

fn depthwise(c: &Config, before: Option<&Row>) -> Result<Made, String> {
    let made = Made::of("depthwise-conv2d").size("kernel", c.size("kernel_size", None)?, [3, 3]);
    let made = made.size("stride", c.size("strides", Some([1, 1]))?, [1, 1]);
    Ok(padded(made, c, before)?.usual("multiplier", c.count("depth_multiplier").unwrap_or(1), 1))
}

/// The padding of a convolution, which may stand in a layer of zeros before it.
fn padded(made: Made, c: &Config, before: Option<&Row>) -> Result<Made, String> {
    let same = c.padding()? == "same";
    match before.filter(|row| row.class == "ZeroPadding2D") {
        Some(_) if same => Err("pads beside the zeros before it: take the ZeroPadding2D out.".into()),
        Some(zeros) => {
            let mut made = made.padding(true, true);
            made.padding = Some(Config { json: &zeros.config }.around("padding")?);
            Ok(made)
        }
        None => Ok(made.padding(same, true)),
    }
}

fn pooled(kind: &str, c: &Config) -> Result<Made, String> {
    let size = c.size("pool_size", Some([2, 2]))?;
    let stride = if c.is_null("strides") { size } else { c.size("strides", Some(size))? };
    Ok(Made::of(kind).size("size", size, [2, 2]).size("stride", stride, size).padding(c.padding()? == "same", false))
}

fn recurrent(around: &mut Around, c: &Config) -> Result<Made, String> {
    let class = around.row.class.as_str();
    let kind = match class {
        "SimpleRNN" => "simple-rnn",
        "LSTM" => "lstm",
        _ => "gru",
    };
    let word = |key: &str, usual: &'static str| if c.is_null(key) { Ok(usual) } else { c.activation(key) };
    let gates = kind == "simple-rnn" || word("recurrent_activation", "sigmoid")? == "sigmoid";
    if word("activation", "tanh")? != "tanh" || !gates {
        return Err("has other activations than tanh, and sigmoid for its gates: only those are read.".into());
    }
    if class == "GRU" && !c.flag("reset_after", true) {
        return Err("resets before the product, where the GRU here does so after it: set reset_after to True.".into());
    }
    if c.flag("go_backwards", false) || c.flag("return_state", false) || c.flag("stateful", false) {
        return Err("reads backwards, or gives or keeps its state, which no layer here does.".into());
    }
    let made =
        Made::of(kind).with("units", c.count("units")?).flag("return-sequences", c.flag("return_sequences", false));
    let made = match c.number("dropout").unwrap_or(0.0) + c.number("recurrent_dropout").unwrap_or(0.0) > 0.0 {
        true => made.say("Its own dropout is left out; answers are the same, training differs."),
        false => made,
    };
    made.weights(around, &["kernel", "recurrent-kernel"], &[("bias", c.flag("use_bias", true))])
}

fn attention(around: &mut Around, c: &Config) -> Result<Made, String> {
    if around.row.inputs.iter().any(|from| *from != around.row.inputs[0]) {
        return Err("attends from one sequence to another, where a layer here attends to its own alone.".into());
    }
    let (heads, size) = (c.count("num_heads")?, c.count("key_dim")?);
    if !c.is_null("value_dim") && c.count("value_dim")? != size || !c.is_null("output_shape") {
        return Err("has values or results of another width than its keys, which is not read.".into());
    }
    let bias = c.flag("use_bias", true);
    let mut made =
        Made::of("attention").usual("heads", heads, 1).flag("causal", around.row.causal || c.flag("causal", false));
    // Keras goes matrix by matrix, each with its bias
    let mut biases = Vec::new();
    for (matrix, own) in
        [("query", "query-bias"), ("key", "key-bias"), ("value", "value-bias"), ("output", "output-bias")]
    {
        made = made.weights(around, &[matrix], &[(own, bias)])?;
        biases.extend(made.weights.pop());
    }
    made.weights.extend(biases);
    Ok(made)
}

/// The layer that an operation of TensorFlow amounts to, if it joins the two that it reads.
fn joined(row: &Row, c: &Config) -> Option<&'static str> {
    if row.class != "TFOpLambda" || row.inputs.len() != 2 {
        return None;
    }
    match text(c.json, "function")? {
        "__operators__.add" | "math.add" => Some("add"),
        "math.multiply" => Some("multiply"),
        _ => None,
    }
}

/// A layer for each place of a sequence, where ours do that by themselves.
fn inner(around: &mut Around, c: &Config) -> Result<Vec<Made>, String> {
    let layer = c.json.field("layer").ok_or("has no layer in it: save the model again.")?;
    let class = text(layer, "class_name").unwrap_or_default();
    if !["Dense", "Activation", "Dropout", "LayerNormalization"].contains(&class) {
        return Err(format!(
            "goes over each place with the class \"{class}\"; Dense, Activation, Dropout and LayerNormalization \
                are read."
        ));
    }
    let row =
        Row { class: class.into(), config: layer.field("config").cloned().unwrap_or(Json::Null), ..around.row.clone() };
    let arrays = std::mem::take(&mut around.arrays);
    made(&mut Around { row: &row, arrays, before: None, after: None, count: around.count })
}

/// The shape that a reshape asks for; −1 is what is left.
fn target(c: &Config, count: Option<usize>) -> Result<Json, String> {
    let sizes: Option<Vec<f64>> = (c.json.field("target_shape").and_then(Json::as_array))
        .and_then(|sizes| sizes.iter().map(Json::as_f64).collect());
    let mut sizes = sizes.ok_or("has no shape to go to: save the model again.")?;
    if let Some(open) = sizes.iter().position(|size| *size < 0.0) {
        let known: f64 = sizes.iter().filter(|size| **size >= 0.0).product();
        let count = count.ok_or("leaves an axis of its shape open: give all of them.")? as f64;
        if known < 1.0 || count % known != 0.0 {
            return Err(format!("cannot give {count} numbers a shape of which the known axes hold {known}."));
        }
        sizes[open] = count / known;
    }
    Ok(sizes.into_iter().collect())
}
