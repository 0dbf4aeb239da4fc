//! Documents and the plans of their steps, for tests of devices.

use whisker::plan::{Plan, compile};
use whisker::spec::{Data, PRESETS, Spec, check};
use whisker::train::compose::{Batch, Composer, Table};

/// Three convolutions and two dense layers on batches that are given: the network that speed is measured on.
pub const CNN_32: &str = r#"{
  "data": { "input": [32, 32, 3], "target": "class" },
  "layers": [
    { "type": "conv2d", "filters": 16, "activation": "relu" }, { "type": "max-pool2d" },
    { "type": "conv2d", "filters": 32, "activation": "relu" }, { "type": "max-pool2d" },
    { "type": "conv2d", "filters": 64, "activation": "relu" }, { "type": "max-pool2d" },
    { "type": "flatten" },
    { "type": "dense", "units": 64, "activation": "relu" },
    { "type": "dense", "units": 2 }
  ],
  "optimizer": { "type": "adam", "learning-rate": 0.001 }
}"#;

pub fn cnn_32() -> Spec {
    Spec::parse(CNN_32).expect("a document")
}

/// The plans that a session makes for a document, by what they are for.
pub fn plans(spec: &Spec) -> Vec<(&'static str, Plan)> {
    let network = check(spec).expect("a network");
    let set = match &spec.data {
        Data::Given { .. } => None,
        Data::Set(set) => {
            Some(Table { rows: 1000, train: 800, pictures: network.sample.shape.len() == 3 }).filter(|_| set.size > 0)
        }
    };
    let composer = Composer { spec, network: &network, table: set };
    let batch = spec.batch;
    let mut graphs = vec![
        ("a step on a given batch", composer.step(Batch::Given(batch))),
        ("answers", composer.answer(Batch::Given(batch))),
        ("looking inside", composer.inspect(1)),
    ];
    if set.is_some() {
        graphs.push(("a step", composer.step(Batch::Order(batch))));
        graphs.push(("an evaluation", composer.answer(Batch::Indices(128))));
    }
    graphs.iter().map(|(name, graph)| (*name, compile(graph))).collect()
}

/// All presets.
pub fn presets() -> Vec<(&'static str, Spec)> {
    PRESETS.iter().map(|preset| (preset.id, Spec::parse(preset.document).expect("a preset"))).collect()
}
