//! Plans mean what their graphs mean: random graphs, planned and run on the CPU, against the reference interpreter.

use super::maker::random_graph;
use whisker::device::cpu::Cpu;
use whisker::device::reference::{self, Feed};
use whisker::graph::op::{Conv, Pool, PoolStep, Side};
use whisker::graph::{Graph, Id, Op, backward};
use whisker::plan::{Plan, compile};
use whisker::tensor::random::Stream;
use whisker::tensor::{Shape, Tensor};

/// Runs the graph's plan on the CPU for two steps and compares outputs and state with the reference after each.
///
/// Tolerance: 1e-4 of the largest number, for sums in another order and polynomial functions in f32.
pub fn agree(name: &str, graph: &Graph, feed: &Feed) -> Plan {
    let plan = compile(graph);
    let mut cpu = Cpu::default();
    let loaded = cpu.load(&plan).unwrap();
    for (name, numbers) in &feed.arrays {
        let numbers: Vec<f32> = numbers.iter().map(|&v| v as f32).collect();
        cpu.write(name, 0, &numbers);
    }
    let mut feed = feed.clone();
    for step in 0..2 {
        feed.step = step;
        let expected = reference::run(graph, &mut feed);
        let knobs: Vec<(&str, f32)> = feed.knobs.iter().map(|(name, value)| (&name[..], *value as f32)).collect();
        cpu.run(loaded, &plan.turn(feed.seed, step, &knobs));
        for (output, _) in &graph.outputs {
            close(&format!("{name}, step {step}, {output}"), &cpu.read(loaded, output), &expected[output]);
        }
        for (state, _) in &graph.updates {
            let Op::State(state) = &graph.node(*state).op else { panic!("only a state is assigned") };
            close(&format!("{name}, step {step}, {state}"), &cpu.state(state), &feed.arrays[state]);
        }
    }
    plan
}

fn close(what: &str, got: &[f32], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1.0f64, |most, v| most.max(v.abs()));
    for (place, (&got, &expected)) in got.iter().zip(expected).enumerate() {
        let error = (f64::from(got) - expected).abs();
        assert!(error <= 1e-4 * scale, "{what}[{place}]: got {got}, the reference says {expected}");
    }
}

#[test]
fn of_random_graphs() {
    let mut kernels = 0;
    for seed in 0..300 {
        let (graph, feed) = random_graph(seed);
        kernels += agree(&format!("graph of seed {seed}"), &graph, &feed).kernels.len();
    }
    println!("300 graphs became {kernels} kernels");
}

fn fed(graph: &mut Graph, feed: &mut Feed, name: &str, shape: impl Into<Shape>) -> Id {
    let shape = shape.into();
    let mut stream = Stream::new(5, whisker::tensor::random::purpose(name));
    feed.arrays.insert(name.into(), (0..shape.count()).map(|_| f64::from(stream.range(-1.0, 1.0))).collect());
    graph.input(name, shape)
}

#[test]
fn of_convolutions_and_pools_with_their_gradients() {
    let cases = [
        (3, 8, [3, 3], [1, 1], [1, 1], 1, [1, 1]),
        (4, 6, [2, 3], [2, 1], [1, 1], 2, [0, 1]),
        (2, 5, [3, 3], [1, 2], [2, 1], 1, [2, 0]),
    ];
    for (case, (channels, filters, kernel, stride, dilation, groups, padding)) in cases.into_iter().enumerate() {
        let input = [9, 7];
        let filters = filters / groups * groups;
        let out = |a: usize| (input[a] + 2 * padding[a] - (kernel[a] - 1) * dilation[a] - 1) / stride[a] + 1;
        let output = [out(0), out(1)];
        let conv = Conv { batch: 2, input, channels, output, filters, kernel, stride, dilation, padding, groups };
        let pool = Pool {
            batch: 2,
            input: output,
            channels: filters,
            output: [output[0] / 2, output[1] / 2],
            size: [2, 2],
            stride: [2, 2],
            padding: [0, 0],
        };
        let mut graph = Graph::new();
        let mut feed = Feed::default();
        let [x_shape, w_shape, _] = conv.shapes();
        let g = &mut graph;
        let x = fed(g, &mut feed, "x", x_shape);
        let w = fed(g, &mut feed, "w", w_shape);
        let b = fed(g, &mut feed, "b", [filters]);
        let y = g.conv(Side::Output, conv, x, w);
        let y = g.add(y, b);
        let y = g.relu(y);
        let most = g.max_pool(pool, y);
        let mean = g.avg_pool(pool, y);
        let both = g.add(most, mean);
        let square = g.square(both);
        let loss = g.sum_all(square);
        let gradients = backward(g, loss, &[x, w, b]);
        let spread = g.pool(PoolStep::Spread, pool, both, None);
        g.output("y", both);
        g.output("spread", spread);
        for (name, gradient) in ["dx", "dw", "db"].into_iter().zip(gradients) {
            g.output(name, gradient);
        }
        agree(&format!("convolution {case}"), &graph, &feed);
    }
}

#[test]
fn of_indexing_and_resampling() {
    let mut graph = Graph::new();
    let mut feed = Feed::default();
    let g = &mut graph;
    let table = fed(g, &mut feed, "table", [5, 3]);
    let at = g.constant(Tensor::new([4], vec![4.0, 0.0, 4.0, 2.0]));
    let rows = g.gather(table, at);
    let doubled = g.scale(rows, 2.0);
    let back = g.scatter_add(at, doubled, 6);
    let best = g.argmax(rows, 1);
    let pictures = fed(g, &mut feed, "pictures", [2, 5, 4, 3]);
    let theta = fed(g, &mut feed, "theta", [2, 6]);
    let seen = g.resample(pictures, theta);
    let half = g.scale(seen, 0.5);
    for (name, id) in [("rows", rows), ("back", back), ("best", best), ("seen", half)] {
        g.output(name, id);
    }
    agree("indexing", &graph, &feed);
}

#[test]
fn swapped_states_are_swapped() {
    let mut graph = Graph::new();
    let (a, b) = (graph.state("a", [3]), graph.state("b", [3]));
    let more = graph.shift(b, 1.0);
    graph.assign(a, more);
    graph.assign(b, a);
    let mut feed = Feed::default();
    feed.arrays.insert("a".into(), vec![1.0, 2.0, 3.0]);
    feed.arrays.insert("b".into(), vec![10.0, 20.0, 30.0]);
    agree("swap", &graph, &feed);
}

/// How many kernels there are, each of which is launched.
fn kernels(name: &str, build: impl FnOnce(&mut Graph, &mut Feed)) -> usize {
    let (mut graph, mut feed) = (Graph::new(), Feed::default());
    build(&mut graph, &mut feed);
    agree(name, &graph, &feed).kernels.len()
}

#[test]
fn parts_are_written_where_the_whole_has_them() {
    let gates = |wanted: usize, twice: bool| {
        let count = kernels("gates side by side", |g, feed| {
            let x = fed(g, feed, "x", [3, 8]);
            let parts: Vec<Id> = (0..4)
                .map(|i| {
                    let part = g.slice(x, &[0, 2 * i], &[3, 2], &[1, 1]);
                    if i % 2 == 0 { g.tanh(part) } else { g.sigmoid(part) }
                })
                .collect();
            let all = g.concat(&parts, 1);
            g.output("all", all);
            if twice {
                let again = g.concat(&[parts[0], parts[0], parts[3]], 1);
                g.output("again", again);
                g.output("second", parts[1]);
            }
        });
        assert_eq!(count, wanted);
    };
    // one for each gate
    gates(4, false);
    // only the third has no other reader: three are copied into the first whole, and three into the second
    gates(4 + 3 + 3, true);
}

#[test]
fn a_stretch_of_what_lies_together_is_not_put_together_again() {
    let count = kernels("a stretch", |g, feed| {
        let x = fed(g, feed, "x", [4, 5]);
        let rows: Vec<Id> = (0..4)
            .map(|i| {
                let row = g.slice(x, &[i, 0], &[1, 5], &[1, 1]);
                let sum = g.matmul_with(row, x, false, true);
                g.tanh(sum)
            })
            .collect();
        let all = g.concat(&rows, 0);
        g.output("all", all);
        let flat: Vec<Id> = rows[1..3].iter().map(|row| g.reshape(*row, [4])).collect();
        let stretch = g.concat(&flat, 0);
        g.output("stretch", stretch);
        let turned = g.concat(&[rows[2], rows[1]], 0);
        g.output("turned", turned);
    });
    // a product for each row, and two copies for the rows in another order
    assert_eq!(count, 4 + 2);
}
