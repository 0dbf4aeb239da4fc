//! Runs a plan number by number in f64: cores by the reference interpreter, programs step by step.

use super::samples::Sample;
use std::collections::HashMap;
use whisker::device::gpu::Gpu;
use whisker::device::reference::{Feed, indices, values};
use whisker::graph::op::PoolStep;
use whisker::graph::{Graph, Id, op::Fold};
use whisker::plan::{Core, Holds, Kernel, Plan, Program, Region, Step, Tick, View};
use whisker::tensor::random;

/// The memory of a plan, place by place.
pub type Memory = Vec<Vec<f64>>;

/// How far a result may be off, relative to the largest magnitude of its output: about a hundred roundings of f32.
const TOLERANCE: f64 = 1e-5;

/// The outputs of a sample by a graphics card, which keeps nothing of it: samples use the same names for inputs of different
/// lengths.
pub async fn by(gpu: &mut Gpu, sample: &Sample) -> Result<Vec<Vec<f32>>, String> {
    let loaded = gpu.load(&sample.plan).await?;
    sample.inputs.iter().for_each(|(name, numbers)| gpu.write(name, 0, numbers));
    sample.bytes.iter().for_each(|(name, bytes)| gpu.write_bytes(name, 0, bytes));
    gpu.run(loaded, std::slice::from_ref(&sample.tick));
    let names: Vec<&str> = sample.plan.outputs.iter().map(|(name, _)| name.as_str()).collect();
    let results = gpu.fetch(loaded, &names).await;
    gpu.unload(loaded);
    let names = sample.plan.places.iter().filter_map(|place| match &place.holds {
        Holds::Input(name) | Holds::State(name) | Holds::Bytes(name) => Some(name),
        Holds::Scratch | Holds::Constant(_) => None,
    });
    names.for_each(|name| gpu.forget(name));
    results
}

/// A line for each output of a sample that is not as defined.
pub fn wrong(sample: &Sample, results: &[Vec<f32>]) -> Vec<String> {
    let names = sample.plan.outputs.iter().map(|(name, _)| name);
    let mut lines = Vec::new();
    for ((expected, got), output) in self::results(sample).iter().zip(results).zip(names) {
        assert_eq!(expected.len(), got.len(), "{}", sample.name);
        let most = expected.iter().fold(1e-3, |most: f64, v| most.max(v.abs()));
        let off = expected.iter().zip(got).map(|(a, b)| (a - f64::from(*b)).abs()).fold(0.0, f64::max);
        // A not-a-number is wrong too.
        if !(off <= most * TOLERANCE) || got.iter().any(|v| !v.is_finite()) {
            let at = expected.iter().zip(got).position(|(a, b)| (a - f64::from(*b)).abs() > most * TOLERANCE);
            let at = at.unwrap_or(0);
            let (name, got, expected) = (&sample.name, got[at], expected[at]);
            lines.push(format!("{name}, {output}: off by {off:e} of {most}; at {at} {got} for {expected}"));
        }
    }
    lines
}

/// The outputs of a sample, in order.
pub fn results(sample: &Sample) -> Vec<Vec<f64>> {
    let mut memory = memory(sample);
    sample.plan.kernels.iter().for_each(|kernel| run(&sample.plan, kernel, &sample.tick, &mut memory));
    sample.plan.outputs.iter().map(|(_, region)| slice(&memory, *region)).collect()
}

fn memory(sample: &Sample) -> Memory {
    let fill = |place: &whisker::plan::Place| match &place.holds {
        Holds::Input(name) => {
            let (_, given) = sample.inputs.iter().find(|(own, _)| own == name).expect("an input is given");
            given.iter().map(|v| f64::from(*v)).collect()
        }
        Holds::Bytes(name) => {
            let (_, given) = sample.bytes.iter().find(|(own, _)| own == name).expect("bytes are given");
            given.iter().map(|v| f64::from(*v)).collect()
        }
        Holds::Constant(numbers) => numbers.iter().map(|v| f64::from(*v)).collect(),
        Holds::Scratch | Holds::State(_) => vec![0.0; place.count],
    };
    sample.plan.places.iter().map(fill).collect()
}

fn slice(memory: &Memory, region: Region) -> Vec<f64> {
    memory[region.place][region.offset..][..region.count].to_vec()
}

fn run(plan: &Plan, kernel: &Kernel, tick: &Tick, memory: &mut Memory) {
    let core = core(plan, kernel, tick, memory);
    let mut writes = Vec::new();
    for (flat, index) in indices(&kernel.dims).enumerate() {
        let values = steps(&kernel.program, &index, core.get(flat).copied().unwrap_or(0.0), tick, memory);
        for store in &kernel.stores {
            writes.push((store.view.place, at(&store.view, &index), values[store.value]));
        }
    }
    writes.into_iter().for_each(|(place, at, value)| memory[place][at] = value);
}

fn at(view: &View, index: &[usize]) -> usize {
    let shift: isize = index.iter().zip(&view.strides).map(|(i, stride)| *i as isize * stride).sum();
    view.offset.checked_add_signed(shift).expect("a view stays inside its place")
}

fn steps(program: &Program, index: &[usize], core: f64, tick: &Tick, memory: &Memory) -> Vec<f64> {
    let mut values: Vec<f64> = Vec::new();
    let walk =
        |start: &usize, strides: &Vec<isize>| at(&View { place: 0, offset: *start, strides: strides.clone() }, index);
    for step in &program.steps {
        values.push(match step {
            Step::Core => core,
            Step::Load(view) => memory[view.place][at(view, index)],
            Step::Scalar(value) => f64::from(*value),
            Step::Knob(knob) => f64::from(tick.knobs[*knob]),
            Step::Index { start, strides } => walk(start, strides) as f64,
            Step::Uniform { purpose, start, strides } => {
                f64::from(random::uniform(tick.seed, *purpose, tick.step, walk(start, strides) as u32))
            }
            Step::Apply(function, from) => {
                let pick = |i: usize| values.get(from[i]).copied().unwrap_or(0.0);
                (function.0.eval)(pick(0), pick(1), pick(2))
            }
        });
    }
    values
}

/// What the core computes for every index.
fn core(plan: &Plan, kernel: &Kernel, tick: &Tick, memory: &mut Memory) -> Vec<f64> {
    let mut graph = Graph::new();
    let mut feed = Feed::default();
    let mut give = |graph: &mut Graph, region: Region, shape: &[usize]| -> Id {
        let name = format!("{region:?}");
        feed.arrays.insert(name.clone(), slice(memory, region));
        if matches!(plan.places[region.place].holds, Holds::Bytes(_)) {
            graph.bytes(&name, shape)
        } else {
            graph.input(&name, shape)
        }
    };
    let node = match &kernel.core {
        Core::Map => return Vec::new(),
        Core::Reduce { fold, over, folded, program } => {
            let mut sums: HashMap<Vec<usize>, f64> = HashMap::new();
            for index in indices(over) {
                let term = *steps(program, &index, 0.0, tick, memory).last().expect("a reduction folds a value");
                let kept = index.iter().zip(folded).filter(|(_, f)| !**f).map(|(i, _)| *i).collect();
                let sum = sums.entry(kept).or_insert(if *fold == Fold::Sum { 0.0 } else { f64::NEG_INFINITY });
                *sum = if *fold == Fold::Sum { *sum + term } else { sum.max(term) };
            }
            let mut all: Vec<_> = sums.into_iter().collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            return all.into_iter().map(|(_, sum)| sum).collect();
        }
        Core::Matmul { batch, m, n, k, a, b, transpose_a, transpose_b, shared_b } => {
            let a = give(&mut graph, *a, &if *transpose_a { [*batch, *k, *m] } else { [*batch, *m, *k] });
            let shape = if *transpose_b { [*batch, *n, *k] } else { [*batch, *k, *n] };
            let b = give(&mut graph, *b, if *shared_b { &shape[1..] } else { &shape[..] });
            graph.matmul_with(a, b, *transpose_a, *transpose_b)
        }
        Core::Conv { side, conv, a, b } => {
            let [x, w, y] = conv.shapes();
            let (one, two) = match side {
                whisker::graph::op::Side::Output => (x, w),
                whisker::graph::op::Side::Input => (y, w),
                whisker::graph::op::Side::Kernel => (x, y),
            };
            let (a, b) = (give(&mut graph, *a, &one), give(&mut graph, *b, &two));
            graph.conv(*side, *conv, a, b)
        }
        Core::Pool { step, pool, a, places } => {
            let [x, y] = pool.shapes();
            let down = matches!(step, PoolStep::ArgMax | PoolStep::Take | PoolStep::Sum);
            let a = give(&mut graph, *a, if down { &x } else { &y });
            let places = places.map(|places| give(&mut graph, places, &y));
            graph.pool(*step, *pool, a, places)
        }
        Core::MaxPool { pool, x, places } => {
            let [shape, _] = pool.shapes();
            let a = give(&mut graph, *x, &shape);
            let chosen = graph.pool(PoolStep::ArgMax, *pool, a, None);
            let taken = graph.pool(PoolStep::Take, *pool, a, Some(chosen));
            let mut all = values(&graph, &feed);
            let chosen = std::mem::take(&mut all[chosen.index()]);
            memory[places.place][places.offset..][..places.count].copy_from_slice(&chosen);
            return std::mem::take(&mut all[taken.index()]);
        }
        Core::ArgMax { length, x } => {
            let x = give(&mut graph, *x, &[kernel.dims[0], *length, kernel.dims[1]]);
            graph.argmax(x, 1)
        }
        Core::LogSoftmax { x } => {
            let x = give(&mut graph, *x, &kernel.dims);
            graph.log_softmax(x, kernel.dims.len() - 1)
        }
        Core::Gather { rows, table, indices } => {
            let table = give(&mut graph, *table, &[*rows, kernel.dims[1]]);
            let indices = give(&mut graph, *indices, &kernel.dims[..1]);
            graph.gather(table, indices)
        }
        Core::ScatterAdd { count, indices, values } => {
            let indices = give(&mut graph, *indices, &[*count]);
            let values = give(&mut graph, *values, &[*count, kernel.dims[1]]);
            graph.scatter_add(indices, values, kernel.dims[0])
        }
        Core::Resample { x, theta } => {
            let x = give(&mut graph, *x, &kernel.dims);
            let theta = give(&mut graph, *theta, &[kernel.dims[0], 6]);
            graph.resample(x, theta)
        }
    };
    std::mem::take(&mut values(&graph, &feed)[node.index()])
}
