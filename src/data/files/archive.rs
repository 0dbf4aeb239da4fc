//! Zips: every member by name, or why it cannot be had. Nothing in a zip is believed.
//!
//! What is unpacked is counted as it is unpacked, whatever the zip says of its size, and stops at a common limit. A zip
//! whose end is missing, and with it the list of its members, is read from the front as far as it goes.

use std::io::{Cursor, Read};

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::{File, MOST_FILES, Why};

/// How many times larger than packed a member may be; pictures are packed already. Small ones are let through.
const MOST_RATIO: usize = 200;
const SMALL: usize = 1 << 20;

const READ: [CompressionMethod; 2] = [CompressionMethod::Stored, CompressionMethod::Deflated];

/// Gives each member: its path and its bytes or why not.
pub type Each<'a> = dyn FnMut(String, Result<Vec<u8>, Why>) + 'a;

/// Whether these bytes begin like a zip, an empty one included.
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Unpacks a zip. `left` is how many bytes may still be unpacked, from this zip and all that follow.
pub fn unpack(file: &File, left: &mut usize, each: &mut Each) {
    match ZipArchive::new(Cursor::new(&file.bytes[..])) {
        Ok(zip) if zip.is_empty() => each(file.name.clone(), Err(Why::Empty)),
        Ok(mut zip) => listed(&mut zip, file.bytes.len(), left, each),
        Err(_) => {
            let read = scan(&file.bytes, left, each);
            each(file.name.clone(), Err(Why::ZipCut { read }));
        }
    }
}

fn listed(zip: &mut ZipArchive<Cursor<&[u8]>>, size: usize, left: &mut usize, each: &mut Each) {
    // One more than is allowed, so that the caller sees that there were too many.
    let count = zip.len().min(MOST_FILES + 1);
    for index in 0..count {
        let listed = zip.name_for_index(index).and_then(Result::ok).map(|name| name.into_owned());
        let name = listed.unwrap_or_else(|| format!("member {}", index + 1));
        if name.ends_with(['/', '\\']) {
            continue;
        }
        if *left == 0 {
            return each(name, Err(Why::TooMuch { members: count - index }));
        }
        let bytes = match zip.by_index(index) {
            Ok(member) if !READ.contains(&member.compression()) => Err(Why::Packing),
            Ok(mut member) => {
                let packed = (member.compressed_size() as usize).min(size);
                let bytes = bounded(&mut member, packed, left);
                charge(left, packed, &bytes);
                bytes
            }
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => Err(Why::Locked),
            Err(ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_)) => Err(Why::Packing),
            Err(_) => Err(Why::Damaged),
        };
        each(name, bytes);
    }
}

/// Reads a member, `packed` bytes long in the zip, as far as it may go.
fn bounded(member: &mut impl Read, packed: usize, left: &mut usize) -> Result<Vec<u8>, Why> {
    let likely = packed.saturating_mul(MOST_RATIO).max(SMALL);
    let most = *left;
    let mut bytes = Vec::new();
    let result = member.take(likely.min(most) as u64 + 1).read_to_end(&mut bytes);
    *left -= bytes.len().min(most);
    match result {
        Err(_) => Err(Why::Damaged),
        Ok(_) if bytes.len() > likely => Err(Why::Bomb),
        Ok(_) if bytes.len() > most => Err(Why::TooMuch { members: 1 }),
        Ok(_) => Ok(bytes),
    }
}

/// Reading costs as well as unpacking: members may overlap, and packed data may amount to nothing.
fn charge(left: &mut usize, packed: usize, bytes: &Result<Vec<u8>, Why>) {
    let got = bytes.as_ref().map_or(0, Vec::len);
    *left = left.saturating_sub(packed.saturating_sub(got));
}

/// Walks the members from the front, by the headers that stand before each; says how many were whole.
fn scan(bytes: &[u8], left: &mut usize, each: &mut Each) -> usize {
    let (mut at, mut seen, mut read) = (0, 0, 0);
    while let Some(head) = Head::parse(&bytes[at..]) {
        let data = at + head.length;
        if *left == 0 || seen > MOST_FILES {
            each(head.name, Err(Why::TooMuch { members: 1 }));
            break;
        }
        let (result, used) = head.member(bytes.get(data..).unwrap_or_default(), left);
        if !head.name.ends_with(['/', '\\']) {
            seen += 1;
            read += usize::from(result.is_ok());
            each(head.name, result);
        }
        let Some(next) = find(bytes, data.saturating_add(used), b"PK\x03\x04") else { break };
        at = next;
    }
    read
}

/// The header before a member (PKWARE's APPNOTE, 4.3.7).
struct Head {
    flags: u16,
    method: u16,
    sum: u32,
    packed: usize,
    name: String,
    /// Of this header, the name and the extra field.
    length: usize,
}

impl Head {
    fn parse(bytes: &[u8]) -> Option<Head> {
        let head = bytes.get(..30).filter(|head| head.starts_with(b"PK\x03\x04"))?;
        let half = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
        let (name, extra) = (usize::from(half(26)), usize::from(half(28)));
        Some(Head {
            flags: half(6),
            method: half(8),
            sum: word(head, 14)?,
            packed: word(head, 18)? as usize,
            name: String::from_utf8_lossy(bytes.get(30..30 + name)?).into_owned(),
            length: 30 + name + extra,
        })
    }

    /// The member whose packed form `data` begins with, and how many bytes that took.
    ///
    /// A length that is told only behind the member (bit 3 of the flags, 4.3.9) can be done without when it is
    /// deflated, since packed data knows its own end.
    fn member(&self, data: &[u8], left: &mut usize) -> (Result<Vec<u8>, Why>, usize) {
        let behind = self.flags & 8 != 0;
        if self.flags & 1 != 0 {
            return (Err(Why::Locked), 0);
        }
        if !behind && data.len() < self.packed || behind && self.method == 0 {
            return (Err(Why::Damaged), 0);
        }
        let packed = if behind { data } else { &data[..self.packed] };
        let (result, used) = match self.method {
            0 => (bounded(&mut &packed[..], packed.len(), left), packed.len()),
            8 => {
                let mut inflater = DeflateDecoder::new(packed);
                let result = bounded(&mut inflater, packed.len(), left);
                (result, inflater.total_in() as usize)
            }
            _ => return (Err(Why::Packing), if behind { 0 } else { packed.len() }),
        };
        charge(left, used, &result);
        let sum = match behind {
            false => Some(self.sum),
            true if data[used..].starts_with(b"PK\x07\x08") => word(data, used + 4),
            true => word(data, used),
        };
        let whole = |bytes: Vec<u8>| {
            let mut own = Crc::new();
            own.update(&bytes);
            if sum == Some(own.sum()) { Ok(bytes) } else { Err(Why::Damaged) }
        };
        (result.and_then(whole), used)
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn find(bytes: &[u8], from: usize, mark: &[u8]) -> Option<usize> {
    bytes.get(from..)?.windows(mark.len()).position(|window| window == mark).map(|place| from + place)
}
