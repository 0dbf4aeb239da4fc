//! ONNX files as other exporters write them: the layers that they become compute what the nodes say.
//!
//! Each row is a small network spelt in the way of an exporter. What its nodes compute by their definitions is held against what
//! our own session predicts with the layers and weights that were made of them.

use pollster::block_on;
use whisker::device::{Device, cpu::Cpu};
use whisker::export::onnx::proto::{Attribute, Attribute::*, FLOAT, Graph, INT64, Node, Port};
use whisker::import::{Imported, Upload, onnx, read};
use whisker::spec::{Sample, Spec};
use whisker::tensor::{Shape, random::Stream};
use whisker::train::Session;

/// The nodes say what to compute in f64, our session in f32.
const FAR: f64 = 2e-5;
const BATCH: usize = 2;

/// A network on its way into a file.
pub struct Maker {
    pub graph: Graph,
    stream: Stream,
}

impl Maker {
    /// With one input; sizes in the file's own order.
    pub fn new(sizes: &[usize]) -> Maker {
        let port = Port { name: "x".into(), kind: FLOAT, shape: Shape::from(sizes) };
        Maker {
            graph: Graph { name: "stranger".into(), inputs: vec![port], ..Graph::default() },
            stream: Stream::new(3, 1),
        }
    }

    pub fn node(&mut self, op: &'static str, inputs: &[&str], output: &str, attributes: &[(&'static str, Attribute)]) {
        let inputs = inputs.iter().map(|name| name.to_string()).collect();
        let name = format!("/{output}/{op}");
        let (output, attributes) = (output.to_string(), attributes.to_vec());
        self.graph.nodes.push(Node { op, name, inputs, output, attributes, layer: None });
    }

    /// Random numbers small enough for layers of some depth.
    fn random(&mut self, name: &str, sizes: &[usize]) {
        let shape = Shape::from(sizes);
        let data = (0..shape.count()).map(|_| self.stream.range(-0.4, 0.4)).collect();
        self.graph.floats.push((name.into(), shape, data));
    }

    fn given(&mut self, name: &str, sizes: &[usize], data: Vec<f32>) {
        self.graph.floats.push((name.into(), Shape::from(sizes), data));
    }

    fn wholes(&mut self, name: &str, data: &[i64]) {
        self.graph.wholes.push((name.into(), data.to_vec()));
    }

    /// The file, with `output` as what comes out.
    pub fn bytes(&mut self, output: &str) -> Vec<u8> {
        self.graph.outputs = vec![Port { name: output.into(), kind: FLOAT, shape: Shape::default() }];
        self.graph.bytes(&[])
    }

    fn conv(&mut self, x: &str, y: &str, [out, part, kh, kw]: [usize; 4], attributes: &[(&'static str, Attribute)]) {
        let (w, b) = (format!("{y}.weight"), format!("{y}.bias"));
        self.random(&w, &[out, part, kh, kw]);
        self.random(&b, &[out]);
        self.node("Conv", &[x, &w, &b], y, attributes);
    }

    /// As PyTorch writes a linear layer.
    fn linear(&mut self, x: &str, y: &str, fan_in: usize, units: usize) {
        let (w, b) = (format!("{y}.weight"), format!("{y}.bias"));
        self.random(&w, &[units, fan_in]);
        self.random(&b, &[units]);
        self.node("Gemm", &[x, &w, &b], y, &[("transB", Whole(1)), ("alpha", Float(1.0)), ("beta", Float(1.0))]);
    }
}

fn pads(all: [i64; 4]) -> (&'static str, Attribute) {
    ("pads", Wholes(all.to_vec()))
}

fn strides(side: i64) -> (&'static str, Attribute) {
    ("strides", Wholes(vec![side, side]))
}

/// Opens a file and holds our predictions against its nodes; `last` where it has a picture's channels last itself.
fn agrees(what: &str, bytes: Vec<u8>, wanted: &[&str]) -> Imported {
    let imported = read(&[Upload { name: format!("{what}.onnx"), bytes: bytes.clone() }]);
    let imported = imported.unwrap_or_else(|why| panic!("{what}: {why}"));
    let spec = Spec::from_json(imported.document.as_ref().expect("a document")).expect("a document that is read");
    let types: Vec<&str> = spec.layers.iter().map(|layer| layer.kind.about.id).collect();
    assert_eq!(types, wanted, "{what}");
    let ours = Sample::of(&spec).shape;
    let mut session = block_on(Session::create(spec.clone(), Device::Cpu(Cpu::default()), None)).expect(what);
    block_on(session.set_weights(&imported.weights)).expect(what);
    let model = onnx::graph::Model::read(&bytes, 1).expect(what);
    let port = model.inputs[0].shape.clone().expect("a shape");
    let theirs: Vec<usize> = port.iter().map(|size| size.unwrap_or(BATCH)).collect();
    let whole = spec.vocabulary();
    let mut stream = Stream::new(8, 2);
    let count = ours.count();
    let x: Vec<f32> = (0..BATCH * count)
        .map(|_| if let Some(words) = whole { stream.below(words) as f32 } else { stream.range(-1.0, 1.0) })
        .collect();
    let turned = theirs.len() == 4 && theirs[1..] != ours[..];
    let order: &[usize] = if turned { &[0, 3, 1, 2] } else { &[0, 1, 2, 3] };
    let own: Vec<usize> = [&[BATCH], &ours[..]].concat();
    let first = whisker::import::matching::permuted(&x, &own, &order[..own.len()]);
    let kind = if whole.is_some() { onnx::array::I64 } else { onnx::array::Kind::Float };
    let array = onnx::array::Array::made(kind, theirs, first.iter().map(|value| f64::from(*value)).collect());
    let y = onnx::compute(&bytes, &[Some(array)]).unwrap_or_else(|why| panic!("{what}: {why}")).remove(0);
    let numbers = y.floats();
    let y = match y.shape[..] {
        [n, c, h, w] => whisker::import::matching::permuted(&numbers, &[n, c, h, w], &[0, 2, 3, 1]),
        _ => numbers,
    };
    let answer = block_on(session.predict(&x)).expect(what);
    assert_eq!(answer.len(), y.len(), "{what}: as many answers");
    let top = y.iter().fold(1e-6_f32, |top, value| top.max(value.abs()));
    let far = answer.iter().zip(&y).map(|(a, b)| f64::from((a - b).abs() / top)).fold(0.0, f64::max);
    assert!(far <= FAR, "{what}: {far:.1e} apart");
    imported
}

#[test]
fn a_network_of_pytorch() {
    let mut m = Maker::new(&[3, 8, 10]);
    m.conv("x", "features.0", [4, 3, 3, 3], &[pads([1; 4]), strides(1), ("group", Whole(1))]);
    m.node("Relu", &["features.0"], "r", &[]);
    m.node("MaxPool", &["r"], "p", &[("kernel_shape", Wholes(vec![2, 2])), strides(2), ("ceil_mode", Whole(0))]);
    // padding that begins one place before ours: zeros at the kernel's end
    m.conv("p", "features.3", [6, 4, 3, 3], &[pads([1; 4]), strides(2)]);
    m.node("LeakyRelu", &["features.3"], "l", &[("alpha", Float(0.01))]);
    m.node("Flatten", &["l"], "f", &[("axis", Whole(1))]);
    m.linear("f", "classifier.0", 6 * 2 * 3, 7);
    m.node("Elu", &["classifier.0"], "e", &[]);
    m.linear("e", "classifier.2", 7, 3);
    let bytes = m.bytes("classifier.2");
    let read = agrees("pytorch", bytes, &["conv2d", "max-pool2d", "conv2d", "flatten", "dense", "dense"]);
    let names: Vec<&str> = read.weights.iter().map(|weight| weight.name.as_str()).collect();
    assert_eq!(names[..4], ["features.0/kernel", "features.0/bias", "features.3/kernel", "features.3/bias"]);
    assert!(read.notes.iter().any(|note| note.sentence.contains("zeros at its ends")), "{:?}", read.notes);
}

#[test]
fn depthwise_norm_and_global_pooling() {
    let mut m = Maker::new(&[4, 6, 6]);
    m.random("w", &[8, 1, 3, 3]);
    m.node("Conv", &["x", "w"], "d", &[pads([1; 4]), ("group", Whole(4))]);
    for (name, low) in [("gamma", 0.5), ("beta", -0.5), ("mean", -0.2), ("variance", 0.7)] {
        let data = (0..8).map(|i| low + i as f32 * 0.05).collect();
        m.given(name, &[8], data);
    }
    m.node("BatchNormalization", &["d", "gamma", "beta", "mean", "variance"], "b", &[("epsilon", Float(1e-3))]);
    m.node("Relu", &["b"], "r", &[]);
    m.conv("r", "point", [5, 8, 1, 1], &[]);
    m.node("Sigmoid", &["point"], "s", &[]);
    m.node("Mul", &["point", "s"], "silu", &[]);
    m.node("GlobalAveragePool", &["silu"], "g", &[]);
    m.node("Flatten", &["g"], "f", &[]);
    m.linear("f", "fc", 5, 3);
    let kinds = ["depthwise-conv2d", "batch-norm", "activation", "conv2d", "global-avg-pool2d", "dense"];
    agrees("depthwise", m.bytes("fc"), &kinds);
}

#[test]
fn branches_that_meet() {
    let mut m = Maker::new(&[3, 6, 6]);
    m.conv("x", "a", [4, 3, 3, 3], &[pads([1; 4])]);
    m.conv("x", "b", [4, 3, 1, 1], &[]);
    m.node("Add", &["a", "b"], "sum", &[]);
    m.node("Relu", &["sum"], "r", &[]);
    m.conv("r", "c", [2, 4, 3, 3], &[("auto_pad", Text("SAME_UPPER"))]);
    m.node("Concat", &["r", "c"], "cat", &[("axis", Whole(1))]);
    m.given("scales", &[4], vec![1.0, 1.0, 2.0, 2.0]);
    let nearest = [
        ("mode", Text("nearest")),
        ("coordinate_transformation_mode", Text("asymmetric")),
        ("nearest_mode", Text("floor")),
    ];
    m.node("Resize", &["cat", "", "scales"], "up", &nearest);
    m.node("ReduceMean", &["up"], "m", &[("axes", Wholes(vec![-1, -2])), ("keepdims", Whole(0))]);
    m.linear("m", "fc", 6, 3);
    let kinds =
        ["conv2d", "conv2d", "add", "activation", "conv2d", "concat", "upsample2d", "global-avg-pool2d", "dense"];
    agrees("branches", m.bytes("fc"), &kinds);
}

#[test]
fn a_decoder_makes_pictures_of_rows() {
    let mut m = Maker::new(&[5]);
    m.linear("x", "fc", 5, 4 * 3 * 2);
    m.node("Relu", &["fc"], "r", &[]);
    m.wholes("shape", &[-1, 4, 3, 2]);
    m.node("Reshape", &["r", "shape"], "p", &[]);
    m.random("t1", &[4, 3, 4, 4]);
    m.node("ConvTranspose", &["p", "t1"], "c1", &[pads([1; 4]), strides(2)]);
    m.node("Tanh", &["c1"], "h", &[]);
    m.random("t2", &[3, 2, 3, 3]);
    m.node("ConvTranspose", &["h", "t2"], "c2", &[pads([1; 4]), strides(2), ("output_padding", Wholes(vec![1, 1]))]);
    agrees("decoder", m.bytes("c2"), &["dense", "reshape", "conv2d-transpose", "conv2d-transpose"]);
}

#[test]
fn recurrent_layers_of_pytorch() {
    for (op, gates, id) in [("LSTM", 4, "lstm"), ("GRU", 3, "gru"), ("RNN", 1, "simple-rnn")] {
        let mut m = Maker::new(&[5, 3]);
        m.node("Transpose", &["x"], "t", &[("perm", Wholes(vec![1, 0, 2]))]);
        m.random("w", &[1, gates * 4, 3]);
        m.random("r", &[1, gates * 4, 4]);
        m.random("b", &[1, 2 * gates * 4]);
        let mut attributes = vec![("hidden_size", Whole(4))];
        if op == "GRU" {
            attributes.push(("linear_before_reset", Whole(1)));
        }
        m.node(op, &["t", "w", "r", "b"], "y", &attributes);
        m.wholes("one", &[1]);
        m.node("Squeeze", &["y", "one"], "s", &[]);
        m.node("Transpose", &["s"], "u", &[("perm", Wholes(vec![1, 0, 2]))]);
        m.wholes("last", &[-1]);
        m.node("Gather", &["u", "last"], "g", &[("axis", Whole(1))]);
        m.node("Squeeze", &["g", "one"], "h", &[]);
        m.linear("h", "fc", 4, 3);
        agrees(op, m.bytes("fc"), &[id, "dense"]);
    }
}

#[test]
fn a_network_of_tf2onnx() {
    // channels last in the file itself
    let mut m = Maker::new(&[8, 8, 3]);
    m.node("Transpose", &["x"], "t", &[("perm", Wholes(vec![0, 3, 1, 2]))]);
    m.random("w", &[4, 3, 3, 3]);
    m.node("Conv", &["t", "w"], "c", &[pads([0, 0, 1, 1]), strides(2)]);
    m.random("bias", &[1, 4, 1, 1]);
    m.node("Add", &["c", "bias"], "a", &[]);
    m.node("Relu", &["a"], "r", &[]);
    m.node("Transpose", &["r"], "back", &[("perm", Wholes(vec![0, 2, 3, 1]))]);
    m.wholes("flat", &[-1, 64]);
    m.node("Reshape", &["back", "flat"], "f", &[]);
    m.random("kernel", &[64, 3]);
    m.random("row", &[3]);
    m.node("MatMul", &["f", "kernel"], "p", &[]);
    m.node("Add", &["row", "p"], "out", &[]);
    agrees("tf2onnx", m.bytes("out"), &["conv2d", "flatten", "dense"]);
}

#[test]
fn shapes_that_are_computed_on_the_way() {
    let mut m = Maker::new(&[2, 4, 4]);
    m.wholes("pads", &[0, 0, 1, 1, 0, 0, 1, 1]);
    m.node("Pad", &["x", "pads"], "z", &[]);
    m.conv("z", "c", [3, 2, 3, 3], &[]);
    m.node("Shape", &["c"], "shape", &[]);
    m.wholes("zero", &[0]);
    m.node("Gather", &["shape", "zero"], "n", &[("axis", Whole(0))]);
    m.wholes("rest", &[-1]);
    m.node("Concat", &["n", "rest"], "to", &[("axis", Whole(0))]);
    m.node("Reshape", &["c", "to"], "f", &[]);
    m.random("w", &[3, 48]);
    m.node("Transpose", &["w"], "turned", &[("perm", Wholes(vec![1, 0]))]);
    m.node("MatMul", &["f", "turned"], "out", &[]);
    agrees("computed", m.bytes("out"), &["conv2d", "flatten", "dense"]);
}

#[test]
fn words_with_places_and_a_norm_of_many_nodes() {
    let mut m = Maker::new(&[5]);
    m.graph.inputs[0].kind = INT64;
    m.random("table", &[9, 4]);
    m.node("Gather", &["table", "x"], "e", &[]);
    m.random("places", &[1, 5, 4]);
    m.node("Add", &["e", "places"], "h", &[]);
    m.node("ReduceMean", &["h"], "mean", &[("axes", Wholes(vec![-1]))]);
    m.node("Sub", &["h", "mean"], "centred", &[]);
    m.given("two", &[], vec![2.0]);
    m.node("Pow", &["centred", "two"], "square", &[]);
    m.node("ReduceMean", &["square"], "variance", &[("axes", Wholes(vec![-1]))]);
    m.given("epsilon", &[], vec![1e-5]);
    m.node("Add", &["variance", "epsilon"], "above", &[]);
    m.node("Sqrt", &["above"], "deviation", &[]);
    m.node("Div", &["centred", "deviation"], "normal", &[]);
    m.random("gamma", &[4]);
    m.random("beta", &[4]);
    m.node("Mul", &["normal", "gamma"], "scaled", &[]);
    m.node("Add", &["scaled", "beta"], "norm", &[]);
    m.random("w", &[4, 6]);
    m.random("b", &[6]);
    m.node("MatMul", &["norm", "w"], "p", &[]);
    m.node("Add", &["b", "p"], "q", &[]);
    // gelu as PyTorch spells it
    m.given("root", &[], vec![std::f32::consts::SQRT_2]);
    m.node("Div", &["q", "root"], "g1", &[]);
    m.node("Erf", &["g1"], "g2", &[]);
    m.given("one", &[], vec![1.0]);
    m.node("Add", &["g2", "one"], "g3", &[]);
    m.node("Mul", &["q", "g3"], "g4", &[]);
    m.given("half", &[], vec![0.5]);
    m.node("Mul", &["g4", "half"], "gelu", &[]);
    m.node("Flatten", &["gelu"], "f", &[]);
    m.linear("f", "fc", 30, 3);
    let read = agrees("words", m.bytes("fc"), &["embedding", "position", "layer-norm", "dense", "flatten", "dense"]);
    let text = read.document.expect("a document").to_string();
    assert!(text.contains("\"activation\":\"gelu\""), "{text}");
}

#[test]
fn a_softmax_at_the_end_is_in_the_loss() {
    let mut m = Maker::new(&[4]);
    m.linear("x", "fc", 4, 3);
    m.node("Softmax", &["fc"], "out", &[("axis", Whole(-1))]);
    let read = read(&[Upload { name: "s.onnx".into(), bytes: m.bytes("out") }]).expect("a network");
    let spec = Spec::from_json(&read.document.expect("a document")).expect("a document that is read");
    assert_eq!(spec.layers[0].values.choice("activation"), "linear");
    assert!(read.notes[0].sentence.contains("cross-entropy"), "{:?}", read.notes);
}

#[test]
fn what_is_not_understood_is_named_with_what_to_do() {
    type Make = fn(&mut Maker);
    let rows: [(&str, Make, &[usize]); 9] = [
        ("not read here", |m| m.node("NonZero", &["x"], "out", &[]), &[4]),
        ("no layer does this", |m| m.node("Exp", &["x"], "out", &[]), &[4]),
        ("nothing makes", |m| m.node("Relu", &["y"], "out", &[]), &[4]),
        (
            "neither",
            |m| m.node("MaxPool", &["x"], "out", &[("kernel_shape", Wholes(vec![3, 3])), strides(2), pads([1; 4])]),
            &[2, 8, 8],
        ),
        ("slope is 0.2", |m| m.node("LeakyRelu", &["x"], "out", &[("alpha", Float(0.2))]), &[4]),
        ("operator that set 17 does not have", |m| m.node("Gelu", &["x"], "out", &[]), &[4]),
        (
            "reads, in the end, from itself",
            |m| {
                m.node("Relu", &["b"], "a", &[]);
                m.node("Relu", &["a"], "b", &[]);
                m.node("Add", &["a", "x"], "out", &[]);
            },
            &[4],
        ),
        ("made by no node", |_| {}, &[4]),
        (
            "change their order",
            |m| {
                m.node("Transpose", &["x"], "t", &[("perm", Wholes(vec![0, 2, 1]))]);
                m.random("w", &[5, 2]);
                m.node("MatMul", &["t", "w"], "out", &[]);
            },
            &[5, 3],
        ),
    ];
    for (part, make, sizes) in rows {
        let mut m = Maker::new(sizes);
        make(&mut m);
        let why = read(&[Upload { name: "n.onnx".into(), bytes: m.bytes("out") }]).expect_err(part);
        assert!(why.contains(part) && why.ends_with('.') && why.contains("xport"), "{part}: {why}");
    }
}
