//! TensorFlow.js under Node: a layers model, `compile` and `fit`.

use super::{
    Cell, Framework, Kind, Layer, Loss, Network, Optimizer, Program, Schedule,
    code::{Writer, list, number},
    keras,
    name::remark,
    tensorflowjs_class, tensorflowjs_layer,
    wrap::SCRIPT,
};
use crate::{nn::Target, spec::Stop};

pub static TENSORFLOWJS: Framework =
    Framework { id: "tensorflowjs", label: "TensorFlow.js", language: "javascript", write };

fn write(network: &Network) -> Program {
    let mut p = Program::begin(network);
    let mut w = Writer::breaking("  ", SCRIPT);
    w.line(format!("// {}, in TensorFlow.js: npm install @tensorflow/tfjs; node train.mjs\n", remark(&network.title)));
    w.line("import { readFile, writeFile } from 'node:fs/promises';\nimport { fileURLToPath } from 'node:url';");
    w.line("import * as tf from '@tensorflow/tfjs';\n");
    constants(&mut w, network);
    data(&mut w, network);
    tensorflowjs_class::layers(&mut w, network);
    tensorflowjs_layer::model(&mut w, network, &mut p);
    compile(&mut w, network);
    callbacks(&mut w, network);
    main(&mut w, network);
    p.file("train.mjs", w);
    p.file("weights.mjs", tensorflowjs_layer::loader(network));
    p
}

fn constants(w: &mut Writer, network: &Network) {
    w.line(format!("const SEED = {};", network.seed));
    w.line(match network.data.set {
        Some(_) => format!("const TRAIN = {};", network.data.train),
        None => format!(
            "const TRAIN = {}; // how many of your samples to learn from; the rest is for testing",
            network.data.train
        ),
    });
    let rest = network.data.train % network.batch;
    w.line(match network.data.set.is_some() && rest > 0 {
        true => format!(
            "const BATCH = {}; // fit learns from the last {rest} samples too; Whisker leaves them out",
            network.batch
        ),
        false => format!("const BATCH = {};", network.batch),
    });
    w.line(format!("const EPOCHS = {};", network.epochs));
    if network.schedule != Schedule::Constant || network.warmup > 0 {
        w.line(format!("const RATE = {};", number(network.rate)));
    }
    if network.schedule != Schedule::Constant {
        w.line(match network.data.set {
            None => {
                "const STEPS_PER_EPOCH = 1; // a batch that the caller brings counts as an epoch in Whisker's schedule"
            }
            Some(_) if rest > 0 => "const STEPS_PER_EPOCH = Math.ceil(TRAIN / BATCH);",
            Some(_) => "const STEPS_PER_EPOCH = TRAIN / BATCH;",
        });
    }
    w.blank();
    let weighs = |layer: &Layer| {
        matches!(
            layer.kind,
            Kind::Dense { .. } | Kind::Conv2d { .. } | Kind::DepthwiseConv2d { .. } | Kind::Conv2dTranspose { .. }
        )
    };
    let he = network.any(|layer| weighs(layer) && layer.function.rectifies());
    let recurrent = network.any(|layer| matches!(layer.kind, Kind::Recurrent { .. }));
    w.line("let seed = SEED;");
    if he {
        w.line("const he = () => tf.initializers.heNormal({ seed: seed++ });");
    }
    w.line("const glorot = () => tf.initializers.glorotUniform({ seed: seed++ });");
    if recurrent {
        w.line("const orthogonal = () => tf.initializers.orthogonal({ seed: seed++ });");
    }
    if network.has_penalty() {
        let (l1, l2) = (number(network.penalty.l1), number(network.penalty.l2));
        w.line(format!("const penalty = tf.regularizers.l1l2({{ l1: {l1}, l2: {l2} }});"));
    }
    w.blank();
}

fn data(w: &mut Writer, network: &Network) {
    w.line(
        "/** An array as numpy saves it. */
export async function readNpy(path) {
  const bytes = await readFile(path);
  const start = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, start);
  const types = { f4: Float32Array, f8: Float64Array, i4: Int32Array, i8: BigInt64Array };
  const type = types[header.split(\"'\")[3].slice(1)];
  const sizes = header.split('(')[1].split(')')[0].split(',');
  const shape = sizes.filter(size => size.trim()).map(Number);
  const data = bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length);
  return tf.tensor(Float32Array.from(new type(data), Number), shape);
}
",
    );
    if network.loss == Loss::CrossEntropy {
        let classes = network.last().shape.last().expect("an axis");
        w.line("// the loss below wants them one-hot");
        w.line(format!("export const toTargets = y => tf.oneHot(y.toInt(), {classes});\n"));
    } else {
        w.line("export const toTargets = y => y;\n");
    }
    w.line(format!("/** {} */", keras::files(network)));
    w.line(
        "async function loadData() {
  const [x, y] = [await readNpy('x.npy'), toTargets(await readNpy('y.npy'))];
  const part = (from, count) => [x.slice(from, count), y.slice(from, count)];
  return [part(0, TRAIN), part(TRAIN, x.shape[0] - TRAIN)];
}
",
    );
}

/// The function `compileModel`: the optimizer and the loss.
fn compile(w: &mut Writer, network: &Network) {
    tensorflowjs_class::optimizers(w, network);
    if network.loss == Loss::Hinge {
        w.line("// targets are -1 and 1; the loss of this name in tf.losses wants 0 and 1");
        w.line("const hinge = (y, output) => tf.mean(tf.relu(tf.sub(1, tf.mul(y, output))));\n");
    }
    w.block("export function compileModel(model) {", |w| {
        let rate = match network.schedule == Schedule::Constant && network.warmup == 0 {
            true => number(network.rate),
            false => "RATE".into(),
        };
        let under = "// epsilon stands under the root here, beside it in Whisker: so its square";
        let made = match network.optimizer {
            Optimizer::Sgd { momentum: 0.0, .. } => format!("tf.train.sgd({rate})"),
            Optimizer::Sgd { momentum, nesterov } => {
                let nesterov = if nesterov { ", true" } else { "" };
                format!("tf.train.momentum({rate}, {}{nesterov})", number(momentum))
            }
            Optimizer::Rmsprop { rho, epsilon } => {
                w.line(under);
                let epsilon = number(format!("{:.6e}", (epsilon * epsilon).max(1e-30)).parse().expect("a number"));
                format!("tf.train.rmsprop({rate}, {}, 0, {epsilon})", number(rho))
            }
            Optimizer::Adagrad { epsilon } => format!("new AdaGrad({rate}, {})", number(epsilon)),
            Optimizer::Adam { beta_1, beta_2, epsilon, decay } => {
                let rest = list([beta_1, beta_2, epsilon.max(1e-12)].map(number));
                match decay {
                    Some(decay) => format!("new AdamW({rate}, {rest}, {})", number(decay)),
                    None => format!("tf.train.adam({rate}, {rest})"),
                }
            }
        };
        let made = if network.clip_norm.is_some() { format!("clipped({made})") } else { made };
        w.line(format!("const optimizer = {made};"));
        let loss = match network.loss {
            Loss::CrossEntropy => {
                w.line("// takes logits: the softmax is inside");
                "tf.losses.softmaxCrossEntropy"
            }
            Loss::BinaryCrossEntropy => {
                w.line("// takes logits: the sigmoid is inside");
                "tf.losses.sigmoidCrossEntropy"
            }
            Loss::MeanSquaredError => "tf.losses.meanSquaredError",
            Loss::MeanAbsoluteError => "tf.losses.absoluteDifference",
            Loss::Huber => "tf.losses.huberLoss",
            Loss::Hinge => "hinge",
        };
        let recurrent: Vec<String> = (network.used())
            .filter(|layer| matches!(layer.kind, Kind::Recurrent { cell: Cell::Simple | Cell::Lstm, .. }))
            .map(|layer| tensorflowjs_layer::text(&layer.id))
            .collect();
        if network.has_penalty() && !recurrent.is_empty() {
            w.line("// the penalty of recurrent layers, which the library leaves out of the loss");
            w.block(format!("for (const name of [{}]) {{", list(recurrent)), |w| {
                w.line("const weights = model.getLayer(name).trainableWeights.slice(0, 2);");
                w.line("model.getLayer(name).addLoss(weights.map(weight => () => penalty.apply(weight.read())));");
            });
            w.line("}");
        }
        let metrics = if network.target == Target::Class { ", metrics: ['accuracy']" } else { "" };
        w.line(format!("model.compile({{ optimizer, loss: {loss}{metrics} }});"));
    });
    w.line("}\n");
}

/// The function `callbacks`: the schedule, a line for each epoch, the end before time.
fn callbacks(w: &mut Writer, network: &Network) {
    let scheduled = network.schedule != Schedule::Constant || network.warmup > 0;
    if scheduled {
        w.line("/** The share of the learning rate in a step, counted from 0. */");
        w.block("function share(step) {", |w| {
            let factor = match network.schedule {
                Schedule::Constant => None,
                Schedule::Step { every, factor } => {
                    Some(format!("{} ** Math.floor(epoch / {})", number(factor), number(every)))
                }
                Schedule::Exponential { factor } => Some(format!("{} ** epoch", number(factor))),
                Schedule::Cosine { epochs } => {
                    Some(format!("0.5 * (1 + Math.cos(Math.PI * Math.min(1, epoch / {})))", number(epochs)))
                }
                Schedule::Linear { epochs } => Some(format!("(1 - Math.min(1, epoch / {}))", number(epochs))),
            };
            if factor.is_some() {
                w.line("const epoch = step / STEPS_PER_EPOCH;");
            }
            let warm = match network.warmup {
                0 => None,
                warmup => Some(format!("Math.min(1, (step + 1) / {warmup})")),
            };
            let all: Vec<String> = [factor, warm].into_iter().flatten().collect();
            w.line(format!("return {};", all.join(" * ")));
        });
        w.line("}\n");
    }
    let classes = network.target == Target::Class;
    w.block("export function callbacks(model) {", |w| {
        if scheduled {
            w.line("let step = 0;");
        }
        let patience = match network.stop {
            Some(Stop::Patience(epochs)) => {
                w.line("return [");
                w.line(format!("  tf.callbacks.earlyStopping({{ monitor: 'val_loss', patience: {epochs} }}),"));
                true
            }
            Some(Stop::Accuracy(_)) | None => false,
        };
        let handlers = |w: &mut Writer| {
            if scheduled {
                let set = match network.optimizer {
                    Optimizer::Sgd { .. } => "model.optimizer.setLearningRate(RATE * share(step++));",
                    _ => "model.optimizer.learningRate = RATE * share(step++);",
                };
                w.line(format!("onBatchBegin: () => {{\n  {set}\n}},"));
            }
            w.line("onEpochEnd: (epoch, logs) => {");
            w.indented(|w| {
                w.line("const figures = Object.entries(logs).map(([name, value]) => `${name} ${value.toFixed(4)}`);");
                w.line("console.log(`epoch ${epoch + 1}: ${figures.join(', ')}`);");
                if let (Some(Stop::Accuracy(share)), true) = (network.stop, classes) {
                    w.line(format!("if (logs.val_acc >= {share:?}) model.stopTraining = true;"));
                }
            });
            w.line("},");
        };
        if patience {
            w.indented(|w| {
                w.line("new tf.CustomCallback({");
                w.indented(handlers);
                w.line("}),");
            });
            w.line("];");
        } else {
            w.line("return {");
            w.indented(handlers);
            w.line("};");
        }
    });
    w.line("}\n");
}

fn main(w: &mut Writer, network: &Network) {
    w.line(
        "/** model.json and its weights, as tf.loadLayersModel reads them. */
async function write({ modelTopology, weightSpecs, weightData }) {
  const weightsManifest = [{ paths: ['model.weights.bin'], weights: weightSpecs }];
  await writeFile('model.json', JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest }));
  await writeFile('model.weights.bin', Buffer.from(weightData));
  return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
}
",
    );
    w.block("async function main() {", |w| {
        w.line(
            "const [train, test] = await loadData();
const model = buildModel();
model.summary();
compileModel(model);
await model.fit(...train, {
  batchSize: BATCH,
  epochs: EPOCHS,
  validationData: test,
  callbacks: callbacks(model),
});",
        );
        match network.target {
            Target::Class => {
                w.line("const [loss, accuracy] = model.evaluate(...test).map(figure => figure.dataSync()[0]);");
                w.line("console.log(`test loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`);");
            }
            Target::Value => {
                w.line("const [loss] = model.evaluate(...test).dataSync();");
                w.line("console.log(`test loss ${loss.toFixed(4)}`);");
            }
        }
        w.line("await model.save(tf.io.withSaveHandler(write));");
    });
    w.line("}\n\nif (process.argv[1] === fileURLToPath(import.meta.url)) await main();");
}
