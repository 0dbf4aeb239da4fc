//! Appends nodes, and what all kinds of layers need: axes moved, weights with other axes, functions.

use super::{
    super::{Function, Kind, Layer, Model, Network, Note, Source},
    indices,
    proto::{Attribute, Graph, Node},
};
use crate::{
    nn::json::{Json, Map},
    tensor::Shape,
    train::Weight,
};

/// A graph that grows, layer by layer.
pub struct Builder<'a> {
    pub graph: Graph,
    pub notes: Vec<Note>,
    pub network: &'a Network,
    weights: &'a [Weight],
    /// What each layer's result is called.
    results: Vec<String>,
    /// The layer that is being written.
    pub at: usize,
}

/// Attributes in the order of a list.
pub type Attributes = Vec<(&'static str, Attribute)>;

impl<'a> Builder<'a> {
    pub fn new(model: &Model<'a>) -> Builder<'a> {
        let (network, weights) = (model.network, model.weights);
        let results = vec![String::new(); network.layers.len()];
        Builder { graph: Graph::default(), notes: Vec::new(), network, weights, results, at: 0 }
    }

    /// Appends one layer with its function.
    pub fn layer(&mut self, place: usize) -> Result<(), String> {
        self.at = place;
        let network = self.network;
        let layer = &network.layers[place];
        let inputs: Vec<String> = layer.inputs.iter().map(|source| self.number(*source, layer)).collect();
        let y = self.kind(layer, &inputs)?;
        self.results[place] = match &layer.kind {
            Kind::Activation => y,
            _ => self.function(layer, &y),
        };
        Ok(())
    }

    /// The array that holds a source.
    pub fn result(&self, source: Source) -> String {
        match source {
            Source::Input => "input".to_string(),
            Source::Layer(place) => self.results[place].clone(),
        }
    }

    /// The same as the kind of numbers that a layer takes: data that is looked up elsewhere is whole.
    fn number(&mut self, source: Source, layer: &Layer) -> String {
        let name = self.result(source);
        if source == Source::Input && indices(self.network) && !matches!(layer.kind, Kind::Embedding { .. }) {
            return self.part("number", "Cast", &[&name], vec![("to", Attribute::Whole(super::FLOAT))]);
        }
        name
    }

    /// Gives an array another name.
    pub fn rename(&mut self, old: &str, new: &str) {
        for node in &mut self.graph.nodes {
            for name in node.inputs.iter_mut().chain([&mut node.output]).filter(|name| *name == old) {
                *name = new.to_string();
            }
        }
    }

    /// Appends the layer's own node.
    pub fn own(&mut self, op: &'static str, inputs: &[&str], attributes: Attributes) -> String {
        let layer = &self.network.layers[self.at];
        self.push(layer.name.clone(), Some(described(self.network, layer)), op, inputs, attributes)
    }

    /// Appends a node beside it.
    pub fn part(&mut self, part: &str, op: &'static str, inputs: &[&str], attributes: Attributes) -> String {
        self.push(format!("{}/{part}", self.network.layers[self.at].name), None, op, inputs, attributes)
    }

    fn push(
        &mut self,
        name: String,
        layer: Option<String>,
        op: &'static str,
        inputs: &[&str],
        attributes: Attributes,
    ) -> String {
        let inputs = inputs.iter().map(|input| input.to_string()).collect();
        self.graph.nodes.push(Node { op, name: name.clone(), inputs, output: name.clone(), attributes, layer });
        name
    }

    /// One of the layer's parameters in our layout.
    pub fn weight(&self, name: &str) -> Result<&'a Weight, String> {
        let layer = &self.network.layers[self.at];
        let full = format!("{}/{name}", layer.name);
        let weight = self.weights.iter().find(|weight| weight.name == full);
        weight.filter(|weight| weight.data.len() == weight.shape.count()).ok_or_else(|| {
            format!("The weights of {full} are missing; train or load them before the network is written.")
        })
    }

    /// Adds numbers under the name `LAYER/PART`.
    pub fn numbers(&mut self, part: &str, shape: impl Into<Shape>, data: Vec<f32>) -> String {
        let name = format!("{}/{part}", self.network.layers[self.at].name);
        self.graph.floats.push((name.clone(), shape.into(), data));
        name
    }

    pub fn wholes(&mut self, part: &str, data: &[i64]) -> String {
        let name = format!("{}/{part}", self.network.layers[self.at].name);
        self.graph.wholes.push((name.clone(), data.to_vec()));
        name
    }

    /// Adds a parameter as it is.
    pub fn parameter(&mut self, name: &str) -> Result<String, String> {
        let weight = self.weight(name)?;
        Ok(self.numbers(name, weight.shape.clone(), weight.data.clone()))
    }

    /// Adds a parameter with its axes in another order.
    pub fn turned(&mut self, name: &str, axes: &[usize]) -> Result<String, String> {
        let weight = self.weight(name)?;
        let (shape, data) = permute(&weight.shape, &weight.data, axes);
        Ok(self.numbers(name, shape, data))
    }

    /// Axis i of the result is axis `axes[i]`.
    pub fn transpose(&mut self, part: &str, x: &str, axes: &[i64]) -> String {
        self.part(part, "Transpose", &[x], vec![("perm", Attribute::Wholes(axes.to_vec()))])
    }

    /// An array of samples of this shape, with our axes: a picture's channels go last.
    pub fn last(&mut self, x: &str, shape: &Shape) -> String {
        if shape.len() == 3 { self.transpose("channels-last", x, &[0, 2, 3, 1]) } else { x.to_string() }
    }

    /// The other way round.
    pub fn first(&mut self, y: String, shape: &Shape) -> String {
        if shape.len() == 3 { self.transpose("channels-first", &y, &[0, 3, 1, 2]) } else { y }
    }

    /// What the layer's result goes through.
    fn function(&mut self, layer: &Layer, x: &str) -> String {
        if layer.function == Function::Linear { x.to_string() } else { self.apply(layer.function, x, false) }
    }

    /// A function of every number; the node that makes the result is the layer's own where that is asked for.
    pub fn apply(&mut self, function: Function, x: &str, own: bool) -> String {
        let end = |b: &mut Builder, op, inputs: &[&str], attributes: Attributes| match own {
            true => b.own(op, inputs, attributes),
            false => b.part(&format!("{function:?}").to_lowercase(), op, inputs, attributes),
        };
        let none = Vec::new;
        match function {
            Function::Linear => end(self, "Identity", &[x], none()),
            Function::Relu => end(self, "Relu", &[x], none()),
            Function::LeakyRelu => end(self, "LeakyRelu", &[x], vec![("alpha", Attribute::Float(0.01))]),
            Function::Elu => end(self, "Elu", &[x], vec![("alpha", Attribute::Float(1.0))]),
            Function::Gelu => {
                let root = self.numbers("gelu-root", [], vec![std::f32::consts::FRAC_1_SQRT_2]);
                let scaled = self.part("gelu-scaled", "Mul", &[x, &root], none());
                let erf = self.part("gelu-erf", "Erf", &[&scaled], none());
                let one = self.numbers("gelu-one", [], vec![1.0]);
                let twice = self.part("gelu-twice", "Add", &[&erf, &one], none());
                let half = self.numbers("gelu-half", [], vec![0.5]);
                let chance = self.part("gelu-chance", "Mul", &[&twice, &half], none());
                end(self, "Mul", &[x, &chance], none())
            }
            Function::Silu => {
                let gate = self.part("silu-gate", "Sigmoid", &[x], none());
                end(self, "Mul", &[x, &gate], none())
            }
            Function::Sigmoid => end(self, "Sigmoid", &[x], none()),
            Function::Tanh => end(self, "Tanh", &[x], none()),
            Function::Softplus => end(self, "Softplus", &[x], none()),
            Function::Softmax => {
                // over our last axis, which a picture has first
                let picture = self.network.layers[self.at].shape.len() == 3;
                end(self, "Softmax", &[x], vec![("axis", Attribute::Whole(if picture { 1 } else { -1 }))])
            }
            Function::Step => {
                let zero = self.numbers("step-zero", [], vec![0.0]);
                let above = self.part("step-above", "GreaterOrEqual", &[x, &zero], none());
                end(self, "Cast", &[&above], vec![("to", Attribute::Whole(super::FLOAT))])
            }
        }
    }
}

/// The layer in the document, without what the graph itself says: its name and what it reads.
fn described(network: &Network, layer: &Layer) -> String {
    let layers = network.document.field("layers").and_then(Json::as_array);
    let Some(Json::Object(own)) = layers.and_then(|layers| layers.get(layer.place)) else {
        unreachable!("a layer of the document is an object")
    };
    let mut told = Map::new();
    for key in own.keys().filter(|key| !["name", "inputs"].contains(key)) {
        told.insert(key, own.get(key).expect("its own field").clone());
    }
    Json::Object(told).to_string()
}

/// Axis i of the result is axis `axes[i]` of the array.
pub fn permute(shape: &Shape, data: &[f32], axes: &[usize]) -> (Shape, Vec<f32>) {
    let strides = shape.strides();
    let sizes: Vec<usize> = axes.iter().map(|&axis| shape[axis]).collect();
    let steps: Vec<usize> = axes.iter().map(|&axis| strides[axis]).collect();
    let mut out = Vec::with_capacity(data.len());
    let mut index = vec![0; sizes.len()];
    let mut from = 0;
    for _ in 0..data.len() {
        out.push(data[from]);
        for axis in (0..sizes.len()).rev() {
            index[axis] += 1;
            from += steps[axis];
            if index[axis] < sizes[axis] {
                break;
            }
            from -= steps[axis] * sizes[axis];
            index[axis] = 0;
        }
    }
    (Shape::from(sizes), out)
}
