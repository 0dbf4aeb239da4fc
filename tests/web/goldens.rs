//! The numbers that another framework computed, in the browser: every operation on the CPU device and on WebGPU.
//!
//! `cargo xtask test browser goldens` lays the files where the test's server finds them, under `target/goldens`.

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};
use whisker::device::{Device, cpu::Cpu};
use whisker::plan;

use super::cores::open;
use super::golden::{CPU, Goldens, Tally, Tolerances, WEBGPU, ask};

/// A file that the test's server has.
async fn fetch(name: &str) -> Option<Vec<u8>> {
    let asked =
        format!("fetch(location.origin + '/target/goldens/{name}').then(file => file.ok ? file.arrayBuffer() : null)");
    let asked: Promise = js_sys::eval(&asked).ok()?.unchecked_into();
    let body = JsFuture::from(asked).await.ok()?;
    Some(Uint8Array::new(body.dyn_ref::<ArrayBuffer>()?).to_vec())
}

async fn goldens(stem: &str) -> Option<Goldens> {
    let (json, bytes) = (fetch(&format!("{stem}.json")).await, fetch(&format!("{stem}.safetensors")).await);
    let Some((json, bytes)) = json.zip(bytes) else {
        console_log!("skipped: there are no goldens under target/goldens; cargo xtask test browser lays them there");
        return None;
    };
    Some(Goldens::read(&json, &bytes))
}

#[wasm_bindgen_test]
async fn goldens_of_operations_on_the_cpu() {
    let Some(goldens) = goldens("ops").await else { return };
    operations(&goldens, Device::Cpu(Cpu::new()), CPU, "CPU").await;
}

#[wasm_bindgen_test]
async fn goldens_of_operations_on_webgpu() {
    let Some(goldens) = goldens("ops").await else { return };
    let Some(gpu) = open().await else { return };
    operations(&goldens, Device::Gpu(Box::new(gpu)), WEBGPU, "WebGPU").await;
}

async fn operations(goldens: &Goldens, mut device: Device, most: Tolerances, who: &str) {
    let start = js_sys::Date::now();
    let mut tally = Tally::default();
    for case in &goldens.cases {
        let asked = ask(goldens, case, most);
        let plan = plan::compile(&asked.graph);
        let loaded = device.load(&plan).await.unwrap_or_else(|why| panic!("{}: {why}", case["name"]));
        let inputs = goldens.inputs(case);
        inputs.iter().for_each(|(name, numbers)| device.write(name, 0, &numbers.data));
        device.run(loaded, &[plan.turn(1, 0, &[])]);
        let names: Vec<&str> = asked.wanted.iter().map(|(name, ..)| name.as_str()).collect();
        let results = device.fetch(loaded, &names).await.unwrap_or_else(|why| panic!("{}: {why}", case["name"]));
        for ((name, key, most), result) in asked.wanted.iter().zip(&results) {
            tally.judge(format!("{} {name}", case["name"]), result, goldens.array(key), *most);
        }
        device.unload(loaded);
        inputs.iter().for_each(|(name, _)| device.forget(name));
        tally.cases += 1;
    }
    let seconds = (js_sys::Date::now() - start) / 1000.0;
    tally.finish(&format!("operations, {who} in the browser, {seconds:.0} s"), |line| console_log!("{line}"));
}
