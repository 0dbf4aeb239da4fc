//! An ONNX file as a small checked graph: its nodes in an order in which each comes after what it reads, its arrays, what goes
//! in and what comes out.
//!
//! Field numbers are those of `onnx.proto3`. Everything is held against a limit before it is kept: a file from a stranger may
//! claim whatever it likes.

use std::collections::{HashMap, HashSet};

use super::{
    super::shown,
    array::{Array, Kind},
};
use crate::protobuf::{BROKEN, Fields, Value};

/// Nodes that a network may have here.
const NODES: usize = 20_000;
/// Inputs, outputs and attributes of one node.
const LINKS: usize = 256;
/// Whole numbers or floats in one attribute.
const LIST: usize = 65_536;
/// Operator sets that are read.
pub const OPSETS: std::ops::RangeInclusive<i64> = 7..=28;

/// What one node is told beside its inputs.
#[derive(Clone, Debug)]
pub enum Attribute<'a> {
    Float(f32),
    Whole(i64),
    Text(&'a str),
    Array(Result<Array<'a>, String>),
    Floats(Vec<f32>),
    Wholes(Vec<i64>),
    Texts(Vec<&'a str>),
    /// A graph, and whatever else there may be.
    Other,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    pub op: String,
    pub name: String,
    /// What the file says of it.
    pub doc: String,
    /// Names; an empty one stands for nothing.
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    pub attributes: Vec<(String, Attribute<'a>)>,
}

/// What goes in or comes out; a size may be left open.
#[derive(Clone, Debug)]
pub struct Port {
    pub name: String,
    pub kind: Option<Kind>,
    pub shape: Option<Vec<Option<usize>>>,
}

#[derive(Clone, Debug, Default)]
pub struct Model<'a> {
    pub producer: String,
    pub opset: i64,
    pub title: String,
    /// Texts by key.
    pub texts: Vec<(String, &'a str)>,
    pub nodes: Vec<Node<'a>>,
    pub arrays: HashMap<String, Result<Array<'a>, String>>,
    /// Without those that are arrays of the file.
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
    /// Whether nodes are called as layers are: Caffe's are.
    pub named: bool,
    /// How many more outputs the file has.
    pub spare: usize,
}

impl<'a> Node<'a> {
    /// How a sentence names it.
    pub fn called(&self) -> String {
        let name = [&self.name].into_iter().chain(&self.outputs).find(|name| !name.is_empty());
        shown(name.map_or("", |name| name))
    }

    pub fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    pub fn int(&self, name: &str, usual: i64) -> i64 {
        if let Some(Attribute::Whole(value)) = self.attribute(name) { *value } else { usual }
    }

    pub fn float(&self, name: &str, usual: f32) -> f32 {
        if let Some(Attribute::Float(value)) = self.attribute(name) { *value } else { usual }
    }

    pub fn text(&self, name: &str, usual: &'static str) -> String {
        if let Some(Attribute::Text(value)) = self.attribute(name) { value.to_string() } else { usual.to_string() }
    }

    pub fn ints(&self, name: &str) -> Option<Vec<i64>> {
        match self.attribute(name) {
            Some(Attribute::Wholes(values)) => Some(values.clone()),
            Some(Attribute::Whole(value)) => Some(vec![*value]),
            Some(_) | None => None,
        }
    }

    /// An input's name, where there is one.
    pub fn input(&self, place: usize) -> Option<&str> {
        self.inputs.get(place).map(String::as_str).filter(|name| !name.is_empty())
    }
}

impl<'a> Model<'a> {
    /// Reads a file, with so many of its outputs at most. The error is a sentence.
    pub fn read(bytes: &'a [u8], outputs: usize) -> Result<Model<'a>, String> {
        let mut model = Model::default();
        let mut graph = None;
        for field in Fields::new(bytes) {
            let (number, value) = field?;
            match number {
                2 => model.producer = value.text().unwrap_or_default().to_string(),
                7 => graph = value.bytes(),
                8 => model.opset = opset(value.bytes().ok_or(BROKEN)?)?.unwrap_or(model.opset),
                14 if model.texts.len() < LINKS => {
                    let (mut key, mut text) = (String::new(), "");
                    for field in Fields::new(value.bytes().ok_or(BROKEN)?) {
                        match field? {
                            (1, value) => key = value.text().unwrap_or_default().to_string(),
                            (2, value) => text = value.text().unwrap_or_default(),
                            _ => {}
                        }
                    }
                    model.texts.push((key, text));
                }
                _ => {}
            }
        }
        let graph = graph.ok_or("The file has no graph: it is no ONNX model, or cut off. Export it again.")?;
        model.graph(graph)?;
        if !OPSETS.contains(&model.opset) {
            return Err(format!(
                "The file uses operator set {} of ONNX, where {} to {} are read: export it with opset_version=17.",
                model.opset,
                OPSETS.start(),
                OPSETS.end()
            ));
        }
        model.inputs.retain(|port| !model.arrays.contains_key(&port.name));
        model.spare = model.outputs.len().saturating_sub(outputs);
        model.outputs.truncate(outputs);
        model.sort()?;
        Ok(model)
    }

    fn graph(&mut self, bytes: &'a [u8]) -> Result<(), String> {
        for field in Fields::new(bytes) {
            let (number, value) = field?;
            match number {
                1 if self.nodes.len() >= NODES => {
                    return Err(format!("The file has more than {NODES} nodes, which are more than a network here."));
                }
                1 => self.nodes.push(node(value.bytes().ok_or(BROKEN)?)?),
                2 => self.title = value.text().unwrap_or_default().to_string(),
                5 => {
                    let (name, array) = Array::read(value.bytes().ok_or(BROKEN)?)?;
                    self.arrays.insert(name, array);
                }
                11 | 12 => {
                    let to = if number == 11 { &mut self.inputs } else { &mut self.outputs };
                    if to.len() >= NODES {
                        return Err("The file has more inputs or outputs than a network here.".into());
                    }
                    to.push(port(value.bytes().ok_or(BROKEN)?)?);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Keeps the nodes that the outputs depend on, each after what it reads.
    pub fn sort(&mut self) -> Result<(), String> {
        let mut makers = HashMap::new();
        for (place, node) in self.nodes.iter().enumerate() {
            for name in node.outputs.iter().filter(|name| !name.is_empty()) {
                if makers.insert(name.clone(), place).is_some() || self.arrays.contains_key(name) {
                    return Err(format!("Two nodes make the same value, {}: export the model again.", shown(name)));
                }
            }
        }
        let mut needed = HashSet::new();
        let mut stack: Vec<usize> = self.outputs.iter().filter_map(|port| makers.get(&port.name).copied()).collect();
        let reads = |place: usize| -> Vec<usize> {
            self.nodes[place].inputs.iter().filter_map(|name| makers.get(name).copied()).collect()
        };
        while let Some(place) = stack.pop() {
            if needed.insert(place) {
                stack.extend(reads(place));
            }
        }
        let mut waiting = vec![0; self.nodes.len()];
        let mut readers = vec![Vec::new(); self.nodes.len()];
        for &place in &needed {
            for maker in reads(place) {
                waiting[place] += 1;
                readers[maker].push(place);
            }
        }
        // the first of the file that is ready, always
        let mut ready: std::collections::BTreeSet<usize> =
            needed.iter().copied().filter(|place| waiting[*place] == 0).collect();
        let mut order = Vec::new();
        while let Some(place) = ready.pop_first() {
            order.push(place);
            for &reader in &readers[place] {
                waiting[reader] -= 1;
                if waiting[reader] == 0 {
                    ready.insert(reader);
                }
            }
        }
        if let Some(stuck) = needed.iter().copied().filter(|place| waiting[*place] > 0).min() {
            return Err(format!(
                "{} reads, in the end, from itself; a network must not go in circles. Export the model again.",
                self.nodes[stuck].called()
            ));
        }
        let mut nodes: Vec<Option<Node>> = std::mem::take(&mut self.nodes).into_iter().map(Some).collect();
        self.nodes = order.into_iter().filter_map(|place| nodes[place].take()).collect();
        Ok(())
    }
}

/// The version of ONNX's own operators, where an entry is of these.
fn opset(bytes: &[u8]) -> Result<Option<i64>, String> {
    let (mut domain, mut version) = ("", 0);
    for field in Fields::new(bytes) {
        match field? {
            (1, value) => domain = value.text().unwrap_or("?"),
            (2, value) => version = value.whole().unwrap_or(0),
            _ => {}
        }
    }
    Ok(["", "ai.onnx"].contains(&domain).then_some(version))
}

fn node<'a>(bytes: &'a [u8]) -> Result<Node<'a>, String> {
    let text = |value: Value| value.text().map(str::to_string).ok_or_else(|| BROKEN.to_string());
    let mut domain = String::new();
    let (inputs, outputs, attributes) = (Vec::new(), Vec::new(), Vec::new());
    let (op, name, doc) = (String::new(), String::new(), String::new());
    let mut node = Node { op, name, doc, inputs, outputs, attributes };
    for field in Fields::new(bytes) {
        let (number, value) = field?;
        match number {
            1 => node.inputs.push(text(value)?),
            2 => node.outputs.push(text(value)?),
            3 => node.name = text(value)?,
            4 => node.op = text(value)?,
            5 => node.attributes.push(attribute(value.bytes().ok_or(BROKEN)?)?),
            6 => node.doc = text(value)?,
            7 => domain = text(value)?,
            _ => {}
        }
        if node.inputs.len().max(node.outputs.len()).max(node.attributes.len()) > LINKS {
            return Err(format!("{} has more than {LINKS} inputs, outputs or attributes.", node.called()));
        }
    }
    if !["", "ai.onnx"].contains(&domain.as_str()) {
        node.op = format!("{domain}.{}", node.op);
    }
    Ok(node)
}

fn attribute<'a>(bytes: &'a [u8]) -> Result<(String, Attribute<'a>), String> {
    let (mut name, mut kind, mut guess) = (String::new(), 0, Attribute::Other);
    let (mut floats, mut wholes, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for field in Fields::new(bytes) {
        let (number, value) = field?;
        let length = value.bytes().map_or(1, <[u8]>::len);
        match number {
            1 => name = value.text().unwrap_or_default().to_string(),
            2 => guess = Attribute::Float(value.float().ok_or(BROKEN)?),
            3 => guess = Attribute::Whole(value.whole().ok_or(BROKEN)?),
            4 => guess = value.text().map_or(Attribute::Other, Attribute::Text),
            5 => guess = Attribute::Array(Array::read(value.bytes().ok_or(BROKEN)?)?.1),
            7 | 8 if length > 4 * LIST || floats.len().max(wholes.len()) > LIST => {
                return Err(format!("{} is a list of more than {LIST} numbers, which no layer needs.", shown(&name)));
            }
            7 if !value.floats(&mut floats) => return Err(BROKEN.into()),
            8 if !value.wholes(&mut wholes) => return Err(BROKEN.into()),
            9 if texts.len() < LINKS => texts.push(value.text().ok_or(BROKEN)?),
            20 => kind = value.whole().unwrap_or(0),
            _ => {}
        }
    }
    let value = match kind {
        6 => Attribute::Floats(floats),
        7 => Attribute::Wholes(wholes),
        8 => Attribute::Texts(texts),
        0 if !floats.is_empty() => Attribute::Floats(floats),
        0 if !wholes.is_empty() => Attribute::Wholes(wholes),
        // what is 0 or empty is sometimes left out
        1 if matches!(guess, Attribute::Other) => Attribute::Float(0.0),
        2 if matches!(guess, Attribute::Other) => Attribute::Whole(0),
        3 if matches!(guess, Attribute::Other) => Attribute::Text(""),
        _ => guess,
    };
    Ok((name, value))
}

fn port(bytes: &[u8]) -> Result<Port, String> {
    let mut port = Port { name: String::new(), kind: None, shape: None };
    for field in Fields::new(bytes) {
        let (number, value) = field?;
        match number {
            1 => port.name = value.text().unwrap_or_default().to_string(),
            2 => {
                for field in Fields::new(value.bytes().ok_or(BROKEN)?) {
                    if let (1, tensor) = field? {
                        for field in Fields::new(tensor.bytes().ok_or(BROKEN)?) {
                            match field? {
                                (1, kind) => port.kind = kind.whole().and_then(Kind::read),
                                (2, shape) => port.shape = Some(sizes(shape.bytes().ok_or(BROKEN)?)?),
                                _ => {}
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(port)
}

/// The sizes of a port; `None` for one that is open or only has a name.
fn sizes(bytes: &[u8]) -> Result<Vec<Option<usize>>, String> {
    let mut sizes = Vec::new();
    for field in Fields::new(bytes) {
        if let (1, dim) = field? {
            let mut size = None;
            for field in Fields::new(dim.bytes().ok_or(BROKEN)?) {
                if let (1, value) = field? {
                    size = value.whole().and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
                }
            }
            sizes.push(size);
        }
        if sizes.len() > super::array::AXES {
            return Err("What goes in or comes out has too many axes for a network here.".into());
        }
    }
    Ok(sizes)
}
