//! The layers of Keras 3, as Keras and TensorFlow programs share them: a functional model, channels last as ours.

use super::{
    Cell, Function, Kind, Layer, Network, Parameter, Program, Source, Window,
    code::{Writer, list, number, pair, tuple},
    name::quoted,
    wrap::PYTHON,
};

/// What the functional model of a network needs before it: classes of its own.
pub fn classes(w: &mut Writer, network: &Network) {
    if network.any(|layer| matches!(layer.kind, Kind::Position { .. })) {
        w.line(
            "class Position(layers.Layer):
    \"\"\"Adds a learnt vector for each place in the sequence.\"\"\"

    def __init__(self, length, **kwargs):
        super().__init__(**kwargs)
        self.length = length

    def build(self, input_shape):
        start = keras.initializers.RandomNormal(stddev=0.05)
        self.embeddings = self.add_weight(
            shape=(self.length, input_shape[-1]), initializer=start, name=\"embeddings\"
        )

    def call(self, x):
        return x + self.embeddings[: x.shape[1]]

    def get_config(self):
        return {**super().get_config(), \"length\": self.length}

",
        );
    }
}

/// The function `build_model`.
pub fn model(w: &mut Writer, network: &Network, p: &mut Program) {
    w.block("def build_model():", |w| {
        w.line(format!("inputs = keras.Input(shape={})", tuple(&network.input)));
        if !network.augment.is_empty() {
            w.line("augmented = augment(inputs)");
        }
        for layer in network.used() {
            w.of(layer, |w| write(w, network, layer, p));
        }
        w.line(format!(
            "return keras.Model(inputs, x, name={})",
            quoted(&super::name::identifiers(std::slice::from_ref(&network.title))[0])
        ));
    });
}

/// The augmentation as layers that work while training alone.
pub fn augment(w: &mut Writer, network: &Network, p: &mut Program) {
    if network.augment.is_empty() {
        return;
    }
    w.line("augment = keras.Sequential(");
    w.line("    [");
    for id in &network.augment {
        let (rows, lacking) = match *id {
            "flip" => (&["layers.RandomFlip(\"horizontal\")"][..], None),
            "shift" => (&["layers.RandomTranslation(0.125, 0.125, fill_mode=\"nearest\")"][..], None),
            "rotate" => (&["layers.RandomRotation(15 / 360, fill_mode=\"nearest\")"][..], None),
            "crop" => (
                &["layers.RandomZoom((-0.25, 0.0), fill_mode=\"nearest\")"][..],
                Some("The crop zooms about the middle alone; Whisker also moves the window."),
            ),
            "colour" => (
                &["layers.RandomBrightness(0.1, value_range=(0, 1))", "layers.RandomContrast(0.2, value_range=(0, 1))"]
                    [..],
                Some("The strength of colours is not changed: brightness and contrast alone are."),
            ),
            "noise" => {
                (&["layers.GaussianNoise(0.04)"][..], Some("Noise may leave the range 0 to 1; Whisker cuts it there."))
            }
            _ => (&[][..], Some("An augmentation that has no layer here is left out.")),
        };
        rows.iter().for_each(|row| w.line(format!("        {row},")));
        lacking.into_iter().for_each(|lacking| p.note(lacking));
    }
    w.line("    ],\n    name=\"augment\",\n)\n\n");
}

/// The lines of one layer.
fn write(w: &mut Writer, network: &Network, layer: &Layer, p: &mut Program) {
    let to = network.writes(layer);
    let input = if network.augment.is_empty() { "inputs" } else { "augmented" };
    let read = |source: &Source| if *source == Source::Input { input } else { network.variable(*source) };
    let reads: Vec<&str> = layer.inputs.iter().map(read).collect();
    let from = reads[0];
    let penalty = |field: &str| match network.has_penalty() {
        true => format!(", {field}_regularizer=penalty"),
        false => String::new(),
    };
    let start = |field: &str| match layer.function.rectifies() {
        true => format!(", {field}_initializer=\"he_normal\""),
        false => String::new(),
    };
    let bias = |bias: &bool| if *bias { "" } else { ", use_bias=False" };
    let function = word(layer.function).map_or(String::new(), |word| format!(", activation=\"{word}\""));
    let name = format!("name=\"{}\"", layer.id);
    let mut call = |row: String| w.line(format!("{to} = layers.{row}({from})"));
    match &layer.kind {
        Kind::Dense { units, bias: has } => {
            let (start, penalty) = (start("kernel"), penalty("kernel"));
            call(format!("Dense({units}{function}{}{start}{penalty}, {name})", bias(has)));
        }
        Kind::Conv2d { filters, window, groups, bias: has } => {
            let groups = if *groups == 1 { String::new() } else { format!(", groups={groups}") };
            let rest = format!("{groups}{function}{}{}{}, {name}", bias(has), start("kernel"), penalty("kernel"));
            let size = pair(window.size, '(', ')');
            let both = window.stride != [1, 1] && window.dilation != [1, 1];
            if !both {
                call(format!("Conv2D({filters}, {size}{}{rest})", moves(window)));
            } else {
                w.line("# strides and dilation are not allowed together here: stride 1, and then every so many places");
                let mut from = from;
                if window.is_padded() {
                    let [[t, l], [b, r]] = [window.before, window.after];
                    w.line(format!("{to} = layers.ZeroPadding2D((({t}, {b}), ({l}, {r})))({from})"));
                    from = to;
                }
                let dilation = pair(window.dilation, '(', ')');
                let [rows, columns] = window.stride;
                w.line(format!("{to} = layers.Conv2D({filters}, {size}, dilation_rate={dilation}{rest})({from})"));
                w.line(format!("{to} = {to}[:, ::{rows}, ::{columns}, :]"));
            }
        }
        Kind::Conv2dTranspose { filters, kernel, stride, same, bias: has, .. } => {
            let padding = if *same { ", padding=\"same\"" } else { "" };
            let (size, strides) = (pair(*kernel, '(', ')'), pair(*stride, '(', ')'));
            call(format!(
                "Conv2DTranspose({filters}, {size}, strides={strides}{padding}{function}{}{}{}, {name})",
                bias(has),
                start("kernel"),
                penalty("kernel")
            ));
            let more = [0, 1].map(|i| if *same { 0 } else { stride[i].saturating_sub(kernel[i]) });
            if more != [0, 0] {
                let [h, w_] = more;
                w.line("# where the kernel is smaller than the stride, Keras goes on to the next stop");
                w.line(format!("{to} = layers.Cropping2D(((0, {h}), (0, {w_})))({to})"));
            }
        }
        Kind::DepthwiseConv2d { window, multiplier, bias: has } => {
            let size = pair(window.size, '(', ')');
            let multiplier = if *multiplier == 1 { String::new() } else { format!(", depth_multiplier={multiplier}") };
            let rest = format!("{function}{}{}{}", bias(has), start("depthwise"), penalty("depthwise"));
            call(format!("DepthwiseConv2D({size}{}{multiplier}{rest}, {name})", moves(window)));
            if window.stride[0] != window.stride[1] {
                p.note_on(
                    layer,
                    "TensorFlow refuses different strides in a depthwise convolution; JAX and PyTorch take them.",
                );
            }
        }
        Kind::MaxPool2d { window } => call(format!("MaxPooling2D({}, {name})", pooled(window))),
        Kind::AvgPool2d { window } => call(format!("AveragePooling2D({}, {name})", pooled(window))),
        Kind::GlobalMaxPool2d => call(format!("GlobalMaxPooling2D({name})")),
        Kind::GlobalAvgPool2d => call(format!("GlobalAveragePooling2D({name})")),
        Kind::Upsample2d { factor, bilinear } => {
            let method = if *bilinear { ", interpolation=\"bilinear\"" } else { "" };
            call(format!("UpSampling2D({factor}{method}, {name})"));
        }
        Kind::Flatten => call(format!("Flatten({name})")),
        Kind::Reshape => call(format!("Reshape({}, {name})", tuple(&layer.shape))),
        Kind::Activation => match layer.function {
            Function::LeakyRelu | Function::Step | Function::Linear => {}
            _ => call(format!("Activation(\"{}\", {name})", word(layer.function).expect("a word for the rest"))),
        },
        Kind::Dropout { rate } => call(format!("Dropout({}, {name})", number(*rate))),
        Kind::GaussianNoise { stddev } => call(format!("GaussianNoise({}, {name})", number(*stddev))),
        Kind::BatchNorm { momentum, epsilon } => {
            call(format!("BatchNormalization(momentum={}, epsilon={}, {name})", number(*momentum), number(*epsilon)))
        }
        Kind::LayerNorm { epsilon } => call(format!("LayerNormalization(epsilon={}, {name})", number(*epsilon))),
        Kind::Embedding { vocabulary, units } => {
            let start = "embeddings_initializer=keras.initializers.RandomNormal(stddev=0.05)";
            call(format!("Embedding({vocabulary}, {units}, {start}, {name})"));
        }
        Kind::Position { length } => w.line(format!("{to} = Position({length}, {name})({from})")),
        Kind::Recurrent { cell, units, sequences } => {
            let class = match cell {
                Cell::Simple => "SimpleRNN",
                Cell::Lstm => "LSTM",
                Cell::Gru => "GRU",
            };
            let all = if *sequences { ", return_sequences=True" } else { "" };
            call(format!("{class}({units}{all}{}{}, {name})", penalty("kernel"), penalty("recurrent")));
        }
        Kind::Attention { heads, causal } => {
            let (mask, size) = (if *causal { ", use_causal_mask=True" } else { "" }, layer.shape[1] / heads);
            let penalty = penalty("kernel");
            w.line(format!("{to} = layers.MultiHeadAttention({heads}, {size}{penalty}, {name})({from}, {from}{mask})"));
        }
        Kind::Add => w.line(format!("{to} = layers.Add({name})([{}])", list(&reads))),
        Kind::Multiply => w.line(format!("{to} = layers.Multiply({name})([{}])", list(&reads))),
        Kind::Concat { axis } => {
            let axis = if axis + 1 == layer.shape.len() { String::new() } else { format!("axis={}, ", axis + 1) };
            w.line(format!("{to} = layers.Concatenate({axis}{name})([{}])", list(&reads)));
        }
        Kind::Rbm { units } => {
            call(format!("Dense({units}, activation=\"sigmoid\"{}, {name})", penalty("kernel")));
            p.note_on(layer, RBM);
        }
    }
    // what is no word of the layer's own
    let own = matches!(layer.kind, Kind::Activation);
    let (from, name) = if own { (from, format!(", {name}")) } else { (to, String::new()) };
    match layer.function {
        Function::LeakyRelu => w.line(format!("{to} = layers.LeakyReLU(negative_slope=0.01{name})({from})")),
        Function::Step => w.line(format!("{to} = ops.cast({from} >= 0, \"float32\")")),
        Function::Linear if own => w.line(format!("{to} = layers.Identity(name=\"{}\")({from})", layer.id)),
        _ => {}
    }
}

/// What becomes of a restricted Boltzmann machine where there is none.
pub const RBM: &str = "There are no restricted Boltzmann machines here: a dense layer with a sigmoid computes the same in \
                       use. The visible bias and contrastive divergence are left out.";

/// The function's name, where it is one that Keras has with the same numbers.
fn word(function: Function) -> Option<&'static str> {
    match function {
        Function::Linear | Function::LeakyRelu | Function::Step => None,
        Function::Relu => Some("relu"),
        Function::Elu => Some("elu"),
        Function::Gelu => Some("gelu"),
        Function::Silu => Some("silu"),
        Function::Sigmoid => Some("sigmoid"),
        Function::Tanh => Some("tanh"),
        Function::Softplus => Some("softplus"),
        Function::Softmax => Some("softmax"),
    }
}

/// Strides, dilation and padding of a convolution, where they are not Keras's own.
fn moves(window: &Window) -> String {
    let mut text = String::new();
    for (field, sizes) in [("strides", window.stride), ("dilation_rate", window.dilation)] {
        if sizes != [1, 1] {
            text += &format!(", {field}={}", pair(sizes, '(', ')'));
        }
    }
    text + if window.same { ", padding=\"same\"" } else { "" }
}

fn pooled(window: &Window) -> String {
    let mut text = pair(window.size, '(', ')');
    if window.stride != window.size {
        text += &format!(", strides={}", pair(window.stride, '(', ')'));
    }
    text + if window.same { ", padding=\"same\"" } else { "" }
}

/// The program that puts weights from `weights.npz` into the model.
pub fn loader(network: &Network) -> Writer {
    let mut w = Writer::breaking("    ", PYTHON);
    w.line(
        "\"\"\"Puts Whisker's weights, from weights.npz, into the model of train.py.\"\"\"\n\nimport numpy as np\n\n",
    );
    w.block("def load(model, path=\"weights.npz\"):", |w| {
        w.line("weights = np.load(path)");
        for layer in network.used() {
            let needed: Vec<&Parameter> = match layer.kind {
                Kind::Rbm { .. } => layer.parameters[..2].iter().collect(),
                Kind::Attention { .. } => [0, 4, 1, 5, 2, 6, 3, 7].map(|i| &layer.parameters[i]).to_vec(),
                _ => layer.parameters.iter().collect(),
            };
            if needed.is_empty() {
                continue;
            }
            let rows: Vec<String> = needed.iter().map(|one| parameter(layer, one)).collect();
            w.of(layer, |w| {
                let head = format!("model.get_layer(\"{}\").set_weights(", layer.id);
                let whole = format!("{head}[{}])", rows.join(", "));
                match whole.len() <= 96 {
                    true => w.line(whole),
                    false => {
                        w.line(format!("{head}["));
                        rows.iter().for_each(|row| w.line(format!("    {row},")));
                        w.line("])");
                    }
                }
            });
        }
    });
    w
}

/// A parameter in the shape that Keras keeps it in.
fn parameter(layer: &Layer, one: &Parameter) -> String {
    let plain = format!("weights[{}]", quoted(&one.full));
    let Kind::Attention { heads, .. } = layer.kind else { return plain };
    let (d, size) = (layer.shape[1], layer.shape[1] / heads);
    match one.name {
        "output" => format!("{plain}.reshape({heads}, {size}, {d})"),
        "output-bias" => plain,
        name if name.ends_with("bias") => format!("{plain}.reshape({heads}, {size})"),
        _ => format!("{plain}.reshape({d}, {heads}, {size})"),
    }
}
