//! Opens models that others wrote and holds their answers to those that lie beside them:
//! `cargo run --profile serve --example import -- FOLDER...`.
//!
//! Each FOLDER has the files of one model, the inputs as `x.npy` and the answers of whoever wrote it as `y.npy`. A line of JSON
//! for each says how far ours are from those, relative to the largest.

use pollster::block_on;
use std::path::Path;
use whisker::device::{Device, cpu::Cpu};
use whisker::import::{Upload, read};
use whisker::nn::json::{Json, Map};
use whisker::spec::Spec;
use whisker::train::Session;

fn main() {
    for folder in std::env::args().skip(1) {
        let folder = Path::new(&folder);
        let name = folder.file_name().expect("a folder").to_string_lossy();
        let mut row = Map::new();
        row.insert("framework", "import");
        row.insert("name", &*name);
        row.insert("predicts", true);
        match difference(folder) {
            Ok(difference) => row.insert("difference", difference),
            Err(why) => row.insert("error", why.as_str()),
        }
        println!("{}", Json::from(row));
    }
}

fn difference(folder: &Path) -> Result<f64, String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| error.to_string())?.flatten() {
        let name = entry.file_name().to_string_lossy().to_string();
        if !name.ends_with(".npy") {
            files.push(Upload { name, bytes: std::fs::read(entry.path()).map_err(|error| error.to_string())? });
        }
    }
    let array = |name: &str| -> Result<Vec<f32>, String> {
        let bytes = std::fs::read(folder.join(name)).map_err(|error| error.to_string())?;
        Ok(read(&[Upload { name: name.into(), bytes }])?.weights.remove(0).data)
    };
    let (x, theirs) = (array("x.npy")?, array("y.npy")?);
    let imported = read(&files)?;
    let document = imported.document.ok_or("it has no layers")?;
    let spec = Spec::from_json(&document).map_err(|error| error.to_string())?;
    let mut session = block_on(Session::create(spec, Device::Cpu(Cpu::default()), None))?;
    block_on(session.set_weights(&imported.weights))?;
    let mut ours = block_on(session.predict(&x))?;
    if ours.len() != theirs.len() {
        return Err(format!("it answers {} numbers for {}", ours.len(), theirs.len()));
    }
    // what is left out at the end is done here
    let left_out = |word: &str| imported.notes.iter().any(|note| note.sentence.contains(&format!("{word} at the end")));
    if left_out("softmax") {
        let classes = ours.len() / 4;
        ours.chunks_exact_mut(classes).for_each(softmax);
    }
    if left_out("sigmoid") {
        ours.iter_mut().for_each(|value| *value = 1.0 / (1.0 + (-*value).exp()));
    }
    if ours.iter().any(|value| value.is_nan()) {
        return Err("it answers what is no number".into());
    }
    let largest = theirs.iter().fold(1e-6_f32, |most, value| most.max(value.abs()));
    let apart = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs());
    Ok(f64::from(apart.fold(0.0_f32, f32::max) / largest))
}

/// Of one sample.
fn softmax(row: &mut [f32]) {
    let most = row.iter().copied().fold(f32::MIN, f32::max);
    row.iter_mut().for_each(|value| *value = (*value - most).exp());
    let sum: f32 = row.iter().sum();
    row.iter_mut().for_each(|value| *value /= sum);
}
