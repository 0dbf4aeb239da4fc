//! The numbers that another framework computed, through `Session` as a program has it: 20 steps of whole documents from
//! given weights, on both devices.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};
use whisker::tensor::Tensor;

use crate::api::program;
use crate::browser::Browser;
use crate::golden::{CPU, Goldens, Tally, Tolerances, WEBGPU, folder};
use crate::page::Page;

/// What the page does with a case. Arrays go there and back as Base64 of their bytes.
const SCRIPT: &str = "
    window.floats = text => new Float32Array(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);
    window.text = array => {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      let text = '';
      for (const byte of bytes) text += String.fromCharCode(byte);
      return btoa(text);
    };
    window.train = async (device, { spec, initial, batches, question }) => {
      const session = await Session.create(spec, { device });
      for (const weight of Object.values(initial)) weight.data = floats(weight.data);
      await session.setWeights(initial);
      const losses = [];
      for (const { x, y } of batches) losses.push(await session.trainBatch(floats(x), floats(y)));
      const weights = await session.weights();
      for (const weight of Object.values(weights)) weight.data = text(weight.data);
      const answer = text(await session.predict(floats(question)));
      const used = session.device;
      session.dispose();
      return { losses, weights, answer, device: used };
    }; 0";

pub fn training_runs_on_the_cpu(browser: &Browser) {
    training(browser, "cpu", CPU);
}

pub fn training_runs_on_webgpu(browser: &Browser) {
    training(browser, "webgpu", WEBGPU);
}

fn training(browser: &Browser, device: &str, most: Tolerances) {
    let Some(goldens) = Goldens::open("training") else { return };
    let page = program(browser);
    if device == "webgpu" && page.eval("!navigator.gpu") == true {
        return println!("skipped: this browser has no WebGPU");
    }
    page.eval(SCRIPT);
    let start = std::time::Instant::now();
    let mut tally = Tally::default();
    for case in &goldens.cases {
        run(&page, &goldens, case, device, most, &mut tally);
    }
    let what = format!("training runs through Session, {device}, {:.0} s", start.elapsed().as_secs_f32());
    println!("goldens: {}", folder().display());
    tally.finish(&what, |line| println!("{line}"));
}

fn run(page: &Page, goldens: &Goldens, case: &Json, device: &str, most: Tolerances, tally: &mut Tally) {
    let name = case["name"].as_str().expect("name");
    let array = |key: &Json| goldens.array(key);
    let initial = case["initial"].as_object().expect("initial");
    let weights: serde_json::Map<String, Json> = (initial.iter())
        .map(|(name, key)| (name.clone(), json!({ "shape": array(key).shape.0, "data": encode(array(key)) })))
        .collect();
    let batches = case["batches"].as_array().expect("batches").iter();
    let batches: Vec<Json> =
        batches.map(|batch| json!({ "x": encode(array(&batch["x"])), "y": encode(array(&batch["y"])) })).collect();
    let given = json!({
        "spec": case["spec"], "initial": weights, "batches": batches,
        "question": encode(array(&case["prediction"]["x"])),
    });
    let told = page.eval(&format!("train({device:?}, {given})"));
    assert_eq!(told["device"], device, "{name}");
    let losses = told["losses"].as_array().expect("losses");
    assert_eq!(losses.len(), 20, "{name}");
    for (t, (loss, golden)) in losses.iter().zip(case["losses"].as_array().expect("losses")).enumerate() {
        let one = |loss: &Json| loss.as_f64().expect("a loss") as f32;
        let golden = Tensor::new([], vec![one(golden)]);
        tally.judge(format!("{name} loss {t}"), &[one(loss)], &golden, most.training);
    }
    let made = told["weights"].as_object().expect("weights");
    assert_eq!(made.len(), initial.len(), "{name}");
    for (parameter, key) in case["final"].as_object().expect("final") {
        let own = decode(&made[parameter]["data"]);
        tally.judge(format!("{name} {parameter}"), &own, array(key), most.weights);
    }
    tally.judge(format!("{name} prediction"), &decode(&told["answer"]), array(&case["prediction"]["y"]), most.training);
    tally.cases += 1;
}

fn encode(array: &Tensor) -> String {
    STANDARD.encode(bytemuck::cast_slice(&array.data))
}

fn decode(text: &Json) -> Vec<f32> {
    let bytes = STANDARD.decode(text.as_str().expect("an array")).expect("Base64");
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}
