//! Floor 5: networks and weights that others made. One file and one row per kind of file in [`READERS`].
//!
//! A reader gets files from a stranger: it never trusts a size or a count before it has held it against the bytes that are
//! there, computes nothing and executes nothing, and says of whatever it does not understand where it stands and what to do.
//! The page's and the engine's programs use nothing of this: it is fetched when somebody opens such a file.

mod caffe;
mod keras;
mod keras_file;
mod keras_h5;
pub mod matching;
mod npz;
pub mod onnx;
mod safetensors;
mod tensorflowjs;
mod text;
mod unzip;

use crate::{nn::json::Json, train::Weight};

/// Every kind of file that can be read, in the order in which they are tried.
pub static READERS: &[&Reader] = &[
    // those that tell themselves by their first bytes
    &safetensors::SAFETENSORS,
    &npz::NPZ,
    &onnx::ONNX,
    &keras_file::KERAS,
    &keras_h5::KERAS_H5,
    // those that are looked into
    &tensorflowjs::TENSORFLOWJS,
    &caffe::CAFFE,
];

/// The endings by which the page tells files of models from pictures: those of all readers, and of our own experiments.
pub const ENDINGS: &[&str] =
    &["whisker", "onnx", "safetensors", "npz", "npy", "keras", "h5", "hdf5", "caffemodel", "prototxt"];

/// One row of [`READERS`].
pub struct Reader {
    /// The name in links, kebab-case. It never changes.
    pub id: &'static str,
    pub label: &'static str,
    /// The endings that such files have, lower case, without the dot.
    pub endings: &'static [&'static str],
    /// Whether files look like this kind, by their first bytes rather than by their names.
    pub knows: fn(&[Upload]) -> bool,
    /// Errors are sentences: what was expected, what came, what to do.
    pub read: fn(&[Upload]) -> Result<Imported, String>,
}

impl Reader {
    /// What files hold, or why not; whatever a file calls its own parts, its words stay letters in our sentences.
    pub fn open(&self, files: &[Upload]) -> Result<Imported, String> {
        let letters = |text: &mut String| text.retain(|letter| !letter.is_control());
        let mut read = (self.read)(files).map_err(|mut sentence| {
            letters(&mut sentence);
            sentence
        })?;
        for note in &mut read.notes {
            letters(&mut note.node);
            letters(&mut note.sentence);
        }
        Ok(read)
    }
}

/// A file as the user gave it.
pub struct Upload {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What a file held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// An experiment document with the file's layers; `None` where it holds weights alone.
    pub document: Option<Json>,
    /// Parameters in our layouts; by the document's names `LAYER/PARAMETER`, or by the file's own where there is no document.
    pub weights: Vec<Weight>,
    pub notes: Vec<Remark>,
}

/// Something in a file that was not taken over as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// The file's own name for the node or layer; empty where the whole file is meant.
    pub node: String,
    pub sentence: String,
}

/// Reads files with the first reader that knows them.
pub fn read(files: &[Upload]) -> Result<Imported, String> {
    let names = || files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
    let reader = READERS.iter().find(|reader| (reader.knows)(files)).ok_or_else(|| {
        let known: Vec<&str> = READERS.iter().map(|reader| reader.label).collect();
        format!("{} is of no kind that can be opened here: expected one of {}.", names(), known.join(", "))
    })?;
    reader.open(files)
}

/// A file's own name as it may stand in a sentence.
pub fn shown(name: &str) -> String {
    let plain: String = name.chars().filter(|letter| !letter.is_control()).take(60).collect();
    if name.chars().count() > 60 { plain + "…" } else { plain }
}
