//! `Session` from a program's side: the contract of `whisker.d.ts`, on both devices.

use crate::browser::Browser;
use crate::page::Page;
use serde_json::Value;
use std::path::Path;

/// A page that has the module, and no element.
pub fn program(browser: &Browser) -> Page {
    open(browser, false)
}

fn open(browser: &Browser, isolated: bool) -> Page {
    let page = browser.blank();
    let address = format!("{}program.html", browser.site);
    page.answer(
        &address,
        "<!doctype html><title>Program</title><link rel=icon href='data:,'>
        <script type=module>
          import init, { Session } from './whisker.js';
          await init();
          window.Session = Session;
          // A fixed batch, and the words of whatever is rejected.
          window.noise = (count, seed) => Float32Array.from({ length: count }, () => (seed = seed * 16807 % 2147483647) / 2147483647);
          window.refusal = promise => promise.then(() => 'nothing was refused', error => `${error.name}: ${error.message}`);
        </script>",
        isolated,
    );
    page.go(&address);
    page.wait_for("window.Session !== undefined", 20);
    page
}

pub fn a_program_trains_and_takes_the_weights_along(browser: &Browser) {
    let page = program(browser);
    let told = page.eval(
        "(async () => {
          const document = { version: 1, data: { set: 'moons', train: 200, test: 100 }, batch: 20,
            layers: [{ type: 'dense', units: 12, activation: 'tanh' }, { type: 'dense', units: 2 }],
            optimizer: { type: 'adam', 'learning-rate': 0.02 } };
          const session = await Session.create(document, { device: 'cpu' });
          const before = await session.evaluate();
          const trained = await session.train(400);
          const after = await session.evaluate();
          const weights = await session.weights();
          const other = await Session.create(JSON.stringify(document), { device: 'cpu' });
          await other.setWeights(weights);
          const x = Float32Array.from([0.5, 0.25, -1, 1]);
          const [one, two] = [await session.predict(x), await other.predict(x)];
          session.dispose();
          const late = await refusal(session.evaluate());
          other.dispose();
          return { device: session.device, before, trained, after, names: Object.keys(weights), shape: weights['dense-1/kernel'].shape,
            isFloats: weights['dense-1/kernel'].data instanceof Float32Array, same: one.join() === two.join(), count: one.length, late };
        })()",
    );
    assert_eq!(told["device"], "cpu");
    assert_eq!(told["trained"]["step"], 400);
    assert!(told["trained"]["samplesPerSecond"].as_f64().unwrap() > 0.0, "{told}");
    assert!(told["after"]["accuracy"].as_f64().unwrap() > 0.95, "{told}");
    assert!(told["after"]["loss"].as_f64() < told["before"]["loss"].as_f64(), "{told}");
    assert_eq!(told["names"].to_string(), r#"["dense-1/kernel","dense-1/bias","dense-2/kernel","dense-2/bias"]"#);
    assert_eq!(told["shape"].to_string(), "[2,12]");
    assert_eq!(told["isFloats"], true);
    assert_eq!((&told["same"], &told["count"]), (&true.into(), &4.into()));
    assert!(told["late"].as_str().unwrap().contains("disposed"), "{told}");
}

pub fn what_a_program_gets_wrong_is_said(browser: &Browser) {
    let page = program(browser);
    let told = page.eval(
        "(async () => {
          const given = { version: 1, data: { input: [4], target: 'class' }, layers: [{ type: 'dense', units: 3 }] };
          const session = await Session.create(given, { device: 'cpu' });
          const said = [
            await refusal(Session.create('{\"version\": 1, \"layers\": [{\"type\": \"dens\"}]')),
            await refusal(Session.create({ version: 1, data: { set: 'moons' }, layers: [{ type: 'dens', units: 2 }] })),
            await refusal(Session.create(given, { device: 'gpu' })),
            await refusal(Session.create(7)),
            await refusal(session.train(3)),
            await refusal(session.train(-1)),
            await refusal(session.trainBatch(new Float32Array(5), new Float32Array(1))),
            await refusal(session.trainBatch(new Float32Array(4), Float32Array.of(3))),
            await refusal(session.predict([1, 2, 3, 4])),
            await refusal(session.setWeights({ 'dense-1/kernel': { shape: [4, 2], data: new Float32Array(8) } })),
          ];
          session.dispose();
          return said;
        })()",
    );
    let words = [
        "JSON",
        "dense",
        "webgpu",
        "document",
        "trainBatch",
        "whole number of steps",
        "whole number of samples",
        "0 to 2",
        "Float32Array",
        "4 × 3",
    ];
    for (place, word) in words.into_iter().enumerate() {
        let said = told[place].as_str().unwrap();
        assert!(said.starts_with("Error: ") && said.contains(word), "{place}: {said:?} has no {word:?}");
    }
}

/// The reference workload: a step at most 100 milliseconds with one worker; the losses the same bits twice, and within
/// 1 % of those of WebGPU.
pub fn the_reference_network_is_fast_and_the_same_everywhere(browser: &Browser) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/specs/cnn-32.json");
    let Ok(document) = std::fs::read_to_string(&file) else {
        return println!("skipped: there is no {}", file.display());
    };
    let page = program(browser);
    page.eval(&format!(
        "window.run = async (device, steps) => {{
          const session = await Session.create({document}, {{ device, workers: 1 }});
          const [x, y] = [noise(32 * 3072, 7), noise(32, 9).map(v => Math.round(v))];
          const losses = [await session.trainBatch(x, y)];
          const laps = [];
          while (losses.length < steps) {{
            // A loss comes before its step is taken, sooner or later: several steps together take what they take.
            const start = performance.now();
            const count = Math.min(4, steps - losses.length);
            for (let step = 0; step < count; step++) losses.push(await session.trainBatch(x, y));
            laps.push((performance.now() - start) / count);
          }}
          laps.sort((a, b) => a - b);
          session.dispose();
          return {{ losses, fast: laps[laps.length >> 3], median: laps[laps.length >> 1], device: session.device }};
        }}; 0"
    ));
    let cpu = page.eval("run('cpu', 50)");
    assert_eq!(cpu["losses"], page.eval("run('cpu', 50)")["losses"], "the same bits twice");
    let [fast, median] = ["fast", "median"].map(|lap| cpu[lap].as_f64().unwrap());
    println!("cnn-32, trainBatch, CPU, one worker: {median:.1} ms a step, {fast:.1} in the fastest eighth");
    // Others may be at work on the machine: the fastest eighth says most of what the engine can do.
    assert!(fast < 100.0);
    if page.eval("!navigator.gpu").as_bool() == Some(true) {
        return println!("skipped the comparison: this browser has no WebGPU");
    }
    const STEPS: usize = 50;
    let gpu = page.eval(&format!("run('webgpu', {STEPS})"));
    assert_eq!(gpu["device"], "webgpu");
    println!("cnn-32, trainBatch, WebGPU: {:.0} ms a step", gpu["median"].as_f64().unwrap());
    for step in 0..STEPS {
        let [a, b] = [&cpu, &gpu].map(|run| run["losses"][step].as_f64().unwrap());
        assert!((a - b).abs() <= 0.01 * a.abs(), "step {step}: {a} on the CPU, {b} on WebGPU");
    }
}

/// Two workers compute what one does, but for the order of the sums, and the same bits twice: by letters, and over a memory
/// that they share where the page is isolated.
pub fn two_workers_share_a_step_and_repeat_themselves(browser: &Browser) {
    let run = |page: &Page, workers: usize| {
        page.eval(&format!(
            "(async () => {{
              const document = {{ version: 1, data: {{ set: 'cats-dogs', size: 32, train: 128, test: 32, augment: ['flip', 'shift'] }},
                layers: [{{ type: 'conv2d', filters: 16, activation: 'relu' }}, {{ type: 'max-pool2d' }},
                  {{ type: 'conv2d', filters: 32, activation: 'relu' }}, {{ type: 'dropout', rate: 0.2 }}, {{ type: 'flatten' }},
                  {{ type: 'dense', units: 2 }}], batch: 32, optimizer: {{ type: 'sgd', 'learning-rate': 0.05 }} }};
              const session = await Session.create(document, {{ device: 'cpu', workers: {workers} }});
              const [x, y] = [noise(32 * 3072, 7), noise(32, 9).map(Math.round)];
              const losses = [];
              for (let step = 0; step < 4; step++) losses.push(await session.trainBatch(x, y));
              await session.train(2);
              losses.push((await session.train(1)).loss, (await session.train(3)).loss);
              // A smaller batch, others after a rest, and weights that were put back.
              losses.push(await session.trainBatch(x.slice(0, 24 * 3072), y.slice(0, 24)));
              await session.setWeights(await session.weights());
              for (let step = 0; step < 3; step++) {{
                await new Promise(done => setTimeout(done, 30));
                losses.push(await session.trainBatch(x, y));
              }}
              const laps = [];
              for (let lap = 0; lap < 16; lap++) {{
                const start = performance.now();
                for (let step = 0; step < 4; step++) losses.push(await session.trainBatch(x, y));
                laps.push((performance.now() - start) / 4);
              }}
              laps.sort((a, b) => a - b);
              const weights = await session.weights();
              session.dispose();
              return {{ losses, bits: [...weights['conv2d-1/kernel'].data].join(), lap: laps[laps.length >> 3] }};
            }})()"
        ))
    };
    let page = program(browser);
    let (one, two, again) = (run(&page, 1), run(&page, 2), run(&page, 2));
    let page = open(browser, true);
    assert_eq!(page.eval("crossOriginIsolated"), true, "the page shares memory with its workers");
    let shared = run(&page, 2);
    let lap = |told: &Value| told["lap"].as_f64().unwrap();
    println!(
        "a step of 32 pictures, the fastest eighth: one worker {:.1} ms, two {:.1} ms, with a board {:.1} ms",
        lap(&one),
        lap(&two),
        lap(&shared)
    );
    for other in [&again, &shared] {
        assert_eq!(two["losses"], other["losses"]);
        assert_eq!(two["bits"], other["bits"]);
    }
    assert_ne!(two["bits"], one["bits"], "the second worker took part");
    for (one, two) in one["losses"].as_array().unwrap().iter().zip(two["losses"].as_array().unwrap()) {
        let (one, two) = (one.as_f64().unwrap(), two.as_f64().unwrap());
        assert!((one - two).abs() <= 1e-3 * one.abs(), "{one} with one worker, {two} with two");
    }
}
