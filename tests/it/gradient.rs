//! Every operation's gradient, and the gradient of that gradient, against finite differences in f64.

use whisker::device::reference::{self, Feed};
use whisker::graph::function::{FUNCTIONS, Gradient};
use whisker::graph::op::{Conv, Pool, PoolStep, Side};
use whisker::graph::{Graph, Id, backward};
use whisker::nn::layer::{self, Build};
use whisker::nn::{Value, Values};
use whisker::tensor::Shape;
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
    check("log-softmax of an outer axis", &[&[3, 4]], -1.0, 1.0, |g, x| g.log_softmax(x[0], 0));
    check("custom gradient", &[&[3, 4]], 0.5, 1.9, |g, x| {
        let cube = g.square(x[0]);
        let cube = g.mul(cube, x[0]);
        let sum = g.sum(cube, &[1]);
        let slope = g.square(x[0]);
        let slope = g.scale(slope, 3.0);
        let sum = g.stop(sum);
        g.custom_gradient(sum, x[0], slope)
    });
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

#[test]
fn of_parts_that_are_put_together_again() {
    // parts side by side, with gaps, twice over, along two axes, and one that is read whole
    check("slices", &[&[6, 5]], -1.0, 1.0, |g, x| {
        let part = |g: &mut Graph, start: [usize; 2], count: [usize; 2]| {
            let y = g.slice(x[0], &start, &count, &[1, 1]);
            let y = g.square(y);
            g.sum_all(y)
        };
        let mut sum = g.sum_all(x[0]);
        for (start, count) in [
            ([0, 0], [1, 5]),
            ([1, 0], [2, 5]),
            ([2, 0], [2, 5]),
            ([5, 0], [1, 5]),
            ([0, 1], [6, 2]),
            ([0, 3], [6, 1]),
            ([1, 1], [2, 2]),
        ] {
            let y = part(g, start, count);
            let bent = g.exp(y);
            let small = g.scale(bent, 0.1);
            sum = g.add(sum, small);
        }
        sum
    });
}

/// A layer on an input of this sample shape, two samples, its parameters as inputs too.
fn check_layer(id: &str, set: &[(&'static str, Value)], sample: &[usize]) {
    let row = layer::find(id).expect("a layer's id");
    let values: Values = set.iter().fold(row.fresh(), |values, (field, value)| values.with(field, value.clone()));
    let inputs = [Shape::from(sample)];
    let made = (row.work.shape)(&values, &inputs).expect("a shape that fits");
    let parameters = (row.work.parameters)(&values, &inputs);
    let batch = [&[2], sample].concat();
    let shapes: Vec<&[usize]> =
        std::iter::once(&batch[..]).chain(parameters.iter().map(|one| &one.shape[..])).collect();
    check(&format!("{id} {set:?}"), &shapes, -0.8, 0.8, |g, x| {
        let mut b = Build { graph: g, training: true, purpose: 1, moved: Vec::new() };
        let y = (row.work.build)(&mut b, &values, &x[..1], &x[1..]);
        assert_eq!(g.shape(y)[1..], made[..], "{id}");
        y
    });
}

#[test]
fn of_every_layer_with_weights() {
    let (count, size, flag) = (Value::Count, |h, w| Value::Size([h, w]), Value::Flag);
    check_layer("dense", &[("units", count(3)), ("activation", Value::Choice("gelu"))], &[4]);
    check_layer("rbm", &[("units", count(3))], &[4]);
    check_layer("conv2d", &[("filters", count(4)), ("groups", count(2)), ("dilation", size(2, 1))], &[4, 3, 2]);
    check_layer("conv2d-transpose", &[("filters", count(2)), ("kernel", size(3, 1))], &[2, 3, 2]);
    check_layer("conv2d-transpose", &[("filters", count(2)), ("padding", Value::Choice("valid"))], &[2, 2, 1]);
    check_layer("depthwise-conv2d", &[("multiplier", count(2)), ("stride", size(2, 1))], &[4, 3, 2]);
    check_layer("upsample2d", &[("factor", count(3)), ("method", Value::Choice("bilinear"))], &[2, 3, 1]);
    check_layer("upsample2d", &[("factor", count(2)), ("method", Value::Choice("bilinear"))], &[1, 2, 2]);
    check_layer("position", &[("length", count(4))], &[3, 2]);
    for every in [false, true] {
        for id in ["simple-rnn", "lstm", "gru"] {
            check_layer(id, &[("units", count(2)), ("return-sequences", flag(every))], &[3, 2]);
        }
        check_layer("attention", &[("heads", count(2)), ("causal", flag(every))], &[3, 4]);
    }
    check_layer("lstm", &[("units", count(3))], &[1, 2]);
}
