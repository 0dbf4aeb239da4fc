//! Caffe: the network and the solver as prototxt, and the files with the weights.
//!
//! Samples come from HDF5 files, pictures channels first. `caffe_layer.rs` has the layers.

use super::{
    Format, Framework, Loader, Loss, Model, Network, Note, Optimizer, Program, Schedule, Written, bundle,
    caffe_layer::{Net, Piece, net},
    code::{Code, Writer, number},
    name::{quoted, remark},
};
use crate::{nn::Target, protobuf, spec::Stop};

pub static CAFFE_CODE: Framework = Framework {
    id: "caffe",
    label: "Caffe",
    language: "protobuf",
    write: |network| program(network, &net(network, None)),
};

pub static CAFFE: Format = Format {
    id: "caffe",
    label: "Caffe",
    help: "The network as prototxt, the solver, and the weights as a caffemodel, for Caffe and OpenCV 4.",
    write,
    loader: Some(loader),
};

fn write(model: &Model) -> Result<Written, String> {
    let net = net(model.network, Some(model));
    if let Some(first) = net.refused.first() {
        let rest = match net.refused.len() {
            1 => String::new(),
            count => format!(" So it is with {} more.", count - 1),
        };
        return Err(format!("Caffe cannot hold this network. {}{rest} ONNX can.", first.sentence));
    }
    let program = program(model.network, &net);
    let mut files = vec![
        ("model.caffemodel".to_string(), weights(model.network, &net)),
        ("deploy.prototxt".to_string(), deploy(model.network, &net).text().into_bytes()),
    ];
    files.extend(program.files.iter().map(|file| (file.name.to_string(), file.code.text().into_bytes())));
    Ok(Written { files, notes: program.notes })
}

/// The net that trains and tests, and its solver.
fn program(network: &Network, net: &Net) -> Program {
    let mut p = Program::begin(network);
    p.notes.extend(net.notes.iter().cloned());
    p.notes.extend(net.refused.iter().map(|note| Note {
        layer: note.layer,
        sentence: format!("{} It is left out of what is written.", note.sentence),
    }));
    let mut w = Writer::new("  ");
    w.line(format!("# {}, in Caffe: caffe train -solver solver.prototxt", remark(&network.title)));
    if network.input.len() == 3 {
        w.line("# pictures stand channels first: (n, c, h, w)");
    }
    w.line(format!("name: {}", quoted(&network.title)));
    for (phase, batch) in [("TRAIN", network.batch), ("TEST", network.batch)] {
        w.block("layer {", |w| {
            w.line("name: \"data\"\ntype: \"HDF5Data\"\ntop: \"data\"\ntop: \"label\"");
            w.line(format!("include {{ phase: {phase} }}"));
            let source = phase.to_lowercase();
            w.line(format!("# {source}.txt names HDF5 files with the arrays data and label"));
            let shuffle = if phase == "TRAIN" { " shuffle: true" } else { "" };
            w.line(format!("hdf5_data_param {{ source: \"{source}.txt\" batch_size: {batch}{shuffle} }}"));
        });
        w.line("}");
    }
    pieces(&mut w, network, net, true);
    loss(&mut w, network, net, &mut p);
    p.file("train_val.prototxt", w);
    let mut w = Writer::new("  ");
    solver(&mut w, network, &mut p);
    p.file("solver.prototxt", w);
    if !network.augment.is_empty() {
        p.note("Caffe changes no samples that come from HDF5: the augmentation is left out.");
    }
    p
}

fn pieces(w: &mut Writer, network: &Network, net: &Net, teaches: bool) {
    for layer in network.used() {
        let own: Vec<&Piece> = net.pieces.iter().filter(|piece| piece.layer == Some(layer.place)).collect();
        w.of(layer, |w| {
            if let Some(note) = net.refused.iter().find(|note| note.layer == Some(layer.place)) {
                w.line(format!("# {}", remark(&note.sentence)));
            } else if own.is_empty() {
                w.line(format!("# {} changes nothing here", remark(&layer.name)));
            }
            for piece in own {
                w.line("layer {");
                w.indented(|w| piece.text(teaches).iter().for_each(|line| w.line(line)));
                w.line("}");
            }
        });
    }
}

/// The net in use, with a place for the data.
fn deploy(network: &Network, net: &Net) -> Code {
    let mut w = Writer::new("  ");
    let sizes = match network.input[..] {
        [h, width, c] => vec![c, h, width],
        _ => network.input.to_vec(),
    };
    let dims: String = sizes.iter().map(|size| format!(" dim: {size}")).collect();
    w.line(format!("name: {}", quoted(&network.title)));
    w.line("layer {\n  name: \"data\"\n  type: \"Input\"\n  top: \"data\"");
    w.line(format!("  input_param {{ shape {{ dim: 1{dims} }} }}\n}}"));
    pieces(&mut w, network, net, false);
    w.finish()
}

fn loss(w: &mut Writer, network: &Network, net: &Net, p: &mut Program) {
    let output = quoted(&net.output);
    let count = network.last().shape.count();
    let axis = network.last().shape.len();
    let (kind, lines) = match network.loss {
        Loss::CrossEntropy => ("SoftmaxWithLoss", vec![format!("softmax_param {{ axis: {axis} }}")]),
        Loss::BinaryCrossEntropy => {
            let share = number(1.0 / count as f64);
            (
                "SigmoidCrossEntropyLoss",
                vec!["# a sum over each sample here, a mean in Whisker".into(), format!("loss_weight: {share}")],
            )
        }
        other => {
            if other != Loss::MeanSquaredError {
                p.note("Caffe has no such loss of numbers: squares are taken instead.");
            }
            let share = number(2.0 / count as f64);
            (
                "EuclideanLoss",
                vec!["# half the sum over each sample here, a mean in Whisker".into(), format!("loss_weight: {share}")],
            )
        }
    };
    w.block("layer {", |w| {
        w.line(format!("name: \"loss\"\ntype: \"{kind}\"\nbottom: {output}\nbottom: \"label\"\ntop: \"loss\""));
        if network.loss == Loss::CrossEntropy {
            w.line("# takes logits: the softmax is inside");
        }
        lines.iter().for_each(|line| w.line(line));
    });
    w.line("}");
    if network.target == Target::Class {
        w.block("layer {", |w| {
            w.line(format!(
                "name: \"accuracy\"\ntype: \"Accuracy\"\nbottom: {output}\nbottom: \"label\"\ntop: \"accuracy\""
            ));
            w.line(format!("include {{ phase: TEST }}\naccuracy_param {{ axis: {axis} }}"));
        });
        w.line("}");
    }
}

fn solver(w: &mut Writer, network: &Network, p: &mut Program) {
    let steps = match network.data.set {
        Some(_) => network.data.steps.max(1),
        None => (network.data.train / network.batch).max(1),
    };
    w.line("net: \"train_val.prototxt\"");
    let rate = number(network.rate);
    let lines = match network.optimizer {
        Optimizer::Sgd { momentum, nesterov } => {
            if momentum != 0.0 && (network.schedule != Schedule::Constant || network.warmup > 0) {
                w.line("# the momentum holds steps here, rate included; Whisker's holds gradients");
            }
            let kind = if nesterov && momentum != 0.0 { "Nesterov" } else { "SGD" };
            vec![format!("type: \"{kind}\""), format!("momentum: {}", number(momentum))]
        }
        Optimizer::Rmsprop { rho, epsilon } => {
            vec![
                "type: \"RMSProp\"".into(),
                format!("rms_decay: {}", number(rho)),
                format!("delta: {}", number(epsilon)),
            ]
        }
        Optimizer::Adagrad { epsilon } => vec!["type: \"AdaGrad\"".into(), format!("delta: {}", number(epsilon))],
        Optimizer::Adam { beta_1, beta_2, epsilon, decay } => {
            if decay.is_some() {
                p.note("Caffe has no decoupled weight decay: Adam without it is written for AdamW.");
            }
            let betas = [format!("momentum: {}", number(beta_1)), format!("momentum2: {}", number(beta_2))];
            let rest = [format!("delta: {}", number(epsilon))];
            [vec!["type: \"Adam\"".to_string()], betas.to_vec(), rest.to_vec()].concat()
        }
    };
    lines.iter().for_each(|line| w.line(line));
    w.line(format!("base_lr: {rate}"));
    match network.schedule {
        Schedule::Constant => w.line("lr_policy: \"fixed\""),
        Schedule::Step { every, factor } => {
            let size = (every * steps as f64).round().max(1.0);
            w.line(format!("lr_policy: \"step\"\nstepsize: {size}\ngamma: {}", number(factor)));
        }
        Schedule::Exponential { factor } => {
            w.line(format!("lr_policy: \"exp\"\ngamma: {}", number(factor.powf(1.0 / steps as f64))));
        }
        Schedule::Cosine { .. } => {
            w.line("lr_policy: \"poly\"\npower: 1.0");
            p.note("Caffe has no cosine: its rate falls in a straight line to 0 at the end.");
        }
        Schedule::Linear { epochs } => {
            w.line("lr_policy: \"poly\"\npower: 1.0");
            if epochs != network.epochs as f64 {
                p.note("Caffe's rate reaches 0 when training ends, not before or after.");
            }
        }
    }
    if network.warmup > 0 {
        p.note("Caffe's rate does not rise over the first steps: the warm-up is left out.");
    }
    if network.has_penalty() {
        let (l1, l2) = (network.penalty.l1, network.penalty.l2);
        let (amount, kind) = if l2 != 0.0 { (2.0 * l2, "L2") } else { (l1, "L1") };
        if kind == "L2" {
            w.line("# the penalty is half of this times the square here");
        }
        w.line(format!("weight_decay: {}\nregularization_type: \"{kind}\"", number(amount)));
        if l1 != 0.0 && l2 != 0.0 {
            p.note("Caffe takes one penalty: that on squares is written, that on sizes is left out.");
        }
    }
    if let Some(most) = network.clip_norm {
        w.line(format!("clip_gradients: {}", number(most)));
    }
    w.line(format!("max_iter: {}", network.epochs * steps));
    w.line(format!("test_interval: {steps}\ntest_iter: {}", network.data.test.div_ceil(network.batch).max(1)));
    w.line(format!("display: {}", steps.min(100)));
    w.line(format!("snapshot: {}\nsnapshot_prefix: \"model\"", network.epochs * steps));
    w.line(format!("random_seed: {}\nsolver_mode: GPU", network.seed));
    match network.stop {
        Some(Stop::Accuracy(_) | Stop::Patience(_)) => {
            p.note("Caffe's solver runs to its last step: it does not stop early.")
        }
        None => {}
    }
}

/// The caffemodel: names, kinds and blobs of the layers, by the numbers of `caffe.proto`.
fn weights(network: &Network, net: &Net) -> Vec<u8> {
    let mut w = protobuf::Writer::default();
    w.text(1, &network.title);
    for piece in &net.pieces {
        w.message(100, |w| {
            w.text(1, &piece.name);
            w.text(2, piece.kind);
            piece.bottoms.iter().for_each(|bottom| w.text(3, bottom));
            piece.tops.iter().for_each(|top| w.text(4, top));
            for blob in &piece.blobs {
                w.message(7, |w| {
                    w.floats(5, &blob.data);
                    let sizes: Vec<i64> = blob.shape.iter().map(|size| *size as i64).collect();
                    w.message(7, |w| w.wholes(1, &sizes));
                });
            }
        });
    }
    w.bytes
}

fn loader(model: &Model) -> Loader {
    let mut p = Program::default();
    let mut w = Writer::new("    ");
    w.line(
        "\"\"\"Loads deploy.prototxt and model.caffemodel in OpenCV and compares its answers with Whisker's.\"\"\"\n",
    );
    w.line("import cv2\nimport numpy as np\n");
    w.line("net = cv2.dnn.readNetFromCaffe(\"deploy.prototxt\", \"model.caffemodel\")");
    let there = if model.network.input.len() == 3 { ".transpose(0, 3, 1, 2)" } else { "" };
    w.line(format!("net.setInput(np.ascontiguousarray(np.load(\"samples.npy\"){there}))"));
    let back = if model.network.last().shape.len() == 3 { ".transpose(0, 2, 3, 1)" } else { "" };
    w.line(format!("answers = net.forward(){back}"));
    bundle::check(&mut w);
    p.file("load.py", w);
    Loader { files: p.files, run: "pip install \"opencv-python-headless<5\" numpy\npython load.py" }
}
