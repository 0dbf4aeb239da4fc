//! The layers of Caffe: a list of pieces with their parameters and blobs, channels first.
//!
//! [h, w, c] is kept as [c, h, w]. A row that was such a picture keeps the picture's order, and the dense layer that reads
//! it has its weights turned instead. Padding that is not the same at both ends becomes a window with a line of zeros.

use super::{Function, Kind, Layer, Model, Network, Note, Source, Window, code::number, name::quoted};

/// One layer of Caffe.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    pub name: String,
    pub kind: &'static str,
    pub bottoms: Vec<String>,
    pub tops: Vec<String>,
    /// The lines of its parameters, as prototxt.
    pub lines: Vec<String>,
    pub blobs: Vec<Blob>,
    /// The place in the document of the layer that it is of.
    pub layer: Option<usize>,
}

/// Numbers of a layer; none where only the shape is wanted.
#[derive(Clone, Debug, Default)]
pub struct Blob {
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

/// What Caffe makes of a network.
#[derive(Default)]
pub struct Net {
    pub pieces: Vec<Piece>,
    /// The name of the output.
    pub output: String,
    pub notes: Vec<Note>,
    /// Layers that Caffe has not, and why.
    pub refused: Vec<Note>,
}

/// A value on its way: its blob, and the picture whose order its numbers have where that is not ours.
#[derive(Clone, Default)]
struct Value {
    blob: String,
    turned: Option<[usize; 3]>,
}

/// The network, with its numbers where a model is given.
pub fn net(network: &Network, model: Option<&Model>) -> Net {
    let mut b = Builder { model, net: Net::default(), values: vec![Value::default(); network.layers.len()] };
    for (place, layer) in network.layers.iter().enumerate().filter(|(_, layer)| layer.used) {
        let inputs: Vec<Value> = (layer.inputs.iter())
            .map(|source| match source {
                Source::Input => Value { blob: "data".into(), turned: None },
                Source::Layer(other) => b.values[*other].clone(),
            })
            .collect();
        b.values[place] = match b.layer(layer, &inputs, network.has_penalty()) {
            Ok(value) => value,
            Err(why) => {
                b.refuse(layer, &why);
                inputs[0].clone()
            }
        };
    }
    let last = &b.values[network.output];
    if last.turned.is_some() {
        let sentence = "The output is a picture as a row, whose numbers stand in another order in Caffe.".to_string();
        b.net.refused.push(Note { layer: None, sentence });
    }
    b.net.output = last.blob.clone();
    b.net
}

struct Builder<'a> {
    model: Option<&'a Model<'a>>,
    net: Net,
    values: Vec<Value>,
}

impl Builder<'_> {
    fn note(&mut self, layer: &Layer, sentence: impl Into<String>) {
        self.net.notes.push(Note { layer: Some(layer.place), sentence: sentence.into() });
    }

    fn refuse(&mut self, layer: &Layer, why: &str) {
        self.net.refused.push(Note { layer: Some(layer.place), sentence: format!("{}: {why}", layer.name) });
    }

    fn put(
        &mut self,
        layer: &Layer,
        kind: &'static str,
        end: &str,
        bottoms: &[&str],
        lines: Vec<String>,
        blobs: Vec<Blob>,
    ) -> String {
        let name = format!("{}{end}", layer.id);
        let bottoms = bottoms.iter().map(|one| one.to_string()).collect();
        let (tops, place) = (vec![name.clone()], Some(layer.place));
        self.net.pieces.push(Piece { name: name.clone(), kind, bottoms, tops, lines, blobs, layer: place });
        name
    }

    /// A parameter in another shape: each number is taken from a place of ours, or is 0.
    fn blob(&self, layer: &Layer, parameter: &str, shape: &[usize], from: impl Fn(&[usize]) -> Option<usize>) -> Blob {
        let one = layer.parameters.iter().find(|one| one.name == parameter).expect("a parameter of the layer");
        let weight = self.model.and_then(|model| model.weights.iter().find(|weight| weight.name == one.full));
        let data = weight.map_or(Vec::new(), |weight| {
            let mut at = vec![0; shape.len()];
            (0..shape.iter().product::<usize>())
                .map(|place| {
                    let mut rest = place;
                    for axis in (0..shape.len()).rev() {
                        at[axis] = rest % shape[axis];
                        rest /= shape[axis];
                    }
                    from(&at).map_or(0.0, |place| weight.data[place])
                })
                .collect()
        });
        Blob { shape: shape.to_vec(), data }
    }

    fn layer(&mut self, layer: &Layer, inputs: &[Value], penalty: bool) -> Result<Value, String> {
        let (x, turned) = (inputs[0].blob.as_str(), inputs[0].turned);
        let (input, output) = (&layer.shapes[0], &layer.shape);
        let picture = input.len() == 3;
        let channels = *input.last().expect("an axis");
        let mults = |count: usize| -> Vec<String> {
            let bias = if penalty { " decay_mult: 0" } else { "" };
            ["param { lr_mult: 1 }".to_string(), format!("param {{ lr_mult: 1{bias} }}")][..count].to_vec()
        };
        let filler = match layer.function.rectifies() {
            true => "weight_filler { type: \"msra\" }",
            false => "weight_filler { type: \"xavier\" }",
        };
        let with = |bias: bool, block: &str, fields: String| {
            let bias_term = if bias { "" } else { " bias_term: false" };
            let mut lines = mults(1 + usize::from(bias));
            lines.push(format!("{block} {{\n  {fields}{bias_term}\n  {filler}\n}}"));
            lines
        };
        let keep = |blob: String| Value { blob, turned: None };
        let value = match &layer.kind {
            Kind::Dense { .. } | Kind::Rbm { .. } => {
                let (units, bias) = match layer.kind {
                    Kind::Dense { units, bias } => (units, bias),
                    _ => (output[output.len() - 1], true),
                };
                // a row that was a picture: the weights are turned instead
                let ours = |column: usize| match turned {
                    Some([h, w, c]) => (column % (h * w)) * c + column / (h * w),
                    None => column,
                };
                let mut blobs = vec![match picture {
                    true => self.blob(layer, "kernel", &[units, channels, 1, 1], |at| Some(at[1] * units + at[0])),
                    false => self.blob(layer, "kernel", &[units, channels], |at| Some(ours(at[1]) * units + at[0])),
                }];
                if bias {
                    blobs.push(self.blob(layer, "bias", &[units], |at| Some(at[0])));
                }
                if matches!(layer.kind, Kind::Rbm { .. }) {
                    self.note(layer, super::keras_layer::RBM);
                }
                let (kind, lines) = match picture {
                    true => {
                        ("Convolution", with(bias, "convolution_param", format!("num_output: {units} kernel_size: 1")))
                    }
                    false => {
                        let axis = if input.len() > 1 { format!(" axis: {}", input.len()) } else { String::new() };
                        ("InnerProduct", with(bias, "inner_product_param", format!("num_output: {units}{axis}")))
                    }
                };
                let product = self.put(layer, kind, "", &[x], lines, blobs);
                keep(match layer.kind {
                    Kind::Rbm { .. } => self.put(layer, "Sigmoid", "_sigmoid", &[&product], Vec::new(), Vec::new()),
                    _ => product,
                })
            }
            Kind::Conv2d { filters, window, groups, bias } => {
                let (part, kw) = (channels / groups, window.size[1]);
                let place = move |[i, j]: [usize; 2], at: &[usize]| ((i * kw + j) * part + at[1]) * filters + at[0];
                self.convolution(layer, x, window, [*filters, part], *groups, *bias, with, place)
            }
            Kind::DepthwiseConv2d { window, multiplier, bias } => {
                let (kw, count) = (window.size[1], channels * multiplier);
                let place = move |[i, j]: [usize; 2], at: &[usize]| (i * kw + j) * count + at[0];
                self.convolution(layer, x, window, [count, 1], channels, *bias, with, place)
            }
            Kind::Conv2dTranspose { filters, kernel: [kh, kw], stride, crop, bias, .. } => {
                // what is cropped more at the end: a line of zeros before; what is added there: zeros behind
                let ahead = crop.map(|[before, after]| usize::from(before >= 0 && after > before));
                let behind = crop.map(|[_, after]| (-after).max(0) as usize);
                let pad = [0, 1].map(|i| crop[i][0].max(0) as usize + ahead[i]);
                let size = [0, 1].map(|i| [*kh, *kw][i] + ahead[i] + behind[i]);
                let shape = [channels, *filters, size[0], size[1]];
                let mut blobs = vec![self.blob(layer, "kernel", &shape, |at| {
                    let (i, j) = (at[2].checked_sub(ahead[0])?, at[3].checked_sub(ahead[1])?);
                    (i < *kh && j < *kw).then(|| ((i * kw + j) * filters + at[1]) * channels + at[0])
                })];
                if *bias {
                    blobs.push(self.blob(layer, "bias", &[*filters], |at| Some(at[0])));
                }
                if size != [*kh, *kw] {
                    self.note(layer, WIDER);
                }
                let fields = format!(
                    "num_output: {filters} {} {} {}",
                    two("kernel", size),
                    two("stride", *stride),
                    two("pad", pad)
                );
                keep(self.put(layer, "Deconvolution", "", &[x], with(*bias, "convolution_param", fields), blobs))
            }
            Kind::MaxPool2d { window } => return self.pooling(layer, x, window, "MAX").map(keep),
            Kind::AvgPool2d { window } => return self.pooling(layer, x, window, "AVE").map(keep),
            Kind::GlobalMaxPool2d | Kind::GlobalAvgPool2d => {
                let pool = if layer.kind == Kind::GlobalMaxPool2d { "MAX" } else { "AVE" };
                let lines = vec![format!("pooling_param {{ pool: {pool} global_pooling: true }}")];
                let pooled = self.put(layer, "Pooling", "", &[x], lines, Vec::new());
                keep(self.put(layer, "Flatten", "_flat", &[&pooled], Vec::new(), Vec::new()))
            }
            Kind::Upsample2d { factor, bilinear: false } => {
                let blob =
                    Blob { shape: vec![channels, 1, *factor, *factor], data: vec![1.0; channels * factor * factor] };
                let fields = format!(
                    "convolution_param {{\n  num_output: {channels} kernel_size: {factor} stride: {factor} \
                     group: {channels} bias_term: false\n  weight_filler {{ type: \"constant\" value: 1 }}\n}}"
                );
                let lines = vec!["param { lr_mult: 0 decay_mult: 0 }".into(), fields];
                keep(self.put(layer, "Deconvolution", "", &[x], lines, vec![blob]))
            }
            Kind::Upsample2d { .. } => return Err("Caffe has no bilinear upsampling that goes on at the edges.".into()),
            Kind::Flatten => {
                let blob = self.put(layer, "Flatten", "", &[x], Vec::new(), Vec::new());
                let same = !picture || channels == 1 || input[0] * input[1] == 1;
                Value { blob, turned: if same { turned } else { Some([input[0], input[1], channels]) } }
            }
            Kind::Reshape => {
                let plain = |shape: &[usize]| shape.len() != 3 || shape[2] == 1 || shape[0] * shape[1] == 1;
                if turned.is_some() || !plain(input) || !plain(output) {
                    return Err("Caffe keeps channels first, so that the numbers would come in another order.".into());
                }
                let sizes = if output.len() == 3 { vec![output[2], output[0], output[1]] } else { output.to_vec() };
                let dims: String = sizes.iter().map(|size| format!(" dim: {size}")).collect();
                let lines = vec![format!("reshape_param {{ shape {{ dim: 0{dims} }} }}")];
                keep(self.put(layer, "Reshape", "", &[x], lines, Vec::new()))
            }
            Kind::Activation => Value { blob: x.to_string(), turned },
            Kind::Dropout { rate } => {
                let lines = vec![format!("dropout_param {{ dropout_ratio: {} }}", number(*rate))];
                Value { blob: self.put(layer, "Dropout", "", &[x], lines, Vec::new()), turned }
            }
            Kind::GaussianNoise { .. } => {
                self.note(layer, "Caffe has no noise; the layer is left out, which changes training alone.");
                Value { blob: x.to_string(), turned }
            }
            Kind::BatchNorm { momentum, epsilon } => {
                if input.len() == 2 || input.len() > 3 {
                    return Err("Caffe normalises over its second axis alone, which are the places here.".into());
                }
                let ours = |place: usize| match turned {
                    Some([h, w, c]) => (place % (h * w)) * c + place / (h * w),
                    None => place,
                };
                let row = |name: &str| self.blob(layer, name, &[channels], |at| Some(ours(at[0])));
                let one = Blob { shape: vec![1], data: vec![1.0; usize::from(self.model.is_some())] };
                let (statistics, scale) =
                    (vec![row("moving-mean"), row("moving-variance"), one], vec![row("gamma"), row("beta")]);
                let fields = format!("moving_average_fraction: {} eps: {}", number(*momentum), number(*epsilon));
                let lines = vec![format!("batch_norm_param {{ {fields} }}")];
                let normal = self.put(layer, "BatchNorm", "", &[x], lines, statistics);
                let lines = vec!["scale_param { bias_term: true }".to_string()];
                Value { blob: self.put(layer, "Scale", "_scale", &[&normal], lines, scale), turned }
            }
            Kind::Add | Kind::Multiply => {
                if inputs.iter().any(|one| one.turned != turned) {
                    return Err(ORDER.into());
                }
                let operation = if layer.kind == Kind::Add { "SUM" } else { "PROD" };
                let blobs: Vec<&str> = inputs.iter().map(|one| one.blob.as_str()).collect();
                let lines = vec![format!("eltwise_param {{ operation: {operation} }}")];
                Value { blob: self.put(layer, "Eltwise", "", &blobs, lines, Vec::new()), turned }
            }
            Kind::Concat { axis } => {
                if inputs.iter().any(|one| one.turned.is_some()) {
                    return Err(ORDER.into());
                }
                let axis = if picture { [2, 3, 1][*axis] } else { axis + 1 };
                let blobs: Vec<&str> = inputs.iter().map(|one| one.blob.as_str()).collect();
                keep(self.put(
                    layer,
                    "Concat",
                    "",
                    &blobs,
                    vec![format!("concat_param {{ axis: {axis} }}")],
                    Vec::new(),
                ))
            }
            Kind::LayerNorm { .. } => return Err("Caffe has no normalisation over the last axis.".into()),
            Kind::Embedding { .. } | Kind::Position { .. } | Kind::Recurrent { .. } | Kind::Attention { .. } => {
                return Err("Caffe is for pictures; it is not written for sequences here.".into());
            }
        };
        let blob = match self.function(layer, &value.blob, picture && output.len() == 3) {
            Ok(blob) => blob,
            Err(why) => {
                self.refuse(layer, &why);
                value.blob.clone()
            }
        };
        Ok(Value { blob, ..value })
    }

    #[allow(clippy::too_many_arguments)]
    fn convolution(
        &mut self,
        layer: &Layer,
        x: &str,
        window: &Window,
        [filters, part]: [usize; 2],
        groups: usize,
        bias: bool,
        with: impl Fn(bool, &str, String) -> Vec<String>,
        place: impl Fn([usize; 2], &[usize]) -> usize,
    ) -> Value {
        let odd = [0, 1].map(|i| window.after[i] - window.before[i]);
        // a line of zeros ahead moves the window by one place, which it cannot where it has gaps: these become zeros then
        let gaps = if odd == [0, 0] { [1, 1] } else { window.dilation };
        let dilation = if odd == [0, 0] { window.dilation } else { [1, 1] };
        let size = [0, 1].map(|i| (window.size[i] - 1) * gaps[i] + 1 + odd[i]);
        let mut blobs = vec![self.blob(layer, "kernel", &[filters, part, size[0], size[1]], |at| {
            let (i, j) = (at[2].checked_sub(odd[0])?, at[3].checked_sub(odd[1])?);
            (i % gaps[0] == 0 && j % gaps[1] == 0).then(|| place([i / gaps[0], j / gaps[1]], at))
        })];
        if bias {
            blobs.push(self.blob(layer, "bias", &[filters], |at| Some(at[0])));
        }
        if odd != [0, 0] {
            self.note(layer, WIDER);
        }
        let mut fields = format!("num_output: {filters} {}", two("kernel", size));
        for (name, values, usual) in [("stride", window.stride, 1), ("pad", window.after, 0)] {
            if values != [usual; 2] {
                fields += &format!(" {}", two(name, values));
            }
        }
        if dilation != [1, 1] {
            fields += &format!(" dilation: {} dilation: {}", dilation[0], dilation[1]);
        }
        if groups > 1 {
            fields += &format!(" group: {groups}");
        }
        let blob = self.put(layer, "Convolution", "", &[x], with(bias, "convolution_param", fields), blobs);
        Value { blob, turned: None }
    }

    /// Pooling, where Caffe's count of windows, which it rounds up, can be made ours.
    fn pooling(&mut self, layer: &Layer, x: &str, window: &Window, pool: &str) -> Result<String, String> {
        let input = &layer.shapes[0];
        if pool == "AVE" && window.is_padded() {
            return Err("Caffe counts the padding into the average.".into());
        }
        let mut cut = [false; 2];
        for i in 0..2 {
            let even = window.before[i] == window.after[i];
            let pad = if even { window.before[i] } else { 0 };
            if pad >= window.size[i] || (!even && window.before[i] > 0) {
                return Err("Caffe pads both ends alike, and less than a window.".into());
            }
            let mut count = (input[i] + 2 * pad).saturating_sub(window.size[i]).div_ceil(window.stride[i]) + 1;
            // a window that begins behind the end is taken off where there is padding, else it holds nothing
            if (count - 1) * window.stride[i] >= input[i] + pad {
                if window.before == [0, 0] {
                    return Err("a window of Caffe would begin behind the picture's end.".into());
                }
                count -= 1;
            }
            match count.checked_sub(layer.shape[i]) {
                Some(0) => {}
                Some(1) if even => cut[i] = true,
                _ => return Err("Caffe pads both ends alike, and comes to another number of windows.".into()),
            }
        }
        let pad = if window.is_even() { window.before } else { [0, 0] };
        let mut fields = format!("pool: {pool} {} {}", two("kernel", window.size), two("stride", window.stride));
        if pad != [0, 0] {
            fields += &format!(" {}", two("pad", pad));
        }
        let mut blob = self.put(layer, "Pooling", "", &[x], vec![format!("pooling_param {{ {fields} }}")], Vec::new());
        for i in (0..2).filter(|i| cut[*i]) {
            let end = ["_rows", "_columns"][i];
            let lines = vec![format!("slice_param {{ axis: {} slice_point: {} }}", i + 2, layer.shape[i])];
            let name = self.put(layer, "Slice", end, &[&blob], lines, Vec::new());
            let rest = format!("{name}_rest");
            self.net.pieces.last_mut().expect("the slice").tops.push(rest.clone());
            let silence = format!("{end}_silence");
            self.put(layer, "Silence", &silence, &[&rest], Vec::new(), Vec::new());
            self.net.pieces.last_mut().expect("the silence").tops.clear();
            blob = name;
        }
        if cut != [false; 2] {
            self.note(layer, "Caffe rounds the number of windows up; the last row or column is sliced off again.");
        }
        Ok(blob)
    }

    fn function(&mut self, layer: &Layer, x: &str, picture: bool) -> Result<String, String> {
        let end = if layer.kind == Kind::Activation { String::new() } else { "_activation".to_string() };
        let (kind, line) = match layer.function {
            Function::Linear => return Ok(x.to_string()),
            Function::Relu => ("ReLU", None),
            Function::LeakyRelu => ("ReLU", Some("relu_param { negative_slope: 0.01 }".to_string())),
            Function::Elu => ("ELU", Some("elu_param { alpha: 1 }".to_string())),
            Function::Sigmoid => ("Sigmoid", None),
            Function::Tanh => ("TanH", None),
            Function::Softplus => ("BNLL", None),
            Function::Softmax => {
                let axis = if picture { 1 } else { layer.shape.len() };
                ("Softmax", Some(format!("softmax_param {{ axis: {axis} }}")))
            }
            Function::Silu => {
                let gate = self.put(layer, "Sigmoid", "_gate", &[x], Vec::new(), Vec::new());
                let lines = vec!["eltwise_param { operation: PROD }".to_string()];
                return Ok(self.put(layer, "Eltwise", &end, &[x, &gate], lines, Vec::new()));
            }
            Function::Gelu => return Err("Caffe has no gelu and nothing to put one together from.".into()),
            Function::Step => return Err("Caffe's threshold is 0 at 0, where Whisker's step is 1.".into()),
        };
        Ok(self.put(layer, kind, &end, &[x], line.into_iter().collect(), Vec::new()))
    }
}

const ORDER: &str = "one of the branches was a picture, whose numbers stand in another order in Caffe.";

const WIDER: &str =
    "Caffe pads and crops both ends alike: the window has a line of zeros more, which training would change.";

/// A height and a width as Caffe names them.
fn two(name: &str, [h, w]: [usize; 2]) -> String {
    let plain = if name == "kernel" { "kernel_size" } else { name };
    if h == w { format!("{plain}: {h}") } else { format!("{name}_h: {h} {name}_w: {w}") }
}

impl Piece {
    /// The layer's lines, without those that only teach where it is not taught.
    pub fn text(&self, teaches: bool) -> Vec<String> {
        let mut lines = vec![format!("name: {}", quoted(&self.name)), format!("type: {}", quoted(self.kind))];
        lines.extend(self.bottoms.iter().map(|bottom| format!("bottom: {}", quoted(bottom))));
        lines.extend(self.tops.iter().map(|top| format!("top: {}", quoted(top))));
        lines.extend(self.lines.iter().filter(|line| teaches || !line.starts_with("param ")).cloned());
        lines
    }
}
