//! Puts a published binary's functions into an order in which they compress well: like beside like.
//!
//! gzip finds what was there before 32 KB back at most, and a compiler writes functions as it comes to them. So each next
//! function here is the one that shares the largest part of itself with the 32 KB before it. wasm-opt moves functions, by
//! their names alone: so each is named by its place, and the names go again. (Sorted by their true names, which brings
//! together what is generic, they gain half as much.)

use crate::binary::{CODE, IMPORT, Reader, bodies, functions_imported, section, sections, write};
use anyhow::{Context, Result};
use std::collections::{HashMap, HashSet, VecDeque};

/// How far back gzip looks.
const WINDOW: usize = 32 * 1024;
/// What two functions may share: runs of so many bytes.
const RUN: usize = 8;
/// Counted as if every function had so many more runs of its own: else the smallest come first.
const SMALL: f32 = 40.0;

/// The same binary, its functions named so that the order of names is the order wanted.
pub fn named(wasm: &[u8]) -> Result<Vec<u8>> {
    let sections = sections(wasm)?;
    let find = |id: u8| sections.iter().find(|section| section.id == id);
    let imports = find(IMPORT).map_or(Ok(0), |part| functions_imported(Reader::new(wasm, part.whole.clone())))?;
    let code = find(CODE).context("there is no code")?.whole.clone();
    let bodies: Vec<&[u8]> = bodies(Reader::new(wasm, code))?.into_iter().map(|body| &wasm[body]).collect();
    let mut places = vec![0; bodies.len()];
    for (place, function) in order(&bodies).into_iter().enumerate() {
        places[function] = place;
    }
    // Subsection 1 of the section `name`: functions.
    let mut list = Vec::new();
    write(&mut list, places.len());
    for (function, place) in places.iter().enumerate() {
        let name = format!("{place:05}");
        write(&mut list, imports + function);
        write(&mut list, name.len());
        list.extend(name.bytes());
    }
    let mut names = b"\x04name".to_vec();
    section(&mut names, 1, &list);
    let mut out = wasm[..8].to_vec();
    for part in sections.iter().filter(|part| part.name != "name") {
        section(&mut out, part.id, &wasm[part.whole.clone()]);
    }
    section(&mut out, 0, &names);
    Ok(out)
}

/// The functions, the longest first, then always the one that has most in common with those just before it.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let runs = runs(bodies);
    let mut holders: Vec<Vec<usize>> = Vec::new();
    for (function, runs) in runs.iter().enumerate() {
        for &run in runs {
            holders.resize_with(holders.len().max(run + 1), Vec::new);
            holders[run].push(function);
        }
    }
    // How often each run is in the window, and how many of each function's runs are.
    let (mut seen, mut shared) = (vec![0u32; holders.len()], vec![0u32; bodies.len()]);
    let (mut window, mut length) = (VecDeque::new(), 0);
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order = Vec::new();
    let mut next = (0..bodies.len()).max_by_key(|&function| bodies[function].len());
    while let Some(function) = next {
        left.retain(|&other| other != function);
        order.push(function);
        window.push_back(function);
        length += bodies[function].len();
        for &run in &runs[function] {
            seen[run] += 1;
            if seen[run] == 1 {
                holders[run].iter().for_each(|&holder| shared[holder] += 1);
            }
        }
        while length > WINDOW && window.len() > 1 {
            let gone = window.pop_front().expect("the window holds two or more");
            length -= bodies[gone].len();
            for &run in &runs[gone] {
                seen[run] -= 1;
                if seen[run] == 0 {
                    holders[run].iter().for_each(|&holder| shared[holder] -= 1);
                }
            }
        }
        let part = |function: &usize| shared[*function] as f32 / (runs[*function].len() as f32 + SMALL);
        next = left.iter().copied().max_by(|a, b| part(a).total_cmp(&part(b)));
    }
    order
}

/// The runs of bytes in each function, each run by a number.
fn runs(bodies: &[&[u8]]) -> Vec<Vec<usize>> {
    let mut numbers: HashMap<&[u8], usize> = HashMap::new();
    let mut runs = Vec::new();
    for body in bodies {
        let mut mine = HashSet::new();
        let own: Vec<usize> = (body.windows(RUN.min(body.len()).max(1)))
            .map(|run| {
                let number = numbers.len();
                *numbers.entry(run).or_insert(number)
            })
            .filter(|run| mine.insert(*run))
            .collect();
        runs.push(own);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_stands_beside_like() {
        let bodies: [&[u8]; 5] = [b"abcdefghijklmnop", b"0123456789", b"abcdefghijkl!", b"0123456789!!", b""];
        let order = order(&bodies);
        let place = |function| order.iter().position(|other| *other == function).expect("each is there");
        assert_eq!((place(0), place(2)), (0, 1), "the longest, and what is like it");
        assert_eq!(place(1_usize).abs_diff(place(3)), 1);
        let mut all = order.clone();
        all.sort();
        assert_eq!(all, [0, 1, 2, 3, 4], "each once");
    }
}
