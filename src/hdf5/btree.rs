//! Trees: the old ones (section III.A.1) over members and chunks, the new ones (III.A.2) over names.

use super::{bytes::Bytes, heap, read::File};

/// The deepest tree that is followed.
const DEEPEST: u8 = 16;

/// The members of a group of the old kind.
pub fn symbols(file: &File, tree: u64, names: u64) -> Result<Vec<(String, u64)>, String> {
    let names = heap::local(file, names)?;
    let mut members = Vec::new();
    let mut stack = vec![(tree, DEEPEST)];
    while let Some((address, below)) = stack.pop() {
        let mut bytes = file.at(address)?;
        let (level, count) = node(file, &mut bytes, 0, below)?;
        let mut children = Vec::new();
        for _ in 0..count {
            bytes.skip(file.lengths)?;
            children.push(bytes.number(file.offsets)?);
        }
        match level {
            0 => children.iter().try_for_each(|leaf| leaf_of(file, *leaf, names, &mut members))?,
            _ => stack.extend(children.iter().rev().map(|child| (*child, level))),
        }
    }
    Ok(members)
}

fn leaf_of(file: &File, address: u64, names: &[u8], members: &mut Vec<(String, u64)>) -> Result<(), String> {
    let mut bytes = file.at(address)?;
    bytes.expect(b"SNOD", "a list of members")?;
    bytes.skip(2)?;
    for _ in 0..bytes.short()? {
        let name = usize::try_from(bytes.number(file.offsets)?).unwrap_or(usize::MAX);
        let header = bytes.number(file.offsets)?;
        let kind = bytes.word()?;
        bytes.skip(4 + 16)?;
        let name =
            names.get(name..).ok_or("The HDF5 file is damaged: a name is missing. Copy or download it again.")?;
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        file.charge(end + 64)?;
        // 2 is a link by name, to elsewhere
        if kind != 2 {
            members.push((String::from_utf8_lossy(&name[..end]).into_owned(), header));
        }
    }
    Ok(())
}

/// A chunk of an array: where it begins, where and how long it is stored, which filters were passed over.
pub struct Chunk {
    pub start: Vec<u64>,
    pub address: u64,
    pub size: usize,
    pub passed: u32,
}

/// The chunks of an array of so many axes.
pub fn chunks(file: &File, tree: u64, rank: usize) -> Result<Vec<Chunk>, String> {
    let mut chunks = Vec::new();
    let mut stack = vec![(tree, DEEPEST)];
    while let Some((address, below)) = stack.pop() {
        let mut bytes = file.at(address)?;
        let (level, count) = node(file, &mut bytes, 1, below)?;
        for _ in 0..count {
            file.charge(64 + 8 * rank)?;
            let (size, passed) = (bytes.word()?, bytes.number(4)? as u32);
            let start = (0..rank).map(|_| bytes.number(8)).collect::<Result<Vec<_>, _>>()?;
            bytes.skip(8)?;
            let address = bytes.number(file.offsets)?;
            match level {
                0 => chunks.push(Chunk { start, address, size, passed }),
                _ => stack.push((address, level)),
            }
        }
    }
    Ok(chunks)
}

/// The head of a node: its level, which must be below `below`, and how many children it has.
fn node(file: &File, bytes: &mut Bytes, kind: u8, below: u8) -> Result<(u8, usize), String> {
    bytes.expect(b"TREE", "a tree")?;
    bytes.expect(&[kind], "a tree of another kind")?;
    let level = bytes.byte()?;
    if level >= below {
        return Err("The HDF5 file is damaged: a tree leads back to itself. Save it anew.".to_string());
    }
    let count = bytes.short()?;
    bytes.skip(2 * file.offsets)?;
    Ok((level, count))
}

/// Every record of a new tree, with the tree's kind.
pub fn records(file: &File, address: u64) -> Result<Vec<(u8, Vec<u8>)>, String> {
    let mut bytes = file.at(address)?;
    bytes.expect(b"BTHD\0", "a tree of names")?;
    let (kind, size, record, depth) = (bytes.byte()?, bytes.word()?, bytes.short()?, bytes.short()?);
    bytes.skip(2)?;
    let (root, count) = (bytes.number(file.offsets)?, bytes.short()?);
    if record == 0 || depth >= usize::from(DEEPEST) || size < 16 {
        return Err("The HDF5 file is damaged: a tree of names without names. Copy or download it again.".to_string());
    }
    if file.is_nowhere(root) {
        return Ok(Vec::new());
    }
    // how many records a node of each depth holds with all below it, and how many bytes such numbers take
    let bytes_of = |most: u64| (most.max(1).ilog2() / 8 + 1) as usize;
    let leaf = ((size - 10) / record) as u64;
    let (mut most, mut widths) = (vec![leaf], vec![(0, 0)]);
    for level in 1..=depth {
        let all = if level == 1 { 0 } else { bytes_of(most[level - 1]) };
        let own = bytes_of(if level == 1 { leaf } else { own_most(size, record, widths[level - 1], file.offsets) });
        widths.push((own, all));
        let here = own_most(size, record, (own, all), file.offsets);
        most.push(here.saturating_add((here + 1).saturating_mul(most[level - 1])));
    }
    let (mut stack, mut records) = (vec![(root, count, depth)], Vec::new());
    while let Some((address, count, level)) = stack.pop() {
        let mut bytes = file.at(address)?;
        bytes.expect(if level == 0 { b"BTLF\0" } else { b"BTIN\0" }, "a part of a tree of names")?;
        bytes.skip(1)?;
        for _ in 0..count {
            let one = bytes.take(record)?;
            file.charge(one.len() + 64)?;
            records.push((kind, one.to_vec()));
        }
        if level > 0 {
            let (own, all) = widths[level];
            for _ in 0..=count {
                let (address, count) = (bytes.number(file.offsets)?, bytes.number(own)?);
                bytes.skip(all)?;
                stack.push((address, usize::try_from(count).unwrap_or(usize::MAX), level - 1));
            }
        }
    }
    Ok(records)
}

/// How many records a node that is no leaf holds at most.
fn own_most(size: usize, record: usize, (own, all): (usize, usize), offsets: usize) -> u64 {
    let pointer = offsets + own + all;
    (size.saturating_sub(10 + pointer) / (record + pointer)) as u64
}
