//! ONNX, opset 17: the network as a graph of named nodes, with its weights, for whatever runs ONNX.
//!
//! Pictures stand channels first there, [n, c, h, w], and so they go in and come out; everything else keeps our axes. A layer's
//! own node has the layer's name and, as its description, the layer as the document has it; what stands beside it is `LAYER/PART`. Weights
//! keep their numbers and change their axes alone. How the network is taught is kept with the file, for Whisker.
//!
//! `build.rs` appends nodes, `layer.rs` has one function for each kind of layer, `sequence.rs` those that read sequences.

mod build;
mod layer;
pub mod proto;
mod sequence;

use super::{Format, Kind, Model, Network, Note, Source, Written};
use build::Builder;
use proto::{FLOAT, INT64, Port};

pub static ONNX: Format = Format {
    id: "onnx",
    label: "ONNX",
    help: "The network and its weights in one file, for ONNX Runtime, OpenCV, mobile phones and many more.",
    write,
    loader: None,
};

/// The key under which a file keeps what else the document says.
pub const DOCUMENT: &str = "whisker";

fn write(model: &Model) -> Result<Written, String> {
    let network = model.network;
    let mut b = Builder::new(model);
    let looked_up = indices(network);
    let mut input = network.input.clone();
    if let [h, w, c] = network.input[..] {
        input = [c, h, w].into();
        b.note(None, "Pictures go in channels first, as ONNX has them: [n, channels, height, width].");
    }
    b.graph.inputs.push(Port { name: "input".into(), kind: if looked_up { INT64 } else { FLOAT }, shape: input });
    for layer in network.layers.iter().filter(|layer| !layer.used) {
        b.note(Some(layer), format!("{} has no part in the output and is left out.", layer.name));
    }
    for place in (0..network.layers.len()).filter(|place| network.layers[*place].used) {
        b.layer(place)?;
    }
    let last = network.last();
    let mut shape = last.shape.clone();
    if let [h, w, c] = last.shape[..] {
        shape = [c, h, w].into();
        b.note(None, "Pictures come out channels first, too: [n, channels, height, width].");
    }
    let mut name = b.result(Source::Layer(network.output));
    if network.used().all(|layer| layer.name != "output") {
        b.rename(&name, "output");
        name = "output".into();
    }
    b.graph.outputs.push(Port { name, kind: FLOAT, shape });
    b.graph.name = network.title.clone();
    let document = network.settings().to_string();
    let bytes = b.graph.bytes(&[(DOCUMENT, &document)]);
    Ok(Written { files: vec![("model.onnx".into(), bytes)], notes: b.notes })
}

/// Whether the data is whole numbers that are looked up.
fn indices(network: &Network) -> bool {
    network.used().any(|layer| matches!(layer.kind, Kind::Embedding { .. }) && layer.inputs == [Source::Input])
}

impl Builder<'_> {
    fn note(&mut self, layer: Option<&super::Layer>, sentence: impl Into<String>) {
        self.notes.push(Note { layer: layer.map(|layer| layer.place), sentence: sentence.into() });
    }
}
