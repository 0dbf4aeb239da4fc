//! Layers, initial values, schedules and augmentations: the facts that no golden number covers.

use std::collections::HashMap;

use whisker::{
    data,
    device::reference::{self, Feed},
    graph::{Graph, Id},
    nn::{AUGMENTS, augment, init, init::Init, layer, layer::Build, schedule},
    plan,
    spec::{Chosen, Data, PRESETS, Spec, check},
    tensor::{Shape, random::purpose},
};

/// Runs a graph of the input x and gives the result y.
fn run(shape: &[usize], x: &[f64], step: u32, build: impl Fn(&mut Graph, Id) -> Id) -> Vec<f64> {
    let mut graph = Graph::new();
    let input = graph.input("x", shape);
    let y = build(&mut graph, input);
    graph.output("y", y);
    let arrays = HashMap::from([("x".to_string(), x.to_vec())]);
    reference::run(&graph, &mut Feed { seed: 5, step, arrays, ..Feed::default() })["y"].clone()
}

fn layer(id: &str, field: &str, value: f64, training: bool, shape: &[usize], x: &[f64], step: u32) -> Vec<f64> {
    let row = layer::find(id).expect("a layer");
    let values = row.fresh().with(field, whisker::nn::Value::Number(value));
    run(shape, x, step, |graph, x| {
        let mut build = Build { graph, training, purpose: purpose(id), moved: Vec::new() };
        (row.work.build)(&mut build, &values, &[x], &[])
    })
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn deviation(x: &[f64]) -> f64 {
    let middle = mean(x);
    mean(&x.iter().map(|x| (x - middle).powi(2)).collect::<Vec<_>>()).sqrt()
}

#[test]
fn dropout_loses_its_share_keeps_the_mean_and_changes_with_the_step() {
    let x = vec![1.0; 4000];
    let first = layer("dropout", "rate", 0.3, true, &[40, 100], &x, 0);
    let lost = first.iter().filter(|y| **y == 0.0).count() as f64 / 4000.0;
    // the deviation of a share of 4000 draws is √(0.3·0.7/4000) = 0.007
    assert!((lost - 0.3).abs() < 0.03, "{lost}");
    assert!(first.iter().all(|y| *y == 0.0 || (y - 1.0 / 0.7).abs() < 1e-6));
    assert_ne!(first, layer("dropout", "rate", 0.3, true, &[40, 100], &x, 1));
    assert_eq!(first, layer("dropout", "rate", 0.3, true, &[40, 100], &x, 0));
    assert_eq!(layer("dropout", "rate", 0.3, false, &[40, 100], &x, 0), x, "in use it does nothing");
}

#[test]
fn gaussian_noise_is_normal_and_leaves_use_alone() {
    let x = vec![2.0; 4000];
    let y = layer("gaussian-noise", "stddev", 0.5, true, &[40, 100], &x, 3);
    // the mean of 4000 draws deviates by 0.5/√4000 = 0.008, their deviation by 0.5/√8000 = 0.006
    assert!((mean(&y) - 2.0).abs() < 0.03 && (deviation(&y) - 0.5).abs() < 0.03);
    let within = y.iter().filter(|y| (*y - 2.0).abs() < 0.5).count() as f64 / 4000.0;
    assert!((within - 0.683).abs() < 0.04, "{within} lie within one deviation");
    assert_eq!(layer("gaussian-noise", "stddev", 0.5, false, &[40, 100], &x, 3), x);
}

#[test]
fn initial_values_have_the_spread_that_the_description_names() {
    let of = |init, shape: &[usize], name: &str| -> Vec<f64> {
        init::values(init, &Shape::from(shape), 7, name).iter().map(|x| f64::from(*x)).collect()
    };
    let he = of(Init::kernel(50, 40, true), &[50, 40], "dense-1/kernel");
    // N(0, 2/50): deviation 0.2
    assert!((deviation(&he) - 0.2).abs() < 0.02 && mean(&he).abs() < 0.02);
    let glorot = of(Init::kernel(50, 40, false), &[50, 40], "dense-1/kernel");
    // U(±√(6/90)) = U(±0.258)
    let most = glorot.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    assert!(most < 0.2583 && most > 0.25 && (deviation(&glorot) - 0.2582 / 3_f64.sqrt()).abs() < 0.01);
    assert_ne!(he, of(Init::kernel(50, 40, true), &[50, 40], "dense-2/kernel"), "each name has its own numbers");
    let gate = of(Init::ForgetGate, &[8], "lstm-1/bias");
    assert_eq!(gate, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    let square = of(Init::Orthogonal, &[6, 12], "gru-1/recurrent-kernel");
    for block in 0..2 {
        for (i, j) in (0..6).flat_map(|i| (0..6).map(move |j| (i, j))) {
            let dot: f64 = (0..6).map(|k| square[i * 12 + block * 6 + k] * square[j * 12 + block * 6 + k]).sum();
            assert!((dot - f64::from(u8::from(i == j))).abs() < 1e-5);
        }
    }
}

#[test]
fn editing_one_layer_leaves_the_others_initial_values_alone() {
    let text = |filters: usize| {
        format!(
            r#"{{ "data": {{ "input": [8, 8, 3] }}, "layers": [{{ "type": "conv2d", "filters": 4 }}, {{ "type": "conv2d", "filters": {filters} }},
               {{ "type": "global-avg-pool2d" }}, {{ "type": "dense", "units": 2, "activation": "linear" }}] }}"#
        )
    };
    let start = |filters| {
        let spec = Spec::parse(&text(filters)).expect("a document");
        check(&spec).expect("a network").start(spec.seed)[0].clone()
    };
    let first = 3 * 3 * 3 * 4 + 4;
    assert_eq!(start(4)[..first], start(9)[..first]);
}

#[test]
fn schedules_follow_their_formulas() {
    // (type, fields, step, steps an epoch, expected share), worked out by hand
    for (id, fields, step, steps, share) in [
        ("constant", "", 17, 10.0, 1.0),
        ("constant", r#", "warmup": 4"#, 0, 10.0, 0.25),
        ("constant", r#", "warmup": 4"#, 3, 10.0, 1.0),
        ("constant", r#", "warmup": 4"#, 9, 10.0, 1.0),
        ("step", r#", "every": 2, "factor": 0.5"#, 19, 10.0, 1.0),
        ("step", r#", "every": 2, "factor": 0.5"#, 20, 10.0, 0.5),
        ("step", r#", "every": 2, "factor": 0.5"#, 45, 10.0, 0.25),
        ("exponential", r#", "factor": 0.25"#, 5, 10.0, 0.5),
        ("cosine", r#", "epochs": 2"#, 0, 10.0, 1.0),
        ("cosine", r#", "epochs": 2"#, 10, 10.0, 0.5),
        ("cosine", r#", "epochs": 2"#, 90, 10.0, 0.0),
        ("linear", r#", "epochs": 2"#, 0, 10.0, 1.0),
        ("linear", r#", "epochs": 2"#, 15, 10.0, 0.25),
        ("linear", r#", "epochs": 2"#, 20, 10.0, 0.0),
        ("linear", r#", "epochs": 2"#, 21, 10.0, 0.0),
        ("linear", r#", "epochs": 2, "warmup": 10"#, 4, 10.0, 0.5 * 0.8),
        ("cosine", r#", "epochs": 2, "warmup": 20"#, 9, 10.0, 0.5 * 0.5 * (1.0 + 0.156_434_465_040_230_87)),
    ] {
        let text =
            format!(r#"{{ "data": {{ "input": [2] }}, "layers": [], "schedule": {{ "type": "{id}"{fields} }} }}"#);
        let Chosen { row, values } = Spec::parse(&text).expect("a document").schedule;
        let rate = row.rate(&values, 0.1, step, steps);
        assert!((rate - 0.1 * share).abs() < 1e-12, "{text} at step {step}: {rate}");
    }
    assert_eq!(schedule::usual().about.id, "constant");
}

#[test]
fn a_flip_mirrors_whole_pictures_and_only_some() {
    let shape = [24, 4, 6, 3];
    let count: usize = shape.iter().product();
    let x: Vec<f64> = (0..count).map(|i| ((i * 37) % 101) as f64 / 101.0).collect();
    let row = augment::find("flip").expect("flip");
    let y = run(&shape, &x, 2, |graph, x| augment::build(graph, &[row], x));
    let mirrored = |picture: &[f64]| -> Vec<f64> {
        (0..4)
            .flat_map(|r| (0..6).rev().flat_map(move |c| (0..3).map(move |k| (r * 6 + c) * 3 + k)))
            .map(|i| picture[i])
            .collect()
    };
    let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
    let mut flips = 0;
    for (before, after) in x.chunks(72).zip(y.chunks(72)) {
        let flipped = close(after, &mirrored(before));
        assert!(flipped || close(after, before), "neither as it was nor mirrored");
        flips += usize::from(flipped);
    }
    assert!((6..=18).contains(&flips), "{flips} of 24 are mirrored");
}

#[test]
fn augmented_pictures_stay_pictures() {
    let shape = [6, 8, 8, 3];
    let count: usize = shape.iter().product();
    let x: Vec<f64> = (0..count).map(|i| ((i * 37) % 101) as f64 / 100.0).collect();
    for row in AUGMENTS {
        let y = run(&shape, &x, 0, |graph, x| augment::build(graph, &[row], x));
        assert!(y.iter().all(|y| (-1e-6..=1.0 + 1e-6).contains(y)), "{}", row.about.id);
        assert_ne!(y, x, "{} does something", row.about.id);
        assert_ne!(y, run(&shape, &x, 1, |graph, x| augment::build(graph, &[row], x)), "{} changes", row.about.id);
    }
    let all = run(&shape, &x, 0, |graph, x| augment::build(graph, AUGMENTS, x));
    assert!(all.iter().all(|y| (0.0..=1.0).contains(y)));
}

#[test]
fn a_shift_moves_content_and_nothing_else() {
    // one bright column in the middle of each picture stays one column of brightness 1 in sum, moved by up to 2 places
    let (pictures, side) = (16, 16);
    let x: Vec<f64> = (0..pictures * side * side).map(|i| f64::from(u8::from(i % side == 8))).collect();
    let row = augment::find("shift").expect("shift");
    let y = run(&[pictures, side, side, 1], &x, 0, |graph, x| augment::build(graph, &[row], x));
    let mut places = Vec::new();
    for picture in y.chunks(side * side) {
        let line = &picture[..side];
        let total: f64 = line.iter().sum();
        assert!((total - 1.0).abs() < 1e-5, "{line:?}");
        places.push(line.iter().enumerate().map(|(i, y)| i as f64 * y).sum::<f64>());
    }
    assert!(places.iter().all(|place| (place - 8.0).abs() <= 2.0 + 1e-5), "{places:?}");
    assert!(deviation(&places) > 0.5, "{places:?}");
}

#[test]
fn every_preset_becomes_a_short_plan() {
    for preset in PRESETS {
        let spec = Spec::parse(preset.document).expect("a preset");
        let network = check(&spec).expect("a sound preset");
        let mut graph = Graph::new();
        let x = graph.input("x", [&[spec.batch], &network.sample.shape[..]].concat());
        let y = graph.input("y", [spec.batch]);
        let x = match network.sample.shape.len() {
            3 => augment::build(&mut graph, &spec.augment, x),
            _ => x,
        };
        let nodes = network.step(&spec, &mut graph, x, y);
        graph.output("loss", nodes.loss);
        let plan = plan::compile(&graph);
        println!(
            "{}: {} parameters, {} nodes, {} kernels",
            preset.id,
            network.count(),
            graph.nodes.len(),
            plan.kernels.len()
        );
        assert!(plan.kernels.len() < 40 + 12 * spec.layers.len(), "{}: {} kernels", preset.id, plan.kernels.len());
        assert!(matches!(&spec.data, Data::Set(set) if data::find(set.set).is_some()));
    }
}

/// A unit that no gradient reaches any more: its moments fade to 0, and never become the denormal numbers that processors
/// are slow with.
#[test]
fn moments_of_idle_units_end_as_nothing() {
    use whisker::{device::cpu::Cpu, nn::Value, nn::optimizer::OPTIMIZERS, spec::step};
    let spec = Spec::parse(r#"{"version": 1, "data": {"set": "moons"}, "layers": [{"type": "dense", "units": 2}]}"#);
    for row in OPTIMIZERS {
        let mut spec = spec.clone().expect("a document");
        spec.optimizer = Chosen { row, values: whisker::nn::Values::fresh(row.about.fields) };
        if row.about.id == "sgd" {
            spec.optimizer.values = spec.optimizer.values.with("momentum", Value::Number(0.9));
        }
        let mut graph = Graph::new();
        let (w, gradient) = (graph.state("w", [4]), graph.input("gradient", [4]));
        step::descend(&spec, &mut graph, w, gradient);
        let plan = plan::compile(&graph);
        let mut cpu = Cpu::new();
        let loaded = cpu.load(&plan).expect("a small plan");
        for at in 0..1200 {
            let size = if at == 0 { 0.5 } else { 0.0 };
            cpu.write("gradient", 0, &[size; 4]);
            cpu.run(loaded, &plan.turn(1, at, &[(step::RATE, 0.01), (step::COUNT, at as f32)]));
            for state in row.states {
                let numbers = cpu.state(&step::optimizer_state(state));
                let fine = |x: &f32| *x == 0.0 || x.is_normal();
                assert!(numbers.iter().all(fine), "{} {state} at {at}: {numbers:?}", row.about.id);
            }
        }
    }
}
