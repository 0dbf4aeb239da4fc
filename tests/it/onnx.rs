//! ONNX networks come back as the layers and the weights that they were written from, and the files of strangers are opened or
//! refused in a sentence.

use crate::{documents::presets, experiment::random_document};
use whisker::export::{FORMATS, Layer, Model, Network};
use whisker::import::{Imported, Upload, read};
use whisker::spec::{Spec, check};
use whisker::tensor::random::Stream;
use whisker::train::Weight;

const RANDOM: u32 = 80;

pub fn network(spec: &Spec) -> Network {
    Network::new(spec, &check(spec).expect("a network")).expect("a description")
}

/// Every preset, and random documents by their seeds.
pub fn documents() -> Vec<(String, Spec)> {
    let random = (0..RANDOM).map(|seed| (format!("random {seed}"), random_document(seed)));
    presets().into_iter().map(|(id, spec)| (id.to_string(), spec)).chain(random).collect()
}

/// Numbers of which no two are alike, for every parameter that the output depends on.
pub fn weights(network: &Network) -> Vec<Weight> {
    let mut stream = Stream::new(5, 3);
    let one = |parameter: &whisker::export::Parameter, stream: &mut Stream| Weight {
        name: parameter.full.clone(),
        shape: parameter.shape.clone(),
        data: (0..parameter.shape.count()).map(|_| stream.range(-1.0, 1.0)).collect(),
    };
    network.layers.iter().flat_map(|layer| &layer.parameters).map(|parameter| one(parameter, &mut stream)).collect()
}

pub fn written(format: &str, network: &Network, weights: &[Weight]) -> Result<Vec<Upload>, String> {
    let format = FORMATS.iter().find(|row| row.id == format).expect("a format");
    let written = (format.write)(&Model { network, weights })?;
    Ok(written.files.into_iter().map(|(name, bytes)| Upload { name, bytes }).collect())
}

pub fn opened(imported: &Imported) -> Network {
    network(&Spec::from_json(imported.document.as_ref().expect("a document")).expect("a document that is read"))
}

/// The layers that the output depends on, without their places in the document.
pub fn essence(network: &Network) -> Vec<Layer> {
    let places: Vec<usize> = (0..network.layers.len()).filter(|place| network.layers[*place].used).collect();
    let new = |old: usize| places.iter().position(|place| *place == old).expect("a layer that is used");
    let moved = |source: &whisker::export::Source| match source {
        whisker::export::Source::Input => whisker::export::Source::Input,
        whisker::export::Source::Layer(old) => whisker::export::Source::Layer(new(*old)),
    };
    let used = network.used().map(|layer| Layer {
        place: 0,
        id: String::new(),
        inputs: layer.inputs.iter().map(moved).collect(),
        ..layer.clone()
    });
    used.collect()
}

#[test]
fn every_document_comes_back_from_onnx() {
    for (name, spec) in documents() {
        let network = network(&spec);
        let given = weights(&network);
        let files = written("onnx", &network, &given).expect("a file");
        let imported = read(&files).unwrap_or_else(|why| panic!("{name}: {why}\n{spec}"));
        let back = opened(&imported);
        assert_eq!(essence(&back), essence(&network), "{name}\n{spec}\n{}", imported.document.as_ref().unwrap());
        for weight in &imported.weights {
            let own = given.iter().find(|own| own.name == weight.name).expect(&weight.name);
            // a visible bias has no part in what the file computes, and is not in it
            if weight.name.ends_with("/visible-bias") {
                continue;
            }
            let bits = |weight: &Weight| weight.data.iter().map(|number| number.to_bits()).collect::<Vec<u32>>();
            assert_eq!((&weight.shape, bits(weight)), (&own.shape, bits(own)), "{name}: {}", weight.name);
        }
        let used: usize = network.used().map(|layer| layer.parameters.len()).sum();
        assert_eq!(imported.weights.len(), used, "{name}");
        for key in ["data", "loss", "optimizer", "schedule", "seed", "penalty", "name"] {
            let field = |json: &whisker::nn::json::Json| json.field(key).cloned();
            assert_eq!(field(&spec.to_json()), imported.document.as_ref().and_then(field), "{name}: {key}");
        }
    }
}
