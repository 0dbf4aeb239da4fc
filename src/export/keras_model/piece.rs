//! What layers are made of: pieces with arrays and without, and the small objects in their fields.

use std::borrow::Cow;

use super::{Array, Builder, Dialect, Piece};
use crate::{
    export::{Function, Layer},
    nn::json::{Json, Map},
};

/// Where a piece's arrays come from: the name in Keras 2, the path in Keras 3, our parameter, the shape there.
pub type Own<'n> = (&'static str, &'n str, &'n str, Vec<usize>);

impl<'a> Builder<'a> {
    /// A piece whose arrays are the layer's first parameters, in their order and of their shapes.
    pub fn weighed(
        &mut self,
        layer: &Layer,
        class: &'static str,
        fields: Map,
        from: Vec<usize>,
        shape: Vec<usize>,
        names: &[&'static str],
    ) -> usize {
        let paths: Vec<String> = (0..names.len()).map(|i| format!("vars/{i}")).collect();
        let own: Vec<Own> = (layer.parameters.iter().zip(names).zip(&paths))
            .map(|((one, name), path)| (*name, path.as_str(), one.full.as_str(), one.shape.to_vec()))
            .collect();
        self.with(layer, class, fields, from, shape, &own)
    }

    /// A piece of a class that the program beside the file brings.
    pub fn brought(
        &mut self,
        layer: &Layer,
        class: &'static str,
        fields: Map,
        from: Vec<usize>,
        names: &[&'static str],
    ) -> usize {
        let place = self.weighed(layer, class, fields, from, layer.shape.to_vec(), names);
        self.all[place].brought = true;
        place
    }

    pub fn with(
        &mut self,
        layer: &Layer,
        class: &'static str,
        fields: Map,
        inputs: Vec<usize>,
        shape: Vec<usize>,
        own: &[Own],
    ) -> usize {
        let array = |(name, path, full, shape): &Own| {
            let weight = self.model.weights.iter().find(|weight| weight.name == *full);
            let data = Cow::Borrowed(weight.map_or(&[][..], |weight| &weight.data));
            Array { name, path: path.to_string(), shape: shape.clone(), data }
        };
        let arrays = own.iter().map(array).collect();
        let name = layer.id.clone();
        self.push(Piece { class, brought: false, name, fields, inputs, call: Map::new(), shape, arrays })
    }

    /// A piece without arrays; any name but a layer's own is made unique.
    pub fn plain(
        &mut self,
        name: &str,
        class: &'static str,
        fields: Map,
        inputs: Vec<usize>,
        shape: Vec<usize>,
    ) -> usize {
        let own = self.model.network.layers.iter().any(|layer| layer.id == name)
            && self.all.iter().skip(1).all(|piece| piece.name != name);
        let name = if own { name.to_string() } else { self.unique(name) };
        self.push(Piece { class, brought: false, name, fields, inputs, call: Map::new(), shape, arrays: Vec::new() })
    }

    pub fn reshape(&mut self, name: &str, from: Vec<usize>, shape: Vec<usize>) -> usize {
        let target: Json = shape.iter().copied().collect();
        self.plain(name, "Reshape", fields! { "target_shape": target }, from, shape)
    }

    pub fn leaky(&mut self, layer: &Layer, from: usize, name: &str) -> usize {
        let slope = if self.dialect == Dialect::Keras3 { "negative_slope" } else { "alpha" };
        let mut fields = Map::new();
        fields.insert(slope, 0.01);
        self.plain(name, "LeakyReLU", fields, vec![from], layer.shape.to_vec())
    }

    pub fn step(&mut self, layer: &Layer, from: usize, name: &str) -> usize {
        self.note(layer, "there is no step; the class Step beside the file is written.");
        let place = self.plain(name, "Step", Map::new(), vec![from], layer.shape.to_vec());
        self.all[place].brought = true;
        place
    }

    pub fn function(&mut self, layer: &Layer, from: usize, word: &'static str) -> usize {
        let name = format!("{}_activation", layer.id);
        self.plain(&name, "Activation", fields! { "activation": word }, vec![from], layer.shape.to_vec())
    }

    /// TensorFlow.js throws away too early what a layer reads twice: the second time it goes by way of another layer.
    pub fn read_once(&mut self, layer: &Layer, from: &mut [usize]) {
        for i in 1..from.len() {
            if from[..i].contains(&from[i]) {
                let shape = self.all[from[i]].shape.clone();
                let name = format!("{}_again_{i}", layer.id);
                from[i] = self.plain(&name, "Activation", fields! { "activation": "linear" }, vec![from[i]], shape);
            }
        }
    }

    /// The function's word in an `activation` field.
    pub fn word(&self, function: Function) -> &'static str {
        match function {
            Function::Linear | Function::LeakyRelu | Function::Step => "linear",
            Function::Relu => "relu",
            Function::Elu => "elu",
            Function::Gelu => "gelu",
            Function::Silu if self.dialect == Dialect::Keras3 => "silu",
            Function::Silu => "swish",
            Function::Sigmoid => "sigmoid",
            Function::Tanh => "tanh",
            Function::Softplus => "softplus",
            Function::Softmax => "softmax",
        }
    }

    /// How kernels start.
    pub fn start(&self, layer: &Layer) -> Json {
        let class = if layer.function.rectifies() { "HeNormal" } else { "GlorotUniform" };
        self.object("initializers", class, fields! { "seed": Json::Null })
    }

    pub fn penalty(&self) -> Json {
        let network = self.model.network;
        match network.has_penalty() {
            true => self.object("regularizers", "L1L2", fields! { "l1": network.penalty.l1, "l2": network.penalty.l2 }),
            false => Json::Null,
        }
    }

    /// A small object by its class.
    pub fn object(&self, module: &str, class: &str, config: Map) -> Json {
        let mut map = Map::new();
        if self.dialect == Dialect::Keras3 {
            map.insert("module", format!("keras.{module}").as_str());
        }
        map.insert("class_name", class);
        map.insert("config", config);
        if self.dialect == Dialect::Keras3 {
            map.insert("registered_name", Json::Null);
        }
        map.into()
    }
}

pub fn pool(size: [usize; 2], stride: [usize; 2], same: bool) -> Map {
    fields! {
        "pool_size": pair(size), "padding": padding(same), "strides": pair(stride), "data_format": "channels_last",
    }
}

pub fn pair(sizes: [usize; 2]) -> Json {
    sizes.into_iter().collect()
}

pub fn padding(same: bool) -> &'static str {
    if same { "same" } else { "valid" }
}
