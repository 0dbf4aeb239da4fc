//! WebAssembly binaries, as far as the chores read and write them: sections, numbers, texts (WebAssembly Core Specification,
//! section 5, Binary Format).

use anyhow::{Result, bail, ensure};
use std::ops::Range;

/// Sections by their ids.
pub const IMPORT: u8 = 2;
pub const CODE: u8 = 10;

/// A section: its bytes, and for a custom one its name.
pub struct Section {
    pub id: u8,
    pub name: String,
    pub whole: Range<usize>,
}

/// The sections of a binary, in order.
pub fn sections(wasm: &[u8]) -> Result<Vec<Section>> {
    let mut reader = Reader::new(wasm, 8..wasm.len());
    let mut sections = Vec::new();
    while reader.at < reader.end {
        let (id, length) = (reader.byte()?, reader.number()?);
        let whole = reader.at..reader.at + length;
        let name = if id == 0 { Reader::new(wasm, whole.clone()).text()? } else { String::new() };
        reader.at = whole.end;
        sections.push(Section { id, name, whole });
    }
    Ok(sections)
}

/// How many functions are imported: they come first in the count.
pub fn functions_imported(mut reader: Reader) -> Result<usize> {
    let mut functions = 0;
    for _ in 0..reader.number()? {
        reader.text()?;
        reader.text()?;
        functions += usize::from(reader.imported()? == 0);
    }
    Ok(functions)
}

/// Where the bytes of each function lie.
pub fn bodies(mut reader: Reader) -> Result<Vec<Range<usize>>> {
    (0..reader.number()?)
        .map(|_| {
            let length = reader.number()?;
            let body = reader.at..reader.at + length;
            reader.at = body.end;
            Ok(body)
        })
        .collect()
}

/// Reads what stands between two places of a file.
pub struct Reader<'a> {
    bytes: &'a [u8],
    pub at: usize,
    pub end: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8], range: Range<usize>) -> Reader<'a> {
        Reader { bytes, at: range.start, end: range.end }
    }

    pub fn byte(&mut self) -> Result<u8> {
        ensure!(self.at < self.end, "the file ends too early");
        self.at += 1;
        Ok(self.bytes[self.at - 1])
    }

    pub fn number(&mut self) -> Result<usize> {
        let (mut number, mut shift) = (0u64, 0);
        loop {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return Ok(number as usize);
            }
        }
    }

    /// Passes over a signed number.
    pub fn signed(&mut self) -> Result<()> {
        while self.byte()? >= 0x80 {}
        Ok(())
    }

    /// Passes over what is imported, and says of which kind it is; 0 is a function.
    pub fn imported(&mut self) -> Result<u8> {
        let kind = self.byte()?;
        match kind {
            0 => drop(self.number()?),
            1 => {
                self.byte()?;
                self.limits()?;
            }
            2 => self.limits()?,
            3 => drop((self.byte()?, self.byte()?)),
            kind => bail!("an import of the unknown kind {kind}"),
        }
        Ok(kind)
    }

    pub fn limits(&mut self) -> Result<()> {
        if self.byte()? & 1 == 1 {
            self.number()?;
        }
        self.number().map(drop)
    }

    pub fn text(&mut self) -> Result<String> {
        let length = self.number()?;
        ensure!(self.at + length <= self.end, "the file ends too early");
        let text = String::from_utf8_lossy(&self.bytes[self.at..self.at + length]).into_owned();
        self.at += length;
        Ok(text)
    }
}

/// Appends a section.
pub fn section(out: &mut Vec<u8>, id: u8, bytes: &[u8]) {
    out.push(id);
    write(out, bytes.len());
    out.extend(bytes);
}

/// Appends a number.
pub fn write(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
