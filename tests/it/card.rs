//! The graphics card of this machine, without a browser: `cargo test --features native --test it card`.

use super::documents::{cnn_32, presets};
use super::samples::samples;
use super::slow;
use pollster::block_on;
use whisker::device::Device;
use whisker::device::cpu::Cpu;
use whisker::device::gpu::Gpu;
use whisker::device::gpu::write::{CARDS, SOFTWARE};
use whisker::spec::{Data, Spec};
use whisker::tensor::random::Stream;
use whisker::train::Session;

fn open() -> Gpu {
    block_on(Gpu::open()).expect("a graphics card")
}

#[test]
fn every_core_agrees_with_the_definition_in_every_layout() {
    let mut gpu = open();
    let mut wrong = Vec::new();
    for machine in [SOFTWARE].into_iter().chain(CARDS) {
        gpu.set_machine(machine);
        for sample in samples() {
            let got = block_on(slow::by(&mut gpu, &sample)).unwrap_or_else(|why| panic!("{}: {why}", sample.name));
            wrong.extend(slow::wrong(&sample, &got));
        }
    }
    println!("on {}: {} samples in {} layouts", gpu.name(), samples().len(), 1 + CARDS.len());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_network_learns_what_it_learns_on_the_cpu_and_repeats_itself() {
    let mut stream = Stream::new(3, 5);
    let batches: Vec<(Vec<f32>, Vec<f32>)> = (0..4)
        .map(|_| {
            let y: Vec<f32> = (0..32).map(|_| stream.below(2) as f32).collect();
            let pixel = |i: usize| (y[i / 3072] - 0.5) * if i % 3072 < 1536 { 0.1 } else { -0.1 };
            let x = (0..32 * 3072).map(|i| 0.5 + pixel(i) + 0.4 * (stream.unit() - 0.5)).collect();
            (x, y)
        })
        .collect();
    let train = |device: Device| -> Vec<f32> {
        let mut session = block_on(Session::create(cnn_32(), device, None)).expect("a session");
        (0..24)
            .map(|step| {
                let (x, y) = &batches[step % batches.len()];
                block_on(session.train_batch(x, y)).expect("a step")
            })
            .collect()
    };
    let card = train(Device::Gpu(Box::new(open())));
    assert_eq!(card, train(Device::Gpu(Box::new(open()))), "the same document gives the same bits");
    let cpu = train(Device::Cpu(Cpu::new()));
    assert!(cpu[23] < 0.8 * cpu[0], "it learns: {cpu:?}");
    for (step, (a, b)) in card.iter().zip(&cpu).enumerate().take(8) {
        assert!((a - b).abs() <= 1e-3 * b.abs(), "step {step}: {a} on the card, {b} on the CPU");
    }
}

#[test]
fn every_preset_makes_steps() {
    for (id, spec) in presets() {
        let Data::Set(set) = &spec.data else { continue };
        if set.size == 0 {
            continue;
        }
        let spec = Spec { batch: 8, data: given(&spec), augment: Vec::new(), ..spec };
        let mut session = block_on(Session::create(spec, Device::Gpu(Box::new(open())), None)).expect("a session");
        let count = session.network().sample.shape.count();
        let loss = block_on(session.train_batch(&vec![0.5; 8 * count], &[0.0; 8])).expect("a step");
        assert!(loss.is_finite(), "{id}: {loss}");
    }
}

/// Samples of the document's shape, to be given.
fn given(spec: &Spec) -> Data {
    let sample = whisker::spec::Sample::of(spec);
    Data::Given { input: sample.shape, target: sample.target }
}
