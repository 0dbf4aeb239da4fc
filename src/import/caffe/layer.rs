//! Each kind of Caffe's layers as nodes.

use super::{
    super::onnx::{
        array::{Array, I64},
        graph::Attribute,
    },
    net::{Builder, Layer},
    text::Message,
};

/// What a layer came to.
#[derive(Default)]
pub struct Made {
    /// The value of each blob that it writes.
    pub tops: Vec<(String, String)>,
    /// Which of the layers that follow are part of it.
    pub taken: Vec<usize>,
}

/// The newer word for a kind of layer.
pub fn kind(word: &str) -> &str {
    const OLD: &[(&str, &str)] = &[
        ("ACCURACY", "Accuracy"),
        ("BNLL", "BNLL"),
        ("CONCAT", "Concat"),
        ("CONVOLUTION", "Convolution"),
        ("DATA", "Data"),
        ("DECONVOLUTION", "Deconvolution"),
        ("DROPOUT", "Dropout"),
        ("ELTWISE", "Eltwise"),
        ("EUCLIDEAN_LOSS", "EuclideanLoss"),
        ("FLATTEN", "Flatten"),
        ("HDF5_DATA", "HDF5Data"),
        ("IMAGE_DATA", "ImageData"),
        ("INNER_PRODUCT", "InnerProduct"),
        ("POOLING", "Pooling"),
        ("RELU", "ReLU"),
        ("SIGMOID", "Sigmoid"),
        ("SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss"),
        ("SILENCE", "Silence"),
        ("SLICE", "Slice"),
        ("SOFTMAX", "Softmax"),
        ("SOFTMAX_LOSS", "SoftmaxWithLoss"),
        ("SPLIT", "Split"),
        ("TANH", "TanH"),
    ];
    OLD.iter().find(|(old, _)| *old == word).map_or(word, |(_, new)| new)
}

fn whole(value: i64) -> Attribute<'static> {
    Attribute::Whole(value)
}

fn wholes(values: impl IntoIterator<Item = i64>) -> Attribute<'static> {
    Attribute::Wholes(values.into_iter().collect())
}

/// Height and width of a field that may be one number, two, or a pair of fields.
fn two(message: &Message, name: &str, usual: i64) -> [i64; 2] {
    let pair = ["h", "w"].map(|side| message.wholes(&format!("{name}_{side}")).last().copied());
    if let [Some(h), Some(w)] = pair {
        return [h, w];
    }
    let list = message.wholes(if name == "kernel" { "kernel_size" } else { name });
    match list[..] {
        [] => [usual; 2],
        [one] => [one; 2],
        [h, w, ..] => [h, w],
    }
}

/// The nodes of a layer. An error is the end of a sentence.
pub fn nodes(b: &mut Builder, layer: &Layer, rest: &[Layer]) -> Result<Made, String> {
    let message = &layer.message;
    let x = b.bottom(layer, 0)?;
    let one = |b: &mut Builder, op: &str, attributes| b.node(layer, op, &[&x], attributes);
    let value = match layer.kind.as_str() {
        "Convolution" => convolution(b, layer, &x)?,
        "Deconvolution" => deconvolution(b, layer, &x)?,
        "InnerProduct" => product(b, layer, &x)?,
        "Pooling" => return pooling(b, layer, &x, rest),
        "BatchNorm" => return normal(b, layer, &x, rest),
        "Scale" => return Err("it does not follow a batch normalisation".into()),
        "ReLU" => match message.message("relu_param").number("negative_slope", 0.0) {
            0.0 => one(b, "Relu", vec![]),
            slope => one(b, "LeakyRelu", vec![("alpha", Attribute::Float(slope))]),
        },
        "ELU" => {
            let alpha = message.message("elu_param").number("alpha", 1.0);
            one(b, "Elu", vec![("alpha", Attribute::Float(alpha))])
        }
        "Sigmoid" => one(b, "Sigmoid", vec![]),
        "TanH" => one(b, "Tanh", vec![]),
        "BNLL" => one(b, "Softplus", vec![]),
        "Softmax" => {
            let axis = message.message("softmax_param").whole("axis", 1);
            one(b, "Softmax", vec![("axis", whole(axis))])
        }
        "Dropout" => {
            let rate = message.message("dropout_param").number("dropout_ratio", 0.5);
            one(b, "Dropout", vec![("ratio", Attribute::Float(rate))])
        }
        "Flatten" => {
            let axis = message.message("flatten_param").whole("axis", 1);
            one(b, "Flatten", vec![("axis", whole(axis))])
        }
        "Reshape" => {
            let dims = message.message("reshape_param").message("shape").wholes("dim");
            let dims = Array::made(I64, vec![dims.len()], dims.iter().map(|size| *size as f64).collect());
            let dims = b.array(layer, "shape", dims);
            b.node(layer, "Reshape", &[&x, &dims], vec![])
        }
        "Split" => {
            let value = one(b, "Identity", vec![]);
            let tops = layer.tops.iter().map(|top| (top.clone(), value.clone())).collect();
            return Ok(Made { tops, taken: vec![] });
        }
        "Eltwise" => {
            let param = message.message("eltwise_param");
            let op = match param.text("operation").unwrap_or("SUM") {
                "SUM" | "1" => "Add",
                "PROD" | "0" => "Mul",
                other => return Err(format!("it joins by {other}, where sums and products are read")),
            };
            if param.texts("coeff").any(|share| share.parse::<f32>() != Ok(1.0)) {
                return Err("it weighs what it sums".into());
            }
            joined(b, layer, op, vec![])?
        }
        "Concat" => {
            let param = message.message("concat_param");
            let axis = param.whole("axis", param.whole("concat_dim", 1));
            joined(b, layer, "Concat", vec![("axis", whole(axis))])?
        }
        _ => return Err("a kind of layer that is not read here".into()),
    };
    let top = layer.tops.first().ok_or("it writes nothing")?.clone();
    Ok(Made { tops: vec![(top, value)], taken: vec![] })
}

fn joined(
    b: &mut Builder,
    layer: &Layer,
    op: &str,
    attributes: Vec<(&str, Attribute<'static>)>,
) -> Result<String, String> {
    let all = (0..layer.bottoms.len()).map(|place| b.bottom(layer, place)).collect::<Result<Vec<String>, String>>()?;
    if op == "Concat" {
        return Ok(b.node(layer, op, &all.iter().map(String::as_str).collect::<Vec<_>>(), attributes));
    }
    // one after the other: what joins a join becomes one layer again
    let mut value = all[0].clone();
    for other in &all[1..] {
        value = b.node(layer, op, &[&value, other], vec![]);
    }
    Ok(value)
}

/// Filters, and their bias where there is one, as arrays of these names.
fn weights(b: &mut Builder, layer: &Layer, param: &Message) -> Result<(Vec<usize>, Vec<String>), String> {
    let blob = b.blob(layer, 0)?;
    if blob.shape.len() != 4 {
        return Err("its filters have another number of axes than four".into());
    }
    let mut names = vec![b.array(layer, "weight", Array::floats_of(blob.shape.clone(), blob.data))];
    if param.flag("bias_term", true) {
        let bias = b.blob(layer, 1)?.data;
        names.push(b.array(layer, "bias", Array::floats_of(vec![bias.len()], bias)));
    }
    Ok((blob.shape, names))
}

fn window(param: &Message) -> Vec<(&'static str, Attribute<'static>)> {
    let [h, w] = two(param, "pad", 0);
    vec![("strides", wholes(two(param, "stride", 1))), ("pads", wholes([h, w, h, w]))]
}

fn convolution(b: &mut Builder, layer: &Layer, x: &str) -> Result<String, String> {
    let param = layer.message.message("convolution_param");
    let (_, names) = weights(b, layer, &param)?;
    let mut attributes = window(&param);
    attributes.push(("dilations", wholes(two(&param, "dilation", 1))));
    attributes.push(("group", whole(param.whole("group", 1))));
    let inputs: Vec<&str> = [x].into_iter().chain(names.iter().map(String::as_str)).collect();
    Ok(b.node(layer, "Conv", &inputs, attributes))
}

fn deconvolution(b: &mut Builder, layer: &Layer, x: &str) -> Result<String, String> {
    let param = layer.message.message("convolution_param");
    let (kernel, stride) = (two(&param, "kernel", 1), two(&param, "stride", 1));
    let groups = param.whole("group", 1);
    let plain = groups > 1 && kernel == stride && kernel[0] == kernel[1] && two(&param, "pad", 0) == [0, 0];
    if plain && !param.flag("bias_term", true) {
        // every pixel stamps a block of itself
        let blob = b.blob(layer, 0)?;
        if !blob.data.iter().all(|number| *number == 1.0) {
            return Err("it has groups, which a transposed convolution here has not".into());
        }
        let factor = kernel[0] as f32;
        let scales = b.array(layer, "scales", Array::floats_of(vec![4], vec![1.0, 1.0, factor, factor]));
        let attributes = vec![
            ("mode", Attribute::Text("nearest")),
            ("coordinate_transformation_mode", Attribute::Text("asymmetric")),
            ("nearest_mode", Attribute::Text("floor")),
        ];
        return Ok(b.node(layer, "Resize", &[x, "", &scales], attributes));
    }
    let (_, names) = weights(b, layer, &param)?;
    let mut attributes = window(&param);
    attributes.push(("dilations", wholes(two(&param, "dilation", 1))));
    attributes.push(("group", whole(groups)));
    let inputs: Vec<&str> = [x].into_iter().chain(names.iter().map(String::as_str)).collect();
    Ok(b.node(layer, "ConvTranspose", &inputs, attributes))
}

fn product(b: &mut Builder, layer: &Layer, x: &str) -> Result<String, String> {
    let param = layer.message.message("inner_product_param");
    let blob = b.blob(layer, 0)?;
    // older files have two axes of 1 in front
    let [rows, columns] = blob.shape[blob.shape.len().saturating_sub(2)..] else {
        return Err("its weights are no matrix".into());
    };
    if rows.checked_mul(columns) != Some(blob.data.len()) {
        return Err("its weights are no matrix".into());
    }
    let turned = param.flag("transpose", false);
    let axis = param.whole("axis", 1);
    let array = Array::floats_of(vec![rows, columns], blob.data);
    let bias = match param.flag("bias_term", true) {
        true => {
            let bias = b.blob(layer, 1)?.data;
            Some(Array::floats_of(vec![bias.len()], bias))
        }
        false => None,
    };
    if axis == 1 {
        let w = b.array(layer, "weight", array);
        let bias = bias.map(|bias| b.array(layer, "bias", bias));
        let flat = b.node(layer, "Flatten", &[x], vec![("axis", whole(1))]);
        let inputs: Vec<&str> = [flat.as_str(), &w].into_iter().chain(bias.as_deref()).collect();
        return Ok(b.node(layer, "Gemm", &inputs, vec![("transB", whole(i64::from(!turned)))]));
    }
    let w = b.array(layer, "weight", if turned { array } else { array.turned(&[1, 0]) });
    let mut value = b.node(layer, "MatMul", &[x, &w], vec![]);
    if let Some(bias) = bias {
        let bias = b.array(layer, "bias", bias);
        value = b.node(layer, "Add", &[&value, &bias], vec![]);
    }
    Ok(value)
}

/// Pooling rounds the number of windows up, unless the file says otherwise in one of two ways.
fn pooling(b: &mut Builder, layer: &Layer, x: &str, rest: &[Layer]) -> Result<Made, String> {
    let param = layer.message.message("pooling_param");
    let pool = param.text("pool").unwrap_or("MAX");
    let top = layer.tops.first().ok_or("it writes nothing")?.clone();
    if layer.tops.len() > 1 {
        return Err("it also gives the places of the largest, which no layer reads".into());
    }
    let (op, global) = match pool {
        "MAX" | "0" => ("MaxPool", "GlobalMaxPool"),
        "AVE" | "1" => ("AveragePool", "GlobalAveragePool"),
        other => return Err(format!("it pools by {other}, where MAX and AVE are read")),
    };
    if param.flag("global_pooling", false) {
        let value = b.node(layer, global, &[x], vec![]);
        return Ok(Made { tops: vec![(top, value)], taken: vec![] });
    }
    let kernel = two(&param, "kernel", 0);
    let down =
        param.text("round_mode").is_some_and(|mode| ["FLOOR", "1"].contains(&mode)) || !param.flag("ceil_mode", true);
    let mut attributes = window(&param);
    attributes.push(("kernel_shape", wholes(kernel)));
    attributes.push(("count_include_pad", whole(1)));
    attributes.push(("ceil_mode", whole(i64::from(!down))));
    // a row or column too many that is sliced off again
    let (mut blob, mut cut, mut taken) = (top, [0, 0], Vec::new());
    for (place, next) in rest.iter().enumerate() {
        let param = next.message.message("slice_param");
        let (axis, points) = (param.whole("axis", 1), param.wholes("slice_point"));
        let ([first, spare], [point]) = (&next.tops[..], &points[..]) else { continue };
        let reads = |name: &String| rest.iter().any(|other| other.kind != "Silence" && other.bottoms.contains(name));
        if next.kind == "Slice" && next.bottoms == [blob.clone()] && [2, 3].contains(&axis) && !reads(spare) {
            cut[axis as usize - 2] = *point;
            blob.clone_from(first);
            taken.push(place);
        }
    }
    attributes.push(("cut", wholes(cut)));
    attributes.push(("caffe", whole(1)));
    let value = b.node(layer, op, &[x], attributes);
    Ok(Made { tops: vec![(blob, value)], taken })
}

/// Mean and variance, and the scale that follows.
fn normal(b: &mut Builder, layer: &Layer, x: &str, rest: &[Layer]) -> Result<Made, String> {
    let param = layer.message.message("batch_norm_param");
    let (mean, variance, factor) = (b.blob(layer, 0)?.data, b.blob(layer, 1)?.data, b.blob(layer, 2)?.data);
    let factor = factor.first().copied().unwrap_or(1.0);
    let divided = |numbers: Vec<f32>| -> Vec<f32> {
        match factor {
            1.0 => numbers,
            0.0 => vec![0.0; numbers.len()],
            factor => numbers.into_iter().map(|number| number / factor).collect(),
        }
    };
    let (mean, variance) = (divided(mean), divided(variance));
    let count = mean.len();
    let mut top = layer.tops.first().ok_or("it writes nothing")?.clone();
    let (mut gamma, mut beta, mut taken) = (vec![1.0; count], vec![0.0; count], Vec::new());
    if let Some(scale) = rest.first().filter(|next| next.kind == "Scale" && next.bottoms == [top.clone()]) {
        let param = scale.message.message("scale_param");
        if param.whole("axis", 1) != 1 || param.whole("num_axes", 1) != 1 {
            return Err("the scale behind it is along another axis than the channels".into());
        }
        gamma = b.blob(scale, 0)?.data;
        if param.flag("bias_term", false) {
            beta = b.blob(scale, 1)?.data;
        }
        top = scale.tops.first().ok_or("the scale behind it writes nothing")?.clone();
        taken.push(0);
    }
    let rows = [("gamma", gamma), ("beta", beta), ("mean", mean), ("variance", variance)];
    let names = rows.map(|(name, row)| b.array(layer, name, Array::floats_of(vec![row.len()], row)));
    let attributes = vec![
        ("epsilon", Attribute::Float(param.number("eps", 1e-5))),
        ("momentum", Attribute::Float(param.number("moving_average_fraction", 0.999))),
    ];
    let inputs: Vec<&str> = [x].into_iter().chain(names.iter().map(String::as_str)).collect();
    let value = b.node(layer, "BatchNormalization", &inputs, attributes);
    Ok(Made { tops: vec![(top, value)], taken })
}
