//! Random graphs on the CPU device and on WebGPU against the interpreter that defines what they mean.

use super::cores::open;
use super::maker::random_graph;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};
use whisker::device::gpu::write::{CARDS, SOFTWARE};
use whisker::device::reference::{self, Feed};
use whisker::device::{Device, cpu::Cpu};
use whisker::graph::{Graph, Op};
use whisker::plan::compile;

/// Milliseconds that the graphs may take together.
const BUDGET: f64 = 40_000.0;

#[wasm_bindgen_test]
async fn random_graphs_on_the_cpu() {
    let mut cpu = Device::Cpu(Cpu::new());
    for seed in 0..300 {
        let (graph, feed) = random_graph(seed);
        agree(&mut cpu, &format!("graph of seed {seed}"), &graph, feed).await;
    }
}

#[wasm_bindgen_test]
async fn random_graphs_on_webgpu() {
    let Some(gpu) = open().await else { return };
    let mut gpu = Device::Gpu(Box::new(gpu));
    let start = js_sys::Date::now();
    let mut seed = 0;
    while seed < 300 && js_sys::Date::now() - start < BUDGET {
        if let Device::Gpu(gpu) = &mut gpu {
            // one graph in two for this machine, the rest for graphics cards
            let card = CARDS[seed as usize / 2 % CARDS.len()];
            gpu.set_machine(if seed % 2 == 0 { SOFTWARE } else { card });
        }
        let (graph, feed) = random_graph(seed);
        agree(&mut gpu, &format!("graph of seed {seed}"), &graph, feed).await;
        seed += 1;
    }
    console_log!("{seed} graphs agree");
    assert!(seed >= 20, "only {seed} graphs in {BUDGET} ms");
}

/// Two steps of the graph's plan give the outputs and the state that the reference gives.
///
/// Tolerance: 1e-4 of the largest number, for sums in another order and polynomial functions in f32.
async fn agree(device: &mut Device, name: &str, graph: &Graph, mut feed: Feed) {
    let plan = compile(graph);
    let loaded = device.load(&plan).await.unwrap_or_else(|why| panic!("{name}: {why}"));
    for (name, numbers) in &feed.arrays {
        let numbers: Vec<f32> = numbers.iter().map(|&v| v as f32).collect();
        device.write(name, 0, &numbers);
    }
    let states = graph.updates.iter().map(|(state, _)| match &graph.node(*state).op {
        Op::State(state) => state.as_str(),
        _ => panic!("only a state is assigned"),
    });
    let names: Vec<&str> = graph.outputs.iter().map(|(name, _)| name.as_str()).chain(states).collect();
    for step in 0..2 {
        feed.step = step;
        let expected = reference::run(graph, &mut feed);
        let knobs: Vec<(&str, f32)> = feed.knobs.iter().map(|(name, value)| (&name[..], *value as f32)).collect();
        device.run(loaded, &[plan.turn(feed.seed, step, &knobs)]);
        let results = device.fetch(loaded, &names).await.unwrap_or_else(|why| panic!("{name}: {why}"));
        for (what, got) in names.iter().zip(&results) {
            let expected = expected.get(*what).unwrap_or_else(|| &feed.arrays[*what]);
            let got = &got[..expected.len()];
            let scale = expected.iter().fold(1.0f64, |most, v| most.max(v.abs()));
            for (place, (&got, &expected)) in got.iter().zip(expected).enumerate() {
                let error = (f64::from(got) - expected).abs();
                assert!(
                    error <= 1e-4 * scale,
                    "{name}, step {step}, {what}[{place}]: got {got}, the reference says {expected}"
                );
            }
        }
    }
    device.unload(loaded);
    feed.arrays.keys().for_each(|name| device.forget(name));
}
