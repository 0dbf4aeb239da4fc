//! Kinds of files that hold a network's weights, or the network with them; one row each in [`FORMATS`].

use super::{Network, Note, npz::NPZ, onnx::ONNX, safetensors::SAFETENSORS};
use crate::train::Weight;

/// Every kind of file, in the order of the list on the page.
pub static FORMATS: &[&Format] = &[&SAFETENSORS, &NPZ, &ONNX];

/// One row of [`FORMATS`].
pub struct Format {
    /// The name in links, kebab-case. It never changes.
    pub id: &'static str,
    pub label: &'static str,
    /// One sentence: what is in it and who opens it.
    pub help: &'static str,
    pub write: fn(&Model) -> Result<Written, String>,
}

/// A network as it stands: its description and its numbers.
pub struct Model<'a> {
    pub network: &'a Network,
    /// Every parameter by its full name, in our layouts.
    pub weights: &'a [Weight],
}

/// What a format makes of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The files by name; the first is the model.
    pub files: Vec<(String, Vec<u8>)>,
    /// What the format cannot hold, and what was done instead.
    pub notes: Vec<Note>,
}

impl Written {
    /// One file that holds all there is to say.
    pub fn one(name: &str, bytes: Vec<u8>) -> Written {
        Written { files: vec![(name.to_string(), bytes)], notes: Vec::new() }
    }
}
