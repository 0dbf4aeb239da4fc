//! From a prototxt and its numbers to the graph that ONNX's reader works on: values instead of blobs that are written over.

use std::collections::HashMap;

use super::{
    super::{
        onnx::{
            array::{Array, Kind},
            graph::{Attribute, Model, Node, Port},
        },
        shown,
    },
    blob::{Blob, Numbers},
    layer,
    text::Message,
};

/// Layers that a net may have.
const LAYERS: usize = 4096;

/// Layers that only teach, or bring data.
const TEACH: &[&str] = &[
    "Accuracy",
    "Data",
    "DummyData",
    "EuclideanLoss",
    "HDF5Data",
    "HingeLoss",
    "ImageData",
    "InfogainLoss",
    "MemoryData",
    "MultinomialLogisticLoss",
    "SigmoidCrossEntropyLoss",
    "Silence",
    "SoftmaxWithLoss",
    "WindowData",
];

/// One layer of the text, in either form.
pub struct Layer {
    pub name: String,
    pub kind: String,
    pub bottoms: Vec<String>,
    pub tops: Vec<String>,
    pub message: Message,
}

/// A graph that grows.
pub struct Builder {
    pub model: Model<'static>,
    /// The value that a blob holds now.
    values: HashMap<String, String>,
    numbers: HashMap<String, Vec<Blob>>,
    made: usize,
}

/// The name of the net's input and the sizes of one sample; `None` where it does not say.
pub fn input(net: &Message) -> Option<(String, Vec<usize>)> {
    let sizes = |dims: Vec<i64>| -> Option<Vec<usize>> {
        dims.iter().skip(1).map(|size| usize::try_from(*size).ok().filter(|size| (1..1 << 24).contains(size))).collect()
    };
    if let Some(name) = net.text("input") {
        let dims = Some(net.wholes("input_dim")).filter(|dims| !dims.is_empty());
        let dims = dims.unwrap_or(net.message("input_shape").wholes("dim"));
        return Some((name.to_string(), sizes(dims)?));
    }
    let layer = layers(net).into_iter().find(|layer| layer.kind == "Input")?;
    let shape = layer.message.message("input_param").message("shape");
    Some((layer.tops.first()?.clone(), sizes(shape.wholes("dim"))?))
}

/// The layers that a net has in use.
fn layers(net: &Message) -> Vec<Layer> {
    let all = net.messages("layer").chain(net.messages("layers"));
    let texts = |message: &Message, name: &str| message.texts(name).map(str::to_string).collect();
    let teaches = |message: &Message| {
        let phases = || message.messages("include").flat_map(|rule| rule.texts("phase"));
        phases().count() > 0 && phases().all(|phase| phase == "TRAIN")
    };
    all.filter(|message| !teaches(message))
        .take(LAYERS)
        .map(|message| Layer {
            name: message.text("name").unwrap_or_default().to_string(),
            kind: layer::kind(message.text("type").unwrap_or_default()).to_string(),
            bottoms: texts(message, "bottom"),
            tops: texts(message, "top"),
            message: message.clone(),
        })
        .collect()
}

/// The graph of a net. The error is a sentence.
pub fn model(net: &Message, numbers: Vec<Numbers>) -> Result<Model<'static>, String> {
    let (name, sizes) = input(net).ok_or("It does not say how large its samples are: give it an Input layer.")?;
    let shape = [None].into_iter().chain(sizes.into_iter().map(Some)).collect();
    let port = Port { name: name.clone(), kind: Some(Kind::Float), shape: Some(shape) };
    let title = net.text("name").unwrap_or_default().to_string();
    let mut b = Builder {
        model: Model { opset: 17, title, named: true, inputs: vec![port], ..Model::default() },
        values: HashMap::from([(name.clone(), name)]),
        numbers: numbers.into_iter().map(|own| (own.layer, own.blobs)).collect(),
        made: 0,
    };
    let all: Vec<Layer> = layers(net).into_iter().filter(|layer| layer.kind != "Input").collect();
    let kept = |layer: &&Layer| !TEACH.contains(&layer.kind.as_str());
    let mut out = None;
    let mut skip = vec![false; all.len()];
    for place in 0..all.len() {
        let own = &all[place];
        if skip[place] || !kept(&own) {
            continue;
        }
        let refuse = |why: String| {
            format!(
                "The layer {} ({}) cannot be opened here: {why}. Change or take out this part of the network.",
                shown(&own.name),
                shown(&own.kind)
            )
        };
        let made = layer::nodes(&mut b, own, &all[place + 1..]).map_err(refuse)?;
        made.taken.iter().for_each(|next| skip[place + 1 + next] = true);
        for (top, value) in made.tops {
            b.values.insert(top.clone(), value);
            out = Some(top);
        }
    }
    // what nobody reads any more, the last of it
    let read = |blob: &str| all.iter().filter(kept).any(|layer| layer.bottoms.iter().any(|bottom| bottom == blob));
    let last =
        all.iter().filter(kept).flat_map(|layer| &layer.tops).rfind(|top| !read(top) && b.values.contains_key(*top));
    let out = last.cloned().or(out).ok_or("It has no layers that compute anything.")?;
    b.model.outputs = vec![Port { name: b.values[&out].clone(), kind: Some(Kind::Float), shape: None }];
    b.model.sort()?;
    Ok(b.model)
}

impl Builder {
    /// The value of a layer's bottom.
    pub fn bottom(&self, layer: &Layer, place: usize) -> Result<String, String> {
        let blob = layer.bottoms.get(place).ok_or_else(|| format!("its bottom {} is missing", place + 1))?;
        self.values
            .get(blob)
            .cloned()
            .ok_or_else(|| format!("it reads {}, which no layer before it makes", shown(blob)))
    }

    /// Appends a node of a layer; its value.
    pub fn node(
        &mut self,
        layer: &Layer,
        op: &str,
        inputs: &[&str],
        attributes: Vec<(&str, Attribute<'static>)>,
    ) -> String {
        self.made += 1;
        let value = format!("{}#{}", layer.name, self.made);
        self.model.nodes.push(Node {
            op: op.to_string(),
            name: layer.name.clone(),
            doc: String::new(),
            inputs: inputs.iter().map(|input| input.to_string()).collect(),
            outputs: vec![value.clone()],
            attributes: attributes.into_iter().map(|(name, value)| (name.to_string(), value)).collect(),
        });
        value
    }

    /// Adds an array; its name.
    pub fn array(&mut self, layer: &Layer, part: &str, array: Array<'static>) -> String {
        self.made += 1;
        // the reader of graphs takes a layer's name from its weights'
        let mut name = format!("{}.{part}", layer.name);
        if self.model.arrays.contains_key(&name) {
            name = format!("{name}#{}", self.made);
        }
        self.model.arrays.insert(name.clone(), Ok(array));
        name
    }

    /// The numbers of a layer's blob; they are taken.
    pub fn blob(&mut self, layer: &Layer, place: usize) -> Result<Blob, String> {
        let blobs = self.numbers.get_mut(&layer.name).filter(|blobs| !blobs.is_empty());
        let blobs = blobs.ok_or("the caffemodel has no numbers for it; is it the one of this prototxt")?;
        blobs.get_mut(place).map(std::mem::take).ok_or_else(|| format!("its array {} is missing", place + 1))
    }
}
