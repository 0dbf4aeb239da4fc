//! A layers model of TensorFlow.js: `model.json` with the configuration, in Keras 2's words, and the weights beside it.

use super::{
    Cell, Format, Kind, Loader, Model, Program, Written,
    code::{Writer, number},
    keras_h5,
    keras_model::{Dialect, Pieces, TOLD, model_config, title, told},
    tensorflowjs_class,
    wrap::SCRIPT,
};
use crate::nn::json::{Json, Map};

pub static TENSORFLOWJS_FILE: Format = Format {
    id: "tensorflowjs",
    label: "TensorFlow.js",
    help: "The network as model.json and its weights beside it, for TensorFlow.js in pages and under Node.",
    write,
    loader: Some(loader),
};

const WEIGHTS: &str = "model.weights.bin";

fn write(model: &Model) -> Result<Written, String> {
    let pieces = Pieces::new(model, Dialect::Script);
    let mut topology = Map::new();
    topology.insert("keras_version", keras_h5::VERSION);
    topology.insert("backend", "tensorflow");
    topology.insert("model_config", model_config(&pieces, Dialect::Script, &title(model.network)));
    let (mut rows, mut bytes) = (Vec::new(), Vec::new());
    for (piece, array) in pieces.all.iter().flat_map(|piece| piece.arrays.iter().map(move |array| (piece, array))) {
        // the cell of a recurrent layer has no name here
        let name = array.name.rsplit('/').next().unwrap_or_default();
        let mut row = Map::new();
        row.insert("name", format!("{}/{name}", piece.name).as_str());
        row.insert("shape", array.shape.iter().copied().collect::<Json>());
        row.insert("dtype", "float32");
        rows.push(Json::from(row));
        bytes.extend(array.data.iter().flat_map(|value| value.to_le_bytes()));
    }
    let mut group = Map::new();
    group.insert("paths", Json::Array(vec![WEIGHTS.into()]));
    group.insert("weights", Json::Array(rows));
    let mut own = Map::new();
    own.insert(TOLD, told(model.network));
    let mut whole = Map::new();
    whole.insert("format", "layers-model");
    whole.insert("generatedBy", "Whisker");
    whole.insert("convertedBy", Json::Null);
    whole.insert("modelTopology", topology);
    whole.insert("weightsManifest", Json::Array(vec![group.into()]));
    whole.insert("userDefinedMetadata", own);
    let files =
        vec![("model.json".to_string(), Json::from(whole).to_string().into_bytes()), (WEIGHTS.to_string(), bytes)];
    Ok(Written { files, notes: pieces.notes })
}

/// A program under Node that loads the model, and the classes that it needs beside the library's own.
fn loader(model: &Model) -> Loader {
    let pieces = Pieces::new(model, Dialect::Script);
    let brings = pieces.all.iter().any(|piece| piece.brought);
    let mut program = Program::default();
    let mut w = Writer::breaking("  ", SCRIPT);
    w.line("// Loads model.json, answers the samples and compares with Whisker's answers.\n");
    w.line("import { readFile } from 'node:fs/promises';\nimport * as tf from '@tensorflow/tfjs';");
    if brings {
        w.line("import './layers.mjs';");
    }
    w.line(
        "
/** An array of 32-bit numbers as numpy saves it. */
async function readNpy(path) {
  const bytes = await readFile(path);
  const start = 10 + bytes.readUInt16LE(8);
  const sizes = bytes.toString('latin1', 10, start).split('(')[1].split(')')[0].split(',');
  const data = bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length);
  return tf.tensor(new Float32Array(data), sizes.filter(size => size.trim()).map(Number));
}

/** What TensorFlow.js fetches by itself in a page: the model and its weights. */
async function load() {
  const { modelTopology, weightsManifest } = JSON.parse(await readFile('model.json', 'utf8'));
  const parts = await Promise.all(weightsManifest.flatMap(({ paths }) => paths.map(path => readFile(path))));
  const weightData = Uint8Array.from(Buffer.concat(parts)).buffer;
  return { modelTopology, weightSpecs: weightsManifest.flatMap(({ weights }) => weights), weightData };
}

const model = await tf.loadLayersModel({ load });
const answers = model.predict(await readNpy('samples.npy'));
const expected = await readNpy('expected.npy');
const largest = x => x.abs().max().dataSync()[0];
const difference = largest(answers.sub(expected)) / Math.max(largest(expected), 1e-6);
answers.unstack().forEach((numbers, place) => console.log(place, ...numbers.dataSync().map(x => +x.toFixed(4))));
console.log(`largest difference from Whisker's answers, relative: ${difference.toExponential(1)}`);
console.log(difference < 1e-4 ? 'They agree.' : 'They do not agree.');
process.exitCode = difference < 1e-4 ? 0 : 1;",
    );
    program.file("load.mjs", w);
    if brings {
        program.file("layers.mjs", classes(model));
    }
    Loader { files: program.files, run: "npm install @tensorflow/tfjs\nnode load.mjs" }
}

/// The classes of our own, registered under the names that stand in model.json.
fn classes(model: &Model) -> Writer {
    // what changes pictures while training is no part of the file
    let network = &super::Network { augment: Vec::new(), ..model.network.clone() };
    let mut w = Writer::breaking("  ", SCRIPT);
    w.line("// Layers of model.json that the library lacks: import this before the model is loaded.\n");
    w.line("import * as tf from '@tensorflow/tfjs';\n");
    w.line(format!("let seed = {};", network.seed));
    w.line("const glorot = () => tf.initializers.glorotUniform({ seed: seed++ });");
    if network.any(|layer| matches!(layer.kind, Kind::Recurrent { cell: Cell::Gru, .. })) {
        w.line("const orthogonal = () => tf.initializers.orthogonal({ seed: seed++ });");
    }
    if network.has_penalty() {
        let (l1, l2) = (number(network.penalty.l1), number(network.penalty.l2));
        w.line(format!("const penalty = tf.regularizers.l1l2({{ l1: {l1}, l2: {l2} }});"));
    }
    w.blank();
    tensorflowjs_class::layers(&mut w, network);
    w
}
