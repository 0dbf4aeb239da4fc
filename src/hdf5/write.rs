//! Writes a tree of groups, arrays and attributes in the oldest layout.
//!
//! Everything is appended once its parts are: arrays and members first, then the header that points at them, the superblock
//! last, at the front. Scalar texts lie in a global heap (as h5py writes them, and as readers of Keras models expect them),
//! lists of texts have a fixed length.

use super::SIGNATURE;

/// A group: what it is called is told by who holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    pub attributes: Vec<(String, Attribute)>,
    /// By name; no name twice.
    pub members: Vec<(String, Node)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Group(Group),
    /// Numbers, row-major.
    Array {
        shape: Vec<usize>,
        data: Vec<f32>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    Text(String),
    /// Written with a common fixed length; longer than 64 KB in all they must not be.
    Texts(Vec<String>),
}

impl Group {
    /// Puts an array or a group at the end of a path; groups on the way are made where they are missing.
    pub fn put(&mut self, path: &str, node: Node) {
        match path.split_once('/') {
            None => self.members.push((path.to_string(), node)),
            Some((first, rest)) => self.group(first).put(rest, node),
        }
    }

    /// The group of this name, made where it is missing.
    pub fn group(&mut self, name: &str) -> &mut Group {
        let place = self.members.iter().position(|(other, node)| other == name && matches!(node, Node::Group(_)));
        let place = place.unwrap_or_else(|| {
            self.members.push((name.to_string(), Node::Group(Group::default())));
            self.members.len() - 1
        });
        match &mut self.members[place].1 {
            Node::Group(group) => group,
            Node::Array { .. } => unreachable!("a group was looked for"),
        }
    }

    /// The most members that a group in here has.
    fn widest(&self) -> usize {
        let inner = self.members.iter().map(|(_, node)| match node {
            Node::Group(group) => group.widest(),
            Node::Array { .. } => 0,
        });
        inner.max().unwrap_or(0).max(self.members.len())
    }
}

/// The whole file.
pub fn write(root: &Group) -> Vec<u8> {
    let mut w = Writer { out: vec![0; SUPERBLOCK], branches: root.widest().div_ceil(2 * LEAF).div_ceil(2).max(16) };
    let placed = w.group(root);
    let mut head = SIGNATURE.to_vec();
    head.extend([0, 0, 0, 0, 0, 8, 8, 0]);
    head.extend((LEAF as u16).to_le_bytes());
    head.extend((w.branches as u16).to_le_bytes());
    head.extend([0; 4]);
    for address in [0, NOWHERE, w.out.len() as u64, NOWHERE] {
        head.extend(address.to_le_bytes());
    }
    head.extend(entry(0, &placed));
    w.out[..SUPERBLOCK].copy_from_slice(&head);
    w.out
}

/// How many entries a leaf of a symbol table has, halved.
const LEAF: usize = 4;
const SUPERBLOCK: usize = 96;
/// The address of what is not there.
const NOWHERE: u64 = u64::MAX;

struct Writer {
    out: Vec<u8>,
    /// How many leaves a symbol table has, halved: enough for the widest group, so that no tree has a second level.
    branches: usize,
}

/// What a group's table says of a member.
struct Placed {
    header: u64,
    /// The addresses of the member's own table and heap, where it is a group.
    table: Option<[u64; 2]>,
}

impl Writer {
    /// Appends at a multiple of 8; gives the address.
    fn append(&mut self, bytes: &[u8]) -> u64 {
        self.out.resize(self.out.len().next_multiple_of(8), 0);
        let address = self.out.len() as u64;
        self.out.extend_from_slice(bytes);
        address
    }

    fn group(&mut self, group: &Group) -> Placed {
        let mut members: Vec<(&str, Placed)> = (group.members.iter())
            .map(|(name, node)| match node {
                Node::Group(inner) => (name.as_str(), self.group(inner)),
                Node::Array { shape, data } => (name.as_str(), self.array(shape, data)),
            })
            .collect();
        members.sort_by_key(|(name, _)| *name);
        // the local heap (section III.D): names, each filled up to a multiple of 8; the first is empty
        let mut names = vec![0; 8];
        let offsets: Vec<u64> = (members.iter())
            .map(|(name, _)| {
                let at = names.len() as u64;
                names.extend(name.as_bytes());
                names.resize((names.len() + 1).next_multiple_of(8), 0);
                at
            })
            .collect();
        let data = self.append(&names);
        let mut heap = b"HEAP\0\0\0\0".to_vec();
        // the free list is empty: 1 marks its end
        [names.len() as u64, 1, data].iter().for_each(|number| heap.extend(number.to_le_bytes()));
        let heap = self.append(&heap);
        // leaves (III.C), then the tree over them (III.A.1), whose keys are the last name of each
        let (mut tree, mut last, mut count) = (0_u64.to_le_bytes().to_vec(), 0, 0_u16);
        for (leaf, offsets) in members.chunks(2 * LEAF).zip(offsets.chunks(2 * LEAF)) {
            let mut node = b"SNOD\x01\0".to_vec();
            node.extend((leaf.len() as u16).to_le_bytes());
            leaf.iter().zip(offsets).for_each(|((_, placed), offset)| node.extend(entry(*offset, placed)));
            node.resize(8 + 2 * LEAF * ENTRY, 0);
            let address = self.append(&node);
            last = *offsets.last().expect("a leaf has entries");
            tree.extend(address.to_le_bytes());
            tree.extend(last.to_le_bytes());
            count += 1;
        }
        debug_assert!(members.is_empty() || last > 0);
        let mut node = b"TREE\0\0".to_vec();
        node.extend(count.to_le_bytes());
        node.extend(NOWHERE.to_le_bytes());
        node.extend(NOWHERE.to_le_bytes());
        node.extend(tree);
        node.resize(24 + 8 * (4 * self.branches + 1), 0);
        let tree = self.append(&node);
        let mut messages = vec![(0x11, [tree.to_le_bytes(), heap.to_le_bytes()].concat())];
        for (name, attribute) in &group.attributes {
            messages.push((0x0c, self.attribute(name, attribute)));
        }
        Placed { header: self.header(&messages), table: Some([tree, heap]) }
    }

    fn array(&mut self, shape: &[usize], data: &[f32]) -> Placed {
        let bytes: Vec<u8> = data.iter().flat_map(|value| value.to_le_bytes()).collect();
        let address = if bytes.is_empty() { NOWHERE } else { self.append(&bytes) };
        // contiguous (IV.A.2.i)
        let mut layout = vec![3, 1];
        layout.extend(address.to_le_bytes());
        layout.extend((bytes.len() as u64).to_le_bytes());
        // early allocation, no fill value
        let fill = vec![2, 1, 0, 0];
        let messages = [(0x01, space(shape)), (0x03, float()), (0x05, fill), (0x08, layout)];
        Placed { header: self.header(&messages), table: None }
    }

    /// A version 1 object header (IV.A.1.a).
    fn header(&mut self, messages: &[(u16, Vec<u8>)]) -> u64 {
        let mut body = Vec::new();
        for (kind, data) in messages {
            let size = data.len().next_multiple_of(8);
            body.extend(kind.to_le_bytes());
            body.extend(u16::try_from(size).expect("attributes are kept short").to_le_bytes());
            body.extend([0; 4]);
            body.extend(data);
            body.resize(body.len() + size - data.len(), 0);
        }
        let mut header = vec![1, 0];
        header.extend((messages.len() as u16).to_le_bytes());
        header.extend(1_u32.to_le_bytes());
        header.extend((body.len() as u32).to_le_bytes());
        header.extend([0; 4]);
        header.extend(body);
        self.append(&header)
    }

    /// A version 1 attribute (IV.A.2.m): name, type and space, each filled up to a multiple of 8, and the value.
    fn attribute(&mut self, name: &str, attribute: &Attribute) -> Vec<u8> {
        let (kind, space, value) = match attribute {
            Attribute::Text(text) => {
                let heap = self.collection(text.as_bytes());
                let mut value = (text.len() as u32).to_le_bytes().to_vec();
                value.extend(heap.to_le_bytes());
                value.extend(1_u32.to_le_bytes());
                (text_of_any_length(), space(&[]), value)
            }
            Attribute::Texts(texts) => {
                let length = texts.iter().map(String::len).max().unwrap_or(0).max(1);
                let mut value = Vec::with_capacity(length * texts.len());
                for text in texts {
                    value.extend(text.as_bytes());
                    value.resize(value.len() + length - text.len(), 0);
                }
                (text_of(length), space(&[texts.len()]), value)
            }
        };
        let mut out = vec![1, 0];
        [name.len() + 1, kind.len(), space.len()].iter().for_each(|size| out.extend((*size as u16).to_le_bytes()));
        for part in [&[name.as_bytes(), &[0]].concat(), &kind, &space] {
            out.extend(part);
            out.resize(out.len().next_multiple_of(8), 0);
        }
        out.extend(value);
        out
    }

    /// A global heap (III.E) with one object, of index 1.
    fn collection(&mut self, data: &[u8]) -> u64 {
        let used = 16 + 16 + data.len().next_multiple_of(8);
        // no heap is smaller
        let size = (used + 16).max(4096);
        let mut heap = b"GCOL\x01\0\0\0".to_vec();
        heap.extend((size as u64).to_le_bytes());
        heap.extend([1, 0, 0, 0, 0, 0, 0, 0]);
        heap.extend((data.len() as u64).to_le_bytes());
        heap.extend(data);
        heap.resize(used, 0);
        // the rest is object 0: free space, its own head counted
        heap.extend([0; 8]);
        heap.extend(((size - used) as u64).to_le_bytes());
        heap.resize(size, 0);
        self.append(&heap)
    }
}

/// The size of an entry of a symbol table.
const ENTRY: usize = 40;

/// An entry of a symbol table (III.B).
fn entry(name: u64, placed: &Placed) -> Vec<u8> {
    let mut entry = name.to_le_bytes().to_vec();
    entry.extend(placed.header.to_le_bytes());
    entry.extend(u32::from(placed.table.is_some()).to_le_bytes());
    entry.extend([0; 4]);
    placed.table.unwrap_or_default().iter().for_each(|address| entry.extend(address.to_le_bytes()));
    entry
}

/// A version 1 dataspace (IV.A.2.b).
fn space(shape: &[usize]) -> Vec<u8> {
    let mut space = vec![1, shape.len() as u8, 0, 0, 0, 0, 0, 0];
    shape.iter().for_each(|size| space.extend((*size as u64).to_le_bytes()));
    space
}

/// Little-endian f32 (IV.A.2.d).
fn float() -> Vec<u8> {
    let mut kind = vec![0x11, 0x20, 31, 0, 4, 0, 0, 0];
    kind.extend([0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0]);
    kind
}

/// A text of this many bytes, filled up with zeros, in UTF-8.
fn text_of(length: usize) -> Vec<u8> {
    let mut kind = vec![0x13, 0x11, 0, 0];
    kind.extend((length as u32).to_le_bytes());
    kind
}

/// A text in a global heap, in UTF-8: its length, the heap's address and the index there.
fn text_of_any_length() -> Vec<u8> {
    let mut kind = vec![0x19, 0x01, 0x01, 0, 16, 0, 0, 0];
    kind.extend(text_of(1));
    kind
}
