//! Messages of an object header (section IV.A.2), as far as groups, arrays and attributes need them.

use super::{
    btree,
    bytes::Bytes,
    data::{Filter, Kind, Layout},
    heap,
    read::{File, Value},
};

/// A message that was understood.
pub enum Message {
    Attribute(String, Value),
    Attributes(Vec<(String, Value)>),
    /// A name and where its object is.
    Member(String, u64),
    Members(Vec<(String, u64)>),
    Shape(Vec<usize>),
    Kind(Kind),
    Layout(Layout),
    Filters(Vec<Filter>),
}

/// The most axes that the format allows.
const MOST_AXES: usize = 32;

/// One message; `None` for those that tell nothing of use.
pub fn read(file: &File, kind: usize, mut bytes: Bytes) -> Result<Option<Message>, String> {
    Ok(match kind {
        0x01 => Some(Message::Shape(space(file, &mut bytes)?)),
        0x02 => {
            bytes.skip(1)?;
            let flags = bytes.byte()?;
            bytes.skip(if flags & 1 != 0 { 8 } else { 0 })?;
            dense(file, &mut bytes)?
                .map(|links| {
                    links
                        .iter()
                        .filter_map(|link| link_of(file, link).transpose())
                        .collect::<Result<Vec<_>, _>>()
                        .map(Message::Members)
                })
                .transpose()?
        }
        0x03 => Some(Message::Kind(datatype(&mut bytes)?)),
        0x06 => link(file, bytes)?.map(|(name, address)| Message::Member(name, address)),
        0x08 => Some(Message::Layout(Layout::read(file, bytes)?)),
        0x0b => Some(Message::Filters(Filter::read(bytes)?)),
        0x0c => attribute(file, bytes)?.map(|(name, value)| Message::Attribute(name, value)),
        0x11 => {
            let (tree, heap) = (bytes.number(file.offsets)?, bytes.number(file.offsets)?);
            Some(Message::Members(btree::symbols(file, tree, heap)?))
        }
        0x15 => {
            bytes.skip(1)?;
            let flags = bytes.byte()?;
            bytes.skip(if flags & 1 != 0 { 2 } else { 0 })?;
            let read = |one: &Vec<u8>| attribute(file, Bytes::new(one)).transpose();
            dense(file, &mut bytes)?
                .map(|all| all.iter().filter_map(read).collect::<Result<Vec<_>, _>>().map(Message::Attributes))
                .transpose()?
        }
        _ => None,
    })
}

/// What is kept in a fractal heap, under a tree of names: links or attributes, each as its own message.
fn dense(file: &File, bytes: &mut Bytes) -> Result<Option<Vec<Vec<u8>>>, String> {
    let (heap, names) = (bytes.number(file.offsets)?, bytes.number(file.offsets)?);
    if file.is_nowhere(heap) || file.is_nowhere(names) {
        return Ok(None);
    }
    let heap = heap::Fractal::open(file, heap)?;
    let records = btree::records(file, names)?;
    let mut all = Vec::with_capacity(records.len().min(1024));
    for (kind, record) in records {
        // names of links: a hash and the place; names of attributes: the place first
        let place = match kind {
            5 => record.get(4..),
            8 => record.get(..8),
            _ => None,
        };
        let place = place.ok_or("The HDF5 file keeps names in a way that is not read here. Save it anew.")?;
        all.push(heap.object(place)?);
    }
    Ok(Some(all))
}

fn link_of(file: &File, bytes: &[u8]) -> Result<Option<(String, u64)>, String> {
    link(file, Bytes::new(bytes))
}

/// A link (IV.A.2.g); links by name, to elsewhere, are passed over.
fn link(file: &File, mut bytes: Bytes) -> Result<Option<(String, u64)>, String> {
    bytes.skip(1)?;
    let flags = bytes.byte()?;
    let hard = flags & 8 == 0 || bytes.byte()? == 0;
    bytes.skip(if flags & 4 != 0 { 8 } else { 0 })?;
    bytes.skip(usize::from(flags & 0x10 != 0))?;
    let length = bytes.number(1 << (flags & 3))?;
    let name = text(bytes.take(usize::try_from(length).unwrap_or(usize::MAX))?);
    if hard { Ok(Some((name, bytes.number(file.offsets)?))) } else { Ok(None) }
}

/// A dataspace (IV.A.2.b): the sizes of the axes.
fn space(file: &File, bytes: &mut Bytes) -> Result<Vec<usize>, String> {
    let (version, rank, flags) = (bytes.byte()?, usize::from(bytes.byte()?), bytes.byte()?);
    if rank > MOST_AXES {
        return Err(format!("The HDF5 file is damaged: an array of {rank} axes. Copy or download it again."));
    }
    let kind = if version == 1 { bytes.take(5)?[0] } else { bytes.byte()? };
    if version != 1 && kind == 2 {
        // nothing at all
        return Ok(vec![0]);
    }
    let sizes = (0..rank).map(|_| bytes.number(file.lengths).map(|size| usize::try_from(size).unwrap_or(usize::MAX)));
    let sizes = sizes.collect::<Result<Vec<_>, _>>()?;
    bytes.skip(if flags & 1 != 0 { rank * file.lengths } else { 0 })?;
    Ok(sizes)
}

/// A datatype (IV.A.2.d).
fn datatype(bytes: &mut Bytes) -> Result<Kind, String> {
    let (class, bits) = (bytes.byte()?, bytes.number(3)?);
    let size = bytes.word()?;
    let big = bits & 1 != 0;
    Ok(match class & 0xf {
        0 => {
            bytes.skip(4)?;
            Kind::Whole { size, big, signed: bits & 8 != 0 }
        }
        1 => {
            bytes.skip(6)?;
            // bfloat16 has two bytes as half precision has, with a longer exponent
            let brief = bytes.byte()? == 8 && size == 2;
            bytes.skip(5)?;
            Kind::Float { size, big, brief }
        }
        3 => Kind::Text { size },
        9 if bits & 0xf == 1 => Kind::FarText,
        _ => Kind::Other { size },
    })
}

/// An attribute (IV.A.2.m).
fn attribute(file: &File, mut bytes: Bytes) -> Result<Option<(String, Value)>, String> {
    let (version, flags) = (bytes.byte()?, bytes.byte()?);
    let sizes = [bytes.short()?, bytes.short()?, bytes.short()?];
    bytes.skip(usize::from(version == 3))?;
    let mut part = |size| {
        let part = bytes.take(size);
        if version == 1 {
            bytes.align();
        }
        part
    };
    let [name, kind, shape] = [part(sizes[0])?, part(sizes[1])?, part(sizes[2])?];
    // a type or a shape that lies elsewhere
    if version > 3 || version > 1 && flags & 3 != 0 {
        return Ok(None);
    }
    let kind = datatype(&mut Bytes::new(kind))?;
    let shape = space(file, &mut Bytes::new(shape))?;
    Ok(Some((text(name), value(file, &kind, &shape, bytes)?)))
}

fn value(file: &File, kind: &Kind, shape: &[usize], mut bytes: Bytes) -> Result<Value, String> {
    let count = shape.iter().try_fold(1_usize, |all, size| all.checked_mul(*size));
    let size = kind.size(file.offsets);
    // a text of no length, and a list that is longer than what is there, are no values
    let Some(count) = count.filter(|count| size > 0 && *count <= bytes.left() / size) else { return Ok(Value::Other) };
    file.charge(count.saturating_mul(32))?;
    let mut texts = Vec::new();
    match kind {
        Kind::Text { size } => {
            for _ in 0..count {
                texts.push(text(bytes.take(*size)?));
            }
        }
        Kind::FarText => {
            for _ in 0..count {
                let (length, address, index) = (bytes.word()?, bytes.number(file.offsets)?, bytes.word()?);
                let far = if length == 0 { &[][..] } else { file.far(length, address, index)? };
                file.charge(far.len())?;
                texts.push(text(far));
            }
        }
        Kind::Whole { .. } | Kind::Float { .. } => {
            let data = bytes.take(count * size)?;
            let numbers = data.chunks_exact(size).map(|one| f64::from(kind.number(one)));
            return Ok(Value::Numbers(numbers.collect()));
        }
        Kind::Other { .. } => return Ok(Value::Other),
    }
    Ok(match shape.is_empty() {
        true => Value::Text(texts.pop().unwrap_or_default()),
        false => Value::Texts(texts),
    })
}

/// Bytes up to the first zero, as text.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
