//! `.keras`, the file of Keras 3: a zip of the configuration and of the weights as HDF5.

use super::{
    Imported, Reader, Upload,
    keras::{Array, Beside, Graph, Row, Shelf, network},
    text::json,
    unzip::{names, unzip},
};
use crate::{export::keras_model::TOLD, hdf5};

pub static KERAS: Reader = Reader {
    id: "keras",
    label: "Keras 3",
    endings: &["keras"],
    knows: |files| matches!(files, [file] if is_keras(&file.bytes)),
    read: |files| {
        let [file] = files else { return Err("Open one .keras file at a time.".into()) };
        read(file)
    },
};

const CONFIG: &str = "config.json";
const METADATA: &str = "metadata.json";
const WEIGHTS: &str = "model.weights.h5";

fn is_keras(bytes: &[u8]) -> bool {
    let names = names(bytes);
    [CONFIG, WEIGHTS].iter().all(|wanted| names.iter().any(|name| name == wanted))
}

fn read(file: &Upload) -> Result<Imported, String> {
    let parts = unzip(file, |name| [CONFIG, METADATA, WEIGHTS].contains(&name))?;
    let part = |name: &str| parts.iter().find(|part| part.name == name).map(|part| part.bytes.as_slice());
    let lacks = |name: &str| format!("{} has no {name}: save the model again.", file.name);
    let json = |name: &str| json(part(name).ok_or_else(|| lacks(name))?, &format!("{name} in {}", file.name));
    let config = json(CONFIG)?;
    let graph = Graph::read(&config)?;
    let weights = hdf5::File::open(part(WEIGHTS).ok_or_else(|| lacks(WEIGHTS))?)?;
    let old = weights.get(OLD)?.is_some();
    let beside = Beside {
        told: json(METADATA).ok().and_then(|metadata| metadata.field(TOLD).cloned()),
        training: config.field("compile_config").cloned(),
    };
    network(&graph, &Groups { file: &weights, old }, &beside)
}

/// What the group of all layers was once called.
const OLD: &str = "_layer_checkpoint_dependencies";

/// Arrays by their place in the model: `layers/dense_1/vars/0`.
struct Groups<'a> {
    file: &'a hdf5::File<'a>,
    old: bool,
}

impl Shelf for Groups<'_> {
    fn arrays(&self, row: &Row) -> Result<Vec<Array>, String> {
        let parts: &[&str] = match row.class.as_str() {
            "SimpleRNN" | "LSTM" | "GRU" => &["cell/"],
            // Keras 3, and before it 2.15
            "MultiHeadAttention" => &[
                "query_dense/",
                "key_dense/",
                "value_dense/",
                "output_dense/",
                "_query_dense/",
                "_key_dense/",
                "_value_dense/",
                "_output_dense/",
            ],
            "TimeDistributed" => &["layer/"],
            _ => &[""],
        };
        let group = if self.old { row.group.replacen("layers", OLD, 1) } else { row.group.clone() };
        let mut all = Vec::new();
        for part in parts {
            let path = format!("{group}/{part}vars");
            let Some(vars) = self.file.get(&path)? else { continue };
            for i in 0..vars.members.len() {
                let Some((_, address)) = vars.members.iter().find(|(name, _)| *name == i.to_string()) else { break };
                let hdf5::Array { shape, data } = self.file.array(&self.file.object(*address)?)?;
                all.push(Array { name: format!("{path}/{i}"), shape, data });
            }
        }
        Ok(all)
    }
}
