//! ONNX files of other exporters, opened and held against what ONNX Runtime answers:
//! `cargo run --profile serve --example onnx_open -- FOLDER`, FOLDER as `xtask/src/interop/make_onnx.py` writes it.

use pollster::block_on;
use std::path::{Path, PathBuf};
use whisker::device::{Device, cpu::Cpu};
use whisker::import::{Upload, matching::permuted, read};
use whisker::spec::{Sample, Spec};
use whisker::train::Session;

/// How far apart answers may be, relative to the largest number.
const FAR: f32 = 1e-5;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("name a folder"));
    let mut nets: Vec<PathBuf> =
        std::fs::read_dir(&folder).expect("a folder").flatten().map(|one| one.path()).collect();
    nets.sort();
    let mut failed = 0;
    for net in &nets {
        let name = net.file_name().unwrap_or_default().to_string_lossy().to_string();
        match apart(net) {
            Ok((far, kinds)) => {
                failed += usize::from(far.is_nan() || far > FAR);
                println!("{name}: {far:.1e} apart, {kinds}");
            }
            Err(why) => {
                failed += 1;
                println!("{name}: FAILED, {why}");
            }
        }
    }
    println!("onnx files of other exporters: {} of {} open and agree", nets.len() - failed, nets.len());
    if failed > 0 {
        std::process::exit(1);
    }
}

/// An array of a `.npy` file, read as our own reader does.
fn array(path: &Path) -> Result<(Vec<usize>, Vec<f32>), String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let weight = read(&[Upload { name: "a.npy".into(), bytes }])?.weights.remove(0);
    Ok((weight.shape.to_vec(), weight.data))
}

/// Pictures with their channels last; everything else as it is.
fn last((shape, data): (Vec<usize>, Vec<f32>)) -> Vec<f32> {
    match shape[..] {
        [_, _, _, _] => permuted(&data, &shape, &[0, 2, 3, 1]),
        _ => data,
    }
}

/// The largest difference, and the layers that the file became.
fn apart(net: &Path) -> Result<(f32, String), String> {
    let bytes = std::fs::read(net.join("model.onnx")).map_err(|error| error.to_string())?;
    let imported = read(&[Upload { name: "model.onnx".into(), bytes }])?;
    let spec = Spec::from_json(imported.document.as_ref().ok_or("no document")?).map_err(|error| error.to_string())?;
    let kinds: Vec<&str> = spec.layers.iter().map(|layer| layer.kind.about.id).collect();
    let x = array(&net.join("x.npy"))?;
    let x = if x.0[1..] == Sample::of(&spec).shape[..] { x.1 } else { last(x) };
    let mut y = last(array(&net.join("y.npy"))?);
    // a sigmoid at the end is in the loss here
    if imported.notes.iter().any(|note| note.sentence.contains("sigmoid at the end")) {
        y.iter_mut().for_each(|share| *share = (*share / (1.0 - *share)).ln());
    }
    let kinds = kinds.join(" ");
    let mut session = block_on(Session::create(spec, Device::Cpu(Cpu::default()), None))?;
    block_on(session.set_weights(&imported.weights))?;
    let answer = block_on(session.predict(&x))?;
    if answer.len() != y.len() {
        return Err(format!("{} answers for {}", answer.len(), y.len()));
    }
    let top = y.iter().fold(1e-6_f32, |top, value| top.max(value.abs()));
    let far = answer.iter().zip(&y).map(|(a, b)| (a - b).abs() / top).fold(0.0, f32::max);
    Ok((far, kinds))
}
