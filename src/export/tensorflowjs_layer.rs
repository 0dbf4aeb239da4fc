//! The layers of TensorFlow.js, channels last as ours: a sequential model for a chain, else a functional one.

use super::{
    Cell, Function, Kind, Layer, Network, Parameter, Program, Source, Window,
    code::{Writer, list, number, pair},
    keras_layer::RBM,
    name,
    tensorflowjs_class::is_special,
    wrap::SCRIPT,
};

/// The function `buildModel`.
pub fn model(w: &mut Writer, network: &Network, p: &mut Program) {
    let title = text(&name::identifiers(std::slice::from_ref(&network.title))[0]);
    w.block("export function buildModel() {", |w| {
        let shape = list(network.input.iter());
        if network.is_chain() {
            w.line(format!("const model = tf.sequential({{ name: {title} }});"));
            w.line(format!("model.add(tf.layers.inputLayer({{ inputShape: [{shape}] }}));"));
            if !network.augment.is_empty() {
                w.line("model.add(new Augment({ name: 'augment' }));");
            }
            for layer in network.used() {
                w.of(layer, |w| expressions(layer, network, p).iter().for_each(|one| w.line(format!("model.add({one});"))));
            }
            w.line("return model;");
            return;
        }
        w.line(format!("const inputs = tf.input({{ shape: [{shape}] }});"));
        let input = match network.augment.is_empty() {
            true => "inputs",
            false => {
                w.line("const augmented = new Augment({ name: 'augment' }).apply(inputs);");
                "augmented"
            }
        };
        let mut has_x = false;
        for layer in network.used() {
            let to = network.writes(layer);
            let read = |source: &Source| if *source == Source::Input { input } else { network.variable(*source) };
            let reads: Vec<&str> = layer.inputs.iter().map(read).collect();
            let twice = (1..reads.len()).any(|i| reads[..i].contains(&reads[i]));
            let mut from = match reads[..] {
                [one] => one.to_string(),
                _ => format!("[{}]", list((0..reads.len()).map(|i| input_of_join(&reads, i)))),
            };
            let all = expressions(layer, network, p);
            w.of(layer, |w| {
                if twice {
                    w.line("// a layer that reads another twice is counted once, and what it reads is thrown away too early");
                }
                for (i, one) in all.iter().enumerate() {
                    let head = match (i, to) {
                        (0, "x") if !has_x => "let ",
                        (0, "x") => "",
                        (0, _) if all.len() == 1 => "const ",
                        (0, _) => "let ",
                        _ => "",
                    };
                    w.line(format!("{head}{to} = {one}.apply({from});"));
                    from = to.to_string();
                }
            });
            has_x |= to == "x";
        }
        w.line(format!("return tf.model({{ inputs, outputs: x, name: {title} }});"));
    });
    w.line("}\n");
}

/// What a join reads; a layer that it has read already, by way of another.
fn input_of_join(reads: &[&str], i: usize) -> String {
    match reads[..i].contains(&reads[i]) {
        true => format!("tf.layers.activation({{ activation: 'linear' }}).apply({})", reads[i]),
        false => reads[i].to_string(),
    }
}

/// Text in single quotes.
pub fn text(text: &str) -> String {
    match text.contains(['\'', '"', '\\']) {
        true => name::quoted(text),
        false => name::quoted(text).replace('"', "'"),
    }
}

/// What a layer becomes, one after the other; the one that has its weights bears its name.
fn expressions(layer: &Layer, network: &Network, p: &mut Program) -> Vec<String> {
    let own_name = format!("name: {}", text(&layer.id));
    let start = if layer.function.rectifies() { "he()" } else { "glorot()" };
    let bias = |bias: &bool| if *bias { "" } else { "useBias: false, " };
    let penalty = |field: &str| match network.has_penalty() {
        true => format!("{field}Regularizer: penalty, "),
        false => String::new(),
    };
    let function = word(layer.function).map_or(String::new(), |word| format!("activation: '{word}', "));
    let plain = |class: &str, fields: String| format!("tf.layers.{class}({{ {fields}{own_name} }})");
    let mut all = match &layer.kind {
        Kind::Dense { units, bias: has } => {
            let rest = format!("{function}{}kernelInitializer: {start}, {}", bias(has), penalty("kernel"));
            vec![plain("dense", format!("units: {units}, {rest}"))]
        }
        Kind::Conv2d { filters, window, groups, bias: has } if is_special(&layer.kind) => {
            let [size, strides, gaps] =
                [window.size, window.stride, window.dilation].map(|[a, b]| format!("[{a}, {b}]"));
            let mut all = vec![format!(
                "new GroupedConv2D({{ filters: {filters}, kernelSize: {size}, strides: {strides}, padding: '{}', \
                 dilationRate: {gaps}, groups: {groups}, useBias: {has}, kernelInitializer: {start}, {own_name} }})",
                if window.same { "same" } else { "valid" }
            )];
            all.extend(word(layer.function).map(|word| format!("tf.layers.activation({{ activation: '{word}' }})")));
            all
        }
        Kind::Conv2d { filters, window, bias: has, .. } => {
            let rest = format!("{function}{}kernelInitializer: {start}, {}", bias(has), penalty("kernel"));
            let size = pair(window.size, '[', ']');
            vec![plain("conv2d", format!("filters: {filters}, kernelSize: {size}, {}{rest}", moves(window, [1, 1])))]
        }
        Kind::Conv2dTranspose { filters, kernel, stride, same, bias: has, .. } => {
            let (size, strides) = (pair(*kernel, '[', ']'), pair(*stride, '[', ']'));
            let padding = if *same { "padding: 'same', " } else { "" };
            let rest = format!("{function}{}kernelInitializer: {start}, {}", bias(has), penalty("kernel"));
            let fields = format!("filters: {filters}, kernelSize: {size}, strides: {strides}, {padding}{rest}");
            let mut all = vec![plain("conv2dTranspose", fields)];
            let more = [0, 1].map(|i| if *same { 0 } else { stride[i].saturating_sub(kernel[i]) });
            if let [h, w] = more
                && more != [0, 0]
            {
                // where the kernel is smaller than the stride, the library goes on to the next stop
                all.push(format!("tf.layers.cropping2D({{ cropping: [[0, {h}], [0, {w}]] }})"));
            }
            all
        }
        Kind::DepthwiseConv2d { window, multiplier, bias: has } => {
            let size = pair(window.size, '[', ']');
            let multiplier = if *multiplier == 1 { String::new() } else { format!("depthMultiplier: {multiplier}, ") };
            let rest = format!("{function}{}depthwiseInitializer: {start}, {}", bias(has), penalty("depthwise"));
            vec![plain("depthwiseConv2d", format!("kernelSize: {size}, {}{multiplier}{rest}", moves(window, [1, 1])))]
        }
        Kind::MaxPool2d { window } => vec![plain("maxPooling2d", pooled(window))],
        Kind::AvgPool2d { window } if is_special(&layer.kind) => {
            let ([h, w], [down, across]) = (window.size, window.stride);
            let ([t, l], [b, r]) = (window.before, window.after);
            vec![format!(
                "new PaddedAveragePooling2D({{ poolSize: [{h}, {w}], strides: [{down}, {across}], \
                 padding: [[{t}, {b}], [{l}, {r}]], {own_name} }})"
            )]
        }
        Kind::AvgPool2d { window } => vec![plain("averagePooling2d", pooled(window))],
        Kind::GlobalMaxPool2d => vec![plain("globalMaxPooling2d", String::new())],
        Kind::GlobalAvgPool2d => vec![plain("globalAveragePooling2d", String::new())],
        Kind::Upsample2d { factor, bilinear: false } => {
            vec![plain("upSampling2d", format!("size: [{factor}, {factor}], "))]
        }
        Kind::Upsample2d { factor, bilinear: true } => {
            vec![format!("new BilinearUpSampling2D({{ factor: {factor}, {own_name} }})")]
        }
        // the library refuses to flatten what is flat
        Kind::Flatten if layer.shapes[0].len() < 2 => {
            vec![plain("reshape", format!("targetShape: [{}], ", layer.shape.count()))]
        }
        Kind::Flatten => vec![plain("flatten", String::new())],
        Kind::Reshape => vec![plain("reshape", format!("targetShape: [{}], ", list(layer.shape.iter())))],
        Kind::Activation => match layer.function {
            Function::LeakyRelu => vec![plain("leakyReLU", "alpha: 0.01, ".into())],
            Function::Step => vec![format!("new Step({{ {own_name} }})")],
            other => vec![plain("activation", format!("activation: '{}', ", word(other).unwrap_or("linear")))],
        },
        Kind::Dropout { rate } => vec![plain("dropout", format!("rate: {}, ", number(*rate)))],
        Kind::GaussianNoise { stddev } => vec![plain("gaussianNoise", format!("stddev: {}, ", number(*stddev)))],
        Kind::BatchNorm { momentum, epsilon } => {
            let fields = format!("momentum: {}, epsilon: {}, ", number(*momentum), number(*epsilon));
            small(layer, plain("batchNormalization", fields))
        }
        Kind::LayerNorm { epsilon } => {
            small(layer, plain("layerNormalization", format!("epsilon: {}, ", number(*epsilon))))
        }
        Kind::Embedding { vocabulary, units } => {
            let start = "embeddingsInitializer: tf.initializers.randomNormal({ stddev: 0.05, seed: seed++ })";
            vec![plain("embedding", format!("inputDim: {vocabulary}, outputDim: {units}, {start}, "))]
        }
        Kind::Position { length } => vec![format!("new Position({{ length: {length}, {own_name} }})")],
        Kind::Recurrent { cell, units, sequences } => {
            let all = if *sequences { "returnSequences: true, " } else { "" };
            let rest = "kernelInitializer: glorot(), recurrentInitializer: orthogonal(), ";
            vec![match cell {
                Cell::Simple => plain("simpleRNN", format!("units: {units}, {all}{rest}")),
                // the library's own choice for gates is made of straight lines
                Cell::Lstm => plain("lstm", format!("units: {units}, recurrentActivation: 'sigmoid', {all}{rest}")),
                Cell::Gru => format!("new ResetAfterGRU({{ units: {units}, {all}{own_name} }})"),
            }]
        }
        Kind::Attention { heads, causal } => {
            let causal = if *causal { "causal: true, " } else { "" };
            vec![format!("new SelfAttention({{ heads: {heads}, {causal}{own_name} }})")]
        }
        Kind::Add => vec![plain("add", String::new())],
        Kind::Multiply => vec![plain("multiply", String::new())],
        Kind::Concat { axis } => vec![plain("concatenate", format!("axis: {}, ", axis + 1))],
        Kind::Rbm { units } => {
            p.note_on(layer, RBM);
            let rest = format!("activation: 'sigmoid', kernelInitializer: glorot(), {}", penalty("kernel"));
            vec![plain("dense", format!("units: {units}, {rest}"))]
        }
    };
    match layer.function {
        _ if layer.kind == Kind::Activation => {}
        Function::LeakyRelu => all.push("tf.layers.leakyReLU({ alpha: 0.01 })".into()),
        Function::Step => all.push("new Step()".into()),
        _ => {}
    }
    all.iter_mut().for_each(|one| *one = one.replace("({  })", "()").replace("{  ", "{ "));
    all
}

/// Normalisation of samples with more than three axes goes by way of fewer, which is all that the library takes.
fn small(layer: &Layer, normalisation: String) -> Vec<String> {
    let shape = &layer.shape;
    if shape.len() < 4 {
        return vec![normalisation];
    }
    let channels = shape[shape.len() - 1];
    let there = format!("tf.layers.reshape({{ targetShape: [{}, {channels}] }})", shape.count() / channels);
    let back = format!("tf.layers.reshape({{ targetShape: [{}] }})", list(shape.iter()));
    vec![there, normalisation, back]
}

/// The function's name, where the library has it with the same numbers.
fn word(function: Function) -> Option<&'static str> {
    match function {
        Function::Linear | Function::LeakyRelu | Function::Step => None,
        Function::Relu => Some("relu"),
        Function::Elu => Some("elu"),
        Function::Gelu => Some("gelu"),
        Function::Silu => Some("swish"),
        Function::Sigmoid => Some("sigmoid"),
        Function::Tanh => Some("tanh"),
        Function::Softplus => Some("softplus"),
        Function::Softmax => Some("softmax"),
    }
}

/// Strides and padding, where they are not the library's own.
fn moves(window: &Window, usual: [usize; 2]) -> String {
    let strides = match window.stride == usual {
        true => String::new(),
        false => format!("strides: {}, ", pair(window.stride, '[', ']')),
    };
    strides + if window.same { "padding: 'same', " } else { "" }
}

fn pooled(window: &Window) -> String {
    format!("poolSize: {}, {}", pair(window.size, '[', ']'), moves(window, window.size))
}

/// The program that puts weights from `weights.safetensors` into the model.
pub fn loader(network: &Network) -> Writer {
    let mut w = Writer::breaking("  ", SCRIPT);
    w.line("// Puts Whisker's weights, from weights.safetensors, into the model of train.mjs.\n");
    w.line("import { readFile } from 'node:fs/promises';\nimport * as tf from '@tensorflow/tfjs';\n");
    w.block("export async function load(model, path = 'weights.safetensors') {", |w| {
        w.line(
            "const bytes = await readFile(path);
const start = 8 + Number(bytes.readBigUInt64LE(0));
const header = JSON.parse(bytes.toString('utf8', 8, start));
const weight = name => {
  const { shape, data_offsets: [from, to] } = header[name];
  const at = bytes.byteOffset + start;
  return tf.tensor(new Float32Array(bytes.buffer.slice(at + from, at + to)), shape);
};
const put = (layer, ...names) =>
  tf.tidy(() => model.getLayer(layer).setWeights(names.map(weight)));",
        );
        for layer in network.used() {
            let needed: &[Parameter] = match layer.kind {
                Kind::Rbm { .. } => &layer.parameters[..2],
                _ => &layer.parameters,
            };
            if !needed.is_empty() {
                let names = list(needed.iter().map(|one| text(&one.full)));
                w.layer(layer, format!("put({}, {names});", text(&layer.id)));
            }
        }
    });
    w.line("}");
    w
}
