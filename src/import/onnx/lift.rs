//! From ONNX's nodes to our layers: what is known is folded, what flows becomes a layer or a view of one.
//!
//! The functions of `layer/` say, one for each operator, what a node becomes; here is what they share. An error is the end of a
//! sentence that begins with the node's name.

use std::collections::HashMap;

use super::{
    super::{Remark, shown},
    array::{Array, I64},
    flow::{Flow, Source},
    graph::{Model, Node},
    operator::{self, WORK},
};
use crate::{
    nn::{Value, Values, json::Json, layer as rows},
    spec::{LayerSpec, limit},
    tensor::Shape,
};

/// Stands for a batch of any size; small, since arrays of it may be folded.
const BATCH: usize = 97;

/// A layer that is being made.
#[derive(Clone, Debug)]
pub struct Draft {
    pub spec: LayerSpec,
    pub inputs: Vec<Source>,
    pub shape: Shape,
    /// By the parameters' names, in our layouts.
    pub weights: Vec<(&'static str, Shape, Vec<f32>)>,
    /// The node that it is of, as the file calls it.
    pub node: String,
    /// Whether the file itself names it as one of our layers.
    pub told: bool,
    /// Whether its sigmoid is a node that is still to come.
    pub waits: bool,
}

/// What a name stands for.
#[derive(Clone, Debug)]
enum Held<'a> {
    Known(Array<'a>),
    Flow(Flow),
}

pub struct Lift<'a> {
    pub model: &'a Model<'a>,
    pub batch: usize,
    pub input: Shape,
    pub drafts: Vec<Draft>,
    pub notes: Vec<Remark>,
    held: HashMap<String, Held<'a>>,
    readers: HashMap<String, usize>,
    work: usize,
    /// Whether Whisker wrote the file.
    ours: bool,
}

impl<'a> Lift<'a> {
    /// The layers of a model, and the value that comes out. The error is a sentence.
    pub fn run(model: &'a Model<'a>) -> Result<(Lift<'a>, Flow), String> {
        let (batch, shape, last) = input(model)?;
        let flow = match last {
            true => Flow::plain(Source::Input, batch, &shape),
            false => Flow::natural(Source::Input, batch, &shape),
        };
        let mut readers = HashMap::new();
        let names = model.nodes.iter().flat_map(|node| &node.inputs).chain(model.outputs.iter().map(|port| &port.name));
        names.for_each(|name| *readers.entry(name.clone()).or_insert(0) += 1);
        let mut lift = Lift {
            model,
            batch,
            input: Shape::from(shape),
            drafts: Vec::new(),
            notes: Vec::new(),
            held: HashMap::new(),
            readers,
            work: WORK,
            ours: model.producer == crate::export::onnx::proto::PRODUCER,
        };
        let port = &model.inputs[0].name;
        lift.held.insert(port.clone(), Held::Flow(Flow { sole: lift.reads(port) == 1, ..flow }));
        for node in &model.nodes {
            lift.node(node).map_err(|why| refusal(node, &why))?;
        }
        let out = model.outputs.first().ok_or("The file has no output: export the model again.")?;
        match lift.value(&out.name) {
            Some(Ok(Held::Flow(flow))) => Ok((lift, flow)),
            Some(Ok(Held::Known(_))) => Err("What comes out does not depend on what goes in: it is no network.".into()),
            Some(Err(why)) => Err(format!("The output cannot be read: {why}.")),
            None => Err(format!("The output {} is made by no node: export the model again.", shown(&out.name))),
        }
    }

    /// How often a name is read.
    pub fn reads(&self, name: &str) -> usize {
        self.readers.get(name).copied().unwrap_or(0)
    }

    fn value(&self, name: &str) -> Option<Result<Held<'a>, String>> {
        match self.held.get(name) {
            Some(held) => Some(Ok(held.clone())),
            None => self.model.arrays.get(name).map(|array| Ok(Held::Known(array.clone()?))),
        }
    }

    fn node(&mut self, node: &Node<'a>) -> Result<(), String> {
        let mut known = Vec::new();
        let mut flows = false;
        for name in &node.inputs {
            known.push(match name.is_empty() {
                true => None,
                false => {
                    match self.value(name).ok_or_else(|| format!("it reads {}, which nothing makes", shown(name)))? {
                        Ok(Held::Known(array)) => Some(array),
                        Ok(Held::Flow(_)) => {
                            flows = true;
                            None
                        }
                        Err(why) => return Err(format!("of {}: {why}", shown(name))),
                    }
                }
            });
        }
        if !flows {
            let made = operator::compute(node, self.model.opset, &known, &mut self.work)?;
            for (name, array) in node.outputs.iter().zip(made).filter(|(name, _)| !name.is_empty()) {
                self.held.insert(name.clone(), Held::Known(array));
            }
            return Ok(());
        }
        if node.op == "Shape" {
            let shape = self.flow(node, 0)?.shape();
            let rank = shape.len() as i64;
            let end = |value: i64| if value < 0 { value.saturating_add(rank) } else { value }.clamp(0, rank) as usize;
            let part = shape.get(end(node.int("start", 0))..end(node.int("end", rank))).unwrap_or_default();
            let sizes: Vec<f64> = part.iter().map(|size| *size as f64).collect();
            let name = node.outputs.first().cloned().unwrap_or_default();
            self.held.insert(name, Held::Known(Array::made(I64, vec![sizes.len()], sizes)));
            return Ok(());
        }
        let row = operator::find(&node.op, self.model.opset)?;
        let layer =
            row.layer.ok_or("no layer does this; it is read only where all that it reads is known beforehand")?;
        layer(self, node)
    }

    /// An input that flows, zeros around it included.
    pub fn flow(&self, node: &Node, place: usize) -> Result<Flow, String> {
        let name = node.input(place).ok_or_else(|| format!("its input {} is missing", place + 1))?;
        match self.value(name) {
            Some(Ok(Held::Flow(flow))) => Ok(flow),
            Some(Ok(Held::Known(_))) => Err(format!("its input {} is fixed, where a layer reads another", place + 1)),
            Some(Err(why)) => Err(why),
            None => Err(format!("it reads {}, which nothing makes", shown(name))),
        }
    }

    /// An input that flows.
    pub fn x(&self, node: &Node, place: usize) -> Result<Flow, String> {
        let flow = self.flow(node, place)?;
        if flow.pads != [[0; 2]; 2] {
            return Err("it reads a picture with zeros around it, which a convolution alone takes up here".into());
        }
        Ok(flow)
    }

    /// An input that is known; `None` where it is not given.
    pub fn known(&self, node: &Node, place: usize) -> Result<Option<Array<'a>>, String> {
        let Some(name) = node.input(place) else { return Ok(None) };
        match self.value(name) {
            Some(Ok(Held::Known(array))) => Ok(Some(array)),
            Some(Ok(Held::Flow(_))) => {
                Err(format!("its input {} is computed while the network runs, where a fixed one is needed", place + 1))
            }
            Some(Err(why)) => Err(format!("of {}: {why}", shown(name))),
            None => Err(format!("it reads {}, which nothing makes", shown(name))),
        }
    }

    /// An input that is known and must be there.
    pub fn need(&self, node: &Node, place: usize) -> Result<Array<'a>, String> {
        self.known(node, place)?.ok_or_else(|| format!("its input {} is missing", place + 1))
    }

    /// Whether an input is known.
    pub fn is_known(&self, node: &Node, place: usize) -> bool {
        matches!(self.known(node, place), Ok(Some(_)))
    }

    /// A list that newer operator sets have as an input, older ones as an attribute.
    pub fn list(&self, node: &Node, place: usize, name: &str) -> Result<Option<Vec<i64>>, String> {
        match self.known(node, place)? {
            Some(array) if array.count() <= 64 => Ok(Some(array.wholes())),
            Some(_) => Err(format!("its input {} is longer than any shape", place + 1)),
            None => Ok(node.ints(name)),
        }
    }

    /// What the node makes.
    pub fn put(&mut self, node: &Node, flow: Flow, new: bool) {
        self.put_at(node, 0, flow, new);
    }

    /// What the node makes at a place: `new` where it is a layer's own result, else a view of what it reads.
    pub fn put_at(&mut self, node: &Node, place: usize, flow: Flow, new: bool) {
        let Some(name) = node.outputs.get(place) else { return };
        let sole = (new || flow.sole) && self.reads(name) == 1;
        self.held.insert(name.clone(), Held::Flow(Flow { sole, ..flow }));
    }

    /// The shape of a source's sample.
    pub fn shape(&self, source: Source) -> &Shape {
        match source {
            Source::Input => &self.input,
            Source::Layer(place) => &self.drafts[place].shape,
        }
    }

    /// The layer that makes a value nobody else reads.
    pub fn own(&mut self, flow: &Flow) -> Option<&mut Draft> {
        match flow.source {
            Source::Layer(place) if flow.sole => self.drafts.get_mut(place),
            Source::Layer(_) | Source::Input => None,
        }
    }

    /// What the file says of a node as one of our layers of this type.
    pub fn hint(&self, node: &Node, id: &str) -> Option<Values> {
        let told = Json::parse(Some(&node.doc).filter(|_| self.ours)?).ok()?;
        let row = rows::find(id).filter(|row| told.field("type").and_then(Json::as_str) == Some(row.about.id))?;
        let mut values = row.fresh();
        for field in row.about.fields {
            if let Some(value) = told.field(field.id).and_then(|json| field.kind.read(json).ok()) {
                values.set(field.id, value).ok()?;
            }
        }
        Some(values)
    }

    /// Appends a layer; its weights must be those that it has in our document.
    pub fn add(
        &mut self,
        node: &Node,
        id: &str,
        fields: Vec<(&str, Value)>,
        inputs: Vec<Source>,
        mut weights: Vec<(&'static str, Vec<f32>)>,
    ) -> Result<usize, String> {
        if self.drafts.len() >= 2 * limit::LAYERS {
            return Err(format!("the network has more than {} layers", limit::LAYERS));
        }
        let row = rows::find(id).expect("a layer's id");
        let mut values = row.fresh();
        for (field, value) in fields {
            values.set(field, value).map_err(|why| why.trim_end_matches('.').to_string())?;
        }
        let shapes: Vec<Shape> = inputs.iter().map(|source| self.shape(*source).clone()).collect();
        let shape = (row.work.shape)(&values, &shapes).map_err(|trouble| {
            let message = trouble.message.trim_end_matches('.');
            let mut letters = message.chars();
            letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
        })?;
        if shape.iter().try_fold(1_usize, |all, size| all.checked_mul(*size)).is_none_or(|all| all > limit::SAMPLE) {
            return Err("it makes more numbers of one sample than fit here".into());
        }
        let own = (row.work.parameters)(&values, &shapes);
        let mut kept = Vec::new();
        for parameter in own {
            let wanted = parameter.shape.iter().try_fold(1_usize, |all, size| all.checked_mul(*size));
            let (_, data) = (weights.iter_mut().find(|(name, _)| *name == parameter.name))
                .ok_or_else(|| format!("its {} is missing", parameter.name))?;
            if wanted != Some(data.len()) {
                let (count, wanted) = (data.len(), &parameter.shape);
                return Err(format!("its {} has {count} numbers, where {wanted} are needed", parameter.name));
            }
            kept.push((parameter.name, parameter.shape, std::mem::take(data)));
        }
        let told = self.hint(node, id).is_some();
        let name = if told { Some(node.name.clone()) } else { self.called(node, !kept.is_empty()) };
        let spec = LayerSpec { kind: row, name, inputs: None, values };
        let node = node.called();
        self.drafts.push(Draft { spec, inputs, shape, weights: kept, node, told, waits: false });
        Ok(self.drafts.len() - 1)
    }

    /// A name for a layer with weights, out of the file's own names.
    fn called(&self, node: &Node, weights: bool) -> Option<String> {
        if self.model.named {
            return Some(node.name.clone()).filter(|name| !name.is_empty());
        }
        let weight = weights.then(|| node.input(1)).flatten()?;
        let plain = !weight.starts_with("onnx::") && weight.contains(|letter: char| letter.is_alphabetic());
        let stem = match plain {
            true => [".weight", ".weight_ih_l0", "/kernel", "_W", ".W", "/weight", "_kernel", "_weight"]
                .into_iter()
                .find_map(|end| weight.strip_suffix(end)),
            false => None,
        };
        let node_name = node.name.strip_suffix(&format!("/{}", node.op)).unwrap_or(&node.name);
        let name = stem.unwrap_or(node_name).trim_matches(['/', ' ', '.']).replace('/', ".");
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(limit::NAME).collect();
        Some(name.trim().to_string()).filter(|name| !name.is_empty() && name != "input")
    }

    pub fn note(&mut self, node: &Node, sentence: impl Into<String>) {
        self.notes.push(Remark { node: node.called(), sentence: sentence.into() });
    }
}

/// What goes in: the batch, one sample's shape in our order, and whether the file has channels last.
fn input(model: &Model) -> Result<(usize, Vec<usize>, bool), String> {
    let [port] = &model.inputs[..] else {
        return Err(match model.inputs.len() {
            0 => "The file has no input: export the model again.".into(),
            count => format!("The file has {count} inputs, where a network here has one: export one branch alone."),
        });
    };
    let sizes = port.shape.as_deref().filter(|sizes| sizes.len() > 1).ok_or_else(|| {
        format!("The input {} has no shape of a batch of samples: export the model with its sizes.", shown(&port.name))
    })?;
    let sample: Option<Vec<usize>> = sizes[1..].iter().copied().collect();
    let sample = sample.ok_or_else(|| {
        format!(
            "The input {} leaves sizes open: export the model with fixed sizes but for the batch.",
            shown(&port.name)
        )
    })?;
    let count = sample.iter().try_fold(1_usize, |all, size| all.checked_mul(*size));
    if count.is_none_or(|count| count > limit::SAMPLE) {
        return Err(format!(
            "The input {} has samples of more numbers than fit here: export a smaller network.",
            shown(&port.name)
        ));
    }
    let batch = sizes[0].filter(|batch| *batch < 4096).unwrap_or(BATCH);
    let [c, h, w] = sample[..] else { return Ok((batch, sample, true)) };
    let turned = |node: &Node| node.op == "Transpose" && node.ints("perm").as_deref() == Some(&[0, 3, 1, 2]);
    let mut readers = model.nodes.iter().filter(|node| node.inputs.contains(&port.name)).peekable();
    let last = readers.peek().is_some() && readers.all(turned);
    Ok(if last { (batch, vec![c, h, w], true) } else { (batch, vec![h, w, c], false) })
}

/// What cannot be opened, and what to do.
pub fn refusal(node: &Node, why: &str) -> String {
    // texts of the file may be within it
    let why: String = why.chars().filter(|letter| !letter.is_control()).take(400).collect();
    format!(
        "The node {} ({}) cannot be opened here: {}. Change or take out this part of the model and export it again.",
        node.called(),
        shown(&node.op),
        why
    )
}
