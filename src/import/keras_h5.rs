//! `.h5`: whole models as Keras 2 and 3 save them, and weights alone.

use super::{
    Imported, Reader, Upload,
    keras::{Array, Beside, Graph, Row, Shelf, network, sorted},
    text::json,
};
use crate::{
    export::keras_model::TOLD,
    hdf5::{File, SIGNATURE},
};

pub static KERAS_H5: Reader = Reader {
    id: "keras-h5",
    label: "Keras HDF5",
    endings: &["h5", "hdf5"],
    knows: |files| matches!(files, [file] if is_hdf5(&file.bytes)),
    read: |files| {
        let [file] = files else { return Err("Open one HDF5 file at a time.".into()) };
        read(file)
    },
};

/// The most arrays of a file of weights, and how deep they may lie.
const ARRAYS: usize = 4096;
const DEEPEST: usize = 12;

fn is_hdf5(bytes: &[u8]) -> bool {
    [0, 512, 1024, 2048].iter().any(|start| bytes.get(*start..).is_some_and(|rest| rest.starts_with(SIGNATURE)))
}

fn read(file: &Upload) -> Result<Imported, String> {
    let opened = File::open(&file.bytes)?;
    let root = opened.get("")?.unwrap_or_default();
    let Some(config) = root.text("model_config") else { return arrays_alone(file, &opened) };
    let graph = Graph::read(&json(config.as_bytes(), &format!("The configuration of {}", file.name))?)?;
    let extra = |key: &str| root.text(key).and_then(|text| json(text.as_bytes(), key).ok());
    let beside = Beside { told: extra(TOLD), training: extra("training_config") };
    network(&graph, &Layers { file: &opened }, &beside)
}

/// Arrays by layer: `model_weights/dense`, whose attribute names them.
struct Layers<'a> {
    file: &'a File<'a>,
}

impl Shelf for Layers<'_> {
    fn arrays(&self, row: &Row) -> Result<Vec<Array>, String> {
        let path = format!("model_weights/{}", row.holder);
        let Some(group) = self.file.get(&path)? else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        for name in group.texts("weight_names").unwrap_or_default() {
            // the group of an inner model has the arrays of all its layers
            if row.holder != row.name && !name.split('/').any(|word| word == row.name) {
                continue;
            }
            let Some(object) = self.file.get(&format!("{path}/{name}"))? else {
                return Err(format!("The layer \"{}\" lacks its array \"{name}\": save the model again.", row.name));
            };
            let array = self.file.array(&object)?;
            all.push(Array { name, shape: array.shape, data: array.data });
        }
        Ok(sorted(all))
    }
}

/// Every array of a file without a model, by its path; those of the optimizer are left out.
fn arrays_alone(file: &Upload, opened: &File) -> Result<Imported, String> {
    let mut weights = Vec::new();
    let root = opened.get("")?.unwrap_or_default();
    let mut stack: Vec<(String, u64, usize)> = Vec::new();
    for (name, address) in root.members.iter().rev().filter(|(name, _)| !name.starts_with("optimizer")) {
        stack.push((name.clone(), *address, 0));
    }
    while let Some((path, address, depth)) = stack.pop() {
        let object = opened.object(address)?;
        if object.is_array() {
            let array = opened.array(&object)?;
            weights.push(Array { name: plain(&path), shape: array.shape, data: array.data }.into());
            if weights.len() > ARRAYS {
                return Err(format!("{} has more than {ARRAYS} arrays: it is no file of weights.", file.name));
            }
        } else if depth < DEEPEST {
            for (name, address) in object.members.iter().rev() {
                stack.push((format!("{path}/{name}"), *address, depth + 1));
            }
        }
    }
    match weights.is_empty() {
        true => Err(format!("{} holds neither a model of Keras nor arrays: save the model again.", file.name)),
        false => Ok(Imported { document: None, weights, notes: Vec::new() }),
    }
}

/// A path as a name: `model_weights/dense/dense/kernel:0` and `dense/dense/kernel:0` are `dense/kernel`, `layers/dense/vars/0`
/// is `dense/0`.
fn plain(path: &str) -> String {
    let path = path.split(':').next().unwrap_or_default();
    let mut words: Vec<&str> =
        path.split('/').filter(|word| !["vars", "layers", "model_weights"].contains(word)).collect();
    words.dedup();
    words.join("/")
}
