//! `.keras`, the file of Keras 3: a stored zip of metadata, the configuration, and the weights as HDF5.

use zip::CompressionMethod;

use super::{
    Format, Kind, Loader, Model, Network, Written, bundle,
    code::Writer,
    keras_layer,
    keras_model::{Dialect, PACKAGE, Pieces, TOLD, group_names, model_config, title, told},
    wrap::PYTHON,
    zipped::zipped,
};
use crate::{
    hdf5::{self, Group, Node},
    nn::json::{Json, Map},
};

pub static KERAS_FILE: Format = Format {
    id: "keras",
    label: "Keras 3",
    help: "The network and its weights in one .keras file, for Keras on JAX, PyTorch or TensorFlow.",
    write,
    loader: Some(|model| loader(model, "model.keras")),
};

fn write(model: &Model) -> Result<Written, String> {
    let pieces = Pieces::new(model, Dialect::Keras3);
    let mut metadata = Map::new();
    metadata.insert("keras_version", "3.15.1");
    metadata.insert(TOLD, told(model.network));
    let config = model_config(&pieces, Dialect::Keras3, &title(model.network));
    let files = [
        ("metadata.json", Json::from(metadata).to_string().into_bytes()),
        ("config.json", Json::from(config).to_string().into_bytes()),
        ("model.weights.h5", hdf5::write(&weights(&pieces))),
    ]
    .map(|(name, bytes)| (name.to_string(), bytes));
    let bytes = zipped(&files, CompressionMethod::Stored)?;
    Ok(Written { files: vec![("model.keras".into(), bytes)], notes: pieces.notes })
}

/// Arrays by their place in the model: `layers/dense_1/vars/0`.
fn weights(pieces: &Pieces) -> Group {
    let mut root = Group::default();
    root.group("layers");
    root.group("vars");
    let pieces = pieces.counted();
    let classes: Vec<&str> = pieces.iter().map(|piece| piece.class).collect();
    for (piece, group) in pieces.iter().zip(group_names(&classes)) {
        let layers = root.group("layers");
        layers.group(&group).group("vars");
        for array in &piece.arrays {
            let node = Node::Array { shape: array.shape.clone(), data: array.data.to_vec() };
            layers.group(&group).put(&array.path, node);
        }
    }
    root
}

/// A program that loads the file with Keras 3, or a .h5 file with Keras 2 as well, with the classes that it needs beside
/// Keras's own.
pub fn loader(model: &Model, name: &str) -> Loader {
    let network = model.network;
    let mut w = Writer::breaking("    ", PYTHON);
    w.line(format!("\"\"\"Loads {name}, answers the samples and compares with Whisker's answers.\"\"\"\n"));
    let step = network.any(|layer| layer.function == super::Function::Step);
    let position = network.any(|layer| matches!(layer.kind, Kind::Position { .. }));
    let (both, attends) = (name.ends_with(".h5"), network.any(|layer| matches!(layer.kind, Kind::Attention { .. })));
    w.line("import keras\nimport numpy as np");
    match (step, position || (both && attends)) {
        (true, _) if both => w.line(
            "from keras import layers

try:
    from keras import ops
except ImportError:  # Keras 2
    import tensorflow as ops
",
        ),
        (true, _) => w.line("from keras import layers, ops\n"),
        (false, true) => w.line("from keras import layers\n"),
        (false, false) => w.line(""),
    }
    classes(&mut w, network, position, step);
    if both && attends {
        w.line(registered());
        w.line(ATTENTION);
    }
    w.line(format!("model = keras.models.load_model(\"{name}\", compile=False)"));
    w.line("answers = model.predict(np.load(\"samples.npy\"), verbose=0)");
    bundle::check(&mut w);
    let mut program = super::Program::default();
    program.file("load.py", w);
    Loader { files: program.files, run: "pip install keras jax h5py numpy\nKERAS_BACKEND=jax python load.py" }
}

/// The class after this line stands in files under a name of ours.
fn registered() -> String {
    format!("\n@keras.saving.register_keras_serializable(package=\"{PACKAGE}\")")
}

const ATTENTION: &str = "class MultiHeadSelfAttention(layers.Layer):
    \"\"\"A sequence attends to itself.\"\"\"

    def __init__(self, num_heads, key_dim, causal=False, **kwargs):
        super().__init__(**kwargs)
        self.settings = {\"num_heads\": num_heads, \"key_dim\": key_dim, \"causal\": causal}
        self.attention = layers.MultiHeadAttention(num_heads, key_dim)

    def call(self, x):
        return self.attention(x, x, use_causal_mask=self.settings[\"causal\"])

    def get_config(self):
        return {**super().get_config(), **self.settings}

";

/// Classes of our own, registered under the names that stand in the file.
fn classes(w: &mut Writer, network: &Network, position: bool, step: bool) {
    if position {
        w.line(registered());
        keras_layer::classes(w, network);
    }
    if step {
        w.line(registered());
        w.line(
            "class Step(layers.Layer):
    \"\"\"1 from 0 upwards, else 0: it has no gradient.\"\"\"

    def call(self, x):
        return ops.cast(x >= 0, x.dtype)

",
        );
    }
}
