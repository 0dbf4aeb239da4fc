//! Weights as NumPy keeps them: `.npz`, a zip of arrays, or one `.npy`.

use std::io::{Cursor, Read};

use super::{Imported, Reader, Remark, Upload, safetensors::half, shown};
use crate::{tensor::Shape, train::Weight};
use zip::ZipArchive;

/// What a file may unpack to in all, in bytes, and how many arrays it may have.
const MOST: u64 = 256 << 20;
const ARRAYS: usize = 4096;

pub static NPZ: Reader = Reader {
    id: "npz",
    label: "NumPy",
    endings: &["npz", "npy"],
    knows: |files| matches!(files, [file] if is_npy(&file.bytes) || is_npz(&file.bytes)),
    read: |files| {
        let [file] = files else { return Err("Open one NumPy file at a time.".into()) };
        read(file)
    },
};

fn is_npy(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x93NUMPY")
}

/// A zip of nothing but arrays.
fn is_npz(bytes: &[u8]) -> bool {
    if !bytes.starts_with(b"PK") {
        return false;
    }
    let Ok(zip) = ZipArchive::new(Cursor::new(bytes)) else { return false };
    let mut names = zip.file_names().filter_map(Result::ok).peekable();
    names.peek().is_some() && names.all(|name| name.ends_with(".npy"))
}

fn read(file: &Upload) -> Result<Imported, String> {
    let (mut weights, mut notes) = (Vec::new(), Vec::new());
    if is_npy(&file.bytes) {
        let name = file.name.trim_end_matches(".npy");
        return Ok(Imported {
            document: None,
            weights: vec![array(name, &file.bytes).map_err(|why| format!("{} cannot be read: {why}.", file.name))?],
            notes,
        });
    }
    let broken = || format!("{} is a damaged zip: bring it again.", file.name);
    let mut zip = ZipArchive::new(Cursor::new(&file.bytes)).map_err(|_| broken())?;
    if zip.len() > ARRAYS {
        return Err(format!("{} has {} arrays, where {ARRAYS} are read at most.", file.name, zip.len()));
    }
    let mut left = MOST;
    for place in 0..zip.len() {
        let part = zip.by_index(place).map_err(|_| broken())?;
        let name = part.name().map_err(|_| broken())?.trim_end_matches(".npy").to_string();
        let mut bytes = Vec::new();
        part.take(left + 1).read_to_end(&mut bytes).map_err(|_| broken())?;
        left = left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| format!("{} unpacks to more than 256 MB: bring a smaller one.", file.name))?;
        match array(&name, &bytes) {
            Ok(weight) => weights.push(weight),
            Err(why) => notes.push(Remark { node: name, sentence: format!("Left out: {why}.") }),
        }
    }
    if weights.is_empty() {
        return Err(format!("{} holds no array that can be read.", file.name));
    }
    Ok(Imported { document: None, weights, notes })
}

/// One array; the error is the end of a sentence.
fn array(name: &str, bytes: &[u8]) -> Result<Weight, String> {
    let cut = "it is cut off";
    let long = *bytes.get(6).ok_or(cut)? > 1;
    let (length, start) = match long {
        false => (bytes.get(8..10).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]]))), 10),
        true => (bytes.get(8..12).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize), 12),
    };
    let end = length.and_then(|length| length.checked_add(start)).ok_or(cut)?;
    let head = bytes.get(start..end).and_then(|head| std::str::from_utf8(head).ok()).ok_or(cut)?;
    let field = |name: &str| head.split_once(&format!("'{name}':")).map(|(_, rest)| rest.trim_start());
    let kind = field("descr").and_then(|rest| rest.split('\'').nth(1)).ok_or("its header has no descr")?;
    let turned = field("fortran_order").is_some_and(|rest| rest.starts_with("True"));
    let shape = field("shape").and_then(|rest| rest.strip_prefix('(')?.split(')').next());
    let sizes = shape.ok_or("its header has no shape")?.split(',').map(str::trim).filter(|size| !size.is_empty());
    let shape: Vec<usize> = sizes
        .map(|size| size.parse().map_err(|_| "its shape is no list of whole numbers"))
        .collect::<Result<_, _>>()?;
    let data = &bytes[end..];
    let width = match kind {
        "<f8" | "<i8" => 8,
        "<f4" | "<i4" => 4,
        "<f2" => 2,
        _ => return Err(format!("its numbers are {}, where <f4, <f8, <f2, <i4 and <i8 are read", shown(kind))),
    };
    if shape.iter().try_fold(width, |all: usize, size| all.checked_mul(*size)) != Some(data.len()) {
        return Err(format!("its shape asks for another number of bytes than the {} that are there", data.len()));
    }
    let number = |b: &[u8]| match kind {
        "<f8" => f64::from_le_bytes(b.try_into().expect("eight bytes")) as f32,
        "<i8" => i64::from_le_bytes(b.try_into().expect("eight bytes")) as f32,
        "<i4" => i32::from_le_bytes(b.try_into().expect("four bytes")) as f32,
        "<f2" => half(u16::from_le_bytes([b[0], b[1]])),
        _ => f32::from_le_bytes(b.try_into().expect("four bytes")),
    };
    let data: Vec<f32> = data.chunks_exact(width).map(number).collect();
    let data = if turned { by_rows(&data, &shape) } else { data };
    Ok(Weight { name: name.to_string(), shape: Shape(shape), data })
}

/// Numbers whose first axis runs fastest, with the last one running fastest.
fn by_rows(data: &[f32], shape: &[usize]) -> Vec<f32> {
    let reversed: Vec<usize> = shape.iter().rev().copied().collect();
    let order: Vec<usize> = (0..shape.len()).rev().collect();
    super::matching::permuted(data, &reversed, &order)
}
