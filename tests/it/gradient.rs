//! Every operation's gradient, and the gradient of that gradient, against finite differences in f64.

use whisker::device::reference::{self, Feed};
use whisker::graph::function::{FUNCTIONS, Gradient};
use whisker::graph::op::{Conv, Pool, PoolStep, Side};
use whisker::graph::{Graph, Id, backward};
use whisker::tensor::random::Stream;

/// Builds y from inputs of these shapes and checks d Σ u·y, then d Σ u'·(that gradient), by central differences.
fn check(name: &str, shapes: &[&[usize]], low: f32, high: f32, build: impl Fn(&mut Graph, &[Id]) -> Id) {
    let mut graph = Graph::new();
    let inputs: Vec<Id> = shapes.iter().enumerate().map(|(i, s)| graph.input(&format!("x{i}"), *s)).collect();
    let mut stream = Stream::new(7, whisker::tensor::random::purpose(name));
    let mut feed = Feed { seed: 3, ..Feed::default() };
    for (i, shape) in shapes.iter().enumerate() {
        let numbers = (0..shape.iter().product()).map(|_| f64::from(stream.range(low, high))).collect();
        feed.arrays.insert(format!("x{i}"), numbers);
    }
    let y = build(&mut graph, &inputs);
    let weighted = |graph: &mut Graph, y: Id, stream: &mut Stream| {
        let shape = graph.shape(y).clone();
        let numbers = (0..shape.count()).map(|_| stream.range(-1.0, 1.0)).collect();
        let u = graph.constant(whisker::tensor::Tensor::new(shape, numbers));
        let product = graph.mul(u, y);
        graph.sum_all(product)
    };
    let first = weighted(&mut graph, y, &mut stream);
    let gradients = backward(&mut graph, first, &inputs);
    compare(&format!("{name}, first order"), &graph, first, &gradients, &feed);
    let mut second = graph.scalar(0.0);
    for &gradient in &gradients {
        let part = weighted(&mut graph, gradient, &mut stream);
        second = graph.add(second, part);
    }
    let seconds = backward(&mut graph, second, &inputs);
    compare(&format!("{name}, second order"), &graph, second, &seconds, &feed);
}

/// Relative 1e-6 of the largest gradient: central differences with step 1e-5 in f64 are good to about 1e-9.
fn compare(name: &str, graph: &Graph, loss: Id, gradients: &[Id], feed: &Feed) {
    let values = reference::values(graph, feed);
    for (input, gradient) in gradients.iter().enumerate() {
        let analytic = &values[gradient.index()];
        let scale = analytic.iter().fold(1.0f64, |most, v| most.max(v.abs()));
        for place in 0..analytic.len() {
            let probe = |step: f64| {
                let mut feed = feed.clone();
                feed.arrays.get_mut(&format!("x{input}")).unwrap()[place] += step;
                reference::values(graph, &feed)[loss.index()][0]
            };
            let numeric = (probe(1e-5) - probe(-1e-5)) / 2e-5;
            let error = (numeric - analytic[place]).abs();
            assert!(error < 1e-6 * scale, "{name}: input {input}[{place}]: {} but {numeric}", analytic[place]);
        }
    }
}

#[test]
fn of_every_function() {
    for function in FUNCTIONS {
        let row = function.0;
        if matches!(row.gradient, Gradient::None) {
            continue;
        }
        let shapes = vec![&[2usize, 3][..]; row.arity];
        check(row.name, &shapes, 0.3, 1.9, |g, x| g.map(*function, x));
        if !["ln", "sqrt", "pow", "div"].contains(&row.name) {
            check(row.name, &shapes, -1.9, 1.9, |g, x| g.map(*function, x));
        }
    }
}

#[test]
fn of_broadcasting_and_movement() {
    check("broadcast", &[&[2, 1, 3], &[4, 1]], -1.0, 1.0, |g, x| g.mul(x[0], x[1]));
    check("reshape", &[&[2, 6]], -1.0, 1.0, |g, x| {
        let y = g.reshape(x[0], [3, 4]);
        g.square(y)
    });
    check("permute", &[&[2, 3, 4]], -1.0, 1.0, |g, x| {
        let y = g.permute(x[0], &[2, 0, 1]);
        g.square(y)
    });
    check("slice", &[&[5, 7]], -1.0, 1.0, |g, x| {
        let y = g.slice(x[0], &[1, 0], &[3, 3], &[1, 3]);
        g.square(y)
    });
    check("pad", &[&[2, 3]], -1.0, 1.0, |g, x| {
        let y = g.pad(x[0], &[1, 0], &[0, 2], 0.5);
        g.square(y)
    });
    check("flip and concat", &[&[2, 3], &[2, 2]], -1.0, 1.0, |g, x| {
        let a = g.flip(x[0], &[1]);
        let y = g.concat(&[a, x[1], x[0]], 1);
        g.square(y)
    });
    check("softmax", &[&[3, 4]], -1.0, 1.0, |g, x| g.softmax(x[0], 1));
    check("log-softmax", &[&[3, 4]], -1.0, 1.0, |g, x| g.log_softmax(x[0], 1));
}

#[test]
fn of_reductions_and_products() {
    check("sum", &[&[2, 3, 4]], -1.0, 1.0, |g, x| {
        let y = g.sum(x[0], &[0, 2]);
        g.square(y)
    });
    check("maximum", &[&[2, 5]], -1.0, 1.0, |g, x| {
        let y = g.maximum(x[0], &[1]);
        g.square(y)
    });
    for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
        let a: &[usize] = if ta { &[2, 4, 3] } else { &[2, 3, 4] };
        let b: &[usize] = if tb { &[2, 5, 4] } else { &[2, 4, 5] };
        check("matmul", &[a, b], -1.0, 1.0, |g, x| g.matmul_with(x[0], x[1], ta, tb));
    }
    check("matmul, one second matrix", &[&[2, 3, 4], &[4, 5]], -1.0, 1.0, |g, x| g.matmul(x[0], x[1]));
}

#[test]
fn of_indexing() {
    let numbers = |g: &mut Graph, of: &[f32]| g.constant(whisker::tensor::Tensor::new([of.len()], of.to_vec()));
    check("gather", &[&[4, 3]], -1.0, 1.0, |g, x| {
        let at = numbers(g, &[2.0, 0.0, 2.0]);
        let y = g.gather(x[0], at);
        g.square(y)
    });
    check("scatter-add", &[&[3, 2]], -1.0, 1.0, |g, x| {
        let at = numbers(g, &[1.0, 3.0, 1.0]);
        let y = g.scatter_add(at, x[0], 4);
        g.square(y)
    });
}

#[test]
fn of_convolution_and_pooling() {
    let conv = Conv {
        batch: 2,
        input: [5, 4],
        channels: 4,
        output: [3, 2],
        filters: 2,
        kernel: [2, 3],
        stride: [2, 1],
        dilation: [1, 1],
        padding: [1, 0],
        groups: 1,
    };
    let grouped = Conv { kernel: [2, 2], dilation: [2, 1], stride: [1, 2], groups: 2, padding: [0, 0], ..conv };
    for (name, conv) in [("conv", conv), ("conv with groups and dilation", grouped)] {
        let [x, w, y] = conv.shapes();
        for (side, a, b) in [(Side::Output, x, w), (Side::Input, y, w), (Side::Kernel, x, y)] {
            check(name, &[&a, &b], -1.0, 1.0, |g, i| g.conv(side, conv, i[0], i[1]));
        }
    }
    let pool =
        Pool { batch: 1, input: [5, 4], channels: 2, output: [3, 2], size: [3, 2], stride: [2, 2], padding: [1, 0] };
    let [x, y] = pool.shapes();
    check("max-pool", &[&x], -1.0, 1.0, |g, i| {
        let y = g.max_pool(pool, i[0]);
        g.square(y)
    });
    check("avg-pool", &[&x], -1.0, 1.0, |g, i| g.avg_pool(pool, i[0]));
    check("spread", &[&y], -1.0, 1.0, |g, i| g.pool(PoolStep::Spread, pool, i[0], None));
}
