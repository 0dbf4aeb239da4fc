//! A place in a file's bytes that moves on as it is read and never leaves them.

/// Bytes that are read one after the other.
#[derive(Clone, Copy)]
pub struct Bytes<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    pub fn new(all: &'a [u8]) -> Bytes<'a> {
        Bytes { all, at: 0 }
    }

    pub fn left(&self) -> usize {
        self.all.len() - self.at
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.all.len());
        let end = end.ok_or("The HDF5 file is damaged: a part of it ends too early. Copy or download it again.")?;
        let taken = &self.all[self.at..end];
        self.at = end;
        Ok(taken)
    }

    pub fn skip(&mut self, count: usize) -> Result<(), String> {
        self.take(count).map(|_| ())
    }

    /// Goes on at a multiple of 8 from the beginning, as far as there are bytes.
    pub fn align(&mut self) {
        self.at = self.at.next_multiple_of(8).min(self.all.len());
    }

    /// A whole number of this many bytes, little-endian.
    pub fn number(&mut self, size: usize) -> Result<u64, String> {
        let mut eight = [0; 8];
        eight[..size.min(8)].copy_from_slice(&self.take(size)?[..size.min(8)]);
        Ok(u64::from_le_bytes(eight))
    }

    pub fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    pub fn short(&mut self) -> Result<usize, String> {
        Ok(self.number(2)? as usize)
    }

    pub fn word(&mut self) -> Result<usize, String> {
        Ok(self.number(4)? as usize)
    }

    /// Passes over these bytes; an error says that `what` is not there.
    pub fn expect(&mut self, mark: &[u8], what: &str) -> Result<(), String> {
        match self.take(mark.len())? == mark {
            true => Ok(()),
            false => Err(format!(
                "The HDF5 file is damaged: expected {what}, found something else. Copy or download it again."
            )),
        }
    }
}
