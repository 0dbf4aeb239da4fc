//! One kind of layer after the other, but for those that read sequences.

use super::{
    super::{Cell, Kind, Layer, Source, Window},
    build::{Attributes, Builder, permute},
    proto::Attribute::{Float, Text, Whole, Wholes},
};
use crate::tensor::Shape;

impl Builder<'_> {
    /// Appends what a layer computes before its function.
    pub fn kind(&mut self, layer: &Layer, inputs: &[String]) -> Result<String, String> {
        let (x, shape) = (&inputs[0][..], &layer.shapes[0]);
        Ok(match &layer.kind {
            Kind::Dense { bias, .. } => self.dense(layer, x, *bias)?,
            Kind::Rbm { .. } => {
                self.note(Some(layer), format!("{} is written as the dense layer with a sigmoid that it is in use; its visible bias is left out.", layer.name));
                let sums = self.dense(layer, x, true)?;
                self.part("sigmoid", "Sigmoid", &[&sums], vec![])
            }
            Kind::Conv2d { window, groups, bias, .. } => {
                let w = self.turned("kernel", &[3, 2, 0, 1])?;
                self.conv(x, &w, window, *groups, *bias)?
            }
            Kind::DepthwiseConv2d { window, bias, .. } => {
                let kernel = self.weight("kernel")?;
                let (turned, data) = permute(&kernel.shape, &kernel.data, &[2, 3, 0, 1]);
                let w = self.numbers("kernel", [turned[0] * turned[1], 1, turned[2], turned[3]], data);
                self.conv(x, &w, window, shape[2], *bias)?
            }
            Kind::Conv2dTranspose { kernel, stride, crop, bias, .. } => {
                let w = self.turned("kernel", &[3, 2, 0, 1])?;
                let pads = [0, 1].map(|end| [0, 1].map(|axis| crop[axis][end].max(0) as i64)).concat();
                let added = [0, 1].map(|axis| (-crop[axis][1]).max(0) as i64);
                let attributes = vec![
                    ("kernel_shape", pair(*kernel)),
                    ("strides", pair(*stride)),
                    ("pads", Wholes(pads)),
                    ("output_padding", Wholes(added.to_vec())),
                ];
                let with_bias = bias.then(|| self.parameter("bias")).transpose()?;
                let inputs: Vec<&str> = [x, &w].into_iter().chain(with_bias.as_deref()).collect();
                self.own("ConvTranspose", &inputs, attributes)
            }
            Kind::MaxPool2d { window } => self.own("MaxPool", &[x], pool(window)),
            Kind::AvgPool2d { window } => self.own("AveragePool", &[x], pool(window)),
            Kind::GlobalMaxPool2d => self.global("GlobalMaxPool", x),
            Kind::GlobalAvgPool2d => self.global("GlobalAveragePool", x),
            Kind::Upsample2d { factor, bilinear } => {
                let scale = *factor as f32;
                let scales = self.numbers("scales", [4], vec![1.0, 1.0, scale, scale]);
                let mut attributes =
                    vec![("mode", Text("linear")), ("coordinate_transformation_mode", Text("half_pixel"))];
                if !bilinear {
                    attributes = vec![
                        ("mode", Text("nearest")),
                        ("coordinate_transformation_mode", Text("asymmetric")),
                        ("nearest_mode", Text("floor")),
                    ];
                }
                self.own("Resize", &[x, "", &scales], attributes)
            }
            Kind::Flatten => {
                let x = if self.is_scrambled(layer) { x.to_string() } else { self.last(x, shape) };
                self.own("Flatten", &[&x], vec![("axis", Whole(1))])
            }
            Kind::Reshape => {
                let x = self.last(x, shape);
                let sizes: Vec<i64> = [0].into_iter().chain(layer.shape.iter().map(|size| *size as i64)).collect();
                let sizes = self.wholes("shape", &sizes);
                let y = self.own("Reshape", &[&x, &sizes], vec![]);
                self.first(y, &layer.shape)
            }
            Kind::Activation => self.apply(layer.function, x, true),
            Kind::Dropout { rate } => {
                let rate = self.numbers("ratio", [], vec![*rate as f32]);
                self.own("Dropout", &[x, &rate], vec![])
            }
            Kind::GaussianNoise { .. } => {
                self.note(Some(layer), format!("{} does nothing in use and is written as nothing.", layer.name));
                self.own("Identity", &[x], vec![])
            }
            Kind::BatchNorm { momentum, epsilon } => {
                let mut inputs = vec![x.to_string()];
                let sequence = shape.len() == 2 || shape.len() > 3;
                let rank = shape.len() as i64;
                let (mut to, mut back) = (vec![0, rank], vec![0]);
                to.extend(1..rank);
                back.extend(2..=rank);
                back.push(1);
                if sequence {
                    inputs[0] = self.transpose("channels-first", x, &to);
                }
                for name in ["gamma", "beta", "moving-mean", "moving-variance"] {
                    inputs.push(self.parameter(name)?);
                }
                let attributes = vec![("epsilon", Float(*epsilon as f32)), ("momentum", Float(*momentum as f32))];
                let y =
                    self.own("BatchNormalization", &inputs.iter().map(String::as_str).collect::<Vec<_>>(), attributes);
                if sequence { self.transpose("channels-last", &y, &back) } else { y }
            }
            Kind::LayerNorm { epsilon } => {
                let x = self.last(x, shape);
                let (gamma, beta) = (self.parameter("gamma")?, self.parameter("beta")?);
                let attributes = vec![("axis", Whole(-1)), ("epsilon", Float(*epsilon as f32))];
                let y = self.own("LayerNormalization", &[&x, &gamma, &beta], attributes);
                self.first(y, &layer.shape)
            }
            Kind::Embedding { .. } => {
                let table = self.parameter("embeddings")?;
                let y = self.own("Gather", &[&table, x], vec![("axis", Whole(0))]);
                self.first(y, &layer.shape)
            }
            Kind::Position { .. } => self.position(x, shape[0])?,
            Kind::Recurrent { cell, units, sequences } => self.recurrent(x, *cell, *units, *sequences)?,
            Kind::Attention { heads, causal } => self.attention(x, shape, *heads, *causal)?,
            Kind::Add => self.join("Add", inputs),
            Kind::Multiply => self.join("Mul", inputs),
            Kind::Concat { axis } => {
                let axis = if layer.shape.len() == 3 { [2, 3, 1][*axis] } else { *axis as i64 + 1 };
                let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
                self.own("Concat", &inputs, vec![("axis", Whole(axis))])
            }
        })
    }

    /// A product with one row, or with the last axis of more.
    fn dense(&mut self, layer: &Layer, x: &str, bias: bool) -> Result<String, String> {
        let shape = &layer.shapes[0];
        if shape.len() > 1 {
            let x = self.last(x, shape);
            let w = self.parameter("kernel")?;
            let mut y = self.own("MatMul", &[&x, &w], vec![]);
            if bias {
                let bias = self.parameter("bias")?;
                y = self.part("add", "Add", &[&y, &bias], vec![]);
            }
            return Ok(self.first(y, &layer.shape));
        }
        let w = match self.scrambled(layer.inputs[0]) {
            // its rows in the order in which a picture's numbers come, channels first
            Some(picture) => {
                let kernel = self.weight("kernel")?;
                let split: Shape = [&picture[..], &[kernel.shape[1]]].concat().into();
                let (_, data) = permute(&split, &kernel.data, &[2, 0, 1, 3]);
                self.numbers("kernel", kernel.shape.clone(), data)
            }
            None => self.parameter("kernel")?,
        };
        let bias = bias.then(|| self.parameter("bias")).transpose()?;
        let inputs: Vec<&str> = [x, &w].into_iter().chain(bias.as_deref()).collect();
        Ok(self.own("Gemm", &inputs, vec![]))
    }

    fn conv(&mut self, x: &str, w: &str, window: &Window, groups: usize, bias: bool) -> Result<String, String> {
        let bias = bias.then(|| self.parameter("bias")).transpose()?;
        let inputs: Vec<&str> = [x, w].into_iter().chain(bias.as_deref()).collect();
        let mut attributes = pool(window);
        attributes.extend([("dilations", pair(window.dilation)), ("group", Whole(groups as i64))]);
        Ok(self.own("Conv", &inputs, attributes))
    }

    fn global(&mut self, op: &'static str, x: &str) -> String {
        let y = self.own(op, &[x], vec![]);
        self.part("flat", "Flatten", &[&y], vec![("axis", Whole(1))])
    }

    fn join(&mut self, op: &'static str, inputs: &[String]) -> String {
        let mut y = inputs[0].clone();
        for (i, input) in inputs.iter().enumerate().skip(1) {
            y = match i + 1 == inputs.len() {
                true => self.own(op, &[&y, input], vec![]),
                false => self.part(&format!("first-{}", i + 1), op, &[&y, input], vec![]),
            };
        }
        y
    }

    /// Whether a flattened picture stays in ONNX's order: those who read it are dense layers, which turn their kernels.
    fn is_scrambled(&self, layer: &Layer) -> bool {
        let place =
            Source::Layer(self.network.layers.iter().position(|other| other.name == layer.name).expect("its place"));
        let last = self.network.last().name == layer.name;
        let mut readers = self.network.used().filter(|reader| reader.inputs.contains(&place));
        let dense = |reader: &Layer| matches!(reader.kind, Kind::Dense { .. } | Kind::Rbm { .. });
        matches!(layer.kind, Kind::Flatten) && layer.shapes[0].len() == 3 && !last && readers.all(dense)
    }

    /// The picture whose numbers a source holds in ONNX's order.
    fn scrambled(&self, source: Source) -> Option<Shape> {
        let Source::Layer(place) = source else { return None };
        let layer = &self.network.layers[place];
        self.is_scrambled(layer).then(|| layer.shapes[0].clone())
    }

    fn position(&mut self, x: &str, time: usize) -> Result<String, String> {
        let table = self.parameter("embeddings")?;
        let (from, to) = (self.wholes("from", &[0]), self.wholes("to", &[time as i64]));
        let rows = self.part("rows", "Slice", &[&table, &from, &to, &from], vec![]);
        Ok(self.own("Add", &[x, &rows], vec![]))
    }

    fn recurrent(&mut self, x: &str, cell: Cell, units: usize, sequences: bool) -> Result<String, String> {
        let (op, order): (_, &[usize]) = match cell {
            Cell::Simple => ("RNN", &[0]),
            // ours are i f g o, ONNX's i o f c
            Cell::Lstm => ("LSTM", &[0, 3, 1, 2]),
            Cell::Gru => ("GRU", &[0, 1, 2]),
        };
        self.steps(x, op, order, units, sequences)
    }
}

/// Height and width.
fn pair(size: [usize; 2]) -> super::proto::Attribute {
    Wholes(size.map(|side| side as i64).to_vec())
}

fn pool(window: &Window) -> Attributes {
    let pads = [window.before, window.after].concat();
    vec![
        ("kernel_shape", pair(window.size)),
        ("strides", pair(window.stride)),
        ("pads", Wholes(pads.iter().map(|pad| *pad as i64).collect())),
    ]
}
