//! Trains a document natively and prints how it goes: `cargo run --profile serve --example train -- FILE.json|PRESET [EPOCHS] [TRAIN.bin TEST.bin]`.
//!
//! With two CIFAR-10 binary files, these are the pictures instead of the document's set.

use pollster::block_on;
use std::time::Instant;
use whisker::data::{self, Dataset, Request, files, own};
use whisker::device::{Device, cpu::Cpu};
use whisker::spec::{Data, PRESETS, Spec};
use whisker::train::Session;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = arguments.first().expect("name a document or a preset");
    let text = match PRESETS.iter().find(|preset| preset.id == name) {
        Some(preset) => preset.document.to_string(),
        None => std::fs::read_to_string(name).expect("a document or a preset"),
    };
    let mut spec = Spec::parse(&text).expect("a document");
    if let Some(epochs) = arguments.get(1) {
        spec.epochs = epochs.parse().expect("a count of epochs");
    }
    let Data::Set(set) = &mut spec.data else { panic!("a document that names a set") };
    let data = match &arguments[2.min(arguments.len())..] {
        [train, test] => {
            let data = brought(&[train, test], set.size, spec.seed);
            (set.set, set.train, set.test) = (own::SOURCE.id, data.train, data.len() - data.train);
            data
        }
        _ => {
            let noise = set.noise.map(|noise| noise as f32);
            let request = Request { seed: spec.seed, size: set.size, train: set.train, test: set.test, noise };
            (data::find(set.set).expect("a set").make)(&request)
        }
    };
    let epochs = spec.epochs;
    let mut session = block_on(Session::create(spec, Device::Cpu(Cpu::default()), Some(data))).expect("a network");
    let start = Instant::now();
    while session.prepare(100) {}
    println!("{} parameters, drawn in {:.1} s", session.network().count(), start.elapsed().as_secs_f64());
    let start = Instant::now();
    for epoch in 1..=epochs {
        let (mut loss, mut count) = (0.0, 0);
        while session.epoch() < epoch as f64 {
            for made in block_on(session.steps(64)).expect("a step") {
                loss += made.loss;
                count += 1;
            }
        }
        let evaluation = block_on(session.evaluate()).expect("a test split");
        println!(
            "epoch {epoch:3}  step {:6}  train loss {:.4}  test loss {:.4}  test accuracy {:.2} %  {:.1} s",
            session.step(),
            loss / count as f32,
            evaluation.loss,
            100.0 * evaluation.accuracy(),
            start.elapsed().as_secs_f64()
        );
    }
}

/// The set that files amount to, as when they are dropped on the page.
fn brought(names: &[&String], size: usize, seed: u32) -> Dataset {
    let read = |name: &&String| files::File { name: name.to_string(), bytes: std::fs::read(name).expect("a file") };
    let plan = files::plan(names.iter().map(read).collect());
    let cut = |entry: files::Entry| {
        let files::Kind::Raw { pixels, width, height } = entry.kind else { panic!("pixels as they are") };
        let pixels = data::resize::square(&pixels, width, height, size);
        own::Decoded { name: entry.name, class: entry.class, split: entry.split, pixels }
    };
    own::assemble(plan.entries.into_iter().map(cut).collect(), size, seed).dataset.expect("two classes")
}
