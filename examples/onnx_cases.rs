//! ONNX's own node tests, computed by the meanings that its reader folds with:
//! `cargo run --profile serve --example onnx_cases -- FOLDER [NAME...]`, FOLDER as `onnx_node_cases.py` writes it; with names, why
//! each of these is refused or wrong.

use std::path::{Path, PathBuf};
use whisker::import::onnx::{array::Array, compute};

/// How far apart numbers may be, by the tests' own tolerances: relative, and absolute.
const RELATIVE: f64 = 1e-3;
const ABSOLUTE: f64 = 1e-7;

enum Outcome {
    Pass,
    Wrong(String),
    Refused(String),
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("name a folder"));
    let names: Vec<String> = arguments.collect();
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(&folder).expect("a folder").flatten().map(|one| one.path()).collect();
    cases.retain(|path| path.join("model.onnx").exists());
    cases.sort();
    let (mut pass, mut wrong, mut refused) = (0, 0, 0);
    for case in &cases {
        let name = case.file_name().unwrap_or_default().to_string_lossy().to_string();
        let named = names.iter().any(|own| name.contains(own.as_str()));
        match run(case) {
            Outcome::Pass => pass += 1,
            Outcome::Wrong(why) => {
                wrong += 1;
                println!("WRONG {name}: {why}");
            }
            Outcome::Refused(why) => {
                refused += 1;
                if named {
                    println!("refused {name}: {why}");
                }
            }
        }
    }
    println!("onnx node tests: {pass} pass, {wrong} wrong, {refused} refused");
    if wrong > 0 {
        std::process::exit(1);
    }
}

fn run(case: &Path) -> Outcome {
    let bytes = std::fs::read(case.join("model.onnx")).expect("a model");
    for set in 0.. {
        let folder = case.join(format!("test_data_set_{set}"));
        if !folder.exists() {
            break;
        }
        let files = |kind: &str| -> Vec<Vec<u8>> {
            (0..).map_while(|i| std::fs::read(folder.join(format!("{kind}_{i}.pb"))).ok()).collect()
        };
        let (inputs, outputs) = (files("input"), files("output"));
        let wanted: Result<Vec<Array>, String> = outputs.iter().map(|one| Array::read(one)?.1).collect();
        let wanted = match wanted {
            Ok(wanted) => wanted,
            Err(why) => return Outcome::Refused(why),
        };
        let given: Result<Vec<Option<Array>>, String> =
            inputs.iter().map(|one| Array::read(one)?.1.map(Some)).collect();
        let made = match given.and_then(|given| compute(&bytes, &given)) {
            Ok(made) => made,
            Err(why) => return Outcome::Refused(why),
        };
        if made.len() != wanted.len() {
            return Outcome::Wrong(format!("{} results for {}", made.len(), wanted.len()));
        }
        for (place, (array, theirs)) in made.iter().zip(&wanted).enumerate() {
            if (&array.shape, array.kind) != (&theirs.shape, theirs.kind) {
                let told = |one: &Array| format!("{:?} of {:?}", one.shape, one.kind);
                return Outcome::Wrong(format!("result {place} is {}, not {}", told(array), told(theirs)));
            }
            let far = array.numbers().into_iter().zip(theirs.numbers()).find(|(own, theirs)| {
                let same = own == theirs || (own.is_nan() && theirs.is_nan());
                !(same || (own - theirs).abs() <= ABSOLUTE + RELATIVE * theirs.abs())
            });
            if let Some((own, theirs)) = far {
                return Outcome::Wrong(format!("result {place} has {own} for {theirs}"));
            }
        }
    }
    Outcome::Pass
}
