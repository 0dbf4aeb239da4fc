//! Edits of a document, and the mends that are made of them. Pure: a document in, another out.
//!
//! Layers name each other, and a layer without a name of its own is called by its type and a count, which an edit can
//! shift. Every edit here keeps references pointing at the layer that they pointed at.

use std::collections::HashMap;

use super::{Chosen, Data, LayerSpec, Spec};
use crate::nn::{Layer, Loss, Optimizer, Schedule, Value};

/// One change of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Puts a layer in at this place of the list; the next layer reads from it if it read from the one before.
    Insert {
        at: usize,
        layer: LayerSpec,
    },
    /// Puts a layer in on the way to one input of the layer at this place.
    Bridge {
        at: usize,
        input: usize,
        layer: LayerSpec,
    },
    /// Takes a layer out; whoever read from it reads from what it read.
    Remove(usize),
    /// Moves a layer to another place of the list.
    Move {
        from: usize,
        to: usize,
    },
    Set {
        layer: usize,
        field: &'static str,
        value: Value,
    },
    Name {
        layer: usize,
        name: Option<String>,
    },
    Inputs {
        layer: usize,
        inputs: Option<Vec<String>>,
    },
    Loss(&'static Loss),
    /// Another optimizer; the learning rate starts at that optimizer's own.
    Optimizer(&'static Optimizer),
    Schedule(&'static Schedule),
    Batch(usize),
    /// How many samples are learnt from.
    Train(usize),
    /// Leaves the augmentations out.
    Plain,
    /// Leaves the teaching before training out.
    NoPretrain,
}

/// A change that puts a mistake right, and what a button for it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Mend {
    pub label: String,
    /// One after the other; places are those that the edits before have left.
    pub edits: Vec<Edit>,
}

impl Mend {
    pub fn apply(&self, spec: &Spec) -> Spec {
        self.edits.iter().fold(spec.clone(), |spec, edit| edit.apply(&spec))
    }
}

/// What each layer is called: its own name, or its type and a count over the layers of that type, named ones included.
pub fn names(layers: &[LayerSpec]) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    layers
        .iter()
        .map(|layer| {
            let count = counts.entry(layer.kind.about.id).or_default();
            *count += 1;
            layer.name.clone().unwrap_or_else(|| format!("{}-{count}", layer.kind.about.id))
        })
        .collect()
}

impl Edit {
    /// The document after the edit; one that does not fit it (a place that is not there) changes nothing.
    pub fn apply(&self, spec: &Spec) -> Spec {
        let mut next = spec.clone();
        let count = spec.layers.len();
        match self {
            Edit::Insert { at, layer } if *at <= count => insert(&mut next.layers, *at, layer.clone()),
            Edit::Bridge { at, input, layer } if *at < count => bridge(&mut next.layers, *at, *input, layer.clone()),
            Edit::Remove(at) if *at < count => remove(&mut next.layers, *at),
            Edit::Move { from, to } if *from < count && *to < count => shift(&mut next.layers, *from, *to),
            Edit::Set { layer, field, value } if *layer < count => {
                let values = &mut next.layers[*layer].values;
                if values.has(field) {
                    // a value out of bounds leaves the field as it was
                    let _ = values.set(field, value.clone());
                }
            }
            Edit::Name { layer, name } if *layer < count => {
                let links = Links::of(&next.layers);
                next.layers[*layer].name = name.clone();
                links.restore(&mut next.layers, |old| Some(old));
            }
            Edit::Inputs { layer, inputs } if *layer < count => next.layers[*layer].inputs = inputs.clone(),
            Edit::Loss(loss) => next.loss = loss,
            Edit::Optimizer(row) => next.optimizer = Chosen::fresh_optimizer(row),
            Edit::Schedule(row) => next.schedule = Chosen::fresh_schedule(row),
            Edit::Batch(batch) => next.batch = (*batch).max(1),
            Edit::Train(train) => {
                if let Data::Set(set) = &mut next.data {
                    set.train = (*train).max(1);
                }
            }
            Edit::Plain => next.augment.clear(),
            Edit::NoPretrain => next.pretrain = None,
            Edit::Insert { .. }
            | Edit::Bridge { .. }
            | Edit::Remove(_)
            | Edit::Move { .. }
            | Edit::Set { .. }
            | Edit::Name { .. }
            | Edit::Inputs { .. } => {}
        }
        next
    }
}

/// Which layer each named input is, by its place before an edit.
struct Links(Vec<Option<Vec<Link>>>);

#[derive(Clone)]
enum Link {
    Layer(usize),
    /// The data, or a name that no layer has.
    Other(String),
}

impl Links {
    fn of(layers: &[LayerSpec]) -> Links {
        let names = names(layers);
        let link = |name: &String| match names.iter().position(|other| other == name) {
            Some(place) if name != "input" => Link::Layer(place),
            _ => Link::Other(name.clone()),
        };
        Links(
            layers.iter().map(|layer| layer.inputs.as_ref().map(|inputs| inputs.iter().map(link).collect())).collect(),
        )
    }

    /// Writes the links back into the edited list; `now` says where a layer of before stands, `None` where it is gone.
    fn restore(&self, layers: &mut [LayerSpec], now: impl Fn(usize) -> Option<usize>) {
        let names = names(layers);
        for (old, links) in self.0.iter().enumerate() {
            let (Some(place), Some(links)) = (now(old), links) else { continue };
            let name = |link: &Link| match link {
                Link::Layer(layer) => now(*layer).map(|layer| names[layer].clone()),
                Link::Other(name) => Some(name.clone()),
            };
            layers[place].inputs = Some(links.iter().filter_map(name).collect());
        }
    }
}

fn insert(layers: &mut Vec<LayerSpec>, at: usize, layer: LayerSpec) {
    let links = Links::of(layers);
    let before = at.checked_sub(1);
    layers.insert(at, layer);
    links.restore(layers, |old| Some(old + usize::from(old >= at)));
    let names = names(layers);
    let from = before.map_or("input", |place| &names[place]);
    if let Some(inputs) = layers.get_mut(at + 1).and_then(|next| next.inputs.as_mut()) {
        inputs.iter_mut().filter(|input| *input == from).for_each(|input| *input = names[at].clone());
    }
}

fn bridge(layers: &mut Vec<LayerSpec>, at: usize, input: usize, mut layer: LayerSpec) {
    let from = layers[at].inputs.as_ref().and_then(|inputs| inputs.get(input)).cloned();
    let Some(from) = from else { return insert(layers, at, layer) };
    let links = Links::of(layers);
    let source = names(layers).iter().position(|name| *name == from && from != "input");
    layer.inputs = None;
    layers.insert(at, layer);
    links.restore(layers, |old| Some(old + usize::from(old >= at)));
    let names = names(layers);
    layers[at].inputs = match source {
        Some(source) if source + 1 == at => None,
        Some(source) => Some(vec![names[source + usize::from(source >= at)].clone()]),
        None if from == "input" && at == 0 => None,
        None => Some(vec![from]),
    };
    if let Some(inputs) = &mut layers[at + 1].inputs {
        inputs[input] = names[at].clone();
    }
}

fn remove(layers: &mut Vec<LayerSpec>, at: usize) {
    let mut links = Links::of(layers);
    let own = match &links.0[at] {
        Some(own) => own.first().cloned(),
        None => Some(at.checked_sub(1).map_or(Link::Other("input".into()), Link::Layer)),
    };
    for links in links.0.iter_mut().flatten() {
        for link in links.iter_mut() {
            if let (Link::Layer(place), Some(own)) = (&link, &own) {
                if *place == at {
                    *link = own.clone();
                }
            }
        }
    }
    // the next layer read from this one by default: it goes on with what this one read
    if let (Some(own), Some(next)) = (links.0[at].clone(), links.0.get_mut(at + 1)) {
        if next.is_none() && own.len() == 1 {
            *next = Some(own);
        }
    }
    layers.remove(at);
    links.restore(layers, |old| match old.cmp(&at) {
        std::cmp::Ordering::Less => Some(old),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(old - 1),
    });
}

fn shift(layers: &mut Vec<LayerSpec>, from: usize, to: usize) {
    let links = Links::of(layers);
    let layer = layers.remove(from);
    layers.insert(to, layer);
    links.restore(layers, |old| {
        Some(match old {
            old if old == from => to,
            old if from < old && old <= to => old - 1,
            old if to <= old && old < from => old + 1,
            old => old,
        })
    });
}

/// What a button says that puts this layer in.
pub fn add_label(layer: &Layer) -> String {
    format!("Add {}", layer.about.label)
}
