//! Heaps: local (names of members, section III.D), global (texts of any length, III.E), fractal (many members, III.G).

use super::{bytes::Bytes, read::File};

/// The names of a local heap.
pub fn local<'a>(file: &File<'a>, address: u64) -> Result<&'a [u8], String> {
    let mut bytes = file.at(address)?;
    bytes.expect(b"HEAP", "a heap of names")?;
    bytes.skip(4)?;
    let size = usize::try_from(bytes.number(file.lengths)?).unwrap_or(usize::MAX);
    bytes.skip(file.lengths)?;
    let data = bytes.number(file.offsets)?;
    file.at(data)?.take(size)
}

/// An object of a global heap.
pub fn global<'a>(file: &File<'a>, address: u64, wanted: usize) -> Result<&'a [u8], String> {
    let mut bytes = file.at(address)?;
    bytes.expect(b"GCOL", "a heap of texts")?;
    bytes.skip(4)?;
    let head = 8 + file.lengths;
    let size = usize::try_from(bytes.number(file.lengths)?).unwrap_or(usize::MAX);
    let mut bytes = Bytes::new(bytes.take(size.saturating_sub(head))?);
    while bytes.left() >= 8 + file.lengths {
        let index = bytes.short()?;
        bytes.skip(6)?;
        let size = usize::try_from(bytes.number(file.lengths)?).unwrap_or(usize::MAX);
        match index {
            0 => break,
            _ if index == wanted => return bytes.take(size),
            _ => {
                bytes.skip(size)?;
                bytes.align();
            }
        }
    }
    Err("The HDF5 file is damaged: a text is missing. Copy or download it again.".to_string())
}

/// A fractal heap: blocks that double in size, in rows of a table that may hold tables.
pub struct Fractal<'f, 'a> {
    file: &'f File<'a>,
    width: usize,
    start: u64,
    largest: u64,
    /// Bytes of an offset into the heap, and of a length.
    offset: usize,
    length: usize,
    root: u64,
    /// Rows of the root, which is one block where there are none.
    rows: usize,
}

impl<'f, 'a> Fractal<'f, 'a> {
    pub fn open(file: &'f File<'a>, address: u64) -> Result<Fractal<'f, 'a>, String> {
        let mut bytes = file.at(address)?;
        bytes.expect(b"FRHP\0", "a heap of members")?;
        bytes.skip(2)?;
        let packed = bytes.short()?;
        bytes.skip(1)?;
        let managed = bytes.word()? as u64;
        bytes.skip(file.lengths + file.offsets + file.lengths + file.offsets + 8 * file.lengths)?;
        let width = bytes.short()?;
        let (start, largest) = (bytes.number(file.lengths)?, bytes.number(file.lengths)?);
        let bits = bytes.short()?;
        bytes.skip(2)?;
        let (root, rows) = (bytes.number(file.offsets)?, bytes.short()?);
        let fits = start.is_power_of_two() && largest.is_power_of_two() && start <= largest && largest <= 1 << 40;
        if packed != 0 || !fits || width == 0 || bits > 64 || rows > 64 {
            return Err("The HDF5 file keeps many members in a way that is not read here. Save it anew.".to_string());
        }
        let most = largest.min(managed).max(1);
        let length = (most.ilog2() / 8 + 1) as usize;
        Ok(Fractal { file, width, start, largest, offset: bits.div_ceil(8), length, root, rows })
    }

    /// The object at a place, as trees of names spell it.
    pub fn object(&self, place: &[u8]) -> Result<Vec<u8>, String> {
        let mut bytes = Bytes::new(place);
        let kind = bytes.byte()? >> 4 & 3;
        match kind {
            0 => {
                let offset = bytes.number(self.offset)?;
                let length = usize::try_from(bytes.number(self.length)?).unwrap_or(usize::MAX);
                let (block, inside) = self.block(self.root, self.rows, offset)?;
                let mut bytes = self.file.at(block)?;
                bytes.skip(usize::try_from(inside).unwrap_or(usize::MAX))?;
                let object = bytes.take(length)?;
                self.file.charge(object.len())?;
                Ok(object.to_vec())
            }
            // a tiny one stands in its own place
            2 => {
                let length = usize::from(place[0] & 0xf) + 1;
                Ok(bytes.take(length)?.to_vec())
            }
            _ => Err("The HDF5 file keeps a member in a way that is not read here. Save it anew.".to_string()),
        }
    }

    /// The block that holds an offset, and how far inside; no deeper than sizes double.
    fn block(&self, mut table: u64, mut rows: usize, mut offset: u64) -> Result<(u64, u64), String> {
        let lost =
            || "The HDF5 file is damaged: a member lies outside its heap. Copy or download it again.".to_string();
        for _ in 0..64 {
            if rows == 0 {
                return Ok((table, offset));
            }
            let mut bytes = self.file.at(table)?;
            bytes.expect(b"FHIB\0", "a table of blocks")?;
            bytes.skip(self.file.offsets + self.offset)?;
            let mut size = self.start;
            let mut found = None;
            for row in 0..rows {
                size = if row < 2 { self.start } else { size.checked_mul(2).ok_or_else(lost)? };
                let whole = size.checked_mul(self.width as u64).ok_or_else(lost)?;
                if offset < whole {
                    let column = offset / size;
                    bytes.skip(usize::try_from(column).map_err(|_| lost())? * self.file.offsets)?;
                    let inner = match size <= self.largest {
                        true => 0,
                        false => (size / self.start / self.width as u64).checked_ilog2().ok_or_else(lost)? as usize + 1,
                    };
                    found = Some((bytes.number(self.file.offsets)?, inner, offset % size));
                    break;
                }
                offset -= whole;
                bytes.skip(self.width * self.file.offsets)?;
            }
            (table, rows, offset) = found.ok_or_else(lost)?;
        }
        Err(lost())
    }
}
