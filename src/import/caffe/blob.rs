//! A caffemodel: the numbers of its layers by their names, in the newer form (`layer`) and in the older one (`layers`).
//!
//! Field numbers are those of `caffe.proto`.

use crate::protobuf::{BROKEN, Fields, Value};

/// Layers that a file may have, and arrays of one layer.
const LAYERS: usize = 20_000;
const BLOBS: usize = 16;

/// The arrays of one layer.
pub struct Numbers {
    pub layer: String,
    pub blobs: Vec<Blob>,
}

#[derive(Clone, Debug, Default)]
pub struct Blob {
    /// Empty where the file does not say.
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

/// Whether bytes begin like a net: fields of it, one of which is a layer.
pub fn is_model(bytes: &[u8]) -> bool {
    for field in Fields::new(bytes).take(64) {
        match field {
            Ok((100 | 2, Value::Bytes(layer))) => return Fields::new(layer).next().is_some_and(|field| field.is_ok()),
            Ok((1 | 3 | 4 | 5 | 6 | 7 | 8, _)) => {}
            Ok(_) | Err(_) => return false,
        }
    }
    false
}

pub fn read(bytes: &[u8]) -> Result<Vec<Numbers>, String> {
    let mut all = Vec::new();
    for field in Fields::new(bytes) {
        let (100 | 2, value) = field.as_ref().map_err(Clone::clone).copied()? else { continue };
        let old = matches!(field, Ok((2, _)));
        if all.len() >= LAYERS {
            return Err(format!("The file has more than {LAYERS} layers, which are more than a network here."));
        }
        all.push(layer(value.bytes().ok_or(BROKEN)?, old)?);
    }
    Ok(all)
}

fn layer(bytes: &[u8], old: bool) -> Result<Numbers, String> {
    let (name, blobs) = if old { (4, 6) } else { (1, 7) };
    let mut numbers = Numbers { layer: String::new(), blobs: Vec::new() };
    for field in Fields::new(bytes) {
        match field? {
            (number, value) if number == name => {
                numbers.layer = value.text().unwrap_or_default().to_string();
            }
            (number, value) if number == blobs && numbers.blobs.len() < BLOBS => {
                numbers.blobs.push(blob(value.bytes().ok_or(BROKEN)?)?);
            }
            _ => {}
        }
    }
    Ok(numbers)
}

fn blob(bytes: &[u8]) -> Result<Blob, String> {
    let (mut blob, mut sizes, mut old) = (Blob::default(), Vec::new(), [None; 4]);
    for field in Fields::new(bytes) {
        let (number, value) = field?;
        match number {
            1..=4 => old[number as usize - 1] = value.whole(),
            5 if !value.floats(&mut blob.data) => return Err(BROKEN.into()),
            7 => {
                for field in Fields::new(value.bytes().ok_or(BROKEN)?) {
                    let (number, value) = field?;
                    if number == 1 && (sizes.len() > 32 || value.bytes().is_some_and(|all| all.len() > 320)) {
                        return Err("The file has an array of more axes than any layer's.".into());
                    }
                    if number == 1 && !value.wholes(&mut sizes) {
                        return Err(BROKEN.into());
                    }
                }
            }
            8 => {
                let doubles = value.bytes().ok_or(BROKEN)?.chunks_exact(8);
                blob.data.extend(doubles.map(|b| f64::from_le_bytes(b.try_into().expect("eight bytes")) as f32));
            }
            _ => {}
        }
    }
    // the older form says num, channels, height and width
    if sizes.is_empty() {
        sizes = old.iter().flatten().copied().collect();
    }
    let shape: Option<Vec<usize>> = sizes.iter().map(|size| usize::try_from(*size).ok()).collect();
    let shape = shape
        .filter(|shape| shape.iter().try_fold(1_usize, |all, size| all.checked_mul(*size)) == Some(blob.data.len()));
    blob.shape = shape.ok_or("The file has an array whose shape asks for other numbers than are there.")?;
    Ok(blob)
}
