//! Object headers (section IV.A.1): the messages that make a group or an array, in the old form and the new one.

use super::{
    bytes::Bytes,
    message::{self, Message},
    read::File,
};

/// The most messages of one object that are looked at.
const MOST: usize = 1 << 16;

/// Every message of the object at an address that is of use here.
pub fn messages(file: &File, address: u64) -> Result<Vec<Message>, String> {
    let mut bytes = file.at(address)?;
    let mut found = Vec::new();
    let first = bytes;
    match bytes.take(4)? {
        b"OHDR" => new(file, bytes, &mut found)?,
        _ => old(file, first, &mut found)?,
    }
    Ok(found)
}

/// Version 1: messages that begin at multiples of 8, in the header and in blocks that it leads to.
fn old(file: &File, mut bytes: Bytes, found: &mut Vec<Message>) -> Result<(), String> {
    bytes.expect(&[1], "an object")?;
    bytes.skip(1)?;
    let mut left = bytes.short()?;
    bytes.skip(4)?;
    let size = bytes.word()?;
    bytes.skip(4)?;
    let mut blocks = vec![Bytes::new(bytes.take(size)?)];
    while let Some(mut block) = blocks.pop() {
        while left > 0 && block.left() >= 8 {
            let (kind, size, flags) = (block.short()?, block.short()?, block.byte()?);
            block.skip(3)?;
            left -= 1;
            one(file, kind, flags, block.take(size)?, &mut blocks, found)?;
        }
    }
    Ok(())
}

/// Version 2: packed messages.
fn new(file: &File, mut bytes: Bytes, found: &mut Vec<Message>) -> Result<(), String> {
    bytes.expect(&[2], "an object of version 2")?;
    let flags = bytes.byte()?;
    bytes.skip(if flags & 0x20 != 0 { 16 } else { 0 })?;
    bytes.skip(if flags & 0x10 != 0 { 4 } else { 0 })?;
    let size = bytes.number(1 << (flags & 3))?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let (mut blocks, mut left) = (vec![Bytes::new(bytes.take(size)?)], MOST);
    let order = if flags & 4 != 0 { 2 } else { 0 };
    while let Some(mut block) = blocks.pop() {
        while left > 0 && block.left() >= 4 + order {
            let (kind, size, flags) = (block.byte()?, block.short()?, block.byte()?);
            block.skip(order)?;
            left -= 1;
            let before = blocks.len();
            one(file, usize::from(kind), flags, block.take(size)?, &mut blocks, found)?;
            // a block of this version has a mark in front and a checksum behind
            for block in &mut blocks[before..] {
                block.expect(b"OCHK", "the rest of an object")?;
                let inner = block.left().saturating_sub(4);
                *block = Bytes::new(block.take(inner)?);
            }
        }
    }
    Ok(())
}

/// Takes one message in; a continuation (IV.A.2.q) becomes a block.
fn one<'a>(
    file: &File<'a>,
    kind: usize,
    flags: u8,
    data: &'a [u8],
    blocks: &mut Vec<Bytes<'a>>,
    found: &mut Vec<Message>,
) -> Result<(), String> {
    let mut bytes = Bytes::new(data);
    file.charge(64 + data.len())?;
    if kind == 0x10 {
        let address = bytes.number(file.offsets)?;
        let size = usize::try_from(bytes.number(file.lengths)?).unwrap_or(usize::MAX);
        blocks.push(Bytes::new(file.at(address)?.take(size)?));
        return Ok(());
    }
    // what is shared lies elsewhere; files of weights share nothing
    if flags & 2 == 0 {
        found.extend(message::read(file, kind, bytes)?);
    }
    Ok(())
}
