//! Weights as a `.safetensors` file: the length of a header (8 bytes), the header in JSON, the numbers.

use super::{Format, Written};
use crate::{
    nn::json::{Json, Map},
    train::Weight,
};

pub static SAFETENSORS: Format = Format {
    id: "safetensors",
    label: "safetensors",
    help: "The weights by name, for PyTorch, JAX and every reader of safetensors.",
    write: |model| Ok(Written::one("weights.safetensors", safetensors(model.weights))),
};

/// Arrays by name, f32 and little-endian, one after the other.
pub fn safetensors(weights: &[Weight]) -> Vec<u8> {
    let (mut header, mut end) = (Map::new(), 0);
    for weight in weights {
        let (start, mut entry) = (end, Map::new());
        end += weight.data.len() * 4;
        entry.insert("dtype", "F32");
        entry.insert("shape", weight.shape.iter().copied().collect::<Json>());
        entry.insert("data_offsets", [start, end].into_iter().collect::<Json>());
        header.insert(&weight.name, entry);
    }
    let mut text = Json::from(header).to_string();
    // the numbers begin at a multiple of 8
    text.push_str(&" ".repeat(text.len().next_multiple_of(8) - text.len()));
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes.extend(weights.iter().flat_map(|weight| &weight.data).flat_map(|value| value.to_le_bytes()));
    bytes
}
