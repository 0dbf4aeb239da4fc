//! Arrays: how their numbers are stored (section IV.A.2.i), packed (IV.A.2.l) and spelled.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::{
    btree::{self, Chunk},
    bytes::Bytes,
    read::{Array, File},
};

/// What the messages of an object tell of an array.
#[derive(Debug, Default)]
pub struct Parts {
    pub shape: Option<Vec<usize>>,
    pub kind: Option<Kind>,
    pub layout: Option<Layout>,
    pub filters: Vec<Filter>,
}

/// How one element is spelled.
#[derive(Debug)]
pub enum Kind {
    Whole {
        size: usize,
        big: bool,
        signed: bool,
    },
    /// `brief`: bfloat16, whose exponent is that of f32.
    Float {
        size: usize,
        big: bool,
        brief: bool,
    },
    Text {
        size: usize,
    },
    /// A length, and a place in a global heap.
    FarText,
    Other {
        size: usize,
    },
}

#[derive(Debug)]
pub enum Layout {
    /// In the header itself.
    Compact(Vec<u8>),
    Contiguous {
        address: u64,
    },
    /// Chunks of these sizes; `index` says how they are found.
    Chunked {
        sizes: Vec<usize>,
        index: Index,
    },
}

#[derive(Debug)]
pub enum Index {
    Tree(u64),
    /// One chunk, of this many bytes where it is packed.
    Single {
        address: u64,
        size: Option<usize>,
    },
    /// One after the other.
    Implicit(u64),
}

/// A step of packing: the number of the filter and its settings.
#[derive(Debug)]
pub struct Filter {
    number: usize,
    settings: Vec<usize>,
}

/// No deflated byte is more than this many.
const MOST_RATIO: usize = 1040;

impl Kind {
    pub fn size(&self, offsets: usize) -> usize {
        match self {
            Kind::Whole { size, .. } | Kind::Float { size, .. } | Kind::Text { size } | Kind::Other { size } => *size,
            Kind::FarText => 8 + offsets,
        }
    }

    /// The number that these bytes spell; 0 for what is no number.
    pub fn number(&self, bytes: &[u8]) -> f32 {
        let mut eight = [0; 8];
        let order = |eight: &mut [u8; 8], big: bool| {
            for (place, byte) in eight.iter_mut().zip(bytes) {
                *place = *byte;
            }
            if big {
                eight[..bytes.len().min(8)].reverse();
            }
            u64::from_le_bytes(*eight)
        };
        match *self {
            Kind::Whole { size, big, signed } => {
                let number = order(&mut eight, big);
                let unused = 64 - 8 * size.clamp(1, 8) as u32;
                if signed { ((number << unused) as i64 >> unused) as f32 } else { number as f32 }
            }
            Kind::Float { size, big, brief } => {
                let number = order(&mut eight, big);
                match size {
                    8 => f64::from_bits(number) as f32,
                    2 if brief => f32::from_bits((number as u32) << 16),
                    2 => half(number as u16),
                    _ => f32::from_bits(number as u32),
                }
            }
            Kind::Text { .. } | Kind::FarText | Kind::Other { .. } => 0.0,
        }
    }

    /// Whether elements are numbers of a usual size.
    fn is_number(&self) -> bool {
        match self {
            Kind::Whole { size, .. } => [1, 2, 4, 8].contains(size),
            Kind::Float { size, .. } => [2, 4, 8].contains(size),
            Kind::Text { .. } | Kind::FarText | Kind::Other { .. } => false,
        }
    }
}

/// IEEE 754's half precision.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    sign * match exponent {
        0 => mantissa * 2.0_f32.powi(-24),
        31 if mantissa == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + mantissa) * 2.0_f32.powi(exponent - 25),
    }
}

impl Layout {
    pub fn read(file: &File, mut bytes: Bytes) -> Result<Layout, String> {
        let version = bytes.byte()?;
        let length = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let unknown =
            |what: &str| format!("The HDF5 file stores an array {what}, which is not read here. Save it anew.");
        if version < 3 {
            let (rank, class) = (usize::from(bytes.byte()?), bytes.byte()?);
            bytes.skip(5)?;
            let address = if class == 0 { 0 } else { bytes.number(file.offsets)? };
            let mut sizes = (0..rank.min(33)).map(|_| bytes.word()).collect::<Result<Vec<_>, _>>()?;
            return match class {
                0 => {
                    let size = bytes.word()?;
                    Ok(Layout::Compact(bytes.take(size)?.to_vec()))
                }
                1 => Ok(Layout::Contiguous { address }),
                _ => {
                    // the last is the size of an element
                    sizes.pop();
                    Ok(Layout::Chunked { sizes, index: Index::Tree(address) })
                }
            };
        }
        match (version, bytes.byte()?) {
            (3 | 4, 0) => {
                let size = bytes.short()?;
                Ok(Layout::Compact(bytes.take(size)?.to_vec()))
            }
            (3 | 4, 1) => Ok(Layout::Contiguous { address: bytes.number(file.offsets)? }),
            (3, 2) => {
                let rank = usize::from(bytes.byte()?).min(33);
                let address = bytes.number(file.offsets)?;
                let sizes = (1..rank).map(|_| bytes.word()).collect::<Result<Vec<_>, _>>()?;
                Ok(Layout::Chunked { sizes, index: Index::Tree(address) })
            }
            (4, 2) => {
                let (flags, rank, width) = (bytes.byte()?, usize::from(bytes.byte()?).min(33), bytes.byte()?);
                let sizes = (0..rank).map(|_| bytes.number(usize::from(width.min(8))).map(length));
                let mut sizes = sizes.collect::<Result<Vec<_>, _>>()?;
                sizes.pop();
                let index = match bytes.byte()? {
                    1 => {
                        let size = match flags & 2 != 0 {
                            true => {
                                let size = length(bytes.number(file.lengths)?);
                                bytes.skip(4)?;
                                Some(size)
                            }
                            false => None,
                        };
                        Index::Single { address: bytes.number(file.offsets)?, size }
                    }
                    2 => Index::Implicit(bytes.number(file.offsets)?),
                    _ => return Err(unknown("under an index of the newest kind")),
                };
                Ok(Layout::Chunked { sizes, index })
            }
            _ => Err(unknown("in a way of its own")),
        }
    }
}

impl Filter {
    /// The list of filters (IV.A.2.l).
    pub fn read(mut bytes: Bytes) -> Result<Vec<Filter>, String> {
        let (version, count) = (bytes.byte()?, bytes.byte()?);
        bytes.skip(if version == 1 { 6 } else { 0 })?;
        (0..count)
            .map(|_| {
                let number = bytes.short()?;
                let name = if version == 1 || number >= 256 { bytes.short()? } else { 0 };
                bytes.skip(2)?;
                let settings = bytes.short()?;
                bytes.skip(if version == 1 { name.next_multiple_of(8) } else { name })?;
                let all = (0..settings).map(|_| bytes.word()).collect::<Result<Vec<_>, _>>()?;
                bytes.skip(if version == 1 && settings % 2 == 1 { 4 } else { 0 })?;
                Ok(Filter { number, settings: all })
            })
            .collect()
    }

    /// Undoes it. `most` is how long the result may be.
    fn undo(&self, data: Vec<u8>, most: usize) -> Result<Vec<u8>, String> {
        let damaged =
            || "The HDF5 file is damaged: a packed part makes no sense. Copy or download it again.".to_string();
        match self.number {
            1 => {
                let mut out = Vec::new();
                let read = ZlibDecoder::new(&data[..]).take(most as u64 + 1).read_to_end(&mut out);
                match read {
                    Ok(size) if size <= most => Ok(out),
                    _ => Err(damaged()),
                }
            }
            2 => {
                let size = self.settings.first().copied().unwrap_or(1).max(1);
                let count = data.len() / size;
                let mut out = data.clone();
                for (place, byte) in data[..count * size].iter().enumerate() {
                    out[place % count * size + place / count] = *byte;
                }
                Ok(out)
            }
            3 => {
                let end = data.len().checked_sub(4).ok_or_else(damaged)?;
                Ok(data[..end].to_vec())
            }
            32000 => {
                Err("The HDF5 file is packed with LZF, which is not read here. Save it with gzip or unpacked.".into())
            }
            other => Err(format!(
                "The HDF5 file is packed with filter {other}, which is not read here. Save it with gzip or unpacked."
            )),
        }
    }
}

/// The numbers of an array.
pub fn array(file: &File, parts: &Parts) -> Result<Array, String> {
    let (Some(shape), Some(kind), Some(layout)) = (&parts.shape, &parts.kind, &parts.layout) else {
        return Err("The HDF5 file has a group where an array was expected. Open a file of weights.".to_string());
    };
    if !kind.is_number() {
        return Err("The HDF5 file has an array that holds no numbers where numbers were expected.".to_string());
    }
    let size = kind.size(file.offsets);
    let count = shape.iter().try_fold(1_usize, |all, axis| all.checked_mul(*axis));
    let bytes = count.and_then(|count| Some((count.checked_mul(size)?, count.checked_mul(4)?)));
    let too_large =
        || format!("The HDF5 file claims an array of {shape:?} numbers, more than it can hold. Save it anew.");
    let (stored, needed) = bytes.ok_or_else(too_large)?;
    let possible = match layout {
        Layout::Compact(data) => data.len(),
        Layout::Contiguous { .. } => file.all.len(),
        Layout::Chunked { .. } => file.all.len().saturating_mul(MOST_RATIO),
    };
    if stored > possible {
        return Err(too_large());
    }
    if stored == 0 {
        return Ok(Array { shape: shape.clone(), data: Vec::new() });
    }
    file.charge(needed)?;
    let numbers = |data: &[u8]| data.chunks_exact(size).map(|one| kind.number(one)).collect();
    let data = match layout {
        Layout::Compact(data) => numbers(&data[..stored]),
        Layout::Contiguous { address } if file.is_nowhere(*address) => vec![0.0; stored / size],
        Layout::Contiguous { address } => numbers(file.at(*address)?.take(stored)?),
        Layout::Chunked { sizes, index } => {
            file.charge(stored)?;
            numbers(&chunked(file, parts, shape, sizes, index, size, stored)?)
        }
    };
    Ok(Array { shape: shape.clone(), data })
}

/// The bytes of an array that lies in chunks.
fn chunked(
    file: &File,
    parts: &Parts,
    shape: &[usize],
    sizes: &[usize],
    index: &Index,
    size: usize,
    stored: usize,
) -> Result<Vec<u8>, String> {
    let strange =
        || "The HDF5 file is damaged: chunks that do not fit their array. Copy or download it again.".to_string();
    let whole = sizes.iter().try_fold(size, |all, axis| all.checked_mul(*axis)).ok_or_else(strange)?;
    if sizes.len() != shape.len() || whole == 0 || sizes.is_empty() {
        return Err(strange());
    }
    // the largest chunk of an array may reach over its ends, but no chunk is larger than what could be packed
    if whole > file.all.len().saturating_mul(MOST_RATIO) {
        return Err(strange());
    }
    let chunks = match *index {
        Index::Tree(address) if file.is_nowhere(address) => Vec::new(),
        Index::Tree(address) => btree::chunks(file, address, shape.len())?,
        Index::Single { address, size } => {
            vec![Chunk { start: vec![0; shape.len()], address, size: size.unwrap_or(whole), passed: 0 }]
        }
        Index::Implicit(address) => {
            let counts: Vec<usize> = shape.iter().zip(sizes).map(|(all, one)| all.div_ceil(*one)).collect();
            let count: usize = counts.iter().product();
            let place = |mut i: usize| {
                let mut start = vec![0; shape.len()];
                for axis in (0..shape.len()).rev() {
                    start[axis] = (i % counts[axis] * sizes[axis]) as u64;
                    i /= counts[axis];
                }
                start
            };
            if count.saturating_mul(whole) > file.all.len() {
                return Err(strange());
            }
            let address = |i: usize| address.saturating_add((i * whole) as u64);
            (0..count).map(|i| Chunk { start: place(i), address: address(i), size: whole, passed: 0 }).collect()
        }
    };
    let mut out = vec![0; stored];
    for chunk in chunks {
        let mut data = file.at(chunk.address)?.take(chunk.size)?.to_vec();
        file.charge(whole.saturating_sub(chunk.size.min(whole)) / 8 + 1)?;
        for (place, filter) in parts.filters.iter().enumerate().rev() {
            if place >= 32 || chunk.passed >> place & 1 == 0 {
                data = filter.undo(data, whole + 4)?;
            }
        }
        if data.len() < whole {
            return Err(strange());
        }
        put(&mut out, shape, &data, sizes, &chunk.start, size).ok_or_else(strange)?;
    }
    Ok(out)
}

/// Copies a chunk to its place, row by row; what reaches over the ends is left out.
fn put(out: &mut [u8], shape: &[usize], data: &[u8], sizes: &[usize], start: &[u64], size: usize) -> Option<()> {
    let last = shape.len() - 1;
    let start = start.iter().map(|at| usize::try_from(*at).ok()).collect::<Option<Vec<usize>>>()?;
    let room: Vec<usize> = (0..=last).map(|axis| shape[axis].saturating_sub(start[axis]).min(sizes[axis])).collect();
    if room.contains(&0) {
        return Some(());
    }
    let rows: usize = room[..last].iter().product();
    for row in 0..rows {
        let (mut rest, mut from, mut to) = (row, 0, start[last]);
        let (mut from_stride, mut to_stride) = (sizes[last], shape[last]);
        for axis in (0..last).rev() {
            let at = rest % room[axis];
            rest /= room[axis];
            from += at * from_stride;
            to += (start[axis] + at) * to_stride;
            from_stride *= sizes[axis];
            to_stride *= shape[axis];
        }
        let bytes = room[last] * size;
        out.get_mut(to * size..to * size + bytes)?.copy_from_slice(data.get(from * size..from * size + bytes)?);
    }
    Some(())
}
