//! Every core on WebGPU against the same plan run number by number in f64; and what a run costs.

use super::samples::{Sample, samples, view};
use super::slow;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};
use whisker::device::gpu::Gpu;
use whisker::device::gpu::write::{CARDS, SOFTWARE, write};
use whisker::plan::{Core, Holds, Kernel, Place, Plan, Program, Region, Step, Store, Tick};
use whisker::tensor::random;

/// An open device, or the reason why this test is skipped.
pub async fn open() -> Option<Gpu> {
    match Gpu::open().await {
        Ok(gpu) => Some(gpu),
        Err(why) => {
            console_log!("skipped: {why}");
            None
        }
    }
}

#[wasm_bindgen_test]
async fn every_core_agrees_with_the_definition() {
    let Some(mut gpu) = open().await else { return };
    console_log!("WebGPU: {}, software: {}", gpu.name(), gpu.is_software());
    let mut wrong = Vec::new();
    let sources = |sample: &Sample, machine| -> Vec<String> {
        let launches = write(&sample.plan, machine).expect("a sample is written").launches;
        launches.into_iter().map(|launch| launch.source).collect()
    };
    let machines: Vec<_> = [SOFTWARE].into_iter().chain(CARDS).collect();
    for (place, &machine) in machines.iter().enumerate() {
        gpu.set_machine(machine);
        for sample in samples() {
            let own = sources(&sample, machine);
            if machines[..place].iter().any(|before| sources(&sample, *before) == own) {
                continue;
            }
            let got = match slow::by(&mut gpu, &sample).await {
                Ok(got) => got,
                Err(why) => panic!("{}: {why}", sample.name),
            };
            wrong.extend(slow::wrong(&sample, &got));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A plan that adds a random number to each of `count` states.
fn walk(count: usize) -> Plan {
    let state = Region { place: 0, offset: 0, count };
    let here = view(state, &[count]);
    let steps = vec![
        Step::Load(here.clone()),
        Step::Uniform { purpose: 5, start: 0, strides: vec![1] },
        Step::Apply(whisker::graph::function::ADD, [0, 1, 0]),
    ];
    let kernel = Kernel {
        name: "walk".into(),
        dims: vec![count],
        core: Core::Map,
        program: Program { steps },
        stores: vec![Store { value: 2, view: here }],
    };
    Plan {
        places: vec![Place { count, holds: Holds::State("walk".into()) }],
        kernels: vec![kernel],
        knobs: Vec::new(),
        outputs: vec![("walk".into(), state)],
    }
}

#[wasm_bindgen_test]
async fn steps_go_in_one_submission_and_make_nothing_new() {
    let Some(mut gpu) = open().await else { return };
    let loaded = gpu.load(&walk(1000)).await.expect("the plan loads");
    let ticks: Vec<Tick> = (0..10).map(|step| Tick { seed: 9, step, knobs: Vec::new() }).collect();
    let before = gpu.counters();
    gpu.run(loaded, &ticks);
    let after = gpu.counters();
    assert_eq!(after.dispatches - before.dispatches, 10);
    assert_eq!(after.uploads - before.uploads, 1);
    assert_eq!(
        (after.buffers, after.bind_groups, after.pipelines),
        (before.buffers, before.bind_groups, before.pipelines)
    );
    // The same sums of the same 24-bit numbers, in the same order.
    let walk: Vec<f32> =
        (0..1000).map(|i| (0..10).fold(0.0, |sum, step| sum + random::uniform(9, 5, step, i))).collect();
    assert_eq!(gpu.read(loaded, "walk").await.expect("the result arrives"), walk);
    assert_eq!(gpu.counters().submissions - before.submissions, 1, "the steps, and their result with them");
    // Results are read through the same buffer again.
    let buffers = gpu.counters().buffers;
    for _ in 0..3 {
        gpu.run(loaded, &ticks);
        gpu.read(loaded, "walk").await.expect("the result arrives");
    }
    assert_eq!(gpu.counters().buffers, buffers);
}

#[wasm_bindgen_test]
async fn plans_share_state_by_name_and_a_longer_one_keeps_it() {
    let Some(mut gpu) = open().await else { return };
    let tick = Tick { seed: 1, step: 0, knobs: Vec::new() };
    gpu.write("walk", 0, &[100.0, 200.0]);
    let short = gpu.load(&walk(2)).await.expect("the plan loads");
    gpu.run(short, std::slice::from_ref(&tick));
    let long = gpu.load(&walk(300)).await.expect("a longer plan loads");
    gpu.run(long, std::slice::from_ref(&tick));
    gpu.run(short, std::slice::from_ref(&tick));
    let u = |i| random::uniform(1, 5, 0, i);
    let all = gpu.state("walk").await.expect("the state is read");
    assert_eq!(all.len(), 300);
    assert_eq!(all[..3], [100.0 + u(0) + u(0) + u(0), 200.0 + u(1) + u(1) + u(1), u(2)]);
    gpu.unload(short);
    gpu.forget("walk");
    assert_eq!(gpu.state("walk").await.map(|numbers| numbers.len()), Ok(300), "a plan still uses it");
    gpu.unload(long);
    assert_eq!(gpu.state("walk").await, Ok(Vec::new()), "forgotten with its last plan");
    assert!(gpu.read(long, "walk").await.expect_err("unloaded").contains("not loaded"));
}
