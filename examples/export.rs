//! Writes experiments as code for every framework, with what is needed to hold the code to our numbers:
//! `cargo run --profile serve --example export -- FOLDER [--random COUNT] [PRESET|FILE.json]...`; all presets where none is named.
//!
//! In FOLDER/NAME: `weights.npz` and `weights.safetensors`, `eight.npy` (inputs) and `expected.npy` (our predictions),
//! `x.npy` and `y.npy` (the first epoch in our order, in whole batches), `expected.json`, a folder for each framework and each
//! kind of file, with the program that loads it, and in `FORMAT.zip` what the page gives for it.
//! What is drawn at random while training is switched off, so that others can make the same steps; so is a penalty on
//! layers that have no part in the output, which the code leaves out.

use pollster::block_on;
use std::io::Cursor;
use std::path::Path;
use whisker::data::{self, Dataset, Request};
use whisker::device::{Device, cpu::Cpu};
use whisker::export::{FORMATS, FRAMEWORKS, Model, Network, Samples, bundle, npy, npy_integers, npz, safetensors};
use whisker::nn::{Target, Value};
use whisker::spec::{Data, PRESETS, Penalty, Spec, check};
use whisker::tensor::random::Stream;
use whisker::train::Session;

#[path = "../tests/it/experiment.rs"]
mod experiment;

/// How many inputs are predicted; how many batches are brought where a document has no set.
const EIGHT: usize = 8;
const BROUGHT: usize = 6;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("name a folder");
    let rest: Vec<String> = arguments.collect();
    let (mut random, mut names) = (0, Vec::new());
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--random" => random = rest.next().and_then(|count| count.parse().ok()).expect("--random COUNT"),
            name => names.push(name),
        }
    }
    let preset = |id: &str| PRESETS.iter().find(|preset| preset.id == id).map(|preset| preset.document.to_string());
    let documents = if names.is_empty() { PRESETS.iter().map(|preset| preset.id).collect() } else { names };
    for name in documents {
        let text = preset(name).unwrap_or_else(|| std::fs::read_to_string(name).expect("a document or a preset"));
        let stem = Path::new(name).file_stem().expect("a name").to_string_lossy().to_string();
        write(&Path::new(&folder).join(stem), Spec::parse(&text).expect("a document"));
    }
    for seed in 0..random {
        write(&Path::new(&folder).join(format!("random-{seed:02}")), experiment::random_document(seed));
    }
}

fn write(folder: &Path, spec: Spec) {
    std::fs::create_dir_all(folder).expect("a folder");
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("a file");
    let spec = still(spec);
    let checked = check(&spec).expect("a network");
    let network = Network::new(&spec, &checked).expect("a description");
    for framework in FRAMEWORKS {
        let program = (framework.write)(&network);
        let own = folder.join(framework.id);
        std::fs::create_dir_all(&own).expect("a folder");
        for file in &program.files {
            std::fs::write(own.join(file.name), file.code.text()).expect("a file");
        }
        let notes: String = program.notes.iter().map(|note| format!("{}\n", note.sentence)).collect();
        std::fs::write(own.join("notes.txt"), notes).expect("a file");
    }
    let device = || Device::Cpu(Cpu::default());
    let width = network.input.count();
    let target: usize = network.target_shape().iter().product();
    let (x, y, mut session) = match &spec.data {
        Data::Set(set) => {
            let noise = set.noise.map(|noise| noise as f32);
            let request = Request { seed: spec.seed, size: set.size, train: set.train, test: set.test, noise };
            let mut data = (data::find(set.set).expect("a set").make)(&request);
            let (x, y) = first_epoch(&mut data, &spec);
            (x, y, block_on(Session::create(spec.clone(), device(), Some(data))).expect("a session"))
        }
        Data::Given { .. } => {
            let (x, y) = brought(&network, BROUGHT * spec.batch, width, target);
            (x, y, block_on(Session::create(spec.clone(), device(), None)).expect("a session"))
        }
    };
    let weights = block_on(session.weights()).expect("weights");
    put("weights.npz", &npz(&weights).expect("a zip"));
    put("weights.safetensors", &safetensors(&weights));
    let axes = |count: usize, rest: &[usize]| [&[count], rest].concat();
    let eight = &x[..EIGHT * width];
    let expected = block_on(session.predict(eight)).expect("predictions");
    put("eight.npy", &npy(&axes(EIGHT, &network.input), eight));
    put("expected.npy", &npy(&axes(EIGHT, &network.last().shape), &expected));
    let samples = Samples { x: eight.to_vec(), expected, classes: Vec::new() };
    for format in FORMATS {
        let model = Model { network: &network, weights: &weights };
        let own = folder.join(format.id);
        std::fs::create_dir_all(&own).expect("a folder");
        let (zip, written) = match bundle(format, &model, &samples) {
            Ok(made) => made,
            Err(why) => {
                std::fs::write(own.join("refused.txt"), why).expect("a file");
                continue;
            }
        };
        unpack(&zip, &own);
        let notes: String = written.notes.iter().map(|note| format!("{}\n", note.sentence)).collect();
        std::fs::write(own.join("notes.txt"), notes).expect("a file");
        put(&format!("{}.zip", format.id), &zip);
    }
    let count = x.len() / width;
    put("x.npy", &npy(&axes(count, &network.input), &x));
    let shape = axes(count, network.target_shape());
    put("y.npy", &if network.target == Target::Class { npy_integers(&shape, &y) } else { npy(&shape, &y) });
    let mut losses = Vec::new();
    while losses.len() < count / spec.batch {
        match spec.data {
            Data::Set(_) => losses.extend(block_on(session.steps(64)).expect("steps").iter().map(|made| made.loss)),
            Data::Given { .. } => {
                let batch = losses.len() * spec.batch;
                let (from, to) = (batch, batch + spec.batch);
                let step = session.train_batch(&x[from * width..to * width], &y[from * target..to * target]);
                losses.push(block_on(step).expect("a step"));
            }
        }
    }
    let loss = losses.iter().map(|loss| f64::from(*loss)).sum::<f64>() / losses.len() as f64;
    let given = matches!(spec.data, Data::Given { .. });
    let batch = spec.batch;
    let expected = format!("{{ \"loss\": {loss}, \"losses\": {losses:?}, \"batch\": {batch}, \"given\": {given} }}");
    put("expected.json", expected.as_bytes());
    put("document.json", spec.to_string().as_bytes());
    println!("{} loss {loss:.6} over {} steps", folder.display(), losses.len());
}

/// Puts the files of a zip into a folder, as whoever takes the model home does.
fn unpack(zip: &[u8], folder: &Path) {
    let mut zip = zip::ZipArchive::new(Cursor::new(zip)).expect("a zip");
    zip.extract(folder).expect("its files");
}

/// The same without what is drawn at random while training, and without a penalty on layers that the code leaves out.
fn still(mut spec: Spec) -> Spec {
    let network = Network::new(&spec, &check(&spec).expect("a network")).expect("a description");
    if network.layers.iter().any(|layer| !layer.used) {
        spec.penalty = Penalty::default();
    }
    spec.augment.clear();
    for layer in &mut spec.layers {
        let field = match layer.kind.about.id {
            "dropout" => "rate",
            "gaussian-noise" => "stddev",
            _ => continue,
        };
        layer.values = layer.values.clone().with(field, Value::Number(0.0));
    }
    spec
}

/// The samples of the first epoch in the order in which they are learnt from, as far as they fill batches.
fn first_epoch(data: &mut Dataset, spec: &Spec) -> (Vec<f32>, Vec<f32>) {
    let count = data.train / spec.batch * spec.batch;
    let order: Vec<usize> = data::order(spec.seed, 0, data.train).iter().map(|&index| index as usize).collect();
    data.ensure(&order);
    let x = order[..count].iter().flat_map(|&index| data.sample(index)).collect();
    (x, order[..count].iter().map(|&index| data.labels[index] as f32).collect())
}

/// Random samples for a document that brings none.
fn brought(network: &Network, count: usize, width: usize, target: usize) -> (Vec<f32>, Vec<f32>) {
    let mut stream = Stream::new(network.seed, 5);
    let x = (0..count * width).map(|_| match network.data.vocabulary {
        Some(most) => stream.below(most) as f32,
        None => stream.range(-1.0, 1.0),
    });
    let x = x.collect();
    let classes = *network.last().shape.last().expect("an axis");
    let y = (0..count * target).map(|_| match network.loss {
        whisker::export::Loss::CrossEntropy => stream.below(classes) as f32,
        whisker::export::Loss::BinaryCrossEntropy => stream.below(2) as f32,
        whisker::export::Loss::Hinge => stream.below(2) as f32 * 2.0 - 1.0,
        _ => stream.range(-1.0, 1.0),
    });
    (x, y.collect())
}
