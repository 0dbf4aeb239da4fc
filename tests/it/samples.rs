//! Plans made by hand, so that each core is tested for itself: with offsets, transposes, strides and programs around it.

use whisker::device::reference::indices;
use whisker::graph::function::{self as f, FUNCTIONS};
use whisker::graph::op::{Conv, Fold, Pool, PoolStep, Side};
use whisker::plan::{Core, Holds, Kernel, Knob, Place, Plan, Program, Region, Step, Store, Tick, View};
use whisker::tensor::random;

/// A plan, the numbers of its inputs by name, and the tick that it is run with.
pub struct Sample {
    pub name: String,
    pub plan: Plan,
    pub inputs: Vec<(String, Vec<f32>)>,
    pub bytes: Vec<(String, Vec<u8>)>,
    pub tick: Tick,
}

/// Builds a plan place by place.
struct Builder {
    sample: Sample,
    drawn: u32,
}

impl Builder {
    fn new(name: &str) -> Builder {
        let tick = Tick { seed: 7, step: 3, knobs: Vec::new() };
        let name = name.to_string();
        let sample = Sample { name, plan: Plan::default(), inputs: Vec::new(), bytes: Vec::new(), tick };
        Builder { sample, drawn: 0 }
    }

    fn place(&mut self, count: usize, holds: Holds) -> usize {
        self.sample.plan.places.push(Place { count, holds });
        self.sample.plan.places.len() - 1
    }

    /// An input of random numbers in [−1, 1), its region beginning at `offset`.
    fn input(&mut self, offset: usize, count: usize) -> Region {
        self.drawn += 1;
        let numbers = (0..(offset + count) as u32).map(|i| random::uniform(11, self.drawn, 0, i) * 2.0 - 1.0).collect();
        self.given(offset, numbers)
    }

    fn given(&mut self, offset: usize, numbers: Vec<f32>) -> Region {
        let name = format!("in{}", self.sample.plan.places.len());
        let count = numbers.len() - offset;
        let place = self.place(numbers.len(), Holds::Input(name.clone()));
        self.sample.inputs.push((name, numbers));
        Region { place, offset, count }
    }

    fn output(&mut self, offset: usize, count: usize) -> Region {
        let place = self.place(offset + count, Holds::Scratch);
        let region = Region { place, offset, count };
        let name = format!("out{place}");
        self.sample.plan.outputs.push((name, region));
        region
    }

    fn kernel(&mut self, dims: &[usize], core: Core, steps: Vec<Step>, stores: Vec<Store>) {
        let name = self.sample.name.clone();
        self.sample.plan.kernels.push(Kernel { name, dims: dims.to_vec(), core, program: Program { steps }, stores });
    }

    /// The core alone, stored as it is.
    fn plain(mut self, dims: &[usize], core: Core) -> Sample {
        let out = self.output(0, dims.iter().product());
        self.kernel(dims, core, vec![Step::Core], vec![Store { value: 0, view: view(out, dims) }]);
        self.sample
    }

    /// The core with a bias along the last axis and relu, as a network has it, stored from an odd offset on.
    fn biased(mut self, dims: &[usize], core: Core) -> Sample {
        let last = *dims.last().expect("axes");
        let bias = self.input(3, last);
        let out = self.output(5, dims.iter().product());
        let mut strides = vec![0; dims.len()];
        *strides.last_mut().expect("axes") = 1;
        let steps = vec![
            Step::Core,
            Step::Load(View { place: bias.place, offset: bias.offset, strides }),
            Step::Apply(f::ADD, [0, 1, 0]),
            Step::Apply(f::RELU, [2, 0, 0]),
        ];
        self.kernel(dims, core, steps, vec![Store { value: 3, view: view(out, dims) }]);
        self.sample
    }
}

/// A region as an array of this shape.
pub fn view(region: Region, dims: &[usize]) -> View {
    let mut strides = vec![1; dims.len()];
    for axis in (0..dims.len().saturating_sub(1)).rev() {
        strides[axis] = strides[axis + 1] * dims[axis + 1] as isize;
    }
    View { place: region.place, offset: region.offset, strides }
}

/// Every sample; small enough for a graphics card that is imitated.
pub fn samples() -> Vec<Sample> {
    let mut all = vec![everything(), in_place(), small_ones(), every_function()];
    for fold in [Fold::Sum, Fold::Max] {
        for (over, folded) in [
            (&[7, 5][..], &[false, true][..]),
            (&[100, 6], &[true, false]),
            (&[4, 300, 3, 5], &[false, true, false, true]),
            (&[2000], &[true]),
            (&[3000, 48], &[true, false]),
            (&[9, 1, 6], &[true, false, false]),
            (&[70000], &[true]),
        ] {
            all.push(reduce(fold, over, folded));
        }
    }
    for [batch, m, n, k] in [
        [1, 1, 1, 1],
        [1, 5, 7, 9],
        [3, 9, 12, 6],
        [1, 33, 20, 130],
        [2, 8, 16, 1000],
        [2, 70, 44, 68],
        [1, 130, 36, 40],
    ] {
        for transposes in 0..4 {
            all.push(matmul([batch, m, n, k], transposes & 1 != 0, transposes & 2 != 0, false));
        }
        all.push(matmul([batch, m, n, k], false, false, true));
    }
    for conv in convs() {
        for side in [Side::Output, Side::Input, Side::Kernel] {
            all.push(convolution(side, conv));
        }
    }
    for pool in pools() {
        for step in [PoolStep::ArgMax, PoolStep::Take, PoolStep::Put, PoolStep::Sum, PoolStep::Spread] {
            all.push(pooling(step, pool));
        }
        all.push(max_pool(pool));
    }
    all.extend([log_softmax([3, 5, 2]), log_softmax([2, 31, 40]), log_softmax([1, 3, 256])]);
    all.extend([argmax(), gather(), gather_bytes(), scatter(), resample()]);
    all
}

/// Views of all kinds, knobs, indices, random numbers, two stores.
fn everything() -> Sample {
    let mut b = Builder::new("everything");
    b.sample.plan.knobs = vec![
        Knob::Named("rate".into()),
        Knob::Scalar(2.5),
        Knob::Apply(f::MUL, vec![0, 1]),
        Knob::Scalar(-1e-7),
        Knob::Scalar(3.0),
    ];
    b.sample.tick = b.sample.plan.turn(7, 3, &[("rate", 0.25)]);
    let dims = [3, 4, 5];
    let (x, y) = (b.input(2, 60), b.input(0, 20));
    let (one, two) = (b.output(0, 60), b.output(1, 60));
    let flipped = View { place: x.place, offset: x.offset + 59, strides: vec![-20, -5, -1] };
    let steps = vec![
        Step::Load(flipped),
        Step::Load(View { place: y.place, offset: 3, strides: vec![0, 5, 0] }),
        Step::Knob(2),
        Step::Index { start: 4, strides: vec![100, 10, 1] },
        Step::Uniform { purpose: 99, start: 8, strides: vec![20, 5, 1] },
        Step::Scalar(-0.1),
        Step::Apply(f::MUL, [0, 1, 0]),
        Step::Apply(f::ADD, [6, 2, 0]),
        Step::Apply(f::MUL, [3, 5, 0]),
        Step::Apply(f::ADD, [7, 8, 0]),
        Step::Apply(f::LESS, [4, 10, 0]),
        Step::Apply(f::SELECT, [11, 9, 3]),
        Step::Knob(4),
        Step::Apply(f::MUL, [12, 13, 0]),
    ];
    let steps = [&steps[..10], &[Step::Scalar(0.5)], &steps[10..]].concat();
    let turned = View { place: two.place, offset: two.offset, strides: vec![1, 3, 12] };
    let stores = vec![Store { value: 14, view: view(one, &dims) }, Store { value: 4, view: turned }];
    b.kernel(&dims, Core::Map, steps, stores);
    b.sample
}

/// w ← w − rate · g on a part of a state, twice.
fn in_place() -> Sample {
    let mut b = Builder::new("in place");
    b.sample.plan.knobs = vec![Knob::Named("rate".into())];
    b.sample.tick = b.sample.plan.turn(1, 0, &[("rate", 0.5)]);
    let g = b.input(0, 30);
    let w = b.place(40, Holds::State("w".into()));
    b.sample.plan.outputs.push(("out".into(), Region { place: w, offset: 0, count: 40 }));
    let here = View { place: w, offset: 6, strides: vec![1] };
    for _ in 0..2 {
        let steps = vec![
            Step::Load(here.clone()),
            Step::Load(view(g, &[30])),
            Step::Knob(0),
            Step::Apply(f::MUL, [1, 2, 0]),
            Step::Apply(f::SUB, [0, 3, 0]),
        ];
        b.kernel(&[30], Core::Map, steps, vec![Store { value: 4, view: here.clone() }]);
    }
    b.sample
}

/// Small kernels one after the other, each reading what the one before wrote: a layer, its sums, its largest, rows by them.
fn small_ones() -> Sample {
    let mut b = Builder::new("small ones");
    let (x, w, table) = (b.input(0, 12 * 20), b.input(3, 20 * 40), b.input(0, 40 * 6));
    let y = b.output(1, 12 * 40);
    let core = Core::Matmul {
        batch: 1,
        m: 12,
        n: 40,
        k: 20,
        a: x,
        b: w,
        transpose_a: true,
        transpose_b: false,
        shared_b: true,
    };
    let steps = vec![Step::Core, Step::Apply(f::TANH, [0, 0, 0])];
    b.kernel(&[1, 12, 40], core, steps, vec![Store { value: 1, view: view(y, &[1, 12, 40]) }]);
    let sums = b.output(0, 12);
    let program = Program { steps: vec![Step::Load(view(y, &[12, 40])), Step::Apply(f::EXP, [0, 0, 0])] };
    let core = Core::Reduce { fold: Fold::Sum, over: vec![12, 40], folded: vec![false, true], program };
    let steps = vec![Step::Core, Step::Apply(f::LN, [0, 0, 0])];
    b.kernel(&[12], core, steps, vec![Store { value: 1, view: view(sums, &[12]) }]);
    let sum = View { place: sums.place, offset: 0, strides: vec![1, 0] };
    let steps = vec![Step::Load(view(y, &[12, 40])), Step::Load(sum), Step::Apply(f::SUB, [0, 1, 0])];
    b.kernel(&[12, 40], Core::Map, steps, vec![Store { value: 2, view: view(y, &[12, 40]) }]);
    let places = b.output(2, 12);
    let stores = vec![Store { value: 0, view: view(places, &[12, 1]) }];
    b.kernel(&[12, 1], Core::ArgMax { length: 40, x: y }, vec![Step::Core], stores);
    let rows = b.output(0, 12 * 6);
    let stores = vec![Store { value: 0, view: view(rows, &[12, 6]) }];
    b.kernel(&[12, 6], Core::Gather { rows: 40, table, indices: places }, vec![Step::Core], stores);
    b.sample
}

/// Every function over numbers where it is at home, one output for each.
fn every_function() -> Sample {
    const COUNT: usize = 400;
    const HOMES: &[(&str, f32, f32)] =
        &[("", -8.0, 8.0), ("ln", 0.001, 30.0), ("sqrt", 0.001, 30.0), ("pow", 0.05, 4.0), ("exp", -20.0, 5.0)];
    let mut b = Builder::new("functions");
    let line = |low: f32, high: f32| (0..COUNT).map(move |i| low + (high - low) * i as f32 / (COUNT - 1) as f32);
    let x = b.given(0, HOMES.iter().flat_map(|(_, low, high)| line(*low, *high)).collect());
    let y = b.given(0, (0..COUNT).map(|i| [0.5, 2.0, -1.0, 3.0, -2.5, 1.25, 8.0][i % 7]).collect());
    let z = b.input(0, COUNT);
    let out = b.place(COUNT * FUNCTIONS.len(), Holds::Scratch);
    let load = |place: usize, offset: usize| Step::Load(View { place, offset, strides: vec![1] });
    let mut steps: Vec<Step> = (0..HOMES.len()).map(|home| load(x.place, home * COUNT)).collect();
    steps.extend([load(y.place, 0), load(z.place, 0)]);
    let mut stores = Vec::new();
    for (i, function) in FUNCTIONS.iter().enumerate() {
        let home = HOMES.iter().position(|(name, ..)| *name == function.0.name).unwrap_or(0);
        steps.push(Step::Apply(*function, [home, HOMES.len(), HOMES.len() + 1]));
        stores.push(Store { value: steps.len() - 1, view: View { place: out, offset: i * COUNT, strides: vec![1] } });
        let region = Region { place: out, offset: i * COUNT, count: COUNT };
        b.sample.plan.outputs.push((function.0.name.into(), region));
    }
    b.kernel(&[COUNT], Core::Map, steps, stores);
    b.sample
}

/// A fold of x² with another factor after it.
fn reduce(fold: Fold, over: &[usize], folded: &[bool]) -> Sample {
    let mut b = Builder::new(&format!("{fold:?} of {over:?} over {folded:?}"));
    let x = b.input(1, over.iter().product());
    let steps = vec![Step::Load(view(x, over)), Step::Apply(f::ADD, [0, 0, 0]), Step::Apply(f::MUL, [1, 0, 0])];
    let mut dims: Vec<usize> = over.iter().zip(folded).filter(|(_, f)| !**f).map(|(size, _)| *size).collect();
    if dims.is_empty() {
        dims = vec![1];
    }
    let out = b.output(2, dims.iter().product());
    let core = Core::Reduce { fold, over: over.to_vec(), folded: folded.to_vec(), program: Program { steps } };
    let steps = vec![Step::Core, Step::Scalar(0.125), Step::Apply(f::MUL, [0, 1, 0])];
    b.kernel(&dims, core, steps, vec![Store { value: 2, view: view(out, &dims) }]);
    b.sample
}

fn matmul([batch, m, n, k]: [usize; 4], transpose_a: bool, transpose_b: bool, shared_b: bool) -> Sample {
    let mut b = Builder::new(&format!("matmul {batch}×{m}×{n}×{k} {transpose_a} {transpose_b} {shared_b}"));
    // Whether memory can be read by fours depends on the offset too.
    let x = b.input(if m == 9 { 3 } else { 4 }, batch * m * k);
    let y = b.input(0, if shared_b { k * n } else { batch * k * n });
    let core = Core::Matmul { batch, m, n, k, a: x, b: y, transpose_a, transpose_b, shared_b };
    b.biased(&[batch, m, n], core)
}

fn convs() -> Vec<Conv> {
    let base = Conv {
        batch: 2,
        input: [8, 8],
        channels: 3,
        output: [8, 8],
        filters: 8,
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [1, 1],
        groups: 1,
    };
    vec![
        base,
        Conv { channels: 8, filters: 16, ..base },
        Conv { channels: 5, filters: 6, input: [7, 9], output: [3, 4], stride: [2, 2], padding: [0, 0], ..base },
        Conv { channels: 4, input: [9, 9], output: [5, 5], stride: [2, 2], ..base },
        Conv { channels: 8, filters: 12, groups: 4, input: [9, 6], output: [7, 6], dilation: [2, 1], ..base },
        Conv { channels: 6, filters: 6, groups: 6, kernel: [5, 1], padding: [2, 0], ..base },
        Conv { channels: 12, filters: 2, kernel: [1, 1], padding: [0, 0], ..base },
    ]
}

fn convolution(side: Side, conv: Conv) -> Sample {
    let mut b = Builder::new(&format!("{side:?} of {conv:?}"));
    let shapes = conv.shapes();
    let [x, w, y] = shapes.map(|shape| shape.iter().product::<usize>());
    let (one, two, dims) = match side {
        Side::Output => (x, w, shapes[2]),
        Side::Input => (y, w, shapes[0]),
        Side::Kernel => (x, y, shapes[1]),
    };
    let (one, two) = (b.input(0, one), b.input(8, two));
    b.biased(&dims, Core::Conv { side, conv, a: one, b: two })
}

fn pools() -> Vec<Pool> {
    let base =
        Pool { batch: 2, input: [6, 8], channels: 3, output: [3, 4], size: [2, 2], stride: [2, 2], padding: [0, 0] };
    vec![
        base,
        Pool { output: [3, 4], size: [3, 3], padding: [1, 1], ..base },
        Pool { output: [5, 7], stride: [1, 1], ..base },
    ]
}

/// The places of maxima as any pass before would have written them.
fn places(pool: &Pool, x: &[f32]) -> Vec<f32> {
    let [_, out] = pool.shapes();
    indices(&out)
        .map(|index| {
            let mut best = (f32::NEG_INFINITY, 0);
            for (kh, kw) in (0..pool.size[0]).flat_map(|kh| (0..pool.size[1]).map(move |kw| (kh, kw))) {
                let h = (index[1] * pool.stride[0] + kh).wrapping_sub(pool.padding[0]);
                let w = (index[2] * pool.stride[1] + kw).wrapping_sub(pool.padding[1]);
                if h < pool.input[0] && w < pool.input[1] {
                    let flat = h * pool.input[1] + w;
                    let value = x[(index[0] * pool.input[0] * pool.input[1] + flat) * pool.channels + index[3]];
                    if value > best.0 {
                        best = (value, flat);
                    }
                }
            }
            best.1 as f32
        })
        .collect()
}

fn pooling(step: PoolStep, pool: Pool) -> Sample {
    let mut b = Builder::new(&format!("{step:?} of {pool:?}"));
    let [x_shape, y_shape] = pool.shapes();
    let [x, y] = [x_shape, y_shape].map(|shape| shape.iter().product::<usize>());
    let down = matches!(step, PoolStep::ArgMax | PoolStep::Take | PoolStep::Sum);
    let a = b.input(0, if down { x } else { y });
    let places = matches!(step, PoolStep::Take | PoolStep::Put).then(|| {
        let picture: Vec<f32> = (0..x as u32).map(|i| random::uniform(5, 5, 5, i)).collect();
        b.given(0, places(&pool, &picture))
    });
    let dims = if down { y_shape } else { x_shape };
    let core = Core::Pool { step, pool, a, places };
    if step == PoolStep::ArgMax { b.plain(&dims, core) } else { b.biased(&dims, core) }
}

fn max_pool(pool: Pool) -> Sample {
    let mut b = Builder::new(&format!("maximum of {pool:?}"));
    let [x_shape, y_shape] = pool.shapes();
    let x = b.input(0, x_shape.iter().product());
    let places = b.output(0, y_shape.iter().product());
    b.plain(&y_shape, Core::MaxPool { pool, x, places })
}

fn argmax() -> Sample {
    let mut b = Builder::new("argmax");
    let numbers = (0..6 * 9 * 4).map(|i| (random::uniform(3, 3, 3, i) * 5.0).floor()).collect();
    let x = b.given(0, numbers);
    b.plain(&[6, 4], Core::ArgMax { length: 9, x })
}

fn log_softmax(dims: [usize; 3]) -> Sample {
    let mut b = Builder::new(&format!("log-softmax of {dims:?}"));
    let x = b.input(0, dims.iter().product());
    b.biased(&dims, Core::LogSoftmax { x })
}

fn gather() -> Sample {
    let mut b = Builder::new("gather");
    let table = b.input(1, 10 * 6);
    let indices = b.given(0, vec![3.0, 9.0, 0.0, 3.0, 12.0, -1.0, 5.0]);
    b.biased(&[7, 6], Core::Gather { rows: 10, table, indices })
}

fn gather_bytes() -> Sample {
    let mut b = Builder::new("gather bytes");
    let place = b.place(10 * 6, Holds::Bytes("pictures".into()));
    b.sample.bytes.push(("pictures".into(), (0..60u32).map(|i| (i * 37 % 256) as u8).collect()));
    let table = Region { place, offset: 0, count: 60 };
    let indices = b.given(0, vec![3.0, 9.0, 0.0, 3.0]);
    b.plain(&[4, 6], Core::Gather { rows: 10, table, indices })
}

fn scatter() -> Sample {
    let mut b = Builder::new("scatter");
    let indices = b.given(0, vec![3.0, 1.0, 0.0, 3.0, 4.0]);
    let values = b.input(0, 5 * 6);
    b.biased(&[5, 6], Core::ScatterAdd { count: 5, indices, values })
}

fn resample() -> Sample {
    let mut b = Builder::new("resample");
    let x = b.input(0, 2 * 6 * 5 * 3);
    let theta = b.given(0, vec![0.9, 0.3, 0.1, -0.2, 1.1, -0.05, -1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    b.plain(&[2, 6, 5, 3], Core::Resample { x, theta })
}
