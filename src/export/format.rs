//! Kinds of files that hold a network's weights, or the network with them; one row each in [`FORMATS`].

use super::{
    File, Network, Note, caffe::CAFFE, dl4j_file::DL4J_FILE, keras_file::KERAS_FILE, keras_h5::KERAS_H5, npz::NPZ,
    onnx::ONNX, safetensors::SAFETENSORS, tensorflowjs_file::TENSORFLOWJS_FILE,
};
use crate::train::Weight;

/// Every kind of file, in the order of the list on the page.
pub static FORMATS: &[&Format] = &[
    // weights alone
    &SAFETENSORS,
    &NPZ,
    // networks with their weights
    &KERAS_FILE,
    &KERAS_H5,
    &TENSORFLOWJS_FILE,
    &DL4J_FILE,
    &ONNX,
    &CAFFE,
];

/// One row of [`FORMATS`].
pub struct Format {
    /// The name in links, kebab-case. It never changes.
    pub id: &'static str,
    pub label: &'static str,
    /// One sentence: what is in it and who opens it.
    pub help: &'static str,
    pub write: fn(&Model) -> Result<Written, String>,
    /// The program that loads the files, answers the samples beside it and says whether it agrees; `None` where no program
    /// is to be had for the format.
    pub loader: Option<fn(&Model) -> Loader>,
}

/// A program that loads a model. It reads `samples.npy` and `expected.npy` beside it, prints the largest relative difference
/// between its answers and the expected ones, and ends with an error where that is more than 1e-4 (`bundle::check`).
pub struct Loader {
    /// The first is to be run.
    pub files: Vec<File>,
    /// What to type, a command a line: what is to be installed, then how it is run.
    pub run: &'static str,
}

/// A network as it stands: its description and its numbers.
#[derive(Clone, Copy)]
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
