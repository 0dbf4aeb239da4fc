//! A model for Deeplearning4j: its documented way in is the file of Keras 2, so that is what it gets, with a Java project whose
//! program imports it.

use super::{
    Cell, Format, Function, Kind, Layer, Loader, Model, Network, Note, Program, Written,
    code::{Writer, list},
    dl4j,
    dl4j_zip::model_zip,
    keras_h5,
    keras_model::{Dialect, Pieces},
    wrap::{Breaks, SCRIPT},
};

pub static DL4J_FILE: Format = Format {
    id: "deeplearning4j",
    label: "Deeplearning4j",
    help: "The network and its weights as Keras 2 has them, with a Java project that imports them, and as a model zip.",
    write,
    loader: Some(loader),
};

fn write(model: &Model) -> Result<Written, String> {
    let (bytes, keras) = keras_h5::bytes(model);
    let mut notes: Vec<Note> = model.network.used().filter_map(lacks).collect();
    // what is said of a layer already need not be said in Keras's words
    let own: Vec<Option<usize>> = notes.iter().map(|note| note.layer).collect();
    notes.extend(keras.into_iter().filter(|note| note.layer.is_none() || !own.contains(&note.layer)));
    let mut files = vec![("model.h5".to_string(), bytes)];
    match model_zip(model) {
        Ok(zip) => files.push(("model.zip".into(), zip)),
        Err((layer, why)) => notes.push(Note {
            layer,
            sentence: format!(
                "There is no model.zip beside model.h5, because {why}; the import of model.h5 is the way in."
            ),
        }),
    }
    Ok(Written { files, notes })
}

/// What the import refuses or reads as something else.
fn lacks(layer: &Layer) -> Option<Note> {
    const REFUSED: &str =
        "refuses the whole file because of it. It is written all the same; take the layer out for Deeplearning4j.";
    let why = match &layer.kind {
        Kind::Conv2d { groups: 2.., .. } => {
            "does not know groups and reads one dense kernel, of another shape, \
            so it "
        }
        Kind::Upsample2d { bilinear: true, .. } => {
            return Some(note(layer, "its import enlarges by repeating pixels alone, so answers differ."));
        }
        Kind::LayerNorm { .. } => "has no such layer of its own and ",
        Kind::Position { .. } => "has no learnt places and ",
        Kind::Recurrent { cell: Cell::Gru, .. } => "has no GRU and ",
        Kind::Attention { .. } => "does not import attention and ",
        _ if layer.function == Function::Step => "has no step and ",
        _ => return None,
    };
    Some(note(layer, &format!("Deeplearning4j {why}{REFUSED}")))
}

fn note(layer: &Layer, sentence: &str) -> Note {
    Note { layer: Some(layer.place), sentence: format!("{}: {sentence}", layer.name) }
}

/// The Java project.
fn loader(model: &Model) -> Loader {
    let network = model.network;
    let chain = Pieces::new(model, Dialect::Keras2).is_chain();
    let (class, package, import, output) = match chain {
        true => ("MultiLayerNetwork", "multilayer", "importKerasSequentialModelAndWeights", "output(inputs)"),
        false => ("ComputationGraph", "graph", "importKerasModelAndWeights", "outputSingle(inputs)"),
    };
    let mut w = Writer::breaking("    ", Breaks { comma: false, ..SCRIPT });
    w.line("// Imports model.h5, answers the samples and compares with Whisker's answers: mvn compile exec:java\n");
    w.line("import java.io.IOException;\nimport java.nio.ByteBuffer;\nimport java.nio.ByteOrder;");
    w.line("import java.nio.file.Files;\nimport java.nio.file.Path;\nimport java.util.stream.IntStream;\n");
    w.line("import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;");
    w.line(format!("import org.deeplearning4j.nn.{package}.{class};"));
    w.line("import org.nd4j.linalg.api.ndarray.INDArray;\nimport org.nd4j.linalg.factory.Nd4j;\n");
    if model_zip(model).is_ok() {
        w.line("// model.zip is the same: MultiLayerNetwork.load(new File(\"model.zip\"), false); pictures go in channels first");
    }
    w.line("public class Load {");
    w.indented(|w| {
        dl4j::read_npy(w);
        main(w, network, class, import, output);
    });
    w.line("}");
    let mut program = Program::default();
    program.file("Load.java", w);
    program.file("pom.xml", dl4j::project("Load", "deeplearning4j-modelimport"));
    Loader { files: program.files, run: "mvn compile exec:java" }
}

fn main(w: &mut Writer, network: &Network, class: &str, import: &str, output: &str) {
    let (input, last) = (&network.input, &network.last().shape);
    w.block("public static void main(String[] arguments) throws Exception {", |w| {
        w.line("double[] x = readNpy(\"samples.npy\"), expected = readNpy(\"expected.npy\");");
        w.line(format!("int count = x.length / {};", input.count()));
        w.line("// axes stand as in Keras: channels, or features, last");
        w.line(format!("INDArray inputs = Nd4j.zeros(count, {});", list(input.iter())));
        w.block("for (int i = 0; i < x.length; i++) {", |w| {
            w.line(format!("inputs.putScalar(new int[] {{{}}}, x[i]);", place(input)));
        });
        w.line("}");
        w.line(format!("{class} network = KerasModelImport.{import}(\"model.h5\", false);"));
        w.line(format!("INDArray answers = network.{output};"));
        w.line("double largest = 1e-6, difference = 0;");
        w.block("for (int i = 0; i < expected.length; i++) {", |w| {
            w.line(format!("double answer = answers.getDouble({});", place(last)));
            w.line("largest = Math.max(largest, Math.abs(expected[i]));");
            w.line("difference = Math.max(difference, Math.abs(answer - expected[i]));");
        });
        w.line("}\ndifference /= largest;");
        w.line("System.out.printf(\"largest difference from Whisker's answers, relative: %.1e%n\", difference);");
        w.line("System.out.println(difference < 1e-4 ? \"They agree.\" : \"They do not agree.\");");
        w.line("System.exit(difference < 1e-4 ? 0 : 1);");
    });
    w.line("}");
}

/// The indices of number `i` in an array of samples of this shape.
fn place(shape: &[usize]) -> String {
    let all: usize = shape.iter().product();
    let mut rest = all;
    let mut indices = vec![format!("i / {all}")];
    for size in shape {
        rest /= size;
        indices.push(if rest == 1 { format!("i % {size}") } else { format!("i / {rest} % {size}") });
    }
    indices.join(", ")
}
