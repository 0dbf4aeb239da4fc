//! `.h5`, the file of Keras 2: the configuration as an attribute, the weights by layer, all in one HDF5 file.

use super::{
    Format, Model, Written, keras_file,
    keras_model::{Dialect, Pieces, TOLD, model_config, title, told},
};
use crate::{
    hdf5::{self, Attribute, Group, Node},
    nn::json::Json,
};

pub static KERAS_H5: Format = Format {
    id: "keras-h5",
    label: "Keras 2",
    help: "The network and its weights in one .h5 file, for Keras 2 and 3, TensorFlow and Deeplearning4j.",
    write: |model| {
        let (bytes, notes) = bytes(model);
        Ok(Written { files: vec![("model.h5".into(), bytes)], notes })
    },
    loader: Some(|model| keras_file::loader(model, "model.h5")),
};

/// The release whose files these are.
pub const VERSION: &str = "2.15.0";

/// The most that the texts of one attribute may take, in bytes; longer lists are cut into `NAME0`, `NAME1` and so on.
const MOST: usize = 60_000;

/// The file, and what it cannot hold.
pub fn bytes(model: &Model) -> (Vec<u8>, Vec<super::Note>) {
    let pieces = Pieces::new(model, Dialect::Keras2);
    let mut root = Group::default();
    for (key, text) in [
        ("keras_version", VERSION.to_string()),
        ("backend", "tensorflow".to_string()),
        ("model_config", Json::from(model_config(&pieces, Dialect::Keras2, &title(model.network))).to_string()),
        (TOLD, told(model.network).to_string()),
    ] {
        root.attributes.push((key.to_string(), Attribute::Text(text)));
    }
    // a sequential model does not count its input among its layers
    let counted = pieces.counted();
    let layers = &counted[usize::from(pieces.is_chain())..];
    let weights = root.group("model_weights");
    texts(weights, "layer_names", layers.iter().map(|piece| piece.name.clone()).collect());
    weights.attributes.push(("backend".into(), Attribute::Text("tensorflow".into())));
    weights.attributes.push(("keras_version".into(), Attribute::Text(VERSION.into())));
    for piece in layers {
        let own = weights.group(&piece.name);
        let names = piece.arrays.iter().map(|array| format!("{}/{}:0", piece.name, array.name));
        texts(own, "weight_names", names.clone().collect());
        for (array, name) in piece.arrays.iter().zip(names) {
            own.put(&name, Node::Array { shape: array.shape.clone(), data: array.data.to_vec() });
        }
    }
    (hdf5::write(&root), pieces.notes)
}

/// A list of texts as an attribute, cut where it is too long for one.
fn texts(group: &mut Group, name: &str, all: Vec<String>) {
    let longest = all.iter().map(String::len).max().unwrap_or(0).max(1);
    let each = (MOST / longest).max(1);
    if all.len() <= each {
        return group.attributes.push((name.to_string(), Attribute::Texts(all)));
    }
    for (place, part) in all.chunks(each).enumerate() {
        group.attributes.push((format!("{name}{place}"), Attribute::Texts(part.to_vec())));
    }
}
