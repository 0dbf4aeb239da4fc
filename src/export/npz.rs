//! Arrays as numpy reads them: `.npy`, a header and the numbers; `.npz`, a zip of those by name.

use zip::CompressionMethod;

use super::{Format, Loader, Model, Written, bundle, code::Writer, keras::KERAS, zipped::zipped};
use crate::train::Weight;

pub static NPZ: Format = Format {
    id: "npz",
    label: "NumPy",
    help: "The weights by name as arrays of NumPy.",
    write: |model| Ok(Written::one("weights.npz", npz(model.weights)?)),
    loader: Some(loader),
};

/// The Keras model, and a program that fills it.
fn loader(model: &Model) -> Loader {
    let mut program = (KERAS.write)(model.network);
    let mut w = Writer::new("    ");
    w.line("\"\"\"Loads the weights into the model of train.py and compares its answers with Whisker's.\"\"\"\n");
    w.line("import numpy as np\nimport train\nimport weights\n");
    w.line("model = train.build_model()\nweights.load(model)");
    w.line("answers = model.predict(np.load(\"samples.npy\"), verbose=0)");
    bundle::check(&mut w);
    program.file("load.py", w);
    program.files.rotate_right(1);
    Loader { files: program.files, run: "pip install keras jax numpy\nKERAS_BACKEND=jax python load.py" }
}

/// One array as a `.npy` file, version 1.0, little-endian, row-major.
pub fn npy(shape: &[usize], data: &[f32]) -> Vec<u8> {
    let mut bytes = header("<f4", shape);
    bytes.extend(data.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// Whole numbers as a `.npy` file.
pub fn npy_integers(shape: &[usize], data: &[f32]) -> Vec<u8> {
    let mut bytes = header("<i4", shape);
    bytes.extend(data.iter().flat_map(|value| (*value as i32).to_le_bytes()));
    bytes
}

/// Arrays by name as a `.npz` file, not compressed.
pub fn npz(weights: &[Weight]) -> Result<Vec<u8>, String> {
    let file = |weight: &Weight| (format!("{}.npy", weight.name), npy(&weight.shape, &weight.data));
    zipped(&weights.iter().map(file).collect::<Vec<_>>(), CompressionMethod::Stored)
}

/// The header, filled up with spaces so that the numbers begin at a multiple of 64.
fn header(kind: &str, shape: &[usize]) -> Vec<u8> {
    let shape = super::code::tuple(shape);
    let mut text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    let head = b"\x93NUMPY\x01\x00";
    let whole = (head.len() + 2 + text.len() + 1).next_multiple_of(64);
    text.push_str(&" ".repeat(whole - head.len() - 2 - text.len() - 1));
    text.push('\n');
    let mut bytes = head.to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}
