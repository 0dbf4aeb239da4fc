//! One shader for launches that differ only in where their numbers lie: the steps of a recurrent layer, blocks that repeat.
//!
//! To compile a shader takes longer than to run it a thousand times. Where only few launches are alike, their offsets
//! stay constants, which are a little faster.

use super::launch::Launch;
use std::collections::HashMap;
use std::fmt::Write;

/// So many launches of one shape share a shader.
const ALIKE: usize = 3;

/// Settles the marked offsets of all launches.
pub fn share(launches: &mut [Launch]) {
    let mut alike: HashMap<String, Vec<usize>> = HashMap::new();
    let texts: Vec<Vec<String>> =
        launches.iter().map(|launch| launch.source.split('~').map(str::to_string).collect()).collect();
    for (number, parts) in texts.iter().enumerate() {
        let shape: Vec<&str> = parts.iter().step_by(2).map(String::as_str).collect();
        alike.entry(shape.join("~")).or_default().push(number);
    }
    for numbers in alike.values() {
        // Which of the offsets, which are every other part, are not the same in all.
        let first = &texts[numbers[0]];
        let differs = |at: usize| numbers.iter().any(|&number| texts[number][at] != first[at]);
        let moving: Vec<bool> =
            (0..first.len()).map(|at| at % 2 == 1 && numbers.len() >= ALIKE && differs(at)).collect();
        for &number in numbers {
            settle(&mut launches[number], &texts[number], &moving);
        }
    }
}

/// Puts constants for the offsets that stay, and a uniform for those that move.
fn settle(launch: &mut Launch, parts: &[String], moving: &[bool]) {
    let mut text = String::new();
    launch.offsets.clear();
    for (part, moves) in parts.iter().zip(moving) {
        if *moves {
            let at = launch.offsets.len();
            let _ = write!(text, "offsets[{}][{}]", at / 4, at % 4);
            launch.offsets.push(part.parse().expect("an offset is a number"));
        } else if part == "0" && text.ends_with(" + ") {
            text.truncate(text.len() - 3);
        } else {
            text += part;
        }
    }
    if !launch.offsets.is_empty() {
        let (binding, rows) = (launch.bindings.len(), launch.offsets.len().div_ceil(4));
        launch.offsets.resize(rows * 4, 0);
        let _ = writeln!(text, "@group(1) @binding({binding}) var<uniform> offsets: array<vec4i, {rows}>;");
    }
    launch.source = text;
}
