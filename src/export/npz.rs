//! Arrays as numpy reads them: `.npy`, a header and the numbers; `.npz`, a zip of those by name.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{Format, Written};
use crate::train::Weight;

pub static NPZ: Format = Format {
    id: "npz",
    label: "NumPy",
    help: "The weights by name as arrays of NumPy.",
    write: |model| Ok(Written::one("weights.npz", npz(model.weights)?)),
};

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
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let trouble = |why: String| format!("The weights cannot be put into a zip: {why}.");
    for weight in weights {
        zip.start_file(format!("{}.npy", weight.name), options).map_err(|error| trouble(error.to_string()))?;
        zip.write_all(&npy(&weight.shape, &weight.data)).map_err(|error| trouble(error.to_string()))?;
    }
    Ok(zip.finish().map_err(|error| trouble(error.to_string()))?.into_inner())
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
