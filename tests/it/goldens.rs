//! The numbers that another framework computed: every operation, gradient, second gradient and training run of
//! `goldens`, by the reference interpreter and by the CPU device.
//!
//! The folder is `GOLDENS`, or `../shared/goldens` beside the project; without it the tests say that they are skipped.
//! The error of a against the golden b is ‖a − b‖ / ‖b‖, or ‖a‖ / √count where b is all zeros.
//!
//! Some arrays of the files do not lie in row-major order but in that of the memory they were computed in, with their
//! axes permuted: the result of a permutation is there as the very bytes of its input. Where an array does not agree as
//! it is, every order of its axes is tried, and the count of those that agree so is printed.

use std::{collections::HashMap, path::PathBuf};

use safetensors::SafeTensors;
use serde_json::Value as Json;
use whisker::{
    device::reference,
    graph::{Graph, Id, backward},
    spec::{
        Network, Spec, check,
        step::{self, Layout},
    },
    tensor::{Shape, Tensor},
};

use crate::operations;
use machine::{Machine, Who};

mod machine;

/// Of outputs and states.
const FORWARD: f64 = 1e-5;
/// Of first and second gradients.
const GRADIENT: f64 = 1e-4;
/// Of losses, predictions and final weights after 20 steps.
const TRAINING: f64 = 1e-3;

/// The cases of one file, and the arrays they name.
struct Goldens {
    cases: Vec<Json>,
    arrays: HashMap<String, Tensor>,
}

impl Goldens {
    fn open(stem: &str) -> Option<Goldens> {
        let folder = std::env::var_os("GOLDENS")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/goldens"), PathBuf::from);
        let read = |end: &str| std::fs::read(folder.join(format!("{stem}.{end}"))).ok();
        let Some((json, bytes)) = read("json").zip(read("safetensors")) else {
            println!("skipped: there are no goldens in {}", folder.display());
            return None;
        };
        let json: Json = serde_json::from_slice(&json).expect("goldens are JSON");
        let tensors = SafeTensors::deserialize(&bytes).expect("goldens are safetensors");
        let read = |(name, view): (String, safetensors::tensor::TensorView)| {
            let data = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            (name, Tensor::new(view.shape().to_vec(), data))
        };
        let arrays = tensors.tensors().into_iter().map(read).collect();
        Some(Goldens { cases: json["cases"].as_array().expect("cases").clone(), arrays })
    }

    fn array(&self, key: &Json) -> &Tensor {
        &self.arrays[key.as_str().expect("the key of an array")]
    }
}

/// ‖a − b‖ / ‖b‖ in f64; where b is all zeros, ‖a‖ / √count. Anything that is not finite is infinitely wrong.
fn error(a: &[f32], b: &Tensor) -> f64 {
    if a.len() != b.data.len() || a.iter().any(|x| !x.is_finite()) {
        return f64::INFINITY;
    }
    let norm = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(|x| x * x).sum::<f64>().sqrt();
    let own = norm(&mut b.data.iter().map(|x| f64::from(*x)));
    let apart = norm(&mut a.iter().zip(&b.data).map(|(a, b)| f64::from(*a) - f64::from(*b)));
    apart / if own == 0.0 { (b.data.len() as f64).sqrt() } else { own }
}

/// What came out of the cases of one file.
#[derive(Default)]
struct Tally {
    cases: usize,
    arrays: usize,
    /// Arrays that agree with their axes in another order only.
    reordered: usize,
    wrong: Vec<String>,
    /// The largest error, as a share of what is allowed.
    worst: f64,
}

impl Tally {
    /// Compares one result with its golden.
    fn judge(&mut self, what: String, a: &[f32], b: &Tensor, most: f64) {
        self.arrays += 1;
        let direct = error(a, b);
        let best = if direct <= most { direct } else { orders(b).map(|b| error(a, &b)).fold(direct, f64::min) };
        if best > most {
            self.wrong.push(format!("{what}: error {direct:.1e}, allowed {most:.0e}"));
        } else {
            self.worst = self.worst.max(best / most);
            self.reordered += usize::from(direct > most);
        }
    }

    fn finish(self, what: &str) {
        println!(
            "{what}: {} cases, {} arrays, the worst at {:.0} % of its tolerance",
            self.cases,
            self.arrays,
            self.worst * 100.0
        );
        println!("{what}: {} arrays agree with their axes in the file's order of memory", self.reordered);
        assert!(self.wrong.is_empty(), "{} results are wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

/// An array as it would be had its numbers been stored with the axes in each other order.
fn orders(b: &Tensor) -> impl Iterator<Item = Tensor> {
    let rank = b.shape.len();
    let mut orders: Vec<Vec<usize>> = vec![vec![]];
    for _ in 0..rank {
        orders = (orders.iter())
            .flat_map(|order| (0..rank).filter(|axis| !order.contains(axis)).map(|axis| [&order[..], &[axis]].concat()))
            .collect();
    }
    orders.into_iter().skip(1).map(move |order| {
        let stored = Shape::from(order.iter().map(|axis| b.shape[*axis]).collect::<Vec<_>>());
        let steps = stored.strides();
        let from = |index: Vec<usize>| order.iter().zip(&steps).map(|(axis, step)| index[*axis] * step).sum::<usize>();
        Tensor::new(&b.shape, reference::indices(&b.shape).map(|index| b.data[from(index)]).collect())
    })
}

/// The last part of a key: what an input is.
fn part(key: &Json) -> &str {
    key.as_str().and_then(|key| key.rsplit('/').next()).expect("a key")
}

/// One operation's graph: its inputs by name, and outputs named as the case names its results.
struct Asked {
    graph: Graph,
    /// (name of the output, key of the golden, tolerance)
    wanted: Vec<(String, Json, f64)>,
}

fn ask(goldens: &Goldens, case: &Json) -> Asked {
    let mut graph = Graph::new();
    let keys = case["inputs"].as_array().expect("inputs");
    let names: Vec<&str> = keys.iter().map(part).collect();
    let inputs: Vec<Id> =
        keys.iter().zip(&names).map(|(key, name)| graph.input(name, &goldens.array(key).shape)).collect();
    let made = operations::build(&mut graph, case["op"].as_str().expect("op"), &case["attributes"], &inputs);
    let mut wanted = vec![("output".to_string(), case["output"].clone(), FORWARD)];
    assert_eq!(*graph.shape(made.output), goldens.array(&case["output"]).shape, "{}", case["name"]);
    graph.output("output", made.output);
    for (name, key) in case["state"].as_object().into_iter().flatten() {
        let value = made.state.iter().find(|(own, _)| own == name).expect("a new state").1;
        graph.output(name, value);
        wanted.push((name.clone(), key.clone(), FORWARD));
    }
    let Some(gradients) = case["gradients"].as_object() else { return Asked { graph, wanted } };
    let upstream = graph.input("upstream", &goldens.array(&case["upstream"]).shape);
    let product = graph.mul(upstream, made.output);
    let total = graph.sum_all(product);
    let of = |name: &String| inputs[names.iter().position(|own| own == name).expect("an input")];
    let wrt: Vec<Id> = gradients.keys().map(of).collect();
    let firsts = backward(&mut graph, total, &wrt);
    for ((name, key), gradient) in gradients.iter().zip(&firsts) {
        graph.output(&format!("d {name}"), *gradient);
        wanted.push((format!("d {name}"), key.clone(), GRADIENT));
    }
    if let Some(second) = case["second_order"].as_object() {
        let mut value = graph.scalar(0.0);
        for name in second["of"].as_array().expect("of") {
            let place = gradients.keys().position(|own| Some(own.as_str()) == name.as_str()).expect("a gradient");
            let square = graph.square(firsts[place]);
            let sum = graph.sum_all(square);
            value = graph.add(value, sum);
        }
        graph.output("second", value);
        wanted.push(("second".into(), second["value"].clone(), GRADIENT));
        let asked = second["gradients"].as_object().expect("second gradients");
        let wrt: Vec<Id> = asked.keys().map(of).collect();
        let seconds = backward(&mut graph, value, &wrt);
        for ((name, key), gradient) in asked.iter().zip(seconds) {
            graph.output(&format!("dd {name}"), gradient);
            wanted.push((format!("dd {name}"), key.clone(), GRADIENT));
        }
    }
    Asked { graph, wanted }
}

#[test]
fn operations_and_their_gradients_by_the_reference() {
    operations_by(Who::Reference);
}

#[test]
fn operations_and_their_gradients_by_the_cpu() {
    operations_by(Who::Cpu);
}

#[test]
fn training_runs_by_the_reference() {
    training_by(Who::Reference);
}

#[test]
fn training_runs_by_the_cpu() {
    training_by(Who::Cpu);
}

fn operations_by(who: Who) {
    let Some(goldens) = Goldens::open("ops") else { return };
    let mut tally = Tally::default();
    for case in &goldens.cases {
        let asked = ask(&goldens, case);
        let mut machine = Machine::new(who);
        let graph = machine.load(&asked.graph);
        let upstream = case.get("upstream").map(|key| ("upstream", key));
        let inputs = case["inputs"].as_array().expect("inputs").iter().map(|key| (part(key), key));
        for (name, key) in inputs.chain(upstream) {
            machine.write(name, &goldens.array(key).data);
        }
        let names: Vec<&str> = asked.wanted.iter().map(|(name, _, _)| name.as_str()).collect();
        let results = machine.run(graph, 0, &[], &names);
        for (name, key, most) in &asked.wanted {
            tally.judge(format!("{} {name}", case["name"]), &results[name], goldens.array(key), *most);
        }
        tally.cases += 1;
    }
    tally.finish(&format!("operations, {who:?}"));
}

fn training_by(who: Who) {
    let Some(goldens) = Goldens::open("training") else { return };
    let mut tally = Tally::default();
    for case in &goldens.cases {
        let name = case["name"].as_str().expect("name");
        let spec = Spec::from_json(&case["spec"]).unwrap_or_else(|error| panic!("{name}: {error}"));
        let network = check(&spec).unwrap_or_else(|mistakes| panic!("{name}: {mistakes:#?}"));
        train(&goldens, case, &spec, &network, who, &mut tally);
    }
    tally.finish(&format!("training runs, {who:?}"));
}

/// Twenty steps from the given weights, then an answer.
fn train(goldens: &Goldens, case: &Json, spec: &Spec, network: &Network, who: Who, tally: &mut Tally) {
    let name = case["name"].as_str().expect("name");
    let layout = network.layout();
    let [trained, moving] = initial(goldens, case, &layout);
    let batches = case["batches"].as_array().expect("batches");
    let shape = |key: &Json| goldens.array(key).shape.clone();

    let mut graph = Graph::new();
    let (x, y) = (graph.input("x", shape(&batches[0]["x"])), graph.input("y", shape(&batches[0]["y"])));
    let nodes = network.step(spec, &mut graph, x, y);
    graph.output("loss", nodes.loss);
    let mut machine = Machine::new(who);
    let steps = machine.load(&graph);
    let mut graph = Graph::new();
    let x = graph.input("question", shape(&case["prediction"]["x"]));
    let weights = network.weights(&mut graph);
    let built = network.build(spec, &mut graph, x, &weights.parts, false);
    graph.output("answer", *built.results.last().expect("layers"));
    let answers = machine.load(&graph);

    machine.write(step::TRAINED, &trained);
    if !moving.is_empty() {
        machine.write(step::MOVING, &moving);
    }
    for state in spec.optimizer.row.states {
        machine.write(&step::optimizer_state(state), &vec![0.0; trained.len()]);
    }
    for (t, batch) in batches.iter().enumerate() {
        machine.write("x", &goldens.array(&batch["x"]).data);
        machine.write("y", &goldens.array(&batch["y"]).data);
        let knobs = [(step::RATE, spec.rate(t as u64)), (step::COUNT, t as f64)];
        let loss = &machine.run(steps, t as u32, &knobs, &["loss"])["loss"];
        let golden = Tensor::new([], vec![case["losses"][t].as_f64().expect("a loss") as f32]);
        tally.judge(format!("{name} loss {t}"), loss, &golden, TRAINING);
    }
    for laid in layout.parameters.iter().filter(|laid| case["final"].get(&laid.name).is_some()) {
        let vector = machine.state(if laid.trainable { step::TRAINED } else { step::MOVING });
        let own = &vector[laid.offset..][..laid.shape.count()];
        tally.judge(format!("{name} {}", laid.name), own, goldens.array(&case["final"][&laid.name]), TRAINING);
    }
    machine.write("question", &goldens.array(&case["prediction"]["x"]).data);
    let answer = &machine.run(answers, 20, &[], &["answer"])["answer"];
    tally.judge(format!("{name} prediction"), answer, goldens.array(&case["prediction"]["y"]), TRAINING);
    tally.cases += 1;
}

/// The case's initial weights, laid out as [`step::TRAINED`] and [`step::MOVING`].
fn initial(goldens: &Goldens, case: &Json, layout: &Layout) -> [Vec<f32>; 2] {
    let mut vectors = [vec![0.0; layout.trained], vec![0.0; layout.moving]];
    for laid in &layout.parameters {
        let start = goldens.array(&case["initial"][&laid.name]);
        assert_eq!(start.shape, laid.shape, "{}: {}", case["name"], laid.name);
        vectors[usize::from(!laid.trainable)][laid.offset..][..laid.shape.count()].copy_from_slice(&start.data);
    }
    vectors
}
