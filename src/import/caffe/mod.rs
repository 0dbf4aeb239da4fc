//! Caffe networks: a prototxt with the layers, and a caffemodel with their numbers.
//!
//! The layers of the prototxt become nodes of the graph that ONNX's reader works on (`net.rs`, `layer.rs`), and from there on the way
//! is the same: both have channels first. `text.rs` reads the text form, `blob.rs` the numbers.

mod blob;
mod layer;
mod net;
mod text;

use super::{Imported, Reader, Upload, onnx, shown};
use text::Message;

pub static CAFFE: Reader = Reader { id: "caffe", label: "Caffe", endings: &["caffemodel", "prototxt"], knows, read };

fn knows(files: &[Upload]) -> bool {
    !files.is_empty() && files.iter().all(|file| is_text(file) || blob::is_model(&file.bytes))
}

/// Whether a file is text that has a layer in it.
fn is_text(file: &Upload) -> bool {
    let Ok(text) = std::str::from_utf8(&file.bytes) else { return false };
    let begins = text.trim_start().starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '#');
    let solver = file.name.to_lowercase().ends_with(".prototxt");
    begins && (solver || text.contains("layer {") || text.contains("layers {") || text.contains("layer{"))
}

fn read(files: &[Upload]) -> Result<Imported, String> {
    let mut nets = Vec::new();
    for file in files.iter().filter(|file| is_text(file)) {
        let text = std::str::from_utf8(&file.bytes).expect("it is text");
        let net = Message::parse(text).map_err(|why| format!("{} is no prototxt: {why}.", shown(&file.name)))?;
        nets.push((shown(&file.name), net));
    }
    let numbers = match files.iter().find(|file| !is_text(file)) {
        Some(file) => blob::read(&file.bytes).map_err(|why| format!("{}: {why}", shown(&file.name)))?,
        None => return Err("The numbers are missing: open the caffemodel together with its prototxt.".into()),
    };
    // the net in use says how large its samples are
    let (name, net) = (nets.iter().find(|(_, net)| net::input(net).is_some())).ok_or_else(|| match nets.len() {
        0 => "The layers are missing: open the prototxt (deploy.prototxt) together with the caffemodel.".to_string(),
        _ => "No prototxt says how large the samples are: open deploy.prototxt, which has an Input layer.".to_string(),
    })?;
    net::model(net, numbers).and_then(onnx::network).map_err(|why| format!("{name}: {why}"))
}
