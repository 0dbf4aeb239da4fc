//! The files that are wanted out of a zip, no more of them than a network can have.

use std::io::{Cursor, Read};

use super::Upload;
use zip::ZipArchive;

/// What a zip may unpack to in all, in bytes, and how many members it may have.
const MOST: u64 = 256 << 20;
const MEMBERS: usize = 4096;

/// The names in a zip; none where it is no zip.
pub fn names(bytes: &[u8]) -> Vec<String> {
    if !bytes.starts_with(b"PK") {
        return Vec::new();
    }
    let Ok(zip) = ZipArchive::new(Cursor::new(bytes)) else { return Vec::new() };
    zip.file_names().filter_map(Result::ok).take(MEMBERS).map(|name| name.to_string()).collect()
}

/// The members whose names are wanted.
pub fn unzip(file: &Upload, wanted: impl Fn(&str) -> bool) -> Result<Vec<Upload>, String> {
    let broken = || format!("{} is a damaged zip: bring it again.", file.name);
    let mut zip = ZipArchive::new(Cursor::new(&file.bytes)).map_err(|_| broken())?;
    if zip.len() > MEMBERS {
        return Err(format!(
            "{} has {} members, where {MEMBERS} are read at most: it is no network.",
            file.name,
            zip.len()
        ));
    }
    let (mut found, mut left) = (Vec::new(), MOST);
    for place in 0..zip.len() {
        let part = zip.by_index(place).map_err(|_| broken())?;
        let name = part.name().map_err(|_| broken())?.to_string();
        if !wanted(&name) {
            continue;
        }
        let mut bytes = Vec::new();
        part.take(left + 1).read_to_end(&mut bytes).map_err(|_| broken())?;
        left = left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| format!("{} unpacks to more than 256 MB: bring a smaller one.", file.name))?;
        found.push(Upload { name, bytes });
    }
    Ok(found)
}
