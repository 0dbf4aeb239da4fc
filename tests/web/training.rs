//! A real training step on WebGPU: what it costs, that it repeats itself, and that it learns what the CPU learns.

use super::cores::open;
use super::documents::cnn_32;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};
use whisker::device::Device;
use whisker::device::cpu::Cpu;
use whisker::tensor::random::Stream;
use whisker::train::Session;

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
async fn train(device: Device, steps: usize) -> (Vec<f32>, f64) {
    let mut session = Session::create(cnn_32(), device, None).await.expect("a session");
    let batches = batches();
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

#[wasm_bindgen_test]
async fn a_network_learns_the_same_on_webgpu_and_cpu_and_repeats_itself() {
    let Some(gpu) = open().await else { return };
    let (first, gpu_time) = train(Device::Gpu(Box::new(gpu)), STEPS).await;
    let Some(gpu) = open().await else { return };
    let (second, _) = train(Device::Gpu(Box::new(gpu)), 10).await;
    assert_eq!(first[..10], second, "the same document gives the same bits");
    let (cpu, cpu_time) = train(Device::Cpu(Cpu::default()), STEPS).await;
    console_log!("loss {} to {}; a step: WebGPU {gpu_time:.0} ms, CPU {cpu_time:.0} ms", cpu[0], cpu[STEPS - 1]);
    assert!(cpu[STEPS - 1] < 0.8 * cpu[0], "it learns: {cpu:?}");
    for (step, (gpu, cpu)) in first.iter().zip(&cpu).enumerate() {
        assert!((gpu - cpu).abs() <= 0.01 * cpu.abs().max(0.01), "step {step}: WebGPU {gpu}, CPU {cpu}");
    }
}
