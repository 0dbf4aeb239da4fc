//! Files of the Keras family that are cut, changed, lying or malicious: each is a sentence, and none is a panic.

use std::io::{Cursor, Write};

use crate::keras::{FAMILY, network, weights, written};
use whisker::hdf5::{self, Attribute, Group};
use whisker::import::{Upload, read};
use whisker::spec::Spec;
use whisker::tensor::random::Stream;
use zip::write::{SimpleFileOptions, ZipWriter};

/// A small network with a join, a normalisation and a recurrent layer.
fn small() -> Spec {
    let text = r#"{ "data": { "input": [6, 4], "target": "class" }, "layers": [
        { "type": "dense", "units": 4, "activation": "leaky-relu", "name": "a" }, { "type": "batch-norm" },
        { "type": "add", "inputs": ["a", "batch-norm-1"] }, { "type": "attention", "heads": 2, "causal": true }, { "type": "gru", "units": 3 },
        { "type": "dense", "units": 2 } ] }"#;
    Spec::parse(text).expect("a document")
}

/// Whatever comes of it, it is a network or a sentence.
fn says(what: &str, files: &[Upload]) -> Option<String> {
    let sentence = read(files).err()?;
    assert!(sentence.ends_with('.') && sentence.len() > 20, "{what}: {sentence:?}");
    Some(sentence)
}

fn copy(files: &[Upload]) -> Vec<Upload> {
    files.iter().map(|file| Upload { name: file.name.clone(), bytes: file.bytes.clone() }).collect()
}

#[test]
fn cut_files_are_sentences() {
    let spec = small();
    for format in FAMILY {
        let whole = written(format, &spec, &weights(&network(&spec), 1));
        for (place, length) in whole.iter().enumerate().map(|(place, file)| (place, file.bytes.len())) {
            for cut in (0..length).step_by((length / 400).max(1)) {
                let mut files = copy(&whole);
                files[place].bytes.truncate(cut);
                let said = says(&format!("{format} cut at {cut} of {length}"), &files);
                // a zip's list, a configuration, the head of the root and the last array stand at the end
                assert!(said.is_some(), "{format} cut at {cut} of {length} was opened");
            }
        }
    }
}

#[test]
fn changed_files_are_sentences() {
    let spec = small();
    for format in FAMILY {
        let whole = written(format, &spec, &weights(&network(&spec), 1));
        for seed in 0..1500 {
            let mut stream = Stream::new(seed, 13);
            let mut files = copy(&whole);
            for _ in 0..1 + stream.below(5) {
                let file = stream.below(files.len());
                let bytes = &mut files[file].bytes;
                let at = stream.below(bytes.len());
                match stream.below(4) {
                    0 => bytes[at] = stream.below(256) as u8,
                    1 => bytes[at] = b"0192\"{}[],:-e"[stream.below(12)],
                    2 => bytes[at] ^= 1 << stream.below(8),
                    _ => {
                        let end = (at + 8).min(bytes.len());
                        bytes[at..end].copy_from_slice(&10_000_000_000_u64.to_le_bytes()[..end - at]);
                    }
                }
            }
            says(&format!("{format}, seed {seed}"), &files);
        }
    }
}

/// The inner texts are changed, which a zip's checksums would else catch.
#[test]
fn changed_configurations_are_sentences() {
    let spec = small();
    let whole = written("tensorflowjs", &spec, &weights(&network(&spec), 1));
    let text = String::from_utf8(whole[0].bytes.clone()).expect("JSON");
    let words: Vec<&str> = text.split('"').collect();
    for seed in 0..3000 {
        let mut stream = Stream::new(seed, 17);
        let mut own: Vec<String> = words.iter().map(|word| word.to_string()).collect();
        for _ in 0..1 + stream.below(3) {
            let (at, from) = (stream.below(own.len()), stream.below(own.len()));
            own[at] = match stream.below(3) {
                0 => words[from].to_string(),
                // between two words stand numbers, brackets and commas
                1 if at % 2 == 0 => own[at].replace(|c: char| c.is_ascii_digit(), "99999999"),
                _ => own[at].replace(['3', '4', '6'], "0"),
            };
        }
        let config = own.join("\"").into_bytes();
        let mut files = copy(&whole);
        files[0].bytes = config.clone();
        says(&format!("model.json, seed {seed}"), &files);
        let Ok(text) = String::from_utf8(config) else { continue };
        let h5 = hdf5::write(&Group {
            attributes: vec![("model_config".into(), Attribute::Text(text))],
            members: Vec::new(),
        });
        says(&format!("h5, seed {seed}"), &[Upload { name: "m.h5".into(), bytes: h5 }]);
    }
}

/// A model of TensorFlow.js with these layers and no weights.
fn model(class: &str, config: &str) -> [Upload; 1] {
    let text = format!(
        r#"{{ "modelTopology": {{ "class_name": "{class}", "config": {config} }}, "weightsManifest": [{{ "paths": [], "weights": [] }}] }}"#
    );
    [Upload { name: "model.json".into(), bytes: text.into_bytes() }]
}

fn graph(layers: &str, output: &str) -> [Upload; 1] {
    model(
        "Functional",
        &format!(
            r#"{{ "layers": [{{ "class_name": "InputLayer", "config": {{ "batch_input_shape": [null, 4] }}, "name": "in", "inbound_nodes": [] }}, {layers}],
            "input_layers": [["in", 0, 0]], "output_layers": [["{output}", 0, 0]] }}"#
        ),
    )
}

fn activation(name: &str, nodes: &str) -> String {
    format!(
        r#"{{ "class_name": "Activation", "config": {{ "activation": "relu" }}, "name": "{name}", "inbound_nodes": [{nodes}] }}"#
    )
}

#[test]
fn what_no_network_can_be_is_named_with_what_to_do() {
    let [a, b] = [activation("a", r#"[["b", 0, 0, {}]]"#), activation("b", r#"[["a", 0, 0, {}]]"#)];
    let twice = activation("a", r#"[["in", 0, 0, {}]], [["a", 0, 0, {}]]"#);
    let lost = activation("a", r#"[["<img src=x>", 0, 0, {}]]"#);
    let deep = (0..40).fold(r#"{ "class_name": "Flatten", "config": { "name": "f" } }"#.to_string(), |inner, at| {
        format!(r#"{{ "class_name": "Sequential", "config": {{ "name": "s{at}", "layers": [{inner}] }} }}"#)
    });
    let dense = |fields: &str| {
        let input = r#"{ "class_name": "InputLayer", "config": { "batch_input_shape": [null, 4], "name": "in" } }"#;
        model(
            "Sequential",
            &format!(
                r#"{{ "layers": [{input}, {{ "class_name": "Dense", "config": {{ "name": "d", {fields} }} }}] }}"#
            ),
        )
    };
    let rows: Vec<(&str, [Upload; 1], &[&str])> = vec![
        ("a circle", graph(&format!("{a}, {b}"), "b"), &["\"b\"", "circles"]),
        ("a layer used twice", graph(&twice, "a"), &["\"a\"", "2 times", "layer of its own"]),
        ("a layer that is not there", graph(&lost, "a"), &["<img src=x>", "not in the file"]),
        ("no such output", graph(&activation("a", r#"[["in", 0, 0, {}]]"#), "z"), &["\"z\"", "not in the file"]),
        ("models in models", model("Sequential", &format!(r#"{{ "layers": [{deep}] }}"#)), &["deep"]),
        ("a class of its own", model("MyModel", "{}"), &["MyModel", "Sequential or a Functional"]),
        ("no layers", model("Sequential", r#"{ "layers": [] }"#), &["0 layers"]),
        (
            "an open size",
            model(
                "Sequential",
                r#"{ "layers": [{ "class_name": "InputLayer", "config": { "name": "in", "batch_input_shape": [null, null, 3] } }] }"#,
            ),
            &["[null, 3]", "open"],
        ),
        ("too many units", dense(r#""units": 999999999"#), &["\"d\"", "lacks its array"]),
        ("half a unit", dense(r#""units": 0.5"#), &["\"d\"", "units"]),
        (
            "an unknown activation",
            dense(r#""units": 2, "activation": "<script>""#),
            &["\"d\"", "<script>", "expected relu"],
        ),
        (
            "a program",
            graph(
                r#"{ "class_name": "Lambda", "config": { "function": "b3M=" }, "name": "l", "inbound_nodes": [[["in", 0, 0, {}]]] }"#,
                "l",
            ),
            &["\"l\"", "nothing out of a file is executed"],
        ),
        (
            "an unknown class",
            graph(
                r#"{ "class_name": "Conv1D", "config": {}, "name": "c", "inbound_nodes": [[["in", 0, 0, {}]]] }"#,
                "c",
            ),
            &["\"c\"", "Conv1D"],
        ),
    ];
    for (what, files, words) in rows {
        let said = says(what, &files).unwrap_or_else(|| panic!("{what} was opened"));
        for word in words {
            assert!(said.contains(word), "{what}: no {word} in {said:?}");
        }
    }
}

#[test]
fn claims_of_size_are_held_against_the_bytes() {
    let files = |manifest: &str| {
        let input = r#"{ "class_name": "InputLayer", "config": { "batch_input_shape": [null, 4], "name": "in" } }"#;
        let text = format!(
            r#"{{ "modelTopology": {{ "class_name": "Sequential", "config": {{ "layers": [{input}, {{ "class_name": "Dense", "config": {{ "name": "d", "units": 2 }} }}] }} }},
            "weightsManifest": {manifest} }}"#
        );
        vec![
            Upload { name: "model.json".into(), bytes: text.into_bytes() },
            Upload { name: "w.bin".into(), bytes: vec![0; 40] },
        ]
    };
    let row = |name: &str, shape: &str| format!(r#"{{ "name": "{name}", "shape": {shape}, "dtype": "float32" }}"#);
    let one = |rows: &[String]| format!(r#"[{{ "paths": ["w.bin"], "weights": [{}] }}]"#, rows.join(", "));
    let good = one(&[row("d/kernel", "[4, 2]"), row("d/bias", "[2]")]);
    assert_eq!(read(&files(&good)).map(|read| read.weights.len()), Ok(2));
    for (what, manifest, word) in [
        ("a huge array", one(&[row("d/kernel", "[1000000000, 1000000000, 1000000000]")]), "more than the 40 bytes"),
        ("one number too many", one(&[row("d/kernel", "[4, 2]"), row("d/bias", "[3]")]), "more than the 8 bytes"),
        ("another shape", one(&[row("d/kernel", "[2, 4]"), row("d/bias", "[2]")]), "another model"),
        ("no bias", one(&[row("d/kernel", "[4, 2]")]), "\"bias\""),
        ("a negative size", one(&[row("d/kernel", "[-1, 2]")]), "whole numbers"),
        (
            "an unknown type",
            one(&[r#"{ "name": "d/kernel", "shape": [4, 2], "dtype": "complex64" }"#.into()]),
            "complex64",
        ),
        ("a file that is not there", r#"[{ "paths": ["other.bin"], "weights": [] }]"#.into(), "other.bin"),
    ] {
        let said = says(what, &files(&manifest)).unwrap_or_else(|| panic!("{what} was opened"));
        assert!(said.contains(word), "{what}: {said}");
    }
}

/// A zip of these members, deflated.
fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a member begins");
        zip.write_all(bytes).expect("a member is written");
    }
    zip.finish().expect("a zip").into_inner()
}

#[test]
fn zips_in_zips_and_bombs_do_no_harm() {
    let spec = small();
    let good = written("keras", &spec, &weights(&network(&spec), 1)).remove(0).bytes;
    let config = br#"{ "class_name": "Sequential", "config": { "layers": [] } }"#;
    // 300 MB of nothing in 300 KB
    let zeros = vec![0; 300 << 20];
    for (what, bytes) in [
        ("a model in a model", zipped(&[("config.json", config), ("model.weights.h5", &good)])),
        ("a zip as the configuration", zipped(&[("config.json", &good), ("model.weights.h5", b"x")])),
        ("a bomb as the weights", zipped(&[("config.json", config), ("model.weights.h5", &zeros)])),
        ("a zip as model.json", zipped(&[("model.json", &good)])),
        ("an empty zip", zipped(&[])),
    ] {
        assert!(says(what, &[Upload { name: "m.keras".into(), bytes }]).is_some(), "{what} was opened");
    }
}

#[test]
fn names_with_markup_stay_names() {
    let name = "<img src=x onerror=alert(1)>/../\\u0007";
    let layer = format!(
        r#"{{ "class_name": "LayerNormalization", "config": {{ "scale": false, "center": false }}, "name": "{name}",
        "inbound_nodes": [[["in", 0, 0, {{}}]]] }}"#
    );
    let files = graph(&layer, name);
    let document = read(&files).expect("a network").document.expect("a document");
    let spec = Spec::from_json(&document).expect("a document that can be read");
    assert_eq!(spec.layers[0].name.as_deref(), Some("<img src=x onerror=alert(1)>-..-"));
}
