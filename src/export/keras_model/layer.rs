//! Each kind of layer as pieces of Keras, with its arrays in Keras's order.

use super::{
    Builder, Dialect,
    piece::{Own, padding, pair, pool},
};
use crate::{
    export::{Cell, Function, Kind, Layer, Note, Window, keras_layer::RBM, tensorflowjs_class::is_special},
    nn::json::{Json, Map},
};

impl<'a> Builder<'a> {
    /// The pieces of a layer; gives the place of the one that makes its result.
    pub fn layer(&mut self, layer: &Layer, whole: bool) -> usize {
        let mut from: Vec<usize> = layer.inputs.iter().map(|source| self.result(*source)).collect();
        if self.dialect == Dialect::Script {
            self.read_once(layer, &mut from);
        }
        let place = self.own(layer, from, whole);
        match layer.function {
            _ if layer.kind == Kind::Activation => place,
            Function::LeakyRelu => self.leaky(layer, place, &format!("{}_leaky_relu", layer.id)),
            Function::Step => self.step(layer, place, &format!("{}_step", layer.id)),
            _ => place,
        }
    }

    /// The pieces without the function that stands apart.
    fn own(&mut self, layer: &Layer, from: Vec<usize>, whole: bool) -> usize {
        let shape = layer.shape.to_vec();
        let word = self.word(layer.function);
        let (start, penalty) = (self.start(layer), self.penalty());
        let script = self.dialect == Dialect::Script;
        match &layer.kind {
            Kind::Dense { units, bias } => {
                let fields = fields! {
                    "units": *units, "activation": word, "use_bias": *bias, "kernel_initializer": start,
                    "bias_initializer": self.object("initializers", "Zeros", Map::new()), "kernel_regularizer": penalty,
                    "bias_regularizer": Json::Null, "activity_regularizer": Json::Null,
                    "kernel_constraint": Json::Null, "bias_constraint": Json::Null,
                };
                self.weighed(layer, "Dense", fields, from, shape, &["kernel", "bias"])
            }
            Kind::Conv2d { filters, window, groups, bias } if script && is_special(&layer.kind) => {
                self.note(
                    layer,
                    "TensorFlow.js has no convolution in groups, and none with gaps that it can \
                    train; the class GroupedConv2D of layers.mjs is written.",
                );
                let fields = fields! {
                    "filters": *filters, "kernel_size": pair(window.size), "strides": pair(window.stride),
                    "padding": padding(window.same), "dilation_rate": pair(window.dilation), "groups": *groups,
                    "use_bias": *bias,
                };
                let place = self.brought(layer, "GroupedConv2D", fields, from, &["kernel", "bias"]);
                if word == "linear" { place } else { self.function(layer, place, word) }
            }
            Kind::Conv2d { filters, window, groups, bias } => {
                self.convolution(layer, *filters, window, *groups, *bias, from)
            }
            Kind::Conv2dTranspose { filters, kernel, stride, same, bias, .. } => {
                let more = [0, 1].map(|i| if *same { 0 } else { stride[i].saturating_sub(kernel[i]) });
                let wide = vec![shape[0] + more[0], shape[1] + more[1], shape[2]];
                let fields = fields! {
                    "filters": *filters, "kernel_size": pair(*kernel), "strides": pair(*stride),
                    "padding": padding(*same), "data_format": "channels_last", "dilation_rate": pair([1, 1]),
                    "activation": word, "use_bias": *bias, "kernel_initializer": start,
                    "bias_initializer": self.object("initializers", "Zeros", Map::new()), "kernel_regularizer": penalty,
                    "bias_regularizer": Json::Null, "activity_regularizer": Json::Null,
                    "kernel_constraint": Json::Null, "bias_constraint": Json::Null, "output_padding": Json::Null,
                };
                let place = self.weighed(layer, "Conv2DTranspose", fields, from, wide, &["kernel", "bias"]);
                if more == [0, 0] {
                    return place;
                }
                self.note(
                    layer,
                    "where the kernel is smaller than the stride, Keras goes on to the next stop; \
                    a Cropping2D takes that off.",
                );
                let cropping: Json = more.iter().map(|cut| [0, *cut].into_iter().collect::<Json>()).collect();
                let fields = fields! { "cropping": cropping, "data_format": "channels_last" };
                self.plain(&format!("{}_cropping", layer.id), "Cropping2D", fields, vec![place], shape)
            }
            Kind::DepthwiseConv2d { window, multiplier, bias } => {
                if window.stride[0] != window.stride[1] {
                    self.note(
                        layer,
                        "TensorFlow refuses different strides in a depthwise convolution; JAX and PyTorch take them.",
                    );
                }
                let fields = fields! {
                    "kernel_size": pair(window.size), "strides": pair(window.stride), "padding": padding(window.same),
                    "data_format": "channels_last", "dilation_rate": pair([1, 1]), "activation": word,
                    "use_bias": *bias, "bias_initializer": self.object("initializers", "Zeros", Map::new()),
                    "bias_regularizer": Json::Null, "activity_regularizer": Json::Null, "bias_constraint": Json::Null,
                    "depth_multiplier": *multiplier, "depthwise_initializer": start,
                    "depthwise_regularizer": penalty, "depthwise_constraint": Json::Null,
                };
                let names: &[&str] = &["kernel", "bias"];
                let place = self.weighed(layer, "DepthwiseConv2D", fields, from, shape, names);
                if let Some(kernel) = self.all[place].arrays.first_mut() {
                    kernel.name = "depthwise_kernel";
                }
                place
            }
            Kind::AvgPool2d { window } if script && is_special(&layer.kind) => {
                self.note(
                    layer,
                    "TensorFlow.js counts the padding in an average's gradient; the class \
                    PaddedAveragePooling2D of layers.mjs is written.",
                );
                let ([t, l], [b, r]) = (window.before, window.after);
                let around: Json = [[t, b], [l, r]].into_iter().map(pair).collect();
                let fields =
                    fields! { "pool_size": pair(window.size), "strides": pair(window.stride), "padding": around };
                self.brought(layer, "PaddedAveragePooling2D", fields, from, &[])
            }
            Kind::MaxPool2d { window } | Kind::AvgPool2d { window } => {
                let max = matches!(layer.kind, Kind::MaxPool2d { .. });
                let fields = pool(window.size, window.stride, window.same);
                self.plain(&layer.id, if max { "MaxPooling2D" } else { "AveragePooling2D" }, fields, from, shape)
            }
            Kind::GlobalMaxPool2d | Kind::GlobalAvgPool2d => {
                let max = layer.kind == Kind::GlobalMaxPool2d;
                let fields = fields! { "data_format": "channels_last", "keepdims": false };
                self.plain(
                    &layer.id,
                    if max { "GlobalMaxPooling2D" } else { "GlobalAveragePooling2D" },
                    fields,
                    from,
                    shape,
                )
            }
            Kind::Upsample2d { factor, bilinear: true } if script => {
                self.note(
                    layer,
                    "TensorFlow.js counts from the pixels' corners; the class BilinearUpSampling2D \
                    of layers.mjs is written.",
                );
                self.brought(layer, "BilinearUpSampling2D", fields! { "factor": *factor }, from, &[])
            }
            Kind::Upsample2d { factor, bilinear } => {
                let method = if *bilinear { "bilinear" } else { "nearest" };
                let fields =
                    fields! { "size": pair([*factor; 2]), "data_format": "channels_last", "interpolation": method };
                self.plain(&layer.id, "UpSampling2D", fields, from, shape)
            }
            Kind::Flatten if script && layer.shapes[0].len() < 2 => {
                self.note(layer, "TensorFlow.js does not flatten what is flat, so a Reshape is written.");
                self.reshape(&layer.id, from, shape)
            }
            Kind::Flatten => self.plain(&layer.id, "Flatten", fields! { "data_format": "channels_last" }, from, shape),
            Kind::Reshape => self.reshape(&layer.id, from, shape),
            Kind::Activation => match layer.function {
                Function::LeakyRelu => self.leaky(layer, from[0], &layer.id),
                Function::Step => self.step(layer, from[0], &layer.id),
                _ => self.plain(&layer.id, "Activation", fields! { "activation": word }, from, shape),
            },
            Kind::Dropout { rate } => {
                let fields = fields! { "rate": *rate, "noise_shape": Json::Null, "seed": Json::Null };
                self.plain(&layer.id, "Dropout", fields, from, shape)
            }
            Kind::GaussianNoise { stddev } => {
                self.plain(&layer.id, "GaussianNoise", fields! { "stddev": *stddev }, from, shape)
            }
            Kind::BatchNorm { momentum, epsilon } => {
                // Keras 2 lists its axes
                let axis: Json = match self.dialect {
                    Dialect::Keras2 => [shape.len()].into_iter().collect(),
                    Dialect::Keras3 | Dialect::Script => (-1.0).into(),
                };
                let one = |class: &str| self.object("initializers", class, Map::new());
                let fields = fields! {
                    "axis": axis, "momentum": *momentum, "epsilon": *epsilon, "center": true, "scale": true,
                    "beta_initializer": one("Zeros"), "gamma_initializer": one("Ones"),
                    "moving_mean_initializer": one("Zeros"), "moving_variance_initializer": one("Ones"),
                    "beta_regularizer": Json::Null, "gamma_regularizer": Json::Null, "beta_constraint": Json::Null,
                    "gamma_constraint": Json::Null,
                };
                let names: &[&str] = &["gamma", "beta", "moving_mean", "moving_variance"];
                self.normalised(layer, "BatchNormalization", fields, from, names)
            }
            Kind::LayerNorm { epsilon } => {
                let axis = if self.dialect == Dialect::Keras2 {
                    [shape.len()].into_iter().collect()
                } else {
                    Json::from(-1.0)
                };
                let one = |class: &str| self.object("initializers", class, Map::new());
                let fields = fields! {
                    "axis": axis, "epsilon": *epsilon, "center": true, "scale": true,
                    "beta_initializer": one("Zeros"), "gamma_initializer": one("Ones"),
                    "beta_regularizer": Json::Null, "gamma_regularizer": Json::Null, "beta_constraint": Json::Null,
                    "gamma_constraint": Json::Null,
                };
                self.normalised(layer, "LayerNormalization", fields, from, &["gamma", "beta"])
            }
            Kind::Embedding { vocabulary, units } => {
                let normal = fields! { "mean": 0.0, "stddev": 0.05, "seed": Json::Null };
                let mut fields = fields! {
                    "input_dim": *vocabulary, "output_dim": *units,
                    "embeddings_initializer": self.object("initializers", "RandomNormal", normal),
                    "embeddings_regularizer": Json::Null, "activity_regularizer": Json::Null,
                    "embeddings_constraint": Json::Null, "mask_zero": false,
                };
                if self.dialect != Dialect::Keras3 {
                    let length = if whole { Json::from(shape[0]) } else { Json::Null };
                    fields.insert("input_length", length);
                }
                self.weighed(layer, "Embedding", fields, from, shape, &["embeddings"])
            }
            Kind::Position { length } => {
                self.note(
                    layer,
                    "Keras has no layer of learnt places; the class Position beside the file is \
                    written.",
                );
                self.brought(layer, "Position", fields! { "length": *length }, from, &["embeddings"])
            }
            Kind::Recurrent { cell: Cell::Gru, units, sequences } if script => {
                self.note(
                    layer,
                    "the GRU of TensorFlow.js resets before the product; the class ResetAfterGRU \
                    of layers.mjs is written.",
                );
                let fields = fields! { "units": *units, "return_sequences": *sequences };
                self.brought(layer, "ResetAfterGRU", fields, from, &["kernel", "recurrent", "bias"])
            }
            Kind::Recurrent { cell, units, sequences } => self.recurrent(layer, *cell, *units, *sequences, from),
            Kind::Attention { heads, causal } if script => {
                self.note(layer, "TensorFlow.js has no attention; the class SelfAttention of layers.mjs is written.");
                let names = ["query", "key", "value", "result", "query-bias", "key-bias", "value-bias", "result-bias"];
                self.brought(layer, "SelfAttention", fields! { "heads": *heads, "causal": *causal }, from, &names)
            }
            Kind::Attention { heads, causal } => self.attention(layer, *heads, *causal, from),
            Kind::Add => self.plain(&layer.id, "Add", Map::new(), from, shape),
            Kind::Multiply => self.plain(&layer.id, "Multiply", Map::new(), from, shape),
            Kind::Concat { axis } => {
                let axis = if axis + 1 == shape.len() { -1.0 } else { (axis + 1) as f64 };
                self.plain(&layer.id, "Concatenate", fields! { "axis": axis }, from, shape)
            }
            Kind::Rbm { units } => {
                self.notes.push(Note { layer: Some(layer.place), sentence: RBM.into() });
                let fields = fields! {
                    "units": *units, "activation": "sigmoid", "use_bias": true, "kernel_initializer": start,
                    "bias_initializer": self.object("initializers", "Zeros", Map::new()), "kernel_regularizer": penalty,
                    "bias_regularizer": Json::Null, "activity_regularizer": Json::Null,
                    "kernel_constraint": Json::Null, "bias_constraint": Json::Null,
                };
                self.weighed(layer, "Dense", fields, from, shape, &["kernel", "bias"])
            }
        }
    }

    /// A convolution; one with strides and gaps, which Keras refuses, goes step by step and is thinned out afterwards.
    fn convolution(
        &mut self,
        layer: &Layer,
        filters: usize,
        window: &Window,
        groups: usize,
        bias: bool,
        mut from: Vec<usize>,
    ) -> usize {
        let apart = window.stride != [1, 1] && window.dilation != [1, 1];
        let mut fields = fields! {
            "filters": filters, "kernel_size": pair(window.size),
            "strides": pair(if apart { [1, 1] } else { window.stride }), "padding": padding(window.same && !apart),
            "data_format": "channels_last", "dilation_rate": pair(window.dilation),
        };
        if self.dialect != Dialect::Script {
            fields.insert("groups", groups);
        }
        for (key, value) in [
            ("activation", self.word(layer.function).into()),
            ("use_bias", bias.into()),
            ("kernel_initializer", self.start(layer)),
            ("bias_initializer", self.object("initializers", "Zeros", Map::new())),
            ("kernel_regularizer", self.penalty()),
            ("bias_regularizer", Json::Null),
            ("activity_regularizer", Json::Null),
            ("kernel_constraint", Json::Null),
            ("bias_constraint", Json::Null),
        ] {
            fields.insert(key, value);
        }
        if !apart {
            return self.weighed(layer, "Conv2D", fields, from, layer.shape.to_vec(), &["kernel", "bias"]);
        }
        self.note(
            layer,
            "Keras refuses strides and dilation together: it goes in steps of 1, and a \
            MaxPooling2D of size 1 takes every so many places.",
        );
        let input = &layer.shapes[0];
        let [height, width] = [0, 1].map(|i| input[i] + window.before[i] + window.after[i]);
        if window.is_padded() {
            let ([t, l], [b, r]) = (window.before, window.after);
            let around: Json = [[t, b], [l, r]].into_iter().map(pair).collect();
            let fields = fields! { "padding": around, "data_format": "channels_last" };
            let shape = vec![height, width, input[2]];
            from = vec![self.plain(&format!("{}_padding", layer.id), "ZeroPadding2D", fields, from, shape)];
        }
        let [rows, columns] = [0, 1].map(|i| [height, width][i] - (window.size[i] - 1) * window.dilation[i]);
        let place = self.weighed(layer, "Conv2D", fields, from, vec![rows, columns, filters], &["kernel", "bias"]);
        let name = format!("{}_strides", layer.id);
        self.plain(&name, "MaxPooling2D", pool([1, 1], window.stride, false), vec![place], layer.shape.to_vec())
    }

    fn recurrent(&mut self, layer: &Layer, cell: Cell, units: usize, sequences: bool, from: Vec<usize>) -> usize {
        let gain = fields! { "gain": 1.0, "seed": Json::Null };
        let mut fields = fields! {
            "return_sequences": sequences, "return_state": false, "go_backwards": false, "stateful": false,
            "unroll": false, "units": units, "activation": "tanh",
        };
        if cell != Cell::Simple {
            fields.insert("recurrent_activation", "sigmoid");
        }
        for (key, value) in [
            ("use_bias", true.into()),
            ("kernel_initializer", self.start(layer)),
            ("recurrent_initializer", self.object("initializers", "Orthogonal", gain)),
            ("bias_initializer", self.object("initializers", "Zeros", Map::new())),
            ("kernel_regularizer", self.penalty()),
            ("recurrent_regularizer", self.penalty()),
        ] {
            fields.insert(key, value);
        }
        for key in
            ["bias_regularizer", "activity_regularizer", "kernel_constraint", "recurrent_constraint", "bias_constraint"]
        {
            fields.insert(key, Json::Null);
        }
        fields.insert("dropout", 0.0);
        fields.insert("recurrent_dropout", 0.0);
        let (class, names): (_, [&'static str; 3]) = match cell {
            Cell::Simple => {
                ("SimpleRNN", ["simple_rnn_cell/kernel", "simple_rnn_cell/recurrent_kernel", "simple_rnn_cell/bias"])
            }
            Cell::Lstm => {
                fields.insert("unit_forget_bias", true);
                if self.dialect != Dialect::Keras3 {
                    fields.insert("implementation", 2);
                }
                ("LSTM", ["lstm_cell/kernel", "lstm_cell/recurrent_kernel", "lstm_cell/bias"])
            }
            Cell::Gru => {
                fields.insert("reset_after", true);
                ("GRU", ["gru_cell/kernel", "gru_cell/recurrent_kernel", "gru_cell/bias"])
            }
        };
        let paths = ["cell/vars/0", "cell/vars/1", "cell/vars/2"];
        let own: Vec<Own> = (layer.parameters.iter().zip(names).zip(paths))
            .map(|((one, name), path)| (name, path, one.full.as_str(), one.shape.to_vec()))
            .collect();
        self.with(layer, class, fields, from, layer.shape.to_vec(), &own)
    }

    fn attention(&mut self, layer: &Layer, heads: usize, causal: bool, from: Vec<usize>) -> usize {
        let (width, size) = (layer.shape[1], layer.shape[1] / heads);
        let fields = fields! {
            "num_heads": heads, "key_dim": size, "value_dim": size, "dropout": 0.0, "use_bias": true,
            "output_shape": Json::Null, "attention_axes": [1_usize].into_iter().collect::<Json>(),
            "kernel_initializer": self.start(layer),
            "bias_initializer": self.object("initializers", "Zeros", Map::new()),
            "kernel_regularizer": self.penalty(), "bias_regularizer": Json::Null, "activity_regularizer": Json::Null,
            "kernel_constraint": Json::Null, "bias_constraint": Json::Null,
        };
        let full: Vec<&str> = layer.parameters.iter().map(|one| one.full.as_str()).collect();
        let (inner, bias) = (vec![width, heads, size], vec![heads, size]);
        let own: [Own; 8] = [
            ("query/kernel", "query_dense/vars/0", full[0], inner.clone()),
            ("query/bias", "query_dense/vars/1", full[4], bias.clone()),
            ("key/kernel", "key_dense/vars/0", full[1], inner.clone()),
            ("key/bias", "key_dense/vars/1", full[5], bias.clone()),
            ("value/kernel", "value_dense/vars/0", full[2], inner),
            ("value/bias", "value_dense/vars/1", full[6], bias),
            ("attention_output/kernel", "output_dense/vars/0", full[3], vec![heads, size, width]),
            ("attention_output/bias", "output_dense/vars/1", full[7], vec![width]),
        ];
        if self.dialect == Dialect::Keras2 {
            self.note(
                layer,
                "Keras 2 and 3 write an attention's call in two ways, so the class MultiHeadSelfAttention beside the \
                file is written, which both read.",
            );
            let fields = fields! { "num_heads": heads, "key_dim": size, "causal": causal };
            let place = self.with(layer, "MultiHeadSelfAttention", fields, from, layer.shape.to_vec(), &own);
            self.all[place].brought = true;
            return place;
        }
        // it reads the same thing as what asks and as what is asked
        let place = self.with(layer, "MultiHeadAttention", fields, vec![from[0], from[0]], layer.shape.to_vec(), &own);
        if causal {
            self.all[place].call.insert("use_causal_mask", true);
        }
        place
    }

    /// Normalisation; TensorFlow.js takes no more than three axes of a sample, so that goes by way of fewer.
    fn normalised(
        &mut self,
        layer: &Layer,
        class: &'static str,
        fields: Map,
        from: Vec<usize>,
        names: &[&'static str],
    ) -> usize {
        let shape = layer.shape.to_vec();
        if self.dialect != Dialect::Script || shape.len() < 4 {
            return self.weighed(layer, class, fields, from, shape, names);
        }
        self.note(
            layer,
            "TensorFlow.js normalises three axes at most, so a Reshape stands before it and one after it.",
        );
        let channels = shape[shape.len() - 1];
        let flat = vec![shape.iter().product::<usize>() / channels, channels];
        let there = self.reshape(&format!("{}_flat", layer.id), from, flat.clone());
        let place = self.weighed(layer, class, fields, vec![there], flat, names);
        self.reshape(&format!("{}_back", layer.id), vec![place], shape)
    }
}
