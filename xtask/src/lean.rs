//! Takes out of a published binary what only the end of the world would need: the words of a panic.
//!
//! A panic ends the program either way, and a browser shows none of its words. So the functions that begin one become the
//! single instruction `unreachable`, and whatever only they led to goes with them: functions that nothing else calls, and
//! messages, places in the source and tables that nothing else reads. Who leads to whom is told by the relocations that the
//! linker keeps with `--emit-relocs`; nothing is guessed. What is only handed to such a function counts as unread. Dead functions are left as stubs and dead data as zeros, which
//! wasm-opt takes away.

use crate::binary::{CODE, IMPORT, Reader, Section, bodies, functions_imported, section, sections, write};
use anyhow::{Context, Result, bail, ensure};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

/// Functions that begin a panic and return never: any function of the standard library whose path contains one of these.
const ENDS: [&str; 16] = [
    "4core9panicking",
    "3std9panicking",
    "6option13unwrap_failed",
    "6option13expect_failed",
    "6result13unwrap_failed",
    "_index_order_fail",
    "_index_len_fail",
    "_index_overflow_fail",
    "16slice_index_fail",
    "16slice_error_fail",
    "17len_mismatch_fail",
    "5alloc18handle_alloc_error",
    "7raw_vec17capacity_overflow",
    "7raw_vec12handle_error",
    "4cell22panic_already_borrowed",
    "4cell30panic_already_mutably_borrowed",
];

/// Of those, what only asks whether there is a panic.
const ASKS: &str = "11panic_count";

/// What would print an error that is a text for programmers, with all of Unicode's tables: it stands beside what prints it for
/// people, and nobody calls it but a panic.
const UNASKED: [&str; 2] = ["11StringError", "5Debug"];

/// The same program without the words of its panics. `wasm` is as the linker wrote it, with relocations.
pub fn lean(wasm: &[u8]) -> Result<Vec<u8>> {
    let module = Module::read(wasm)?;
    let live = module.live();
    let mut out = wasm.to_vec();
    for data in &module.data_dead(&live) {
        out[data.clone()].fill(0);
    }
    // Functions change their length, so the code section is written anew.
    let mut code = Vec::new();
    write(&mut code, module.bodies.len());
    for (place, body) in module.bodies.iter().enumerate() {
        match live.functions[place] && !module.ends[place] {
            true => {
                write(&mut code, body.len());
                code.extend(&wasm[body.clone()]);
            }
            // no locals; unreachable; end
            false => code.extend([3, 0, 0x00, 0x0b]),
        }
    }
    let mut lean = wasm[..8].to_vec();
    for part in &module.sections {
        // The relocations fit the code no longer.
        if part.name.starts_with("reloc.") || part.name == "linking" {
            continue;
        }
        let bytes = if part.id == CODE { &code } else { &out[part.whole.clone()] };
        section(&mut lean, part.id, bytes);
    }
    Ok(lean)
}

const EXPORT: u8 = 7;
const START: u8 = 8;
const DATA: u8 = 11;

/// Where relocations lead: a function by its place among the bodies, or a symbol of data.
#[derive(Clone, Copy)]
enum To {
    Function(usize),
    Data(usize),
}

struct Module {
    sections: Vec<Section>,
    /// Each function's bytes.
    bodies: Vec<Range<usize>>,
    /// Which of them begin a panic.
    ends: Vec<bool>,
    /// Functions that the outside calls.
    roots: Vec<usize>,
    /// Each symbol's bytes.
    data: Vec<Range<usize>>,
    /// By position in the file, sorted.
    links: Vec<(usize, To)>,
}

struct Live {
    functions: Vec<bool>,
    data: Vec<bool>,
}

impl Module {
    fn read(wasm: &[u8]) -> Result<Module> {
        ensure!(wasm.starts_with(b"\0asm"), "this is no WebAssembly");
        let sections = sections(wasm)?;
        let find = |id: u8| sections.iter().find(|section| section.id == id);
        let custom = |name: &str| {
            sections.iter().find(|section| section.name == name).with_context(|| format!("there is no section {name}"))
        };
        let imports =
            find(IMPORT).map_or(Ok(0), |section| functions_imported(Reader::new(wasm, section.whole.clone())))?;
        let code = find(CODE).context("there is no code")?.whole.clone();
        let bodies = bodies(Reader::new(wasm, code.clone()))?;
        let mut roots = Vec::new();
        if let Some(section) = find(EXPORT) {
            let mut reader = Reader::new(wasm, section.whole.clone());
            for _ in 0..reader.number()? {
                reader.text()?;
                let (kind, index) = (reader.byte()?, reader.number()?);
                if kind == 0 && index >= imports {
                    roots.push(index - imports);
                }
            }
        }
        if let Some(section) = find(START) {
            roots.push(Reader::new(wasm, section.whole.clone()).number()? - imports);
        }
        let segments = match find(DATA) {
            Some(section) => segments(Reader::new(wasm, section.whole.clone()))?,
            None => Vec::new(),
        };
        let (symbols, data) = symbols(Reader::new(wasm, custom("linking")?.whole.clone()), &segments, imports)?;
        let names = names(Reader::new(wasm, custom("name")?.whole.clone()))?;
        let is_end = |name: &String| ENDS.iter().any(|end| name.contains(end)) && !name.contains(ASKS);
        let is_unasked = |name: &String| UNASKED.iter().all(|part| name.contains(part));
        let ends: Vec<bool> = bodies
            .iter()
            .enumerate()
            .map(|(place, body)| {
                let name = names.get(&(place + imports));
                name.is_some_and(is_end) && returns_never(&wasm[body.clone()]) || name.is_some_and(is_unasked)
            })
            .collect();
        let mut links = Vec::new();
        for name in ["reloc.CODE", "reloc.DATA"] {
            let mut reader = Reader::new(wasm, custom(name)?.whole.clone());
            reader.text()?;
            let section = reader.number()?;
            let start = sections.get(section).with_context(|| format!("{name} is of no section"))?.whole.start;
            for _ in 0..reader.number()? {
                let (kind, offset, index) = (reader.byte()?, reader.number()?, reader.number()?);
                // Those to addresses have a number that is added.
                if matches!(kind, 3 | 4 | 5 | 8 | 9 | 11 | 14 | 15 | 16 | 17 | 21 | 22 | 23) {
                    reader.signed()?;
                }
                // Types are named by their own index, the rest by a symbol.
                if let Some(to) = symbols.get(&index).filter(|_| kind != 6) {
                    links.push((start + offset, *to));
                }
            }
        }
        links.sort_by_key(|(at, _)| *at);
        let panics: HashSet<usize> = links
            .iter()
            .filter(|(_, to)| matches!(to, To::Function(place) if ends[*place]))
            .map(|(at, _)| *at)
            .collect();
        links.retain(|(at, _)| !(code.contains(at) && wasm[at - 1] == CONST && is_for_a_panic(wasm, at + 5, &panics)));
        Ok(Module { sections, bodies, ends, roots, data, links })
    }

    /// What the outside can come to.
    fn live(&self) -> Live {
        let mut live = Live { functions: vec![false; self.bodies.len()], data: vec![false; self.data.len()] };
        let mut ahead: Vec<To> = self.roots.iter().map(|&function| To::Function(function)).collect();
        while let Some(to) = ahead.pop() {
            let (seen, bytes) = match to {
                To::Function(place) => (&mut live.functions[place], &self.bodies[place]),
                To::Data(place) => (&mut live.data[place], &self.data[place]),
            };
            let ends = matches!(to, To::Function(place) if self.ends[place]);
            if std::mem::replace(seen, true) || ends {
                continue;
            }
            let first = self.links.partition_point(|(at, _)| *at < bytes.start);
            ahead.extend(self.links[first..].iter().take_while(|(at, _)| *at < bytes.end).map(|(_, to)| *to));
        }
        live
    }

    /// The bytes of dead symbols that no live one shares.
    fn data_dead(&self, live: &Live) -> Vec<Range<usize>> {
        let all = || self.data.iter().zip(&live.data);
        let mut kept: Vec<&Range<usize>> = all().filter(|(_, live)| **live).map(|(range, _)| range).collect();
        kept.sort_by_key(|range| range.start);
        let mut dead = Vec::new();
        for range in all().filter(|(_, live)| !**live).map(|(range, _)| range) {
            let mut start = range.start;
            for kept in kept.iter().filter(|kept| kept.end > range.start && kept.start < range.end) {
                if kept.start > start {
                    dead.push(start..kept.start);
                }
                start = start.max(kept.end);
            }
            if start < range.end {
                dead.push(start..range.end);
            }
        }
        dead
    }
}

/// `i32.const`, before a number that the linker has written in five bytes.
const CONST: u8 = 0x41;

/// Whether a function ends with a call and `unreachable`; the call's number, which the linker has written in five bytes, ends
/// with a 0.
fn returns_never(body: &[u8]) -> bool {
    body.ends_with(&[0x00, 0x00, 0x0b]) && body.len() > 9 && body[body.len() - 8] == 0x10
}

/// Whether the instructions from here on lead to a panic straight away: then whatever was computed before it is never used.
/// `panics` are the places where a function that begins a panic is named.
fn is_for_a_panic(wasm: &[u8], mut at: usize, panics: &HashSet<usize>) -> bool {
    let pass = |mut at: usize| {
        while wasm[at] >= 0x80 {
            at += 1;
        }
        at + 1
    };
    loop {
        at = match wasm[at] {
            // call
            0x10 => return panics.contains(&(at + 1)),
            // drop, select, arithmetic
            0x1a | 0x1b | 0x45..=0xc4 => at + 1,
            // locals, globals, whole numbers
            0x20..=0x24 | 0x41 | 0x42 => pass(at + 1),
            // loads and stores
            0x28..=0x3e => pass(pass(at + 1)),
            0x43 => at + 5,
            0x44 => at + 9,
            _ => return false,
        }
    }
}

/// Where the bytes of each segment lie.
fn segments(mut reader: Reader) -> Result<Vec<Range<usize>>> {
    (0..reader.number()?)
        .map(|_| {
            match reader.number()? {
                // i32.const ADDRESS end
                0 => {
                    ensure!(reader.byte()? == 0x41, "a segment's address is no constant");
                    reader.signed()?;
                    reader.byte()?;
                }
                1 => {}
                kind => bail!("a segment of the unknown kind {kind}"),
            }
            let length = reader.number()?;
            let bytes = reader.at..reader.at + length;
            reader.at = bytes.end;
            Ok(bytes)
        })
        .collect()
}

/// What each symbol stands for, by its index, and the bytes of those of data.
type Symbols = (HashMap<usize, To>, Vec<Range<usize>>);

fn symbols(mut reader: Reader, segments: &[Range<usize>], imports: usize) -> Result<Symbols> {
    const UNDEFINED: usize = 0x10;
    const EXPLICIT_NAME: usize = 0x40;
    const ABSOLUTE: usize = 0x200;
    reader.text()?;
    ensure!(reader.number()? == 2, "the linker writes its symbols in a way that is not known here");
    let (mut symbols, mut data) = (HashMap::new(), Vec::new());
    while reader.at < reader.end {
        let (kind, length) = (reader.byte()?, reader.number()?);
        let after = reader.at + length;
        if kind == 8 {
            for index in 0..reader.number()? {
                let (kind, flags) = (reader.byte()?, reader.number()?);
                match kind {
                    0 | 2 | 4 | 5 => {
                        let place = reader.number()?;
                        if flags & UNDEFINED == 0 || flags & EXPLICIT_NAME != 0 {
                            reader.text()?;
                        }
                        if kind == 0 && place >= imports {
                            symbols.insert(index, To::Function(place - imports));
                        }
                    }
                    1 => {
                        reader.text()?;
                        if flags & UNDEFINED == 0 {
                            let (segment, offset, size) = (reader.number()?, reader.number()?, reader.number()?);
                            let Some(segment) = segments.get(segment).filter(|_| flags & ABSOLUTE == 0) else {
                                continue;
                            };
                            let start = segment.start + offset;
                            // What is cleared memory at the start has no bytes in the file.
                            if start + size <= segment.end {
                                symbols.insert(index, To::Data(data.len()));
                                data.push(start..start + size);
                            }
                        }
                    }
                    3 => drop(reader.number()?),
                    kind => bail!("a symbol of the unknown kind {kind}"),
                }
            }
        }
        reader.at = after;
    }
    Ok((symbols, data))
}

/// The functions' names.
fn names(mut reader: Reader) -> Result<BTreeMap<usize, String>> {
    reader.text()?;
    while reader.at < reader.end {
        let (kind, length) = (reader.byte()?, reader.number()?);
        if kind == 1 {
            return (0..reader.number()?).map(|_| Ok((reader.number()?, reader.text()?))).collect();
        }
        reader.at += length;
    }
    bail!("the functions have no names")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_handed_to_a_panic_counts_as_unread() {
        // local.get 0; i32.const 7; i32.store; call: the call's number is at byte 9
        let straight = [0x20, 0, 0x41, 7, 0x36, 2, 0, 0x01, 0x10, 0x80, 0x80, 0x80, 0x80, 0];
        assert!(!is_for_a_panic(&straight, 0, &HashSet::from([9])), "nop is not among the instructions that are known");
        let straight = [0x20, 0, 0x41, 7, 0x36, 2, 0, 0x10, 0x80, 0x80, 0x80, 0x80, 0];
        assert!(is_for_a_panic(&straight, 0, &HashSet::from([8])));
        assert!(!is_for_a_panic(&straight, 0, &HashSet::new()), "any other call");
        // br_if
        assert!(!is_for_a_panic(&[0x20, 0, 0x0d, 0, 0x10, 0], 0, &HashSet::from([5])), "where the way parts");
    }

    #[test]
    fn a_function_that_returns_begins_no_panic() {
        let call = [0x10, 0x85, 0x80, 0x80, 0x80, 0x00];
        let [panics, calls] = [&[0x00, 0x0b][..], &[0x0b]].map(|end| [&[0, 0x41, 1, 0x1a], &call[..], end].concat());
        assert!(returns_never(&panics) && !returns_never(&calls));
        // local.get 0 and i32.const 0 end with the same bytes
        assert!(
            !returns_never(&[0, 0x20, 0, 0x0b]) && !returns_never(&[0, 0x41, 0, 0x41, 0, 0x41, 0, 0x41, 0, 0x00, 0x0b])
        );
    }

    #[test]
    fn what_nothing_leads_to_is_dead_and_shared_bytes_live() {
        let module = Module {
            sections: vec![],
            // 0 is called from outside, reads 0 and calls 1, which panics and would read 1; nothing calls 2, which reads 2
            bodies: vec![0..10, 10..20, 20..30],
            ends: vec![false, true, false],
            roots: vec![0],
            data: vec![100..110, 105..120, 120..130],
            links: vec![(2, To::Data(0)), (5, To::Function(1)), (12, To::Data(1)), (22, To::Data(2))],
        };
        let live = module.live();
        assert_eq!((live.functions.clone(), live.data.clone()), (vec![true, true, false], vec![true, false, false]));
        assert_eq!(module.data_dead(&live), [110..120, 120..130]);
    }
}
