//! A real training step on WebGPU: what it costs, that it repeats itself, and that it learns what the CPU learns.

use super::cores::open;
use super::documents::{cnn_32, plans, presets};
use wasm_bindgen_test::{console_log, wasm_bindgen_test};
use whisker::device::Device;
use whisker::device::cpu::Cpu;
use whisker::spec::{Spec, step};
use whisker::tensor::random::Stream;
use whisker::train::{Session, compose};

/// Steps that are compared.
const STEPS: usize = 50;

/// Four batches of 32 pictures whose class is whether their upper half is the brighter one.
fn batches() -> Vec<(Vec<f32>, Vec<f32>)> {
    let mut stream = Stream::new(3, 5);
    let mut picture = || {
        let class = stream.below(2) as f32;
        let lift = |row: usize| if (row < 16) == (class == 1.0) { 0.1 } else { 0.0 };
        let x: Vec<f32> = (0..32 * 32 * 3).map(|i| stream.unit() * 0.9 + lift(i / 96)).collect();
        (x, class)
    };
    (0..4)
        .map(|_| {
            let (x, y): (Vec<_>, Vec<_>) = (0..32).map(|_| picture()).unzip();
            (x.concat(), y)
        })
        .collect()
}

/// The losses of so many steps, and the milliseconds that one takes once it runs.
async fn train(device: Device, batches: &[(Vec<f32>, Vec<f32>)], steps: usize) -> (Vec<f32>, f64) {
    let mut session = Session::create(cnn_32(), device, None).await.expect("a session");
    let mut losses = Vec::new();
    let mut start = 0.0;
    for step in 0..steps {
        if step == 2 {
            start = js_sys::Date::now();
        }
        let (x, y) = &batches[step % batches.len()];
        losses.push(session.train_batch(x, y).await.expect("a step"));
    }
    (losses, (js_sys::Date::now() - start) / (steps - 2) as f64)
}

/// How far two runs are apart at most, up to each step, relative to the loss.
fn apart(a: &[f32], b: &[f32]) -> Vec<f32> {
    let mut most = 0.0f32;
    let mut one = |(a, b): (&f32, &f32)| {
        most = most.max((a - b).abs() / b.abs().max(0.01));
        most
    };
    a.iter().zip(b).map(&mut one).collect()
}

#[wasm_bindgen_test]
async fn a_network_learns_the_same_on_webgpu_and_cpu_and_repeats_itself() {
    let given = batches();
    let Some(gpu) = open().await else { return };
    let (first, gpu_time) = train(Device::Gpu(Box::new(gpu)), &given, STEPS).await;
    let Some(gpu) = open().await else { return };
    let (second, _) = train(Device::Gpu(Box::new(gpu)), &given, 10).await;
    assert_eq!(first[..10], second, "the same document gives the same bits");
    let (cpu, cpu_time) = train(Device::Cpu(Cpu::default()), &given, STEPS).await;
    console_log!("loss {} to {}; a step: WebGPU {gpu_time:.0} ms, CPU {cpu_time:.0} ms", cpu[0], cpu[STEPS - 1]);
    assert!(cpu[STEPS - 1] < 0.8 * cpu[0], "it learns: {cpu:?}");
    // Training multiplies differences: a rounding at the start is some percent of the loss later. So that is the measure:
    // the same CPU on pictures that are off by one rounding.
    let mut off = given;
    off.iter_mut().flat_map(|(x, _)| x).step_by(3).for_each(|v| *v = f32::from_bits(v.to_bits() ^ 1));
    let (rounded, _) = train(Device::Cpu(Cpu::default()), &off, STEPS).await;
    let (spread, found) = (apart(&rounded, &cpu), apart(&first, &cpu));
    for step in 0..STEPS {
        let allowed = 4.0 * spread[step] + 1e-5;
        assert!(found[step] <= allowed, "step {step}: {} apart where roundings are {}", found[step], spread[step]);
    }
}

/// The browser's own compiler is stricter than the validator that the native tests use.
#[wasm_bindgen_test]
async fn plans_of_large_networks_are_accepted_and_run() {
    let Some(mut gpu) = open().await else { return };
    for (id, spec) in presets().iter().filter(|(id, _)| ["residual", "spiral"].contains(id)) {
        let spec = Spec { batch: 4, ..spec.clone() };
        for (purpose, plan) in plans(&spec).iter().filter(|(purpose, _)| *purpose == "a step") {
            let loaded = gpu.load(plan).await.unwrap_or_else(|why| panic!("{id}, {purpose}: {why}"));
            let named = [(step::RATE, 0.001), (step::COUNT, 0.0), (compose::POSITION, 0.0), (compose::SLOT, 0.0)];
            let before = gpu.counters();
            gpu.run(loaded, &[plan.turn(1, 0, &named)]);
            let loss = gpu.read(loaded, "loss").await.expect("the step is made");
            console_log!("{id}: {} launches, loss {loss:?}", gpu.counters().dispatches - before.dispatches);
            assert!(loss.iter().all(|loss| loss.is_finite()), "{id}: {loss:?}");
            gpu.unload(loaded);
        }
    }
}
