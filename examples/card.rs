//! What the graphics card of this machine makes of our shaders, without a browser:
//! `cargo run --profile serve --features native --example card -- [DOCUMENT.json …]`.
//!
//! For every layout of tiles: the arithmetic rate of products, then microseconds for a step of each document, whole and
//! launch by launch. Steps go 64 to a submission, as when a network trains by itself; four where the processor plays the card,
//! and then without products. (Chromium brings such a card along, the one that its tests run on: set
//! `VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json`.)

use pollster::block_on;
use std::time::Instant;
use whisker::device::gpu::Gpu;
use whisker::device::gpu::write::{CARDS, Machine, SOFTWARE};
use whisker::graph::Graph;
use whisker::plan::{Plan, Tick, compile};
use whisker::spec::{Spec, check, step};
use whisker::train::compose::{Batch, Composer};

/// Steps in a submission, and where the processor plays the card.
const STEPS: usize = 64;
const FEW: usize = 4;
/// Submissions of which the fastest counts.
const TRIES: usize = 6;

fn main() {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let mut gpu = block_on(Gpu::open()).expect("a graphics card");
    println!("{}", gpu.name());
    let machines = if gpu.is_software() { &[SOFTWARE][..] } else { &CARDS };
    for &machine in machines {
        println!("\n{machine:?}");
        gpu.set_machine(machine);
        if !gpu.is_software() {
            products(&mut gpu);
        }
        files.iter().for_each(|file| document(&mut gpu, file, machine));
    }
}

/// The fastest of some repetitions, in seconds for each of `count`.
fn fastest(gpu: &mut Gpu, count: usize, mut run: impl FnMut(&mut Gpu)) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..TRIES {
        let start = Instant::now();
        run(gpu);
        block_on(gpu.done());
        least = least.min(start.elapsed().as_secs_f64() / count as f64);
    }
    least
}

/// Products of square matrices, of which one is transposed in the ways that gradients need.
fn products(gpu: &mut Gpu) {
    for size in [256, 512, 1024, 2048, 4096] {
        let mut line = format!("{size:5}³");
        for (transpose_a, transpose_b) in [(false, false), (false, true), (true, false)] {
            let mut graph = Graph::new();
            let (a, b) = (graph.input("a", [size, size]), graph.input("b", [size, size]));
            let a = if transpose_a { graph.permute(a, &[1, 0]) } else { a };
            let b = if transpose_b { graph.permute(b, &[1, 0]) } else { b };
            let product = graph.matmul(a, b);
            graph.output("product", product);
            let plan = compile(&graph);
            let loaded = block_on(gpu.load(&plan)).expect("a product");
            let numbers: Vec<f32> = (0..size * size).map(|i| ((i * 7919) % 1000) as f32 / 1000.0 - 0.5).collect();
            gpu.write("a", 0, &numbers);
            gpu.write("b", 0, &numbers);
            let count = (1usize << 36).div_ceil(size * size * size).clamp(4, STEPS);
            let ticks: Vec<Tick> = (0..count).map(|at| plan.turn(1, at as u32, &[])).collect();
            let seconds = fastest(gpu, count, |gpu| gpu.run(loaded, &ticks));
            let rate = 2.0 * (size as f64).powi(3) / seconds / 1e12;
            line += &format!("  {rate:6.2} TFLOP/s ({:.1} µs)", seconds * 1e6);
            gpu.unload(loaded);
            ["a", "b"].iter().for_each(|name| gpu.forget(name));
        }
        println!("{line}");
    }
}

fn document(gpu: &mut Gpu, file: &str, machine: Machine) {
    let text = std::fs::read_to_string(file).expect("a document");
    let spec = Spec::parse(&text).unwrap_or_else(|why| panic!("{file}: {why:?}"));
    let network = check(&spec).unwrap_or_else(|mistakes| panic!("{file}: {mistakes:#?}"));
    let composer = Composer { spec: &spec, network: &network, table: None };
    let plan: Plan = compile(&composer.step(Batch::Given(spec.batch)));
    let start = Instant::now();
    let loaded = block_on(gpu.load(&plan)).expect("a step");
    let made = start.elapsed().as_millis();
    let (steps, times) = if gpu.is_software() { (FEW, FEW) } else { (STEPS, 200) };
    let ticks: Vec<Tick> =
        (0..steps as u32).map(|at| plan.turn(1, at, &[(step::RATE, 0.001), (step::COUNT, at as f32)])).collect();
    let before = gpu.counters().dispatches;
    let seconds = fastest(gpu, steps, |gpu| gpu.run(loaded, &ticks));
    let launches = (gpu.counters().dispatches - before) / steps / TRIES;
    println!(
        "{file}, {} lanes: {:.1} µs a step in {launches} launches; ready in {made} ms",
        machine.lanes,
        seconds * 1e6
    );
    let mut all = block_on(gpu.profile(loaded, times));
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    let sum: f64 = all.iter().map(|(_, takes)| takes).sum();
    println!("  {:.1} µs if launched one by one, of which", sum * 1e3);
    all.iter().take(24).for_each(|(name, takes)| println!("  {:7.1}  {name}", takes * 1e3));
    gpu.unload(loaded);
}
