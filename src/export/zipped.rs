//! Files by name in one zip.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A zip of these files; deflated, or as they are where their readers want them at their place.
pub fn zipped(files: &[(String, Vec<u8>)], method: CompressionMethod) -> Result<Vec<u8>, String> {
    let trouble = |why: String| format!("The files cannot be put into a zip: {why}.");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options).map_err(|error| trouble(error.to_string()))?;
        zip.write_all(bytes).map_err(|error| trouble(error.to_string()))?;
    }
    Ok(zip.finish().map_err(|error| trouble(error.to_string()))?.into_inner())
}
