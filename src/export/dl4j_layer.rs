//! The layers of Deeplearning4j as builders: channels first, sequences [n, features, time].

use super::{
    Cell, Function, Kind, Layer, Loss, Network, Program, Window, code::number, keras_layer::RBM, name::quoted,
};

/// What a layer becomes.
pub enum Made {
    /// A layer: its class with the arguments of its builder, and the calls that follow.
    Layer(String, Vec<String>),
    /// A join of branches.
    Vertex(&'static str),
    /// Nothing: the library does it by itself, or not at all, as the words say.
    Nothing(String),
}

/// The library's builder for a layer; the one that makes the output has the loss.
pub fn made(network: &Network, layer: &Layer, p: &mut Program) -> Made {
    let last = layer.place == network.last().place;
    let (input, output) = (&layer.shapes[0], &layer.shape);
    let mut lacks = |why: &str| {
        p.note_on(layer, format!("{}: {why}", layer.name));
        Made::Nothing(format!("{}: {why}", layer.name))
    };
    let start = || match layer.function.rectifies() {
        true => vec!["weightInit(WeightInit.RELU)".to_string()],
        false => Vec::new(),
    };
    let bias = |has: bool| if has { None } else { Some("hasBias(false)".to_string()) };
    let function = |function: Function| format!("activation(Activation.{})", word(function));
    if layer.function == Function::Step {
        return lacks("Deeplearning4j has no step, so the layer is left out.");
    }
    let all = |class: &str, calls: Vec<String>| Made::Layer(class.to_string(), calls);
    match &layer.kind {
        Kind::Dense { units, bias: has } if last && input.len() <= 2 => {
            let (loss, activation) = loss(network.loss);
            let class = if input.len() == 2 { "RnnOutputLayer" } else { "OutputLayer" };
            let mut calls = vec![format!("nOut({units})"), format!("activation(Activation.{activation})")];
            calls.extend(bias(*has).filter(|_| class == "OutputLayer"));
            all(&format!("{class}.Builder(LossFunction.{loss})"), calls)
        }
        Kind::Dense { units, bias: has } if input.len() <= 2 => {
            let calls =
                [vec![format!("nOut({units})"), function(layer.function)], bias(*has).into_iter().collect(), start()];
            all("DenseLayer.Builder()", calls.concat())
        }
        Kind::Dense { units, bias: has } if input.len() == 3 => {
            let calls =
                [vec![format!("nOut({units})"), function(layer.function)], bias(*has).into_iter().collect(), start()];
            all("ConvolutionLayer.Builder(1, 1)", calls.concat())
        }
        Kind::Dense { .. } => lacks("Deeplearning4j has no dense layer on so many axes, so it is left out."),
        Kind::Conv2d { groups: 2.., .. } => lacks("Deeplearning4j has no convolution in groups, so it is left out."),
        Kind::Conv2d { filters, window, bias: has, .. } => {
            let moves = moves(window, true);
            let own = vec![format!("nOut({filters})"), function(layer.function)];
            let [h, w] = window.size;
            let calls = [own, moves, bias(*has).into_iter().collect(), start()].concat();
            all(&format!("ConvolutionLayer.Builder({h}, {w})"), calls)
        }
        Kind::Conv2dTranspose { filters, kernel: [h, w], stride, same, bias: has, .. } => {
            let mut calls = vec![format!("nOut({filters})"), function(layer.function)];
            calls.push(format!("stride({}, {})", stride[0], stride[1]));
            calls.extend(same.then(|| "convolutionMode(ConvolutionMode.Same)".to_string()));
            calls.extend(bias(*has));
            calls.extend(start());
            all(&format!("Deconvolution2D.Builder({h}, {w})"), calls)
        }
        Kind::DepthwiseConv2d { window, multiplier, bias: has } => {
            let [h, w] = window.size;
            let mut calls = vec![format!("kernelSize({h}, {w})"), format!("depthMultiplier({multiplier})")];
            calls.extend(
                [function(layer.function)].into_iter().chain(moves(window, true)).chain(bias(*has)).chain(start()),
            );
            all("DepthwiseConvolution2D.Builder()", calls)
        }
        Kind::MaxPool2d { window } | Kind::AvgPool2d { window } => {
            let kind = if matches!(layer.kind, Kind::MaxPool2d { .. }) { "MAX" } else { "AVG" };
            let [h, w] = window.size;
            let calls = [vec![format!("kernelSize({h}, {w})")], moves(window, false)].concat();
            all(&format!("SubsamplingLayer.Builder(PoolingType.{kind})"), calls)
        }
        Kind::GlobalMaxPool2d => all("GlobalPoolingLayer.Builder(PoolingType.MAX)", Vec::new()),
        Kind::GlobalAvgPool2d => all("GlobalPoolingLayer.Builder(PoolingType.AVG)", Vec::new()),
        Kind::Upsample2d { factor, bilinear: false } => all(&format!("Upsampling2D.Builder({factor})"), Vec::new()),
        Kind::Upsample2d { .. } => lacks("Deeplearning4j has no bilinear upsampling, so it is left out."),
        Kind::Flatten if input.len() == 2 => lacks("Deeplearning4j does not flatten sequences, so it is left out."),
        Kind::Flatten => {
            Made::Nothing(format!("{}: the library flattens before dense layers, channels first", layer.name))
        }
        Kind::Reshape => lacks("Deeplearning4j reshapes between its own kinds of data alone, so it is left out."),
        Kind::Activation => all(&format!("ActivationLayer.Builder(Activation.{})", word(layer.function)), Vec::new()),
        // the share that stays, not the share that goes
        Kind::Dropout { rate } => all(&format!("DropoutLayer.Builder({})", number(1.0 - rate)), Vec::new()),
        Kind::GaussianNoise { .. } => lacks("noise while training is left out here."),
        Kind::BatchNorm { momentum, epsilon } => {
            let calls = vec![format!("decay({})", number(*momentum)), format!("eps({})", number(*epsilon))];
            all("BatchNormalization.Builder()", calls)
        }
        Kind::LayerNorm { .. } => lacks("Deeplearning4j has no such layer on its own, so it is left out."),
        Kind::Embedding { vocabulary, units } => {
            let calls =
                vec![format!("nIn({vocabulary})"), format!("nOut({units})"), format!("inputLength({})", output[0])];
            all("EmbeddingSequenceLayer.Builder()", calls)
        }
        Kind::Position { .. } => lacks("Deeplearning4j has no learnt places, so it is left out."),
        Kind::Recurrent { cell: Cell::Lstm, units, sequences } => {
            if !sequences {
                p.note_on(
                    layer,
                    "All steps come out of the layer in Deeplearning4j; wrap it in LastTimeStep for the last alone.",
                );
            }
            all("LSTM.Builder()", vec![format!("nOut({units})"), "activation(Activation.TANH)".to_string()])
        }
        Kind::Recurrent { .. } => {
            lacks("of recurrent layers the LSTM alone is written for Deeplearning4j; it is left out.")
        }
        Kind::Attention { .. } => lacks("attention is not written for Deeplearning4j; it is left out."),
        Kind::Add => Made::Vertex("ElementWiseVertex(ElementWiseVertex.Op.Add)"),
        Kind::Multiply => Made::Vertex("ElementWiseVertex(ElementWiseVertex.Op.Product)"),
        Kind::Concat { axis } if axis + 1 == output.len() => Made::Vertex("MergeVertex()"),
        Kind::Concat { .. } => lacks("Deeplearning4j joins along channels or features alone, so one branch goes on."),
        Kind::Rbm { units } => {
            p.note_on(layer, RBM);
            all("DenseLayer.Builder()", vec![format!("nOut({units})"), "activation(Activation.SIGMOID)".to_string()])
        }
    }
}

/// The library's loss, and the function of the layer that has it.
pub fn loss(loss: Loss) -> (&'static str, &'static str) {
    match loss {
        Loss::CrossEntropy => ("MCXENT", "SOFTMAX"),
        Loss::BinaryCrossEntropy => ("XENT", "SIGMOID"),
        Loss::MeanSquaredError | Loss::Huber => ("MSE", "IDENTITY"),
        Loss::MeanAbsoluteError => ("MEAN_ABSOLUTE_ERROR", "IDENTITY"),
        Loss::Hinge => ("HINGE", "IDENTITY"),
    }
}

fn word(function: Function) -> &'static str {
    match function {
        Function::Linear | Function::Step => "IDENTITY",
        Function::Relu => "RELU",
        Function::LeakyRelu => "LEAKYRELU",
        Function::Elu => "ELU",
        Function::Gelu => "GELU",
        Function::Silu => "SWISH",
        Function::Sigmoid => "SIGMOID",
        Function::Tanh => "TANH",
        Function::Softplus => "SOFTPLUS",
        Function::Softmax => "SOFTMAX",
    }
}

/// Strides, dilation and padding; without padding the usual mode leaves out what fits no window, as ours does.
fn moves(window: &Window, dilates: bool) -> Vec<String> {
    let mut calls = vec![format!("stride({}, {})", window.stride[0], window.stride[1])];
    if dilates && window.dilation != [1, 1] {
        calls.push(format!("dilation({}, {})", window.dilation[0], window.dilation[1]));
    }
    calls.extend(window.same.then(|| "convolutionMode(ConvolutionMode.Same)".to_string()));
    calls
}

/// The lines of a builder: its calls, as many to a line as it takes.
pub fn lines(head: &str, class: &str, calls: &[String], id: &str, tail: &str) -> Vec<String> {
    let mut lines = vec![format!("{head}new {class}")];
    let own = [format!("name({})", quoted(id)), format!("build(){tail}")];
    for call in calls.iter().chain(&own) {
        let room = if lines.len() == 1 { 84 } else { 76 };
        match lines.last_mut() {
            Some(line) if line.len() + call.len() < room => *line += &format!(".{call}"),
            _ => lines.push(format!("    .{call}")),
        }
    }
    lines
}
