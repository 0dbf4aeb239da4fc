//! A model zip of Deeplearning4j: the layers as `configuration.json`, all numbers as one row in `coefficients.bin`, big-endian.
//!
//! Chains of plain layers have such a zip; channels stand first in it, so that a dense layer behind pictures has its rows in
//! that order. The last layer gives numbers before any softmax, as ours does.

use zip::CompressionMethod;

use super::{Function, Kind, Layer, Model, Optimizer, Window, zipped::zipped};
use crate::{
    nn::json::{Json, Map},
    train::Weight,
};

/// The zip; the error names the layer that stands in its way, and says why.
pub fn model_zip(model: &Model) -> Result<Vec<u8>, (Option<usize>, String)> {
    let network = model.network;
    if !network.is_chain() {
        return Err((None, "its graph has joins".into()));
    }
    let mut zip = Parts { model: *model, layers: Vec::new(), before: Map::new(), numbers: Vec::new(), pictures: None };
    for layer in network.used() {
        zip.layer(layer).map_err(|why| (Some(layer.place), format!("{} {why}", layer.name)))?;
    }
    let files = [
        ("configuration.json".to_string(), format!("{:#}", zip.configuration()).into_bytes()),
        ("coefficients.bin".to_string(), row(&zip.numbers)),
    ];
    zipped(&files, CompressionMethod::Deflated).map_err(|why| (None, why))
}

struct Parts<'a> {
    model: Model<'a>,
    layers: Vec<Json>,
    /// What stands before layers, by their places.
    before: Map,
    numbers: Vec<f32>,
    /// The shape of the pictures that were flattened last, while a dense layer is still to read them.
    pictures: Option<[usize; 3]>,
}

impl Parts<'_> {
    /// Appends a layer and its numbers; the error is the end of a sentence that begins with the layer's name.
    fn layer(&mut self, layer: &Layer) -> Result<(), String> {
        let function = function(layer.function).ok_or("has a step, which there is not")?;
        let flat = self.pictures.take();
        match &layer.kind {
            Kind::Dense { units, bias } if layer.shapes[0].len() == 1 => {
                let kernel = self.weight(layer, 0)?;
                let inputs = layer.shapes[0][0];
                // in columns: all that leads to the first unit, then all that leads to the second
                let source = |place: usize| flat.map_or(place, |shape| channels_last(place, shape));
                let (data, width) = (kernel.data.clone(), *units);
                self.numbers.extend(
                    (0..width).flat_map(|unit| {
                        (0..inputs).map(|place| data[source(place) * width + unit]).collect::<Vec<_>>()
                    }),
                );
                self.bias(layer, *bias)?;
                let mut own = self.own("DenseLayer", layer, Some(function));
                own.insert("nin", inputs);
                own.insert("nout", *units);
                own.insert("hasBias", *bias);
                own.insert("hasLayerNorm", false);
                self.push(own, if *bias { &["W", "b"] } else { &["W"] });
            }
            Kind::Conv2d { filters, window, groups: 1, bias } => {
                let kernel = self.weight(layer, 0)?.data.clone();
                let ([h, w], inputs) = (window.size, layer.shapes[0][2]);
                self.bias(layer, *bias)?;
                for (out, input) in (0..*filters).flat_map(|out| (0..inputs).map(move |input| (out, input))) {
                    self.numbers.extend((0..h * w).map(|place| kernel[(place * inputs + input) * filters + out]));
                }
                let mut own = self.own("ConvolutionLayer", layer, Some(function));
                own.insert("nin", inputs);
                own.insert("nout", *filters);
                own.insert("hasBias", *bias);
                own.insert("cudnnAlgoMode", "PREFER_FASTEST");
                slides(&mut own, window);
                self.push(own, if *bias { &["W", "b"] } else { &["W"] });
            }
            Kind::MaxPool2d { window } | Kind::AvgPool2d { window } => {
                let max = matches!(layer.kind, Kind::MaxPool2d { .. });
                let mut own = self.own("SubsamplingLayer", layer, None);
                own.insert("poolingType", if max { "MAX" } else { "AVG" });
                own.insert("pnorm", 0.0);
                own.insert("eps", 1e-8);
                own.insert("avgPoolIncludePadInDivisor", false);
                slides(&mut own, window);
                self.push(own, &[]);
            }
            Kind::GlobalMaxPool2d | Kind::GlobalAvgPool2d => {
                let mut own = self.own("GlobalPoolingLayer", layer, None);
                own.insert("poolingType", if layer.kind == Kind::GlobalMaxPool2d { "MAX" } else { "AVG" });
                own.insert("collapseDimensions", true);
                own.insert("pnorm", 2.0);
                self.push(own, &[]);
            }
            Kind::BatchNorm { momentum, epsilon } if layer.shape.len() != 2 => {
                for place in 0..4 {
                    let numbers = self.weight(layer, place)?.data.clone();
                    // what is flat already was flattened with its channels first
                    let source = |i: usize| flat.map_or(i, |shape| channels_last(i, shape));
                    self.numbers.extend((0..numbers.len()).map(|i| numbers[source(i)]));
                }
                self.pictures = flat;
                let channels = layer.shape[layer.shape.len() - 1];
                let mut own = self.own("BatchNormalization", layer, None);
                for (key, value) in [("decay", *momentum), ("eps", *epsilon), ("gamma", 1.0), ("beta", 0.0)] {
                    own.insert(key, value);
                }
                own.insert("nin", channels);
                own.insert("nout", channels);
                for (key, flag) in [("isMinibatch", true), ("lockGammaBeta", false), ("useLogStd", false)] {
                    own.insert(key, flag);
                }
                own.insert("cnn2DFormat", "NCHW");
                self.push(own, &["gamma", "beta", "mean", "var"]);
            }
            Kind::Flatten => match layer.shapes[0][..] {
                [h, w, c] => {
                    let mut own = Map::new();
                    own.insert("@class", "org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor");
                    for (key, size) in [("inputHeight", h), ("inputWidth", w), ("numChannels", c)] {
                        own.insert(key, size);
                    }
                    own.insert("format", "NCHW");
                    self.before.insert(&self.layers.len().to_string(), own);
                    self.pictures = Some([h, w, c]);
                }
                [_] => self.pictures = flat,
                _ => return Err("flattens a sequence, which a file of its own kind does not".into()),
            },
            Kind::Activation => {
                self.pictures = flat;
                if layer.function == Function::Softmax && layer.shape.len() > 1 {
                    return Err("takes the softmax over channels, which stand elsewhere there".into());
                }
                let own = self.own("ActivationLayer", layer, Some(function));
                self.push(own, &[]);
            }
            Kind::Dropout { rate } => {
                self.pictures = flat;
                let mut own = self.own("DropoutLayer", layer, None);
                let mut dropout = Map::new();
                dropout.insert("@class", "org.deeplearning4j.nn.conf.dropout.Dropout");
                // the share that stays
                dropout.insert("p", 1.0 - rate);
                own.insert("idropout", dropout);
                self.push(own, &[]);
            }
            _ => return Err("is of a kind that only the import of model.h5 makes there".into()),
        }
        Ok(())
    }

    fn weight(&self, layer: &Layer, place: usize) -> Result<&Weight, String> {
        let name = &layer.parameters[place].full;
        let found = self.model.weights.iter().find(|weight| weight.name == *name);
        found.ok_or_else(|| format!("lacks its array {name}"))
    }

    fn bias(&mut self, layer: &Layer, has: bool) -> Result<(), String> {
        if has {
            let numbers = self.weight(layer, 1)?.data.clone();
            self.numbers.extend(numbers);
        }
        Ok(())
    }

    /// The fields that all layers have, and those of layers with weights.
    fn own(&self, class: &str, layer: &Layer, function: Option<Json>) -> Map {
        let mut own = Map::new();
        own.insert("@class", format!("org.deeplearning4j.nn.conf.layers.{class}").as_str());
        own.insert("layerName", layer.id.as_str());
        own.insert("constraints", Json::Null);
        own.insert("idropout", Json::Null);
        if let Some(function) = function {
            own.insert("activationFn", function);
        }
        if layer.parameters.is_empty() {
            return own;
        }
        let start = if layer.function.rectifies() { "Relu" } else { "XavierUniform" };
        own.insert("weightInitFn", class_of(&format!("org.deeplearning4j.nn.weights.WeightInit{start}")));
        own.insert("biasInit", 0.0);
        own.insert("gainInit", 1.0);
        own.insert("gradientNormalization", "None");
        own.insert("gradientNormalizationThreshold", 1.0);
        own.insert("regularization", Json::Array(Vec::new()));
        own.insert("regularizationBias", Json::Array(Vec::new()));
        own.insert("iupdater", self.updater());
        own
    }

    fn updater(&self) -> Map {
        let (class, fields): (&str, Vec<(&str, f64)>) = match self.model.network.optimizer {
            Optimizer::Sgd { momentum: 0.0, .. } => ("Sgd", Vec::new()),
            Optimizer::Sgd { momentum, .. } => ("Nesterovs", vec![("momentum", momentum)]),
            Optimizer::Rmsprop { rho, epsilon } => ("RmsProp", vec![("rmsDecay", rho), ("epsilon", epsilon)]),
            Optimizer::Adagrad { epsilon } => ("AdaGrad", vec![("epsilon", epsilon)]),
            Optimizer::Adam { beta_1, beta_2, epsilon, .. } => {
                ("Adam", vec![("beta1", beta_1), ("beta2", beta_2), ("epsilon", epsilon)])
            }
        };
        let Json::Object(mut updater) = class_of(&format!("org.nd4j.linalg.learning.config.{class}")) else {
            unreachable!("an object")
        };
        updater.insert("learningRate", self.model.network.rate);
        fields.into_iter().for_each(|(key, value)| updater.insert(key, value));
        updater
    }

    /// Appends a layer's configuration; `variables` are its arrays.
    fn push(&mut self, layer: Map, variables: &[&str]) {
        let mut own = Map::new();
        for (key, value) in [("cacheMode", "NONE"), ("dataType", "FLOAT")] {
            own.insert(key, value);
        }
        own.insert("epochCount", 0.0);
        own.insert("iterationCount", 0.0);
        own.insert("layer", layer);
        own.insert("maxNumLineSearchIterations", 5.0);
        own.insert("miniBatch", true);
        own.insert("minimize", true);
        own.insert("optimizationAlgo", "STOCHASTIC_GRADIENT_DESCENT");
        own.insert("seed", f64::from(self.model.network.seed));
        own.insert("variables", variables.iter().copied().collect::<Json>());
        self.layers.push(own.into());
    }

    fn configuration(&self) -> Json {
        let mut all = Map::new();
        all.insert("backpropType", "Standard");
        all.insert("cacheMode", "NONE");
        all.insert("confs", Json::Array(self.layers.clone()));
        all.insert("dataType", "FLOAT");
        all.insert("epochCount", 0.0);
        all.insert("inferenceWorkspaceMode", "ENABLED");
        all.insert("inputPreProcessors", self.before.clone());
        all.insert("iterationCount", 0.0);
        all.insert("tbpttBackLength", 20.0);
        all.insert("tbpttFwdLength", 20.0);
        all.insert("trainingWorkspaceMode", "ENABLED");
        // the last layer is a plain one
        all.insert("validateOutputLayerConfig", false);
        all.into()
    }
}

/// Where a number of flat pictures with their channels first stands with its channels last.
fn channels_last(place: usize, [h, w, c]: [usize; 3]) -> usize {
    let (channel, pixel) = (place / (h * w), place % (h * w));
    pixel * c + channel
}

fn slides(own: &mut Map, window: &Window) {
    let pair = |sizes: [usize; 2]| sizes.into_iter().collect::<Json>();
    own.insert("kernelSize", pair(window.size));
    own.insert("stride", pair(window.stride));
    own.insert("dilation", pair(window.dilation));
    own.insert("padding", pair([0, 0]));
    own.insert("convolutionMode", if window.same { "Same" } else { "Truncate" });
    own.insert("cudnnAllowFallback", true);
    own.insert("cnn2dDataFormat", "NCHW");
}

fn class_of(class: &str) -> Json {
    let mut map = Map::new();
    map.insert("@class", class);
    map.into()
}

/// The activation as an object; `None` for what there is not.
fn function(function: Function) -> Option<Json> {
    let class = match function {
        Function::Linear => "Identity",
        Function::Relu => "ReLU",
        Function::LeakyRelu => "LReLU",
        Function::Elu => "ELU",
        Function::Gelu => "GELU",
        Function::Silu => "Swish",
        Function::Sigmoid => "Sigmoid",
        Function::Tanh => "TanH",
        Function::Softplus => "SoftPlus",
        Function::Softmax => "Softmax",
        Function::Step => return None,
    };
    let Json::Object(mut object) = class_of(&format!("org.nd4j.linalg.activations.impl.Activation{class}")) else {
        unreachable!("an object")
    };
    match function {
        Function::LeakyRelu => object.insert("alpha", 0.01),
        Function::Gelu => object.insert("precise", true),
        _ => {}
    }
    Some(object.into())
}

/// Numbers as one row: the buffer that tells its shape, then the buffer itself; each with how it is allocated, its length and
/// the type of its numbers.
fn row(numbers: &[f32]) -> Vec<u8> {
    let mut out = Vec::new();
    let head = |out: &mut Vec<u8>, length: usize, kind: &str| {
        for (text, length) in [("MIXED_DATA_TYPES", Some(length)), (kind, None)] {
            out.extend((text.len() as u16).to_be_bytes());
            out.extend(text.as_bytes());
            out.extend(length.into_iter().flat_map(|length| (length as u64).to_be_bytes()));
        }
    };
    let count = numbers.len() as i64;
    // rank, sizes, strides, the mark of 32-bit floats, steps between elements, the letter c
    let shape = [2, 1, count, count, 1, 8192, 1, 99];
    head(&mut out, shape.len(), "LONG");
    out.extend(shape.iter().flat_map(|number: &i64| number.to_be_bytes()));
    head(&mut out, numbers.len(), "FLOAT");
    out.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
    out
}
