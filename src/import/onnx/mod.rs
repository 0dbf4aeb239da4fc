//! ONNX files as networks that can be edited and trained: operator sets 7 to 28, float32 and what can become it.
//!
//! The way of a file: `graph.rs` reads bytes into a checked graph of nodes; `pattern.rs` puts one node in the place of several
//! that spell a function out; `lift.rs` walks along the nodes, folds what is known with the meanings of `op/`, and makes layers
//! of the rest by the functions of `layer/`; `document.rs` writes the experiment. Pictures stand channels first there and last
//! here: `flow.rs` keeps account, so that turning axes costs no layer.
//!
//! To add an operator: its row in a file of `op/`, and a function in `layer/` where a layer does the same.

mod arrange;
pub mod array;
mod build;
mod document;
mod flow;
pub mod graph;
mod layer;
mod lift;
mod op;
pub mod operator;
mod pattern;
mod resize;

use super::{Imported, Reader};
use array::Array;
use graph::Model;

pub static ONNX: Reader = Reader {
    id: "onnx",
    label: "ONNX",
    endings: &["onnx"],
    knows: |files| matches!(files, [file] if is_onnx(&file.bytes)),
    read: |files| {
        let [file] = files else { return Err("Open one ONNX file at a time.".into()) };
        read(&file.bytes).map_err(|why| format!("{}: {why}", super::shown(&file.name)))
    },
};

/// Whether the bytes begin as a model does: with a small version of the format, then a field of ModelProto.
fn is_onnx(bytes: &[u8]) -> bool {
    let [0x08, version, next, ..] = bytes else { return false };
    (1..64).contains(version) && [0x10, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72].contains(next)
}

fn read(bytes: &[u8]) -> Result<Imported, String> {
    network(Model::read(bytes, 1)?)
}

/// The network of a graph, wherever that comes from.
pub fn network(mut model: Model) -> Result<Imported, String> {
    pattern::recognise(&mut model)?;
    let (lift, out) = lift::Lift::run(&model)?;
    document::write(&model, lift, out)
}

/// Computes a model on known inputs, in the order in which it names them: what ONNX's own tests are held against. An input
/// that a test leaves out is `None`. The error is a sentence.
pub fn compute<'a>(bytes: &'a [u8], inputs: &[Option<Array<'a>>]) -> Result<Vec<Array<'a>>, String> {
    let model = Model::read(bytes, usize::MAX)?;
    let mut held: std::collections::HashMap<String, Array> = std::collections::HashMap::new();
    for (port, array) in model.inputs.iter().zip(inputs) {
        if let Some(array) = array {
            held.insert(port.name.clone(), array.clone());
        }
    }
    let mut work = operator::WORK;
    for node in &model.nodes {
        let arrays = node.inputs.iter().map(|name| match (held.get(name), model.arrays.get(name)) {
            (Some(array), _) => Ok(Some(array.clone())),
            (None, Some(array)) => array.clone().map(Some).map_err(|why| lift::refusal(node, &why)),
            (None, None) if name.is_empty() => Ok(None),
            (None, None) => Err(lift::refusal(node, &format!("{} is missing", super::shown(name)))),
        });
        let arrays = arrays.collect::<Result<Vec<_>, String>>()?;
        let made = operator::compute(node, model.opset, &arrays, &mut work).map_err(|why| lift::refusal(node, &why))?;
        if node.outputs.len() > made.len() {
            return Err(lift::refusal(node, "it gives more than is computed here"));
        }
        held.extend(node.outputs.iter().cloned().zip(made));
    }
    let out = |port: &graph::Port| held.get(&port.name).cloned().ok_or_else(|| format!("Nothing makes {}.", port.name));
    model.outputs.iter().map(out).collect()
}
