//! Deeplearning4j 1.0.0-M2.1: a program in Java, and the project that builds it.

use super::{
    Framework, Kind, Loss, Network, Optimizer, Program, Schedule, Source,
    code::{Writer, number},
    dl4j_layer::{Made, lines, loss, made},
    keras,
    name::{quoted, remark},
    wrap::{Breaks, SCRIPT},
};
use crate::nn::Target;

pub static DL4J: Framework = Framework { id: "dl4j", label: "Deeplearning4j", language: "java", write };

fn write(network: &Network) -> Program {
    let mut p = Program::begin(network);
    let mut w = Writer::breaking("    ", Breaks { comma: false, ..SCRIPT });
    let chain = network.is_chain();
    let model = if chain { "MultiLayerNetwork" } else { "ComputationGraph" };
    w.line(format!("// {}, in Deeplearning4j: mvn compile exec:java\n", remark(&network.title)));
    imports(&mut w, network, chain);
    w.line("public class Train {");
    w.indented(|w| {
        w.line(format!(
            "static final int TRAIN = {};\nstatic final int BATCH = {};",
            network.data.train, network.batch
        ));
        w.line(format!("static final int EPOCHS = {};\n", network.epochs));
        build(w, network, model, chain, &mut p);
        data(w, network);
        main(w, network, model);
    });
    w.line("}");
    p.file("Train.java", w);
    p.file("pom.xml", project("Train", "deeplearning4j-core"));
    notes(network, &mut p);
    p
}

fn imports(w: &mut Writer, network: &Network, chain: bool) {
    w.line(
        "import java.io.File;\nimport java.io.IOException;\nimport java.nio.ByteBuffer;\nimport java.nio.ByteOrder;",
    );
    w.line("import java.nio.file.Files;\nimport java.nio.file.Path;\nimport java.util.stream.IntStream;\n");
    let conf = "org.deeplearning4j.nn.conf";
    w.line(format!("import {conf}.*;\nimport {conf}.inputs.InputType;\nimport {conf}.layers.*;"));
    if chain {
        w.line("import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;");
    } else {
        w.line(format!("import {conf}.graph.*;\nimport org.deeplearning4j.nn.graph.ComputationGraph;"));
    }
    let updater = updater(network).0;
    w.line("import org.deeplearning4j.nn.weights.WeightInit;\nimport org.nd4j.linalg.activations.Activation;");
    w.line("import org.nd4j.linalg.api.ndarray.INDArray;\nimport org.nd4j.linalg.dataset.DataSet;");
    w.line(format!("import org.nd4j.linalg.factory.Nd4j;\nimport org.nd4j.linalg.learning.config.{updater};"));
    w.line("import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;\n");
}

/// The updater's class and its arguments.
fn updater(network: &Network) -> (&'static str, String) {
    let rate = number(network.rate);
    match network.optimizer {
        Optimizer::Sgd { momentum: 0.0, .. } => ("Sgd", rate),
        Optimizer::Sgd { momentum, .. } => ("Nesterovs", format!("{rate}, {}", number(momentum))),
        Optimizer::Rmsprop { .. } => ("RmsProp", rate),
        Optimizer::Adagrad { epsilon } => ("AdaGrad", format!("{rate}, {}", number(epsilon))),
        Optimizer::Adam { beta_1, beta_2, epsilon, .. } => {
            ("Adam", format!("{rate}, {}, {}, {}", number(beta_1), number(beta_2), number(epsilon)))
        }
    }
}

fn build(w: &mut Writer, network: &Network, model: &str, chain: bool, p: &mut Program) {
    let input = match network.input[..] {
        // channels first: [n, c, h, w]
        [h, width, c] => format!("InputType.convolutional({h}, {width}, {c})"),
        [time, features] => format!("InputType.recurrent({features}, {time})"),
        _ => format!("InputType.feedForward({})", network.input.count()),
    };
    w.block(format!("static {model} build() {{"), |w| {
        w.line("var configuration = new NeuralNetConfiguration.Builder()");
        w.indented(|w| {
            let (class, arguments) = updater(network);
            w.line(format!(".seed({})\n.updater(new {class}({arguments}))", network.seed));
            w.line(".weightInit(WeightInit.XAVIER_UNIFORM)");
            if network.penalty.l1 != 0.0 {
                w.line(format!(".l1({})", number(network.penalty.l1)));
            }
            if network.penalty.l2 != 0.0 {
                w.line(format!("// half of this times the square\n.l2({})", number(2.0 * network.penalty.l2)));
            }
            if let Some(most) = network.clip_norm {
                w.line(".gradientNormalization(GradientNormalization.ClipL2PerLayer)");
                w.line(format!(".gradientNormalizationThreshold({})", number(most)));
            }
            let last = network.last();
            let (name, activation) = loss(network.loss);
            let own_loss = !(matches!(last.kind, Kind::Dense { .. }) && last.shapes[0].len() <= 2);
            let end = format!("LossLayer.Builder(LossFunction.{name}).activation(Activation.{activation}).build()");
            if chain {
                w.line(".list()");
                for layer in network.used() {
                    let made = made(network, layer, p);
                    w.of(layer, |w| match made {
                        Made::Layer(class, calls) => {
                            lines(".layer(", &class, &calls, &layer.id, ")").iter().for_each(|line| w.line(line));
                        }
                        Made::Nothing(why) => w.line(format!("// {}", remark(&why))),
                        Made::Vertex(_) => unreachable!("a chain has no joins"),
                    });
                }
                if own_loss {
                    w.line(format!(".layer(new {end})"));
                }
                w.line(format!(".setInputType({input})"));
            } else {
                w.line(format!(".graphBuilder()\n.addInputs(\"input\")\n.setInputTypes({input})"));
                // what a layer that is left out reads goes on in its place
                let mut names = vec![String::new(); network.layers.len()];
                for (place, layer) in network.layers.iter().enumerate().filter(|(_, layer)| layer.used) {
                    let from: Vec<String> = (layer.inputs.iter())
                        .map(|source| match source {
                            Source::Input => "input".to_string(),
                            Source::Layer(other) => names[*other].clone(),
                        })
                        .collect();
                    names[place] = layer.id.clone();
                    let inputs: String = from.iter().map(|one| format!(", {}", quoted(one))).collect();
                    let made = made(network, layer, p);
                    w.of(layer, |w| match made {
                        Made::Layer(class, calls) => {
                            let head = format!(".addLayer({}, ", quoted(&layer.id));
                            lines(&head, &class, &calls, &layer.id, &format!("{inputs})"))
                                .iter()
                                .for_each(|line| w.line(line));
                        }
                        Made::Vertex(vertex) => {
                            w.line(format!(".addVertex({}, new {vertex}{inputs})", quoted(&layer.id)));
                        }
                        Made::Nothing(why) => {
                            w.line(format!("// {}", remark(&why)));
                            names[place] = from[0].clone();
                        }
                    });
                }
                let mut output = names[network.output].clone();
                if own_loss {
                    w.line(format!(".addLayer(\"loss\", new {end}, {})", quoted(&output)));
                    output = "loss".into();
                }
                w.line(format!(".setOutputs({})", quoted(&output)));
            }
            w.line(".build();");
        });
        w.line(format!("var network = new {model}(configuration);\nnetwork.init();\nreturn network;"));
    });
    w.line("}\n");
}

/// The method `readNpy`.
pub fn read_npy(w: &mut Writer) {
    w.line(
        "/** The numbers of an array of 32 bits each, as numpy saves it. */
static double[] readNpy(String name) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(name)));
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    int start = 10 + bytes.getShort(8);
    boolean whole = new String(bytes.array(), 10, start - 10).contains(\"<i4\");
    int count = (bytes.capacity() - start) / 4;
    return IntStream.range(0, count)
        .mapToDouble(i -> whole ? bytes.getInt(start + 4 * i) : bytes.getFloat(start + 4 * i))
        .toArray();
}
",
    );
}

fn data(w: &mut Writer, network: &Network) {
    read_npy(w);
    let x = match network.input[..] {
        [h, width, c] => {
            let at = format!("new int[] {{i, k % {c}, k / {}, k / {c} % {width}}}", width * c);
            (format!("{c}, {h}, {width}"), at, h * width * c)
        }
        [time, features] if network.data.vocabulary.is_none() => {
            (format!("{features}, {time}"), format!("new int[] {{i, k % {features}, k / {features}}}"), time * features)
        }
        _ => (network.input.count().to_string(), "new int[] {i, k}".to_string(), network.input.count()),
    };
    let shape = &network.last().shape;
    let outputs = *shape.last().expect("an axis");
    let places = shape.count() / outputs;
    w.line(format!("/** {} */", keras::files(network)));
    w.block("static INDArray inputs(double[] x, int from, int count) {", |w| {
        w.line(format!("INDArray inputs = Nd4j.zeros(count, {});", x.0));
        w.block("for (int i = 0; i < count; i++) {", |w| {
            w.line(format!("for (int k = 0; k < {}; k++) {{", x.2));
            w.line(format!("    inputs.putScalar({}, x[(from + i) * {} + k]);\n}}", x.1, x.2));
        });
        w.line("}\nreturn inputs;");
    });
    w.line("}\n");
    w.block("static DataSet batch(double[] x, double[] y, int from, int count) {", |w| {
        let labels = if places > 1 { format!("{outputs}, {places}") } else { outputs.to_string() };
        w.line(format!("INDArray labels = Nd4j.zeros(count, {labels});"));
        w.block("for (int i = 0; i < count; i++) {", |w| {
            let class = network.target == Target::Class;
            if class && places == 1 {
                return w.line("labels.putScalar(new int[] {i, (int) y[from + i]}, 1.0);");
            }
            let count = if class { places } else { places * outputs };
            let value = format!("y[(from + i) * {count} + k]");
            w.line(format!("for (int k = 0; k < {count}; k++) {{"));
            w.line(match (class, places) {
                (true, _) => format!("    labels.putScalar(new int[] {{i, (int) {value}, k}}, 1.0);"),
                (false, 1) => format!("    labels.putScalar(new int[] {{i, k}}, {value});"),
                (false, _) => format!("    labels.putScalar(new int[] {{i, k % {outputs}, k / {outputs}}}, {value});"),
            });
            w.line("}");
        });
        w.line("}\nreturn new DataSet(inputs(x, from, count), labels);");
    });
    w.line("}\n");
}

fn main(w: &mut Writer, network: &Network, model: &str) {
    let shape = &network.last().shape;
    let simple = network.target == Target::Class && shape.len() == 1 && model == "MultiLayerNetwork";
    let width = network.input.count();
    w.block("public static void main(String[] arguments) throws IOException {", |w| {
        w.line("double[] x = readNpy(\"x.npy\"), y = readNpy(\"y.npy\");");
        w.line(format!(
            "int count = x.length / {width};\n{model} network = build();\nSystem.out.println(network.summary());"
        ));
        w.block("for (int epoch = 1; epoch <= EPOCHS; epoch++) {", |w| {
            w.block("for (int from = 0; from + BATCH <= TRAIN; from += BATCH) {", |w| {
                w.line("network.fit(batch(x, y, from, BATCH));");
            });
            w.line("}");
            if simple {
                w.line("System.out.printf(\"epoch %d: accuracy %.4f%n\", epoch, accuracy(network, x, y, count));");
            } else {
                w.line("System.out.printf(\"epoch %d%n\", epoch);");
            }
        });
        w.line("}\nnetwork.save(new File(\"model.zip\"));");
    });
    w.line("}");
    if simple {
        let classes = shape[0];
        w.line("\n/** The share of the test samples whose class is found. */");
        w.block(format!("static double accuracy({model} network, double[] x, double[] y, int count) {{"), |w| {
            w.line("int right = 0;");
            w.block("for (int i = TRAIN; i < count; i++) {", |w| {
                w.line("INDArray output = network.output(inputs(x, i, 1));\nint best = 0;");
                w.line(format!("for (int k = 1; k < {classes}; k++) {{"));
                w.line("    best = output.getDouble(0, k) > output.getDouble(0, best) ? k : best;\n}");
                w.line("right += best == (int) y[i] ? 1 : 0;");
            });
            w.line("}\nreturn (double) right / Math.max(1, count - TRAIN);");
        });
        w.line("}");
    }
}

fn notes(network: &Network, p: &mut Program) {
    if network.schedule != Schedule::Constant || network.warmup > 0 {
        p.note("The learning rate stays as it is in the Java program: the schedule is left out.");
    }
    match network.optimizer {
        Optimizer::Sgd { momentum, nesterov: false } if momentum != 0.0 => {
            p.note("Deeplearning4j knows Nesterov's momentum alone, so that is written.");
        }
        Optimizer::Rmsprop { .. } => p.note("RMSprop keeps Deeplearning4j's own decay and epsilon."),
        Optimizer::Adam { decay: Some(_), .. } => p.note("Adam is written for AdamW: its weight decay is left out."),
        _ => {}
    }
    if network.clip_norm.is_some() {
        p.note("Deeplearning4j clips gradients layer by layer; Whisker clips them all together.");
    }
    if network.loss == Loss::Huber {
        p.note("Deeplearning4j has no Huber loss: squares are taken instead.");
    }
    if !network.augment.is_empty() {
        p.note("The augmentation of pictures is left out of the Java program.");
    }
    if network.stop.is_some() {
        p.note("The Java program runs all its epochs: it does not stop early.");
    }
}

/// The project that runs a class with one of the library's parts.
pub fn project(class: &str, part: &str) -> Writer {
    let mut w = Writer::new("  ");
    w.line(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">
  <modelVersion>4.0.0</modelVersion>
  <groupId>whisker</groupId>
  <artifactId>model</artifactId>
  <version>1.0</version>
  <properties>
    <maven.compiler.release>11</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
    <exec.mainClass>CLASS</exec.mainClass>
  </properties>
  <build>
    <sourceDirectory>.</sourceDirectory>
  </build>
  <dependencies>
    <dependency>
      <groupId>org.deeplearning4j</groupId>
      <artifactId>PART</artifactId>
      <version>1.0.0-M2.1</version>
    </dependency>
    <dependency>
      <groupId>org.nd4j</groupId>
      <artifactId>nd4j-native-platform</artifactId>
      <version>1.0.0-M2.1</version>
    </dependency>
  </dependencies>
</project>"
            .replace("CLASS", class)
            .replace("PART", part),
    );
    w
}
