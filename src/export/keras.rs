//! Keras 3: a functional model, `compile` and `fit`.

use super::{
    Framework, Network, Program,
    code::{Writer, tuple},
    keras_layer, keras_training,
    name::remark,
    wrap::PYTHON,
};
use crate::{nn::Target, spec::Stop};

pub static KERAS: Framework = Framework { id: "keras", label: "Keras", language: "python", write };

fn write(network: &Network) -> Program {
    let mut p = Program::begin(network);
    let mut w = Writer::breaking("    ", PYTHON);
    let step = network.any(|layer| layer.function == super::Function::Step);
    let ops = if step || network.warmup > 0 { ", ops" } else { "" };
    w.line(format!("\"\"\"{}, in Keras 3 (backend JAX, PyTorch or TensorFlow).\"\"\"", remark(&network.title)));
    w.line(format!("\nimport keras\nimport numpy as np\nfrom keras import layers{ops}\n"));
    keras_training::constants(&mut w, network, true);
    keras_training::classes(&mut w, network);
    keras_layer::classes(&mut w, network);
    keras_layer::augment(&mut w, network, &mut p);
    data(&mut w, network);
    keras_layer::model(&mut w, network, &mut p);
    w.line("\n");
    w.block("def compile_model(model):", |w| {
        keras_training::optimizer(w, network);
        let (loss, remark) = keras_training::loss(network.loss);
        w.line(format!("loss = keras.losses.{loss}{remark}"));
        let metrics = match network.target {
            Target::Class => ", metrics=[\"accuracy\"]",
            Target::Value => "",
        };
        w.line(format!("model.compile(optimizer, loss{metrics})"));
    });
    w.line("\n");
    let stop = stop(&mut w, network);
    w.block("def main():", |w| {
        w.line("(x_train, y_train), (x_test, y_test) = load_data()");
        w.line("model = build_model()\nmodel.summary()\ncompile_model(model)");
        w.line("model.fit(\n    x_train,\n    y_train,\n    batch_size=BATCH,\n    epochs=EPOCHS,\n    validation_data=(x_test, y_test),");
        stop.iter().for_each(|stop| w.line(format!("    callbacks=[{stop}],")));
        w.line(")");
        if network.has_penalty() {
            w.line("# the loss below includes the penalty; Whisker tests without it");
        }
        w.line("print(model.evaluate(x_test, y_test, return_dict=True))");
        w.line("model.save(\"model.keras\")");
    });
    w.line("\n\nif __name__ == \"__main__\":\n    main()");
    p.file("train.py", w);
    p.file("weights.py", keras_layer::loader(network));
    p
}

/// The function `load_data`, for every program in Python.
pub fn data(w: &mut Writer, network: &Network) {
    w.block("def load_data():", |w| {
        w.line(format!("\"\"\"{}\"\"\"", files(network)));
        w.line("x, y = np.load(\"x.npy\"), np.load(\"y.npy\")");
        w.line("return (x[:TRAIN], y[:TRAIN]), (x[TRAIN:], y[TRAIN:])");
    });
    w.line("\n");
}

/// What x.npy and y.npy hold.
pub fn files(network: &Network) -> String {
    let x = match network.data.vocabulary {
        Some(most) => format!("whole numbers below {most}"),
        None if network.input.len() == 3 => "float32 from 0 to 1".to_string(),
        None => "float32".to_string(),
    };
    let y = match network.target {
        Target::Class => "int32",
        Target::Value => "float32",
    };
    let sizes = |sizes: &[usize]| match sizes {
        [] => "(n,)".to_string(),
        _ => format!("(n, {}", &tuple(sizes)[1..].replace(",)", ")")),
    };
    let set = network.data.set.map_or(String::new(), |set| format!(", the set {set}"));
    format!("x.npy: {x}, {}; y.npy: {y}, {}{set}.", sizes(&network.input), sizes(network.target_shape()))
}

/// The callback that ends training early, with its class before it.
fn stop(w: &mut Writer, network: &Network) -> Option<String> {
    Some(match network.stop? {
        Stop::Patience(epochs) => format!("keras.callbacks.EarlyStopping(monitor=\"val_loss\", patience={epochs})"),
        Stop::Accuracy(share) => {
            w.line(
                "class StopAt(keras.callbacks.Callback):
    \"\"\"Ends training when the test accuracy is reached.\"\"\"

    def __init__(self, accuracy):
        super().__init__()
        self.accuracy = accuracy

    def on_epoch_end(self, epoch, logs=None):
        if logs.get(\"val_accuracy\", 0.0) >= self.accuracy:
            self.model.stop_training = True

",
            );
            format!("StopAt({share:?})")
        }
    })
}
