//! Weights in a `.safetensors` file: the length of a header (8 bytes), the header in JSON, the numbers.

use super::{Imported, Reader, Remark, Upload, shown};
use crate::{
    nn::json::{Json, Map},
    tensor::Shape,
    train::Weight,
};

pub static SAFETENSORS: Reader = Reader {
    id: "safetensors",
    label: "safetensors",
    endings: &["safetensors"],
    knows: |files| matches!(files, [file] if header(&file.bytes).is_some()),
    read: |files| {
        let [file] = files else { return Err("Open one safetensors file at a time.".into()) };
        read(file)
    },
};

/// The header and where the numbers begin.
fn header(bytes: &[u8]) -> Option<(Map, usize)> {
    let length = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
    let end = usize::try_from(length).ok()?.checked_add(8)?;
    match Json::parse(std::str::from_utf8(bytes.get(8..end)?).ok()?) {
        Ok(Json::Object(head)) => Some((head, end)),
        Ok(_) | Err(_) => None,
    }
}

fn read(file: &Upload) -> Result<Imported, String> {
    let (head, start) = header(&file.bytes).ok_or_else(|| {
        format!("{} has no header of a safetensors file: it is damaged or cut off. Bring it again.", file.name)
    })?;
    let (mut weights, mut notes) = (Vec::new(), Vec::new());
    for name in head.keys().filter(|name| *name != "__metadata__") {
        match head
            .get(name)
            .ok_or("it is missing".to_string())
            .and_then(|entry| array(name, entry, &file.bytes[start..]))
        {
            Ok(weight) => weights.push(weight),
            Err(why) => notes.push(Remark { node: name.to_string(), sentence: format!("Left out: {why}.") }),
        }
    }
    if weights.is_empty() {
        let why = notes.first().map_or(String::new(), |note| format!(" {}: {}", shown(&note.node), note.sentence));
        return Err(format!("{} holds no array that can be read.{why}", file.name));
    }
    Ok(Imported { document: None, weights, notes })
}

/// One array, held against the bytes that are there; the error is the end of a sentence.
fn array(name: &str, entry: &Json, bytes: &[u8]) -> Result<Weight, String> {
    let field = |name: &str| match entry {
        Json::Object(entry) => entry.get(name),
        _ => None,
    };
    let list = |name: &str| match field(name) {
        Some(Json::Array(items)) => items.iter().map(whole).collect::<Option<Vec<usize>>>(),
        _ => None,
    };
    let shape = list("shape").ok_or("its shape is no list of whole numbers")?;
    let range = list("data_offsets").ok_or("it does not say where its numbers are")?;
    let data = match range[..] {
        [from, to] => bytes.get(from..to),
        _ => None,
    };
    let data = data.ok_or("its numbers would lie behind the end of the file")?;
    let kind = match field("dtype") {
        Some(Json::String(kind)) => kind.as_str(),
        _ => "nothing",
    };
    let width = match kind {
        "F64" => 8,
        "F32" => 4,
        "F16" | "BF16" => 2,
        _ => return Err(format!("its numbers are {}, where F32, F64, F16 and BF16 are read", shown(kind))),
    };
    let count = shape.iter().try_fold(width, |all: usize, size| all.checked_mul(*size));
    if count != Some(data.len()) {
        return Err(format!("its shape asks for another number of bytes than the {} that are there", data.len()));
    }
    Ok(Weight { name: name.to_string(), shape: Shape(shape), data: floats(kind, data) })
}

fn whole(json: &Json) -> Option<usize> {
    match json {
        Json::Number(number) if *number >= 0.0 && number.fract() == 0.0 && *number < 9e15 => Some(*number as usize),
        _ => None,
    }
}

/// Little-endian numbers of a kind as our own.
fn floats(kind: &str, data: &[u8]) -> Vec<f32> {
    match kind {
        "F64" => data.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("eight bytes")) as f32).collect(),
        "F16" => data.chunks_exact(2).map(|b| half(u16::from_le_bytes([b[0], b[1]]))).collect(),
        "BF16" => {
            data.chunks_exact(2).map(|b| f32::from_bits(u32::from(u16::from_le_bytes([b[0], b[1]])) << 16)).collect()
        }
        _ => data.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().expect("four bytes"))).collect(),
    }
}

/// A number of half precision (IEEE 754 binary16).
pub fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    }
}
