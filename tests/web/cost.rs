//! What WebGPU costs beside computing: launches, uploads, host time for recording, memory that stays.

use super::cores::open;
use super::documents::{cnn_32, plans};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};
use web_sys::WorkerGlobalScope;
use whisker::device::Device;
use whisker::plan::Tick;
use whisker::spec::{Spec, step};
use whisker::train::Session;

/// Milliseconds since the worker began, in fractions.
fn now() -> f64 {
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    scope.performance().expect("a worker has a clock").now()
}

#[wasm_bindgen_test]
async fn a_step_of_a_small_network_costs_little_beside_computing() {
    let Some(mut gpu) = open().await else { return };
    let plans = plans(&cnn_32());
    let (_, plan) = plans.iter().find(|(purpose, _)| *purpose == "a step on a given batch").expect("a step");
    let loaded = gpu.load(plan).await.expect("it loads");
    let ticks: Vec<Tick> =
        (0..4).map(|at| plan.turn(1, at, &[(step::RATE, 0.001), (step::COUNT, at as f32)])).collect();
    gpu.run(loaded, &ticks[..1]);
    gpu.read(loaded, "loss").await.expect("a step");
    let before = gpu.counters();
    let mut least = f64::INFINITY;
    for _ in 0..8 {
        let start = now();
        gpu.run(loaded, &ticks);
        let loss = gpu.fetch(loaded, &["loss"]);
        least = least.min((now() - start) / ticks.len() as f64);
        loss.await.expect("a step");
    }
    let after = gpu.counters();
    let launches = (after.dispatches - before.dispatches) / (8 * ticks.len());
    console_log!("{launches} launches and {least:.3} ms of recording a step");
    assert!(launches <= 25, "{launches} launches a step");
    assert!(least <= 0.2, "{least} ms of recording a step");
    assert_eq!(after.submissions - before.submissions, 8, "one for four steps and their loss");
    assert_eq!(after.uploads - before.uploads, 8, "nothing but the ticks of each submission");
    let made = |counters: whisker::device::gpu::Counters| (counters.buffers, counters.bind_groups, counters.pipelines);
    assert_eq!(made(after), made(before), "nothing is allocated while steps are made");
}

#[wasm_bindgen_test]
async fn networks_that_are_dropped_leave_no_memory() {
    let Some(mut gpu) = open().await else { return };
    let spec = Spec::parse(
        r#"{ "data": { "input": [4], "target": "class" }, "batch": 8,
             "layers": [{ "type": "dense", "units": 8, "activation": "tanh" }, { "type": "dense", "units": 2 }],
             "optimizer": { "type": "adam", "learning-rate": 0.01 } }"#,
    );
    let spec = spec.expect("a document");
    let (x, y): (Vec<f32>, Vec<f32>) =
        ((0..32).map(|i| (i % 5) as f32).collect(), (0..8).map(|i| (i % 2) as f32).collect());
    let mut living = Vec::new();
    for _ in 0..60 {
        let mut session = Session::create(spec.clone(), Device::Gpu(Box::new(gpu)), None).await.expect("a session");
        for _ in 0..5 {
            session.train_batch(&x, &y).await.expect("a step");
        }
        let Device::Gpu(back) = session.close() else { panic!("the device comes back") };
        gpu = *back;
        living.push((gpu.counters().living, gpu.counters().bytes));
    }
    console_log!("buffers and bytes that stay: {:?}", living[living.len() - 1]);
    assert!(living.iter().all(|one| one == &living[0]), "{living:?}");
    // What stays is the buffer that results are read through.
    assert!(living[0].0 <= 2, "{living:?}");
}
