//! Reads a file: objects by their path, their attributes, and arrays as f32. Nothing in a file is believed.
//!
//! Every address and size is held against the bytes that are there; what is unpacked, and how many parts are looked at, is
//! counted against a common limit, so that neither loops nor claims cost more than the file is worth.

use std::cell::Cell;

use super::{SIGNATURE, bytes::Bytes, data, header, heap, message::Message};

/// The most that arrays may unpack to in all, in bytes.
const MOST_BYTES: usize = 128 << 20;
/// The most parts of the structure that are looked at.
const MOST_PARTS: usize = 1 << 20;

/// A file that is read from memory.
pub struct File<'a> {
    pub(super) all: &'a [u8],
    /// Sizes of an address and of a length.
    pub(super) offsets: usize,
    pub(super) lengths: usize,
    base: usize,
    root: u64,
    bytes_left: Cell<usize>,
    parts_left: Cell<usize>,
}

/// A group or an array.
#[derive(Debug, Default)]
pub struct Object {
    pub attributes: Vec<(String, Value)>,
    /// The members of a group: name and address.
    pub members: Vec<(String, u64)>,
    /// What makes it an array.
    pub(super) array: data::Parts,
}

/// What an attribute holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Texts(Vec<String>),
    Numbers(Vec<f64>),
    /// Something that files of weights have no use for.
    Other,
}

/// Numbers and their shape, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

impl<'a> File<'a> {
    /// Finds the beginning and the root (section II).
    pub fn open(all: &'a [u8]) -> Result<File<'a>, String> {
        let start = [0, 512, 1024, 2048].into_iter().find(|start| all.get(*start..).is_some_and(is_hdf5));
        let start =
            start.ok_or("This is no HDF5 file: expected its signature at the beginning, found something else.")?;
        let mut file = File {
            all,
            offsets: 8,
            lengths: 8,
            base: start,
            root: 0,
            bytes_left: Cell::new(MOST_BYTES),
            parts_left: Cell::new(MOST_PARTS),
        };
        let mut head = Bytes::new(&all[start + SIGNATURE.len()..]);
        let version = head.byte()?;
        match version {
            0 | 1 => {
                head.skip(4)?;
                (file.offsets, file.lengths) = (sizes(head.byte()?)?, sizes(head.byte()?)?);
                head.skip(1 + 4 + 4)?;
                head.skip(if version == 1 { 4 } else { 0 })?;
                head.skip(4 * file.offsets)?;
                head.skip(file.offsets)?;
            }
            2 | 3 => {
                (file.offsets, file.lengths) = (sizes(head.byte()?)?, sizes(head.byte()?)?);
                head.skip(1 + 3 * file.offsets)?;
            }
            _ => return Err(format!("The HDF5 file is of version {version}; versions 0 to 3 are read. Save it anew.")),
        }
        file.root = head.number(file.offsets)?;
        Ok(file)
    }

    /// The object at the end of a path such as `model_weights/dense`; `None` where there is none.
    pub fn get(&self, path: &str) -> Result<Option<Object>, String> {
        let mut object = self.object(self.root)?;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            match object.members.iter().find(|(other, _)| other == name) {
                Some((_, address)) => object = self.object(*address)?,
                None => return Ok(None),
            }
        }
        Ok(Some(object))
    }

    /// The object at an address.
    pub fn object(&self, address: u64) -> Result<Object, String> {
        let mut object = Object::default();
        for message in header::messages(self, address)? {
            match message {
                Message::Attribute(name, value) => object.attributes.push((name, value)),
                Message::Member(name, address) => object.members.push((name, address)),
                Message::Members(more) => object.members.extend(more),
                Message::Attributes(more) => object.attributes.extend(more),
                Message::Shape(shape) => object.array.shape = Some(shape),
                Message::Kind(kind) => object.array.kind = Some(kind),
                Message::Layout(layout) => object.array.layout = Some(layout),
                Message::Filters(filters) => object.array.filters = filters,
            }
        }
        Ok(object)
    }

    /// The numbers of an array.
    pub fn array(&self, object: &Object) -> Result<Array, String> {
        data::array(self, &object.array)
    }

    /// What lies at an address, to the end of the file; it counts as a part.
    pub(super) fn at(&self, address: u64) -> Result<Bytes<'a>, String> {
        let left = self.parts_left.get().checked_sub(1);
        self.parts_left.set(left.ok_or("The HDF5 file is damaged: it leads round in circles. Save it anew.")?);
        let start = usize::try_from(address).ok().and_then(|address| address.checked_add(self.base));
        let rest = start.and_then(|start| self.all.get(start..));
        rest.map(Bytes::new)
            .ok_or("The HDF5 file ends too early: a part lies behind its end. Copy or download it again.".into())
    }

    /// Whether an address says that nothing is there.
    pub(super) fn is_nowhere(&self, address: u64) -> bool {
        address == u64::MAX >> (64 - 8 * self.offsets)
    }

    /// Takes so many bytes off what may still be unpacked.
    pub(super) fn charge(&self, bytes: usize) -> Result<(), String> {
        let left = self.bytes_left.get().checked_sub(bytes);
        self.bytes_left.set(left.ok_or_else(|| {
            format!("The HDF5 file unpacks to more than {} MB, which is too large to open here.", MOST_BYTES >> 20)
        })?);
        Ok(())
    }

    /// A text of any length, or the bytes of a list of any length, by what stands in its place.
    pub(super) fn far(&self, length: usize, address: u64, index: usize) -> Result<&'a [u8], String> {
        heap::global(self, address, index).map(|bytes| &bytes[..length.min(bytes.len())])
    }
}

impl Object {
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// The attribute of this name, where it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.attribute(name)? {
            Value::Text(text) => Some(text),
            Value::Texts(_) | Value::Numbers(_) | Value::Other => None,
        }
    }

    /// The texts of an attribute; Keras cuts long lists into `NAME0`, `NAME1` and so on.
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        let list = |name: &str| match self.attribute(name)? {
            Value::Texts(texts) => Some(texts.clone()),
            // an empty list has no texts by which to know it
            Value::Numbers(numbers) if numbers.is_empty() => Some(Vec::new()),
            Value::Text(_) | Value::Numbers(_) | Value::Other => None,
        };
        list(name).or_else(|| {
            let parts: Vec<Vec<String>> = (0..).map_while(|i| list(&format!("{name}{i}"))).collect();
            (!parts.is_empty()).then(|| parts.concat())
        })
    }

    /// Whether it is an array.
    pub fn is_array(&self) -> bool {
        self.array.layout.is_some()
    }
}

fn is_hdf5(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

fn sizes(size: u8) -> Result<usize, String> {
    match size {
        2 | 4 | 8 => Ok(usize::from(size)),
        _ => Err(format!("The HDF5 file is damaged: it has addresses of {size} bytes, which there are not.")),
    }
}
