//! The numbers that another framework computed, and how ours are compared with them: every operation, gradient, second
//! gradient and training run of `goldens`. The native tests, those in the browser and those of the page share this.
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
    spec::step::Layout,
    tensor::{Shape, Tensor},
};

mod operations;

/// How far results may be off.
#[derive(Clone, Copy, Debug)]
pub struct Tolerances {
    /// Outputs and states.
    pub forward: f64,
    /// First and second gradients.
    pub gradient: f64,
    /// The losses of 20 steps, and the prediction after them.
    pub training: f64,
    /// Each parameter after 20 steps.
    pub weights: f64,
}

/// For the reference interpreter, and for the CPU natively and in the browser.
pub const CPU: Tolerances = Tolerances { forward: 1e-5, gradient: 1e-4, training: 1e-3, weights: 1e-3 };
/// For WebGPU, whose functions are less exact.
pub const WEBGPU: Tolerances = Tolerances { forward: 1e-4, gradient: 1e-3, training: 5e-3, weights: 1e-3 };

/// The cases of one file, and the arrays they name.
pub struct Goldens {
    pub cases: Vec<Json>,
    arrays: HashMap<String, Tensor>,
}

/// Where the files are.
pub fn folder() -> PathBuf {
    std::env::var_os("GOLDENS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/goldens"), PathBuf::from)
}

impl Goldens {
    /// `STEM.json` and `STEM.safetensors` of the folder, where they are.
    pub fn open(stem: &str) -> Option<Goldens> {
        let read = |end: &str| std::fs::read(folder().join(format!("{stem}.{end}"))).ok();
        let Some((json, bytes)) = read("json").zip(read("safetensors")) else {
            println!("skipped: there are no goldens in {}", folder().display());
            return None;
        };
        Some(Goldens::read(&json, &bytes))
    }

    pub fn read(json: &[u8], bytes: &[u8]) -> Goldens {
        let json: Json = serde_json::from_slice(json).expect("goldens are JSON");
        let tensors = SafeTensors::deserialize(bytes).expect("goldens are safetensors");
        let read = |(name, view): (String, safetensors::tensor::TensorView)| {
            let data = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            (name, Tensor::new(view.shape().to_vec(), data))
        };
        let arrays = tensors.tensors().into_iter().map(read).collect();
        Goldens { cases: json["cases"].as_array().expect("cases").clone(), arrays }
    }

    pub fn array(&self, key: &Json) -> &Tensor {
        &self.arrays[key.as_str().expect("the key of an array")]
    }

    /// The inputs of an operation's case and the upstream gradient, by name.
    pub fn inputs(&self, case: &Json) -> Vec<(String, &Tensor)> {
        let upstream = case.get("upstream").map(|key| ("upstream".to_string(), self.array(key)));
        let inputs = case["inputs"].as_array().expect("inputs").iter();
        inputs.map(|key| (part(key).to_string(), self.array(key))).chain(upstream).collect()
    }

    /// A training case's initial weights, laid out as `step::TRAINED` and `step::MOVING`.
    pub fn initial(&self, case: &Json, layout: &Layout) -> [Vec<f32>; 2] {
        let mut vectors = [vec![0.0; layout.trained], vec![0.0; layout.moving]];
        for laid in &layout.parameters {
            let start = self.array(&case["initial"][&laid.name]);
            assert_eq!(start.shape, laid.shape, "{}: {}", case["name"], laid.name);
            vectors[usize::from(!laid.trainable)][laid.offset..][..laid.shape.count()].copy_from_slice(&start.data);
        }
        vectors
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
pub struct Tally {
    pub cases: usize,
    arrays: usize,
    /// Arrays that agree with their axes in another order only.
    reordered: usize,
    wrong: Vec<String>,
    /// The largest error, as a share of what is allowed.
    worst: f64,
}

impl Tally {
    /// Compares one result with its golden.
    pub fn judge(&mut self, what: String, a: &[f32], b: &Tensor, most: f64) {
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

    /// Says how it went, and panics if anything is wrong.
    pub fn finish(self, what: &str, say: impl Fn(&str)) {
        say(&format!(
            "{what}: {} cases, {} arrays, the worst at {:.0} % of its tolerance",
            self.cases,
            self.arrays,
            self.worst * 100.0
        ));
        say(&format!("{what}: {} arrays agree with their axes in the file's order of memory", self.reordered));
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
pub struct Asked {
    pub graph: Graph,
    /// (name of the output, key of the golden, tolerance)
    pub wanted: Vec<(String, Json, f64)>,
}

pub fn ask(goldens: &Goldens, case: &Json, most: Tolerances) -> Asked {
    let mut graph = Graph::new();
    let keys = case["inputs"].as_array().expect("inputs");
    let names: Vec<&str> = keys.iter().map(part).collect();
    let inputs: Vec<Id> =
        keys.iter().zip(&names).map(|(key, name)| graph.input(name, &goldens.array(key).shape)).collect();
    let made = operations::build(&mut graph, case["op"].as_str().expect("op"), &case["attributes"], &inputs);
    let mut wanted = vec![("output".to_string(), case["output"].clone(), most.forward)];
    assert_eq!(*graph.shape(made.output), goldens.array(&case["output"]).shape, "{}", case["name"]);
    graph.output("output", made.output);
    for (name, key) in case["state"].as_object().into_iter().flatten() {
        let value = made.state.iter().find(|(own, _)| own == name).expect("a new state").1;
        graph.output(name, value);
        wanted.push((name.clone(), key.clone(), most.forward));
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
        wanted.push((format!("d {name}"), key.clone(), most.gradient));
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
        wanted.push(("second".into(), second["value"].clone(), most.gradient));
        let asked = second["gradients"].as_object().expect("second gradients");
        let wrt: Vec<Id> = asked.keys().map(of).collect();
        let seconds = backward(&mut graph, value, &wrt);
        for ((name, key), gradient) in asked.iter().zip(seconds) {
            graph.output(&format!("dd {name}"), gradient);
            wanted.push((format!("dd {name}"), key.clone(), most.gradient));
        }
    }
    Asked { graph, wanted }
}
