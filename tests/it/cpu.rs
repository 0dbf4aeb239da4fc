//! The CPU device, kernel by kernel, against the interpreter that defines every operation.
//!
//! Each case is a plan with one kernel on random numbers from a seed, and a graph with the same operation.

use std::collections::HashMap;
use whisker::device::Device;
use whisker::device::cpu::Cpu;
use whisker::device::reference::{Feed, run};
use whisker::graph::function::{self as f, FUNCTIONS, Function};
use whisker::graph::op::{Conv, Fold, Pool, PoolStep, Side};
use whisker::graph::{Graph, Id};
use whisker::plan::{Core, Holds, Kernel, Place, Plan, Program, Region, Step, Store, View};
use whisker::tensor::random::{Stream, uniform};

/// Rounding in f32 over the sums that occur here, relative to the largest number of the result.
const CLOSE: f64 = 2e-6;

fn numbers(stream: &mut Stream, count: usize) -> Vec<f32> {
    (0..count).map(|_| stream.range(-1.0, 1.0)).collect()
}

fn strides(dims: &[usize]) -> Vec<isize> {
    let mut strides = vec![1; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis] * dims[axis] as isize;
    }
    strides
}

fn region(place: usize, count: usize) -> Region {
    Region { place, offset: 0, count }
}

/// The whole of a place, in order.
fn whole(place: usize, dims: &[usize]) -> View {
    View { place, offset: 0, strides: strides(dims) }
}

/// A plan under construction: inputs "0", "1", …, one kernel, and its result "out" in the last place.
struct Single {
    places: Vec<Place>,
    given: Vec<Vec<f32>>,
}

impl Single {
    fn new(given: Vec<Vec<f32>>) -> Single {
        let place =
            |(i, numbers): (usize, &Vec<f32>)| Place { count: numbers.len(), holds: Holds::Input(i.to_string()) };
        Single { places: given.iter().enumerate().map(place).collect(), given }
    }

    fn region(&self, i: usize) -> Region {
        region(i, self.places[i].count)
    }

    /// Runs one kernel whose program is `steps`, the last one stored.
    fn run(mut self, dims: &[usize], core: Core, steps: Vec<Step>) -> Vec<f32> {
        let out = self.places.len();
        let count = dims.iter().product();
        self.places.push(Place { count, holds: Holds::Scratch });
        let store = Store { value: steps.len() - 1, view: whole(out, dims) };
        let kernel =
            Kernel { name: "one".into(), dims: dims.to_vec(), core, program: Program { steps }, stores: vec![store] };
        let outputs = vec![("out".to_string(), region(out, count))];
        let plan = Plan { places: self.places, kernels: vec![kernel], knobs: vec![], outputs };
        let mut device = Device::Cpu(Cpu::new());
        let loaded = pollster::block_on(device.load(&plan)).expect("a small plan loads");
        for (i, numbers) in self.given.iter().enumerate() {
            device.write(&i.to_string(), 0, numbers);
        }
        // Twice, since what a first run leaves behind must not matter.
        let tick = plan.turn(7, 3, &[]);
        device.run(loaded, &[tick.clone(), tick]);
        pollster::block_on(device.read(loaded, "out")).expect("the plan has this output")
    }
}

/// What the interpreter says of a graph on the same inputs.
fn expected(given: &[(&[usize], &[f32])], build: impl Fn(&mut Graph, &[Id]) -> Id) -> Vec<f64> {
    let mut graph = Graph::new();
    let mut arrays = HashMap::new();
    let mut ids = Vec::new();
    for (i, (shape, numbers)) in given.iter().enumerate() {
        ids.push(graph.input(&i.to_string(), *shape));
        arrays.insert(i.to_string(), numbers.iter().map(|&v| f64::from(v)).collect());
    }
    let result = build(&mut graph, &ids);
    graph.output("out", result);
    run(&graph, &mut Feed { seed: 7, step: 3, arrays, knobs: HashMap::new() }).remove("out").expect("it is named")
}

fn check(what: &str, got: &[f32], want: &[f64]) {
    let scale = want.iter().fold(1.0_f64, |most, v| most.max(v.abs()));
    check_scaled(what, got, want, scale);
}

/// The same where numbers of the size of `scale` were added up and may have cancelled.
fn check_scaled(what: &str, got: &[f32], want: &[f64], scale: f64) {
    assert_eq!(got.len(), want.len(), "{what}: count");
    for (i, (&got, &want)) in got.iter().zip(want).enumerate() {
        let off = (f64::from(got) - want).abs();
        assert!(off <= CLOSE * scale, "{what}: number {i} is {got}, not {want}");
    }
}

#[test]
fn products_of_every_size_and_transposition() {
    let mut stream = Stream::new(1, 1);
    let mut sizes = vec![(1, 10, 8, 2), (1, 32, 64, 1024), (1, 1, 1, 1), (3, 5, 9, 7), (2, 33, 130, 17), (1, 70, 3, 5)];
    sizes.extend((0..12).map(|_| {
        let mut size = |most| stream.below(most) + 1;
        (size(3), size(40), size(90), size(40))
    }));
    for (batch, m, n, k) in sizes {
        for case in 0..8 {
            let (transpose_a, transpose_b, shared_b) = (case & 1 != 0, case & 2 != 0, case & 4 != 0);
            let a = numbers(&mut stream, batch * m * k);
            let b = numbers(&mut stream, if shared_b { 1 } else { batch } * k * n);
            let single = Single::new(vec![a.clone(), b.clone()]);
            let (ra, rb) = (single.region(0), single.region(1));
            let core = Core::Matmul { batch, m, n, k, a: ra, b: rb, transpose_a, transpose_b, shared_b };
            let got = single.run(&[batch, m, n], core, vec![Step::Core]);
            let shape_a = if transpose_a { [batch, k, m] } else { [batch, m, k] };
            let shape_b = if transpose_b { [batch, n, k] } else { [batch, k, n] };
            let shape_b = if shared_b { &shape_b[1..] } else { &shape_b[..] };
            let want =
                expected(&[(&shape_a, &a), (shape_b, &b)], |g, x| g.matmul_with(x[0], x[1], transpose_a, transpose_b));
            check(&format!("{batch}·{m}·{n}·{k} case {case}"), &got, &want);
        }
    }
}

/// A convolution of random sizes whose output follows from them.
fn any_conv(stream: &mut Stream) -> Conv {
    let groups = [1, 1, 1, 2, 3][stream.below(5)];
    let kernel = [stream.below(4) + 1, stream.below(4) + 1];
    let stride = [stream.below(3) + 1, stream.below(3) + 1];
    let dilation = [[1, 1], [1, 1], [2, 1], [2, 3]][stream.below(4)];
    let padding = [stream.below(kernel[0]), stream.below(kernel[1])];
    let after = [stream.below(3), stream.below(3)];
    let reach = [0, 1].map(|axis| (kernel[axis] - 1) * dilation[axis] + 1);
    let input = [0, 1].map(|axis| reach[axis] + stream.below(9));
    let output = [0, 1].map(|axis| (input[axis] + padding[axis] + after[axis] - reach[axis]) / stride[axis] + 1);
    let (channels, filters) = (groups * (stream.below(5) + 1), groups * (stream.below(11) + 1));
    Conv { batch: stream.below(4) + 1, input, channels, output, filters, kernel, stride, dilation, padding, groups }
}

fn same(batch: usize, size: usize, channels: usize, filters: usize) -> Conv {
    let (input, kernel, one) = ([size, size], [3, 3], [1, 1]);
    Conv { batch, input, channels, output: input, filters, kernel, stride: one, dilation: one, padding: one, groups: 1 }
}

#[test]
fn all_sides_of_convolutions() {
    let mut stream = Stream::new(2, 2);
    let mut cases = vec![same(3, 32, 3, 16), same(2, 16, 16, 32), same(3, 4, 5, 8), same(5, 1, 3, 4)];
    let apart = |channels| Conv { groups: channels, stride: [2, 1], ..same(2, 7, channels, channels) };
    cases.extend([4, 6, 3].map(|channels| Conv { output: [4, 7], ..apart(channels) }));
    cases.extend((0..60).map(|_| any_conv(&mut stream)));
    // Those that are computed tile by tile, with edges of every kind.
    cases.extend((0..30).map(|_| {
        let mut size = |least, most| least + stream.below(most - least + 1);
        let (batch, padding, input) = (size(1, 9), [size(0, 3), size(0, 2)], [size(3, 11), size(3, 11)]);
        let (channels, filters) = (8 * size(1, 3), 8 * size(1, 2));
        let output = [0, 1].map(|axis| input[axis] + 2 * padding[axis] - 2);
        Conv { input, output, padding, ..same(batch, 0, channels, filters) }
    }));
    for conv in cases {
        let [x, w, y] = conv.shapes();
        for (side, a, b, out) in [(Side::Output, x, w, y), (Side::Input, y, w, x), (Side::Kernel, x, y, w)] {
            let numbers_a = numbers(&mut stream, a.iter().product());
            let numbers_b = numbers(&mut stream, b.iter().product());
            let single = Single::new(vec![numbers_a.clone(), numbers_b.clone()]);
            let core = Core::Conv { side, conv, a: single.region(0), b: single.region(1) };
            let got = single.run(&out, core, vec![Step::Core]);
            let want = expected(&[(&a, &numbers_a), (&b, &numbers_b)], |g, x| g.conv(side, conv, x[0], x[1]));
            check(&format!("{side:?} of {conv:?}"), &got, &want);
        }
    }
}

#[test]
fn all_steps_of_pooling() {
    let mut stream = Stream::new(3, 3);
    for case in 0..40 {
        let size = [stream.below(3) + 1, stream.below(3) + 1];
        let stride = if case % 2 == 0 { size } else { [stream.below(3) + 1, stream.below(3) + 1] };
        let padding = if case % 3 == 0 { [0, 0] } else { [stream.below(size[0]), stream.below(size[1])] };
        let input = [0, 1].map(|axis| size[axis] + stream.below(7));
        let output = [0, 1].map(|axis| (input[axis] + padding[axis] - size[axis]) / stride[axis] + 1);
        let (batch, channels) = (stream.below(3) + 1, stream.below(9) + 1);
        let pool = Pool { batch, input, channels, output, size, stride, padding };
        let [x_shape, y_shape] = pool.shapes();
        let x = numbers(&mut stream, x_shape.iter().product());
        let y = numbers(&mut stream, y_shape.iter().product());
        let single = || Single::new(vec![x.clone(), y.clone()]);
        let pick = |step: PoolStep| {
            expected(&[(&x_shape, &x), (&y_shape, &y)], |g, i| {
                let places = g.pool(PoolStep::ArgMax, pool, i[0], None);
                match step {
                    PoolStep::ArgMax => places,
                    PoolStep::Take => g.pool(step, pool, i[0], Some(places)),
                    PoolStep::Put => g.pool(step, pool, i[1], Some(places)),
                    PoolStep::Sum => g.pool(step, pool, i[0], None),
                    PoolStep::Spread => g.pool(step, pool, i[1], None),
                }
            })
        };
        let places: Vec<f32> = pick(PoolStep::ArgMax).iter().map(|&v| v as f32).collect();
        for step in [PoolStep::ArgMax, PoolStep::Take, PoolStep::Put, PoolStep::Sum, PoolStep::Spread] {
            let back = matches!(step, PoolStep::Put | PoolStep::Spread);
            let mut single = single();
            single.places.push(Place { count: places.len(), holds: Holds::Constant(places.clone().into()) });
            let a = single.region(usize::from(back));
            let given = matches!(step, PoolStep::Take | PoolStep::Put).then(|| single.region(2));
            let got = single.run(
                if back { &x_shape } else { &y_shape },
                Core::Pool { step, pool, a, places: given },
                vec![Step::Core],
            );
            check(&format!("{step:?} of {pool:?}"), &got, &pick(step));
        }
        let mut single = single();
        single.places.push(Place { count: places.len(), holds: Holds::State("places".into()) });
        let core = Core::MaxPool { pool, x: single.region(0), places: single.region(2) };
        let steps = vec![Step::Core, Step::Load(whole(2, &y_shape)), Step::Apply(f::ADD, [0, 1, 0])];
        let got = single.run(&y_shape, core, steps);
        let want: Vec<f64> = pick(PoolStep::Take).iter().zip(&places).map(|(v, &p)| v + f64::from(p)).collect();
        check(&format!("maximum and place of {pool:?}"), &got, &want);
    }
}

#[test]
fn reductions_over_any_axes_with_a_program_before_and_behind() {
    let mut stream = Stream::new(4, 4);
    let mut shapes = vec![vec![3000, 16], vec![5, 2000], vec![40_000], vec![2, 50, 30, 3], vec![4, 1500], vec![1, 1]];
    shapes.extend((0..30).map(|_| (0..stream.below(4) + 1).map(|_| stream.below(12) + 1).collect()));
    for shape in shapes {
        let x = numbers(&mut stream, shape.iter().product());
        let row = numbers(&mut stream, shape[shape.len() - 1]);
        for case in 0..1 << shape.len() {
            for fold in [Fold::Sum, Fold::Max] {
                let folded: Vec<bool> = (0..shape.len()).map(|axis| case >> axis & 1 == 1).collect();
                let axes: Vec<usize> = (0..shape.len()).filter(|&axis| folded[axis]).collect();
                let mut dims: Vec<usize> = (0..shape.len()).filter(|&a| !folded[a]).map(|a| shape[a]).collect();
                if dims.is_empty() {
                    dims.push(1);
                }
                let single = Single::new(vec![x.clone(), row.clone()]);
                let mut last = vec![0; shape.len()];
                last[shape.len() - 1] = 1;
                let row_view = View { place: 1, offset: 0, strides: last };
                let load = |view| Step::Load(view);
                let steps = vec![load(whole(0, &shape)), load(row_view), Step::Apply(f::MUL, [0, 1, 0])];
                let core = Core::Reduce { fold, over: shape.clone(), folded, program: Program { steps } };
                let got = single.run(&dims, core, vec![Step::Core, Step::Scalar(0.5), Step::Apply(f::ADD, [0, 1, 0])]);
                let want = expected(&[(&shape, &x), (&[row.len()], &row)], |g, i| {
                    let product = g.mul(i[0], i[1]);
                    let sum = if fold == Fold::Sum { g.sum(product, &axes) } else { g.maximum(product, &axes) };
                    g.shift(sum, 0.5)
                });
                let scale = 1.0 + (x.len() / got.len()) as f64 / 400.0;
                check_scaled(&format!("{fold:?} of {shape:?} over {axes:?}"), &got, &want, scale);
            }
        }
    }
}

#[test]
fn rows_by_index() {
    let mut stream = Stream::new(5, 5);
    for (rows, width, count) in [(10, 4, 25), (3, 1, 7), (1000, 20, 5), (5, 3000, 9)] {
        let table = numbers(&mut stream, rows * width);
        let indices: Vec<f32> = (0..count).map(|_| stream.below(rows) as f32).collect();
        let single = Single::new(vec![table.clone(), indices.clone()]);
        let core = Core::Gather { rows, table: single.region(0), indices: single.region(1) };
        let got = single.run(&[count, width], core, vec![Step::Core]);
        let want = expected(&[(&[rows, width], &table), (&[count], &indices)], |g, i| g.gather(i[0], i[1]));
        check("gather", &got, &want);

        let values = numbers(&mut stream, count * width);
        let single = Single::new(vec![indices.clone(), values.clone()]);
        let core = Core::ScatterAdd { count, indices: single.region(0), values: single.region(1) };
        let got = single.run(&[rows, width], core, vec![Step::Core]);
        let want =
            expected(&[(&[count], &indices), (&[count, width], &values)], |g, i| g.scatter_add(i[0], i[1], rows));
        check("scatter", &got, &want);
    }
    for (outer, length, inner) in [(3, 5, 1), (1, 9, 4), (7, 2, 2), (4, 1, 3)] {
        let x: Vec<f32> = (0..outer * length * inner).map(|_| stream.below(4) as f32).collect();
        let single = Single::new(vec![x.clone()]);
        let core = Core::ArgMax { length, x: single.region(0) };
        let got = single.run(&[outer, inner], core, vec![Step::Core]);
        let want = expected(&[(&[outer, length, inner], &x)], |g, i| g.argmax(i[0], 1));
        check("place of the maximum", &got, &want);
    }
    // The second has more rows than a block.
    for dims in [[2, 5, 2], [1, 1500, 3], [2, 7, 64], [1, 3, 256]] {
        let x = numbers(&mut stream, dims.iter().product());
        let single = Single::new(vec![x.clone()]);
        let core = Core::LogSoftmax { x: single.region(0) };
        let got = single.run(&dims, core, vec![Step::Core]);
        let want = expected(&[(&dims, &x)], |g, i| g.log_softmax(i[0], 2));
        check("log-softmax", &got, &want);
        // What its gradient asks for: of long rows the powers come with it.
        let powers = vec![Step::Core, Step::Apply(f::EXP, [0; 3]), Step::Apply(f::MUL, [1, 0, 0])];
        for (steps, product) in [(powers[..2].to_vec(), false), (powers, true)] {
            let single = Single::new(vec![x.clone()]);
            let core = Core::LogSoftmax { x: single.region(0) };
            let got = single.run(&dims, core, steps);
            let want = expected(&[(&dims, &x)], |g, i| {
                let log = g.log_softmax(i[0], 2);
                let power = g.exp(log);
                if product { g.mul(power, log) } else { power }
            });
            check("powers of a log-softmax", &got, &want);
        }
    }
}

#[test]
fn bytes_are_read_as_parts_of_one_and_indices_outside_are_clamped() {
    let places = vec![
        Place { count: 6, holds: Holds::Bytes("pictures".into()) },
        Place { count: 4, holds: Holds::Input("rows".into()) },
        Place { count: 8, holds: Holds::Scratch },
    ];
    let dims = vec![4, 2];
    let core = Core::Gather { rows: 3, table: region(0, 6), indices: region(1, 4) };
    let stores = vec![Store { value: 0, view: whole(2, &dims) }];
    let kernel = Kernel { name: "gather".into(), dims, core, program: Program { steps: vec![Step::Core] }, stores };
    let outputs = vec![("out".to_string(), region(2, 8))];
    let plan = Plan { places, kernels: vec![kernel], knobs: vec![], outputs };
    let mut cpu = Cpu::new();
    let loaded = cpu.load(&plan).expect("a small plan loads");
    cpu.write_bytes("pictures", 0, &[0, 255, 51, 102, 153, 204]);
    cpu.write("rows", 0, &[2.0, 0.0, -4.0, 9.0]);
    cpu.run(loaded, &plan.turn(0, 0, &[]));
    assert_eq!(cpu.read(loaded, "out"), [0.6, 0.8, 0.0, 1.0, 0.0, 1.0, 0.6, 0.8]);
}

#[test]
fn pictures_through_an_affine_map() {
    let mut stream = Stream::new(6, 6);
    let shape = [3, 6, 7, 2];
    let x = numbers(&mut stream, shape.iter().product());
    let theta: Vec<f32> =
        (0..3).flat_map(|_| [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]).map(|v| v + stream.range(-0.4, 0.4)).collect();
    let single = Single::new(vec![x.clone(), theta.clone()]);
    let core = Core::Resample { x: single.region(0), theta: single.region(1) };
    let got = single.run(&shape, core, vec![Step::Core]);
    let want = expected(&[(&shape, &x), (&[3, 6], &theta)], |g, i| g.resample(i[0], i[1]));
    check("resample", &got, &want);
}

#[test]
fn programs_walk_any_view() {
    let mut stream = Stream::new(7, 7);
    let dims = [5, 37, 12];
    let (x, bias) = (numbers(&mut stream, 5 * 37 * 12), numbers(&mut stream, 12));
    let (column, single_one) = (numbers(&mut stream, 37), numbers(&mut stream, 1));
    let single = Single::new(vec![x.clone(), bias.clone(), column.clone(), single_one.clone()]);
    let view = |place, offset, strides: [isize; 3]| Step::Load(View { place, offset, strides: strides.to_vec() });
    let add = |a, b| Step::Apply(f::ADD, [a, b, 0]);
    let steps = vec![
        // Flipped along the middle, beside itself in order.
        view(0, 36 * 12, [37 * 12, -12, 1]),
        view(0, 0, [37 * 12, 12, 1]),
        view(1, 0, [0, 0, 1]),
        view(2, 0, [0, 1, 0]),
        view(3, 0, [0, 0, 0]),
        Step::Index { start: 2, strides: vec![0, 3, 0] },
        Step::Uniform { purpose: 9, start: 4, strides: vec![500, 12, 1] },
        add(0, 1),
        add(7, 2),
        add(8, 3),
        add(9, 4),
        add(10, 5),
        add(11, 6),
    ];
    let got = single.run(&dims, Core::Map, steps);
    let mut want = Vec::new();
    for (i, j, k) in (0..5 * 37 * 12).map(|flat| (flat / 444, flat / 12 % 37, flat % 12)) {
        let at = |j: usize| f64::from(x[i * 444 + j * 12 + k]);
        let own = at(36 - j) + at(j) + f64::from(bias[k]) + f64::from(column[j]) + f64::from(single_one[0]);
        let drawn = uniform(7, 9, 3, (4 + i * 500 + j * 12 + k) as u32);
        want.push(own + (2 + 3 * j) as f64 + f64::from(drawn));
    }
    check("views", &got, &want);
}

#[test]
fn a_product_feeds_its_program_and_several_stores() {
    let mut stream = Stream::new(8, 8);
    let (m, n, k) = (700, 24, 9);
    let (a, b, bias) = (numbers(&mut stream, m * k), numbers(&mut stream, k * n), numbers(&mut stream, n));
    let mut single = Single::new(vec![a.clone(), b.clone(), bias.clone()]);
    single.places.push(Place { count: m * n, holds: Holds::State("kept".into()) });
    let core = Core::Matmul {
        batch: 1,
        m,
        n,
        k,
        a: single.region(0),
        b: single.region(1),
        transpose_a: false,
        transpose_b: false,
        shared_b: false,
    };
    let dims = [1, m, n];
    let steps = vec![
        Step::Core,
        Step::Load(View { place: 2, offset: 0, strides: vec![0, 0, 1] }),
        Step::Apply(f::ADD, [0, 1, 0]),
        Step::Apply(f::RELU, [2, 0, 0]),
    ];
    let got = single.run(&dims, core, steps);
    let want = expected(&[(&[m, k], &a), (&[k, n], &b), (&[n], &bias)], |g, i| {
        let product = g.matmul(i[0], i[1]);
        let sum = g.add(product, i[2]);
        g.relu(sum)
    });
    check("product, bias, relu", &got, &want);
}

#[test]
fn state_is_updated_in_place_and_shared_by_name() {
    let count = 3000;
    let state = |name: &str| Place { count, holds: Holds::State(name.into()) };
    let dims = vec![count];
    let steps = vec![
        Step::Load(whole(0, &dims)),
        Step::Load(whole(1, &dims)),
        Step::Apply(f::ADD, [0, 1, 0]),
        Step::Apply(f::SUB, [2, 0, 0]),
    ];
    let stores = vec![Store { value: 2, view: whole(0, &dims) }, Store { value: 3, view: whole(1, &dims) }];
    let kernel = Kernel { name: "update".into(), dims, core: Core::Map, program: Program { steps }, stores };
    let plan = Plan { places: vec![state("w"), state("v")], kernels: vec![kernel], ..Plan::default() };
    let mut cpu = Cpu::new();
    cpu.write("w", 0, &[1.0; 3000]);
    let first = cpu.load(&plan).expect("a small plan loads");
    let second = cpu.load(&plan).expect("a small plan loads");
    cpu.write("v", 1, &[2.0; 2999]);
    cpu.run(first, &plan.turn(0, 0, &[]));
    cpu.run(second, &plan.turn(0, 1, &[]));
    let (w, v) = (cpu.state("w"), cpu.state("v"));
    assert_eq!((w.len(), w[0], w[1], w[2999]), (count, 1.0, 5.0, 5.0));
    assert_eq!((v[0], v[1]), (0.0, 2.0));
    cpu.unload(first);
    cpu.forget("w");
    assert_eq!(cpu.state("w")[1], 5.0, "a plan still uses it");
    cpu.unload(second);
    cpu.forget("w");
    assert!(cpu.state("w").is_empty());
}

/// Every function at many points: the fast loop against its definition.
#[test]
fn functions_agree_with_their_definition() {
    let mut stream = Stream::new(9, 9);
    let mut points: Vec<f32> = vec![0.0, 1.0, -1.0, 0.5, -0.5, 1e-3, -1e-3, 1e-6, 3.0, -3.0, 20.0, -20.0, 80.0, -80.0];
    points.extend((0..4000).map(|_| stream.range(-10.0, 10.0)));
    points.extend((0..1000).map(|_| stream.range(-1.0, 1.0)));
    let others: Vec<f32> = points.iter().map(|_| stream.range(-4.0, 4.0)).collect();
    let thirds: Vec<f32> = points.iter().map(|_| stream.range(-4.0, 4.0)).collect();
    for &Function(row) in FUNCTIONS {
        let positive = matches!(row.name, "ln" | "sqrt" | "pow");
        let a: Vec<f32> = points.iter().map(|&v| if positive { v.abs() + 1e-3 } else { v }).collect();
        let mut out = vec![0.0; a.len()];
        (row.lanes)(&mut out, &a, &others, &thirds);
        for i in 0..a.len() {
            let want = (row.eval)(f64::from(a[i]), f64::from(others[i]), f64::from(thirds[i]));
            let off = (f64::from(out[i]) - want).abs();
            // A few units in the last place.
            assert!(
                off <= 5e-7 * want.abs() + 1e-12,
                "{} of {} and {}: {}, not {want}",
                row.name,
                a[i],
                others[i],
                out[i]
            );
        }
    }
}

/// Formulas that are computed in one loop, and some that look like them, against the same roundings one by one.
#[test]
fn chains_of_functions_have_the_bits_of_their_functions() {
    let count = 2500;
    let mut stream = Stream::new(10, 10);
    let (a, b) = (numbers(&mut stream, count), numbers(&mut stream, count));
    let c: Vec<f32> = numbers(&mut stream, count).iter().map(|v| v.abs()).collect();
    let flush = |v: f32| if v.abs() < 1e-36 { 0.0 } else { v };
    let apply = |function, from: &[usize]| {
        let mut all = [0; 3];
        all[..from.len()].copy_from_slice(from);
        Step::Apply(function, all)
    };
    // 0, 1, 2 are a, b and c; 3, 4 and 5 are numbers.
    let (p, q, r) = (0.9_f32, 0.1_f32, 0.03_f32);
    type Formula = fn(f32, f32, f32, [f32; 3], &dyn Fn(f32) -> f32) -> f32;
    let cases: Vec<(&str, Vec<Step>, Formula)> =
        vec![
            (
                "a moment",
                vec![apply(f::MUL, &[0, 3]), apply(f::MUL, &[4, 1]), apply(f::ADD, &[7, 6]), apply(f::FLUSH, &[8])],
                |a, b, _, [p, q, _], flush| flush(q * b + a * p),
            ),
            (
                "a moment of squares",
                vec![
                    apply(f::MUL, &[1, 1]),
                    apply(f::MUL, &[6, 4]),
                    apply(f::MUL, &[0, 3]),
                    apply(f::ADD, &[7, 8]),
                    apply(f::FLUSH, &[9]),
                ],
                |a, b, _, [p, q, _], flush| flush(b * b * q + a * p),
            ),
            (
                "a moment of two numbers' product",
                vec![
                    apply(f::MUL, &[1, 2]),
                    apply(f::MUL, &[6, 4]),
                    apply(f::MUL, &[0, 3]),
                    apply(f::ADD, &[8, 7]),
                    apply(f::FLUSH, &[9]),
                ],
                |a, b, c, [p, q, _], flush| flush(a * p + b * c * q),
            ),
            (
                "a paced step",
                vec![
                    apply(f::MUL, &[2, 3]),
                    apply(f::SQRT, &[6]),
                    apply(f::ADD, &[7, 4]),
                    apply(f::DIV, &[1, 8]),
                    apply(f::MUL, &[9, 5]),
                    apply(f::SUB, &[0, 10]),
                ],
                |a, b, c, [p, q, r], _| a - b / ((c * p).sqrt() + q) * r,
            ),
            (
                "a step whose length is used twice",
                vec![apply(f::MUL, &[1, 3]), apply(f::SUB, &[0, 6]), apply(f::MUL, &[7, 6])],
                |a, b, _, [p, ..], _| (a - b * p) * (b * p),
            ),
            (
                "a difference the wrong way round",
                vec![apply(f::MUL, &[1, 3]), apply(f::SUB, &[6, 0])],
                |a, b, _, [p, ..], _| b * p - a,
            ),
            (
                "momentum",
                vec![apply(f::MUL, &[0, 3]), apply(f::ADD, &[6, 1]), apply(f::FLUSH, &[7])],
                |a, b, _, [p, ..], flush| flush(a * p + b),
            ),
            (
                "behind relu",
                vec![apply(f::LESS, &[4, 1]), apply(f::MUL, &[0, 6])],
                |a, b, _, [_, q, _], _| if q < b { a } else { a * 0.0 },
            ),
            ("relu of a sum", vec![apply(f::ADD, &[0, 1]), apply(f::RELU, &[6])], |a, b, _, _, _| {
                if a + b > 0.0 { a + b } else { 0.0 }
            }),
        ];
    for (name, formula, want) in cases {
        let load = |place| Step::Load(whole(place, &[count]));
        let mut steps = vec![load(0), load(1), load(2), Step::Scalar(p), Step::Scalar(q), Step::Scalar(r)];
        steps.extend(formula);
        let got = Single::new(vec![a.clone(), b.clone(), c.clone()]).run(&[count], Core::Map, steps);
        for i in 0..count {
            let want = want(a[i], b[i], c[i], [p, q, r], &flush);
            assert_eq!(got[i].to_bits(), want.to_bits(), "{name}: number {i} is {}, not {want}", got[i]);
        }
    }
}

/// Adam on its own states, which is one loop, and what looks like it, which is not.
#[test]
fn a_step_of_adam_has_the_bits_of_its_functions() {
    let count = 2500;
    let mut stream = Stream::new(11, 11);
    let [w, m, g, other] = [0; 4].map(|_| numbers(&mut stream, count));
    let v: Vec<f32> = numbers(&mut stream, count).iter().map(|v| v.abs()).collect();
    let flush = |v: f32| if v.abs() < 1e-36 { 0.0 } else { v };
    let [keep, rest, keep_square, rest_square, correction, epsilon, rate] = [0.9, 0.1, 0.99, 0.01, 1.5, 1e-4, 0.03_f32];
    let dims = vec![count];
    let load = |place| Step::Load(whole(place, &dims));
    // Whether the gradient is a sum, and where the mean goes: to where it came from, or to another state.
    for (is_sum, mean) in [(false, 1), (true, 1), (false, 5)] {
        let mut steps = vec![load(0), load(1), load(2), load(3), load(4)];
        steps.extend([keep, rest, keep_square, rest_square, correction, epsilon, rate].map(Step::Scalar));
        let mut apply = |function, from: &[usize]| {
            let mut all = [0; 3];
            all[..from.len()].copy_from_slice(from);
            steps.push(Step::Apply(function, all));
            steps.len() - 1
        };
        let gradient = if is_sum { apply(f::ADD, &[3, 4]) } else { 3 };
        let [old, new] = [apply(f::MUL, &[1, 5]), apply(f::MUL, &[gradient, 6])];
        let sum = apply(f::ADD, &[old, new]);
        let new_m = apply(f::FLUSH, &[sum]);
        let square = apply(f::MUL, &[gradient, gradient]);
        let [old, new] = [apply(f::MUL, &[2, 7]), apply(f::MUL, &[square, 8])];
        let sum = apply(f::ADD, &[old, new]);
        let new_v = apply(f::FLUSH, &[sum]);
        let corrected = apply(f::MUL, &[new_v, 9]);
        let root = apply(f::SQRT, &[corrected]);
        let below = apply(f::ADD, &[root, 10]);
        let direction = apply(f::DIV, &[new_m, below]);
        let length = apply(f::MUL, &[direction, 11]);
        let new_w = apply(f::SUB, &[0, length]);

        let state = |name: &str| Place { count, holds: Holds::State(name.into()) };
        let store = |value, place| Store { value, view: whole(place, &dims) };
        let kernel = Kernel {
            name: "adam".into(),
            dims: dims.clone(),
            core: Core::Map,
            program: Program { steps },
            stores: vec![store(new_m, mean), store(new_v, 2), store(new_w, 0)],
        };
        let places = ["w", "m", "v", "g", "other", "elsewhere"].map(state).to_vec();
        let plan = Plan { places, kernels: vec![kernel], ..Plan::default() };
        let mut cpu = Cpu::new();
        let loaded = cpu.load(&plan).expect("a small plan loads");
        let given = [("w", &w), ("m", &m), ("v", &v), ("g", &g), ("other", &other)];
        given.iter().for_each(|(name, numbers)| cpu.write(name, 0, numbers));
        cpu.run(loaded, &plan.turn(0, 0, &[]));
        let got = ["w", if mean == 1 { "m" } else { "elsewhere" }, "v"].map(|name| cpu.state(name));
        for i in 0..count {
            let g = if is_sum { g[i] + other[i] } else { g[i] };
            let m = flush(m[i] * keep + g * rest);
            let v = flush(v[i] * keep_square + g * g * rest_square);
            let want = [w[i] - m / ((v * correction).sqrt() + epsilon) * rate, m, v];
            let [w, m, v] = [0, 1, 2].map(|state| got[state][i].to_bits());
            assert_eq!([w, m, v], want.map(f32::to_bits), "number {i}, {is_sum}, {mean}: {want:?}");
        }
        let kept = cpu.state("m") == m;
        assert_eq!(kept, mean == 5, "the old mean is kept where the new one goes elsewhere");
    }
}
