//! TensorFlow with a training loop of its own: the model of Keras, steps under `GradientTape`.

use super::{
    Framework, Network, Program, code::Writer, keras, keras_layer, keras_training, name::remark, wrap::PYTHON,
};
use crate::{nn::Target, spec::Stop};

pub static TENSORFLOW: Framework = Framework { id: "tensorflow", label: "TensorFlow", language: "python", write };

fn write(network: &Network) -> Program {
    let mut p = Program::begin(network);
    let mut w = Writer::breaking("    ", PYTHON);
    let w = &mut w;
    let step = network.any(|layer| layer.function == super::Function::Step);
    w.line(format!("\"\"\"{}, in TensorFlow with a training loop of its own.\"\"\"\n", remark(&network.title)));
    w.line("import numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras\n\nlayers = keras.layers");
    if step || network.warmup > 0 {
        w.line("ops = keras.ops");
    }
    w.blank();
    keras_training::constants(w, network, false);
    keras_training::classes(w, network);
    keras_layer::classes(w, network);
    keras_layer::augment(w, network, &mut p);
    keras::data(w, network);
    w.block("def datasets():", |w| {
        w.line("train, test = (tf.data.Dataset.from_tensor_slices(part) for part in load_data())");
        w.line("train = train.shuffle(TRAIN, seed=SEED).batch(BATCH, drop_remainder=True)");
        w.line("return train.prefetch(tf.data.AUTOTUNE), test.batch(256)");
    });
    w.line("\n");
    keras_layer::model(w, network, &mut p);
    w.line("\n");
    w.block("def prepare(model):", |w| {
        keras_training::optimizer(w, network);
        w.line("optimizer.build(model.trainable_variables)\nreturn optimizer");
    });
    let (loss, remark) = keras_training::loss(network.loss);
    w.line(format!("\n\nloss_of = keras.losses.{loss}{remark}\n\n"));
    w.line("@tf.function");
    w.block("def train_step(model, optimizer, x, y):", |w| {
        w.line("with tf.GradientTape() as tape:\n    loss = loss_of(y, model(x, training=True))");
        if network.has_penalty() {
            w.line("    loss += tf.add_n(model.losses)");
        }
        w.line("gradients = tape.gradient(loss, model.trainable_variables)");
        if network.any(|layer| matches!(layer.kind, super::Kind::Embedding { .. })) {
            w.line("# what an embedding gets is a list of rows, some of them twice; optimizers must see their sum");
            w.line("gradients = [g if g is None else tf.convert_to_tensor(g) for g in gradients]");
        }
        w.line("optimizer.apply_gradients(zip(gradients, model.trainable_variables))\nreturn loss");
    });
    w.line("\n");
    w.block("def train_epoch(model, dataset, optimizer):", |w| {
        w.line("\"\"\"One epoch; the mean of the losses before each step.\"\"\"");
        w.line("mean = keras.metrics.Mean()\nfor x, y in dataset:\n    mean.update_state(train_step(model, optimizer, x, y))");
        w.line("return float(mean.result())");
    });
    w.line("\n");
    evaluate(w, network);
    main(w, network);
    let whole = std::mem::replace(w, Writer::new(""));
    p.file("train.py", whole);
    p.file("weights.py", keras_layer::loader(network));
    p
}

fn evaluate(w: &mut Writer, network: &Network) {
    let classes = network.target == Target::Class;
    w.block("def evaluate(model, dataset):", |w| {
        w.line("mean = keras.metrics.Mean()");
        if classes {
            w.line("accuracy = keras.metrics.SparseCategoricalAccuracy()");
        }
        w.line("for x, y in dataset:");
        w.indented(|w| {
            w.line("output = model(x, training=False)\nmean.update_state(loss_of(y, output), sample_weight=len(y))");
            if classes {
                w.line("accuracy.update_state(y, output)");
            }
        });
        w.line(match classes {
            true => "return float(mean.result()), float(accuracy.result())",
            false => "return float(mean.result())",
        });
    });
    w.line("\n");
}

fn main(w: &mut Writer, network: &Network) {
    let classes = network.target == Target::Class;
    w.block("def main():", |w| {
        w.line("train, test = datasets()\nmodel = build_model()\nmodel.summary()\noptimizer = prepare(model)");
        if let Some(Stop::Patience(_)) = network.stop {
            w.line("best, waited = float(\"inf\"), 0");
        }
        w.block("for epoch in range(EPOCHS):", |w| {
            w.line("loss = train_epoch(model, train, optimizer)");
            match classes {
                true => {
                    w.line("test_loss, accuracy = evaluate(model, test)");
                    w.line("print(f\"epoch {epoch + 1}: loss {loss:.4f}, test {test_loss:.4f}, accuracy {accuracy:.4f}\")");
                }
                false => {
                    w.line("test_loss = evaluate(model, test)");
                    w.line("print(f\"epoch {epoch + 1}: loss {loss:.4f}, test loss {test_loss:.4f}\")");
                }
            }
            match network.stop {
                Some(Stop::Accuracy(share)) if classes => w.line(format!("if accuracy >= {share:?}:\n    break")),
                Some(Stop::Patience(epochs)) => w.line(format!(
                    "best, waited = (test_loss, 0) if test_loss < best else (best, waited + 1)\nif waited >= {epochs}:\n    break"
                )),
                Some(Stop::Accuracy(_)) | None => {}
            }
        });
        w.line("model.save(\"model.keras\")");
    });
    w.line("\n\nif __name__ == \"__main__\":\n    main()");
}
