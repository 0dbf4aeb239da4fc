//! The Keras family: what is written comes back as the same document with the same numbers, and whatever is wrong with a file is
//! said in a sentence.

use crate::{documents::presets, experiment::random_document};
use pollster::block_on;
use whisker::device::{Device, cpu::Cpu};
use whisker::export::{FORMATS, Model, Network};
use whisker::hdf5::{self, Attribute, Group, Node};
use whisker::import::{Imported, Upload, read};
use whisker::spec::{Spec, check};
use whisker::tensor::random::Stream;
use whisker::train::{Session, Weight};

/// The formats that are written and read.
pub const FAMILY: &[&str] = &["keras", "keras-h5", "tensorflowjs"];

/// Weights of a document, none like another.
pub fn weights(network: &Network, seed: u32) -> Vec<Weight> {
    let mut stream = Stream::new(seed, 3);
    (network.layers.iter().flat_map(|layer| &layer.parameters))
        .map(|one| {
            // a variance is not below 0
            let low = if one.name == "moving-variance" { 0.1 } else { -1.0 };
            let data = (0..one.shape.count()).map(|_| stream.range(low, 1.0)).collect();
            Weight { name: one.full.clone(), shape: one.shape.clone(), data }
        })
        .collect()
}

pub fn network(spec: &Spec) -> Network {
    Network::new(spec, &check(spec).expect("a network")).expect("a description")
}

/// The files of one format.
pub fn written(format: &str, spec: &Spec, weights: &[Weight]) -> Vec<Upload> {
    let format = FORMATS.iter().find(|row| row.id == format).expect("a format");
    let written = (format.write)(&Model { network: &network(spec), weights }).expect("files");
    written.files.into_iter().map(|(name, bytes)| Upload { name, bytes }).collect()
}

fn read_spec(imported: &Imported) -> Spec {
    Spec::from_json(imported.document.as_ref().expect("a document")).expect("a document that can be read")
}

#[test]
fn every_preset_comes_back_bit_for_bit() {
    for (name, spec) in presets() {
        let own = weights(&network(&spec), 7);
        for format in FAMILY {
            let what = format!("{format} of {name}");
            let imported = read(&written(format, &spec, &own)).unwrap_or_else(|why| panic!("{what}: {why}"));
            assert_eq!(imported.document, Some(spec.to_json()), "{what}");
            assert_eq!(imported.notes, [], "{what}");
            assert_eq!(sorted(imported.weights), sorted(own.clone()), "{what}");
        }
    }
}

fn sorted(mut weights: Vec<Weight>) -> Vec<Weight> {
    weights.sort_by(|a, b| a.name.cmp(&b.name));
    weights
}

/// What a document answers with weights.
pub fn answers(spec: &Spec, weights: Vec<Weight>, x: &[f32]) -> Vec<f32> {
    let mut session = block_on(Session::create(spec.clone(), Device::Cpu(Cpu::default()), None)).expect("a session");
    block_on(session.set_weights(&weights)).expect("weights that fit");
    block_on(session.predict(x)).expect("answers")
}

/// Some layers come back as others that compute the same: a machine as a dense layer, a padded convolution in steps.
#[test]
fn random_documents_come_back_with_the_same_answers() {
    for seed in 0..80 {
        let spec = random_document(seed);
        let own = network(&spec);
        let weights = weights(&own, seed);
        let mut stream = Stream::new(seed, 5);
        let x: Vec<f32> = (0..4 * own.input.count())
            .map(|_| match own.data.vocabulary {
                Some(most) => stream.below(most) as f32,
                None => stream.range(-1.0, 1.0),
            })
            .collect();
        let ours = answers(&spec, weights.clone(), &x);
        for format in FAMILY {
            let what = format!("{format} of random {seed}");
            let imported =
                read(&written(format, &spec, &weights)).unwrap_or_else(|why| panic!("{what}: {why}\n{spec}"));
            let theirs = answers(&read_spec(&imported), imported.weights.clone(), &x);
            let largest = ours.iter().fold(1e-6_f32, |most, value| most.max(value.abs()));
            let difference = ours.iter().zip(&theirs).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
            assert_eq!(ours.len(), theirs.len(), "{what}");
            // other kernels may compute the same sums in another order
            assert!(
                difference <= 1e-5 * largest,
                "{what}: {difference} of {largest}\n{spec}\n{}",
                read_spec(&imported)
            );
        }
    }
}

#[test]
fn names_that_somebody_chose_come_back() {
    let text = r#"{ "data": { "set": "moons" }, "layers": [
        { "type": "dense", "units": 3, "name": "Kopf <b>1" }, { "type": "dense", "units": 4, "activation": "leaky-relu", "name": "dense_1" },
        { "type": "dense", "units": 2, "name": "train" } ] }"#;
    let spec = Spec::parse(text).expect("a document");
    for format in FAMILY {
        let imported = read(&written(format, &spec, &weights(&network(&spec), 1))).expect(format);
        assert_eq!(imported.document, Some(spec.to_json()), "{format}");
    }
}

/// Files that Keras 3.15 saved, with inputs and its answers: `xtask/src/interop/make_keras.py` has the models.
#[test]
fn what_keras_wrote_answers_as_it_does_there() {
    let array = |bytes: &[u8]| {
        let file = Upload { name: "a.npy".into(), bytes: bytes.to_vec() };
        read(&[file]).expect("an array").weights.remove(0).data
    };
    // one ends in a sigmoid, which goes
    let rows: [(&str, [&[u8]; 3]); 3] = [
        (
            "inner.keras",
            [
                include_bytes!("keras/inner.keras"),
                include_bytes!("keras/inner-x.npy"),
                include_bytes!("keras/inner-y.npy"),
            ],
        ),
        (
            "transformer.keras",
            [
                include_bytes!("keras/transformer.keras"),
                include_bytes!("keras/transformer-x.npy"),
                include_bytes!("keras/transformer-y.npy"),
            ],
        ),
        (
            "recurrent.h5",
            [
                include_bytes!("keras/recurrent.h5"),
                include_bytes!("keras/recurrent-x.npy"),
                include_bytes!("keras/recurrent-y.npy"),
            ],
        ),
    ];
    for (name, [bytes, x, y]) in rows {
        let imported = read(&[Upload { name: name.into(), bytes: bytes.to_vec() }]).expect(name);
        let spec = read_spec(&imported);
        let mut ours = answers(&spec, imported.weights, &array(x));
        let sigmoid = imported.notes.iter().any(|note| note.sentence.contains("sigmoid at the end"));
        assert_eq!((sigmoid, imported.notes.len()), (name == "recurrent.h5", usize::from(sigmoid)), "{name}");
        if sigmoid {
            ours.iter_mut().for_each(|value| *value = 1.0 / (1.0 + (-*value).exp()));
        }
        let theirs = array(y);
        assert_eq!(ours.len(), theirs.len(), "{name}");
        let largest = theirs.iter().fold(1e-6_f32, |most, value| most.max(value.abs()));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert!((ours - theirs).abs() <= 1e-5 * largest, "{name}: {ours} for {theirs}");
        }
    }
}

#[test]
fn weights_alone_have_no_document() {
    let bytes = include_bytes!("keras/residual.weights.h5").to_vec();
    let imported = read(&[Upload { name: "residual.weights.h5".into(), bytes }]).expect("weights");
    assert_eq!(imported.document, None);
    let shape = |name: &str| imported.weights.iter().find(|one| one.name == name).map(|one| one.shape.to_vec());
    assert_eq!(shape("conv2d/0"), Some(vec![3, 3, 3, 4]));
    assert_eq!(shape("dense/1"), Some(vec![3]));
}

/// The moons with their weights, as a model of TensorFlow.js.
fn moons() -> (Spec, Vec<Weight>, Vec<Upload>) {
    let spec = presets().into_iter().find(|(name, _)| *name == "moons").expect("a preset").1;
    let own = sorted(weights(&network(&spec), 9));
    let files = written("tensorflowjs", &spec, &own);
    (spec, own, files)
}

/// The text of model.json with a part of it changed.
fn with(files: &[Upload], from: &str, to: &str) -> Upload {
    let text = std::str::from_utf8(&files[0].bytes).expect("text");
    assert!(text.contains(from), "{from} in {text}");
    Upload { name: "tfjs/model.json".into(), bytes: text.replacen(from, to, 1).into_bytes() }
}

#[test]
fn weights_in_parts_and_in_a_zip_open() {
    let (spec, own, files) = moons();
    let model = with(&files, "[\"model.weights.bin\"]", "[\"group1-shard1of2.bin\",\"group1-shard2of2.bin\"]");
    // the cut goes through a number
    let (first, second) = files[1].bytes.split_at(101);
    let part = |name: &str, bytes: &[u8]| Upload { name: format!("tfjs/{name}"), bytes: bytes.to_vec() };
    let parts = [part("group1-shard2of2.bin", second), model, part("group1-shard1of2.bin", first)];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for part in &parts {
        zip.start_file(part.name.as_str(), zip::write::SimpleFileOptions::default()).expect("a member begins");
        std::io::Write::write_all(&mut zip, &part.bytes).expect("a member is written");
    }
    let zip = Upload { name: "model.zip".into(), bytes: zip.finish().expect("a zip").into_inner() };
    for (what, files) in [("in parts", &parts[..]), ("in a zip", &[zip])] {
        let imported = read(files).unwrap_or_else(|why| panic!("{what}: {why}"));
        assert_eq!((imported.document, sorted(imported.weights)), (Some(spec.to_json()), own.clone()), "{what}");
    }
    let said = read(&parts[..2]).expect_err("a part is missing");
    assert!(said.contains("group1-shard1of2.bin"), "{said}");
}

#[test]
fn a_configuration_of_keras_3_in_model_json_opens() {
    let (spec, own, files) = moons();
    let keras = written("keras", &spec, &own).remove(0).bytes;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(keras)).expect("a zip");
    let mut config = String::new();
    std::io::Read::read_to_string(&mut zip.by_name("config.json").expect("a member"), &mut config).expect("text");
    let text = std::str::from_utf8(&files[0].bytes).expect("text");
    let (head, rest) = text.split_once("\"model_config\":").expect("a configuration");
    let (_, tail) = rest.split_once(",\"weightsManifest\"").expect("a manifest");
    let whole = format!("{head}\"model_config\":{config}}},\"weightsManifest\"{tail}");
    let model = Upload { name: "model.json".into(), bytes: whole.into_bytes() };
    let bytes = files.into_iter().nth(1).expect("weights");
    let imported = read(&[model, bytes]).expect("a network");
    assert_eq!((imported.document, sorted(imported.weights)), (Some(spec.to_json()), own));
}

#[test]
fn packed_weights_are_unpacked() {
    let layers =
        r#"[{ "class_name": "Dense", "config": { "name": "d", "units": 2, "batch_input_shape": [null, 2] } }]"#;
    let row = |name: &str, shape: &str, kind: &str, packed: &str| {
        format!(
            r#"{{ "name": "{name}", "shape": {shape}, "dtype": "float32", "quantization": {{ "dtype": "{kind}"{packed} }} }}"#
        )
    };
    let rows =
        [row("d/kernel", "[2, 2]", "uint8", r#", "scale": 0.5, "min": -1.0"#), row("d/bias", "[2]", "float16", "")];
    let text = format!(
        r#"{{ "modelTopology": {{ "model_config": {{ "class_name": "Sequential", "config": {layers} }} }},
        "weightsManifest": [{{ "paths": ["w.bin"], "weights": [{}] }}] }}"#,
        rows.join(", ")
    );
    // 1 and −2 as half precision
    let bytes = vec![0, 2, 4, 255, 0x00, 0x3c, 0x00, 0xc0];
    let files =
        [Upload { name: "model.json".into(), bytes: text.into_bytes() }, Upload { name: "w.bin".into(), bytes }];
    let weights = read(&files).expect("a network").weights;
    assert_eq!(weights[0].data, [-1.0, 0.0, 1.0, 126.5]);
    assert_eq!(weights[1].data, [1.0, -2.0]);
}

#[test]
fn weights_of_keras_2_alone_are_named_by_layer() {
    let mut root = Group::default();
    root.attributes.push(("layer_names".into(), Attribute::Texts(vec!["dense".into()])));
    root.put("dense/dense/kernel:0", Node::Array { shape: vec![1, 2], data: vec![1.0, 2.0] });
    root.put("dense/dense/bias:0", Node::Array { shape: vec![2], data: vec![3.0, 4.0] });
    root.put("optimizer_weights/adam/m:0", Node::Array { shape: vec![1], data: vec![5.0] });
    let imported = read(&[Upload { name: "w.h5".into(), bytes: hdf5::write(&root) }]).expect("weights");
    let names: Vec<&str> = imported.weights.iter().map(|one| one.name.as_str()).collect();
    assert_eq!((imported.document, names), (None, vec!["dense/bias", "dense/kernel"]));
}

#[test]
fn what_training_says_of_a_layer_is_told() {
    let (_, _, files) = moons();
    let own = with(&files, "\"userDefinedMetadata\"", "\"other\"");
    let own = with(
        &[own],
        "\"kernel_regularizer\":null",
        "\"kernel_regularizer\":{\"class_name\":\"L2\",\"config\":{\"l2\":0.1}}",
    );
    let own = with(&[own], "\"trainable\":true", "\"trainable\":false");
    let bytes = files.into_iter().nth(1).expect("weights");
    let notes = read(&[own, bytes]).expect("a network").notes;
    let said: Vec<(&str, bool, bool)> = (notes.iter())
        .map(|note| (note.node.as_str(), note.sentence.contains("penalty"), note.sentence.contains("frozen")))
        .collect();
    assert_eq!(said, [("dense_1", true, false), ("dense_1", false, true)]);
}
