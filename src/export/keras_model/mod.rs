//! A network as Keras configures it: the one description from which every file of the Keras family is written.
//!
//! `layer.rs` turns each layer into one or more [`Piece`]s with the help of `piece.rs`; `config.rs` spells pieces as JSON, in
//! either generation's way. A piece knows its class, its fields, what it reads and its arrays, so that the files differ in
//! their wrapping alone.

/// Fields of a configuration, in their order.
macro_rules! fields {
    ($($key:literal: $value:expr),* $(,)?) => {{
        #[allow(unused_mut, reason = "some classes have no fields")]
        let mut map = Map::new();
        $(map.insert($key, $value);)*
        map
    }};
}

mod config;
mod layer;
mod piece;

use std::borrow::Cow;

use super::{Layer, Model, Network, Note, Program, Source, name};
use crate::nn::json::{Json, Map};

pub use config::model_config;

/// Whose spelling, and whose layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Keras3,
    Keras2,
    /// TensorFlow.js: Keras 2, with fewer layers.
    Script,
}

/// The key under which a file keeps what Whisker alone understands: the document without layers, and names.
pub const TOLD: &str = "whisker";

/// The package that classes of our own are registered under.
pub const PACKAGE: &str = "whisker";

/// One layer of Keras.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece<'a> {
    pub class: &'static str,
    /// Whether the class is none of the framework's own, so that the program beside the file brings it.
    pub brought: bool,
    /// Unique, and plain enough for every reader.
    pub name: String,
    /// The fields of its configuration without those that all classes have.
    pub fields: Map,
    /// Places of the pieces that it reads.
    pub inputs: Vec<usize>,
    /// Arguments by name of the call.
    pub call: Map,
    /// Of one sample.
    pub shape: Vec<usize>,
    pub arrays: Vec<Array<'a>>,
}

/// An array of numbers that a piece has, in the order in which Keras lists them.
#[derive(Clone, Debug, PartialEq)]
pub struct Array<'a> {
    /// As Keras 2 calls it within its layer: `kernel`, `lstm_cell/kernel`.
    pub name: &'static str,
    /// Where Keras 3 keeps it within its layer's group: `vars/0`.
    pub path: String,
    pub shape: Vec<usize>,
    pub data: Cow<'a, [f32]>,
}

/// All pieces, the data first, and what the format could not hold.
pub struct Pieces<'a> {
    pub all: Vec<Piece<'a>>,
    /// The place of the piece that makes the output.
    pub output: usize,
    pub notes: Vec<Note>,
}

impl<'a> Pieces<'a> {
    pub fn new(model: &Model<'a>, dialect: Dialect) -> Pieces<'a> {
        let network = model.network;
        let whole = network
            .any(|layer| matches!(layer.kind, super::Kind::Embedding { .. }) && layer.inputs.contains(&Source::Input));
        let input = Piece {
            class: "InputLayer",
            brought: false,
            name: "input_1".into(),
            fields: Map::new(),
            inputs: Vec::new(),
            call: Map::new(),
            shape: network.input.to_vec(),
            arrays: Vec::new(),
        };
        let notes = Program::begin(network).notes;
        let mut b = Builder { model: *model, dialect, all: vec![input], results: Vec::new(), notes };
        b.all[0].name = b.unique("input_1");
        for layer in &network.layers {
            let place = if layer.used { b.layer(layer, whole) } else { 0 };
            b.results.push(place);
        }
        Pieces { output: b.results[network.output], all: b.all, notes: b.notes }
    }

    /// Whether every piece reads the one before it alone.
    pub fn is_chain(&self) -> bool {
        self.output + 1 == self.all.len() && (1..self.all.len()).all(|place| self.all[place].inputs == [place - 1])
    }

    /// The pieces in the order in which Keras counts them.
    pub fn counted(&self) -> Vec<&Piece<'a>> {
        let inputs: Vec<&[usize]> = self.all.iter().map(|piece| &piece.inputs[..]).collect();
        counted(&inputs, self.output).into_iter().map(|place| &self.all[place]).collect()
    }
}

/// The order in which Keras counts the layers of a graph, whatever the order in its file: the farthest from the output first,
/// equally far ones as a walk from the output meets them. `inputs`: what each layer reads; each stands after what it reads.
pub fn counted(inputs: &[&[usize]], output: usize) -> Vec<usize> {
    let mut met: Vec<usize> = Vec::new();
    let (mut seen, mut stack) = (vec![false; inputs.len()], vec![output]);
    while let Some(place) = stack.pop() {
        if !std::mem::replace(&mut seen[place], true) {
            met.push(place);
            stack.extend(inputs[place].iter().rev());
        }
    }
    let mut far = vec![0; inputs.len()];
    for place in (0..inputs.len()).rev().filter(|place| seen[*place]) {
        for from in inputs[place] {
            far[*from] = far[*from].max(far[place] + 1);
        }
    }
    // equally far ones keep their order
    met.sort_by_key(|place| std::cmp::Reverse(far[*place]));
    met
}

/// Names of groups for layers of these classes, in their order.
pub fn group_names(classes: &[&str]) -> Vec<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let name = |class: &&str| {
        let plain = snake(class);
        match counts.iter_mut().find(|(other, _)| *other == plain) {
            Some((_, count)) => {
                *count += 1;
                format!("{plain}_{count}")
            }
            None => {
                counts.push((plain.clone(), 0));
                plain
            }
        }
    };
    classes.iter().map(name).collect()
}

/// A class in snake case, as Keras spells it: an underscore before a capital that small letters follow, or that follows one.
pub fn snake(class: &str) -> String {
    let letters: Vec<char> = class.chars().filter(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    let mut out = String::new();
    for (i, letter) in letters.iter().enumerate() {
        let after_small = i > 0 && letters[i - 1].is_lowercase();
        let before_small = i > 0 && letters.get(i + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_small || before_small) && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// What Whisker alone understands of a file: the settings, and the names that layers have in the document.
pub fn told(network: &Network) -> Json {
    let Some(Json::Array(rows)) = network.document.field("layers") else { unreachable!("a document has layers") };
    let mut names = Map::new();
    for layer in network.used() {
        if let Some(own) = rows[layer.place].field("name") {
            names.insert(&layer.id, own.clone());
        }
    }
    let mut told = Map::new();
    told.insert("document", network.settings());
    told.insert("names", names);
    told.into()
}

/// Makes pieces, one after the other.
struct Builder<'a> {
    model: Model<'a>,
    dialect: Dialect,
    all: Vec<Piece<'a>>,
    /// For each layer of the network the piece that makes its result.
    results: Vec<usize>,
    notes: Vec<Note>,
}

impl<'a> Builder<'a> {
    /// A name that no layer of the network and no piece has yet.
    fn unique(&self, wanted: &str) -> String {
        let taken = |name: &str| {
            self.model.network.layers.iter().any(|layer| layer.id == name)
                || self.all.iter().skip(1).any(|piece| piece.name == name)
        };
        let mut name = wanted.to_string();
        while taken(&name) {
            name.push('_');
        }
        name
    }

    fn note(&mut self, layer: &Layer, sentence: impl Into<String>) {
        self.notes.push(Note { layer: Some(layer.place), sentence: format!("{}: {}", layer.name, sentence.into()) });
    }

    /// Appends a piece; gives its place.
    fn push(&mut self, piece: Piece<'a>) -> usize {
        self.all.push(piece);
        self.all.len() - 1
    }

    /// The piece that makes what is read from a source.
    fn result(&self, source: Source) -> usize {
        match source {
            Source::Input => 0,
            Source::Layer(place) => self.results[place],
        }
    }
}

/// The name of the whole model.
pub fn title(network: &Network) -> String {
    name::identifiers(std::slice::from_ref(&network.title))[0].clone()
}
