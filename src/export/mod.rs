//! Floor 5: the network on the page as real code and real files. One file and one row per framework in [`FRAMEWORKS`],
//! per kind of file in [`FORMATS`].
//!
//! Everything starts from one description, [`Network`]: the checked document with every default filled in. A framework
//! turns it into a [`Program`]: files whose lines know their layer, and a [`Note`] for whatever it cannot express. To add a
//! framework: a file with a `pub static` of type [`Framework`], and its row; the compiler names every kind of layer,
//! function, loss, optimizer and schedule that it must write. The tests read the slice.
//!
//! The page's and the engine's programs use nothing of this: it is fetched when somebody asks for code or a file.

mod about;
mod bundle;
mod caffe;
mod caffe_layer;
mod code;
mod dl4j;
mod dl4j_file;
mod dl4j_layer;
mod dl4j_zip;
mod document;
mod format;
mod javascript;
mod keras;
mod keras_file;
mod keras_h5;
mod keras_layer;
pub mod keras_model;
mod keras_training;
mod kind;
mod name;
mod network;
mod npz;
pub mod onnx;
mod png;
mod pytorch;
mod pytorch_layer;
mod pytorch_weight;
mod rust;
mod safetensors;
mod tensorflow;
mod tensorflowjs;
mod tensorflowjs_class;
mod tensorflowjs_file;
mod tensorflowjs_layer;
mod wrap;
mod zipped;

pub use about::{ABOUT, About};
pub use bundle::{Samples, bundle};
pub use code::{Code, FRAMEWORKS, File, Framework, Line, Note, Program};
pub use format::{FORMATS, Format, Loader, Model, Written};
pub use kind::{Cell, Function, Kind, Window};
pub use network::{Data, Layer, Loss, Network, Optimizer, Parameter, Schedule, Source};
pub use npz::{npy, npy_integers, npz};
pub use png::png;
pub use safetensors::safetensors;
pub use zipped::zipped;
