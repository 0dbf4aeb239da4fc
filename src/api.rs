//! `Session` for JavaScript: one network in training, in a worker of its own, driven from a program.
//!
//! Each call is a [`Call`] to the worker, and its promise is settled by the reply of the same number. Nothing is computed
//! here; what the page can do, it does through the same worker.

use js_sys::{Float32Array, Function, Object, Promise, Reflect};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsError, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use whisker::worker::client::Client;
use whisker::worker::protocol::{Call, Choice, Command, Device, Event, Floats, Reply, Weight};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A parameter's shape, and its numbers in row-major order. */
export interface Weight { shape: number[]; data: Float32Array }

export interface SessionOptions {
  /** Where to compute; "auto" is whichever is faster for this network on this machine. Default: "auto". */
  device?: "auto" | "cpu" | "webgpu";
  /** How many workers may share a step. Default: 1; this version uses one. */
  workers?: number;
}

/** A network in training. Every method rejects with an `Error` that says what was expected, what came and what to do. */
export class Session {
  private constructor();
  /** Opens an experiment document, as text or as an object. */
  static create(spec: string | object, options?: SessionOptions): Promise<Session>;
  /** What it computes on. */
  readonly device: "cpu" | "webgpu";
  /** So many optimizer steps on the document's data set; the loss of the last one. */
  train(steps: number): Promise<{ step: number, loss: number, milliseconds: number, samplesPerSecond: number }>;
  /** One optimizer step on a batch, x: [n, sample…], y: class indices [n] or values [n, output…]; the loss before it. */
  trainBatch(x: Float32Array, y: Float32Array): Promise<number>;
  /** How the network does on the test split. */
  evaluate(): Promise<{ loss: number, accuracy?: number }>;
  /** The network's output as in use: logits, to which no softmax is added. x: [n, sample…] → [n, output…]. */
  predict(x: Float32Array): Promise<Float32Array>;
  /** Every parameter by its name, `LAYER/PARAMETER`. */
  weights(): Promise<Record<string, Weight>>;
  /** Sets parameters by name; those that are not named stay as they are. */
  setWeights(weights: Record<string, Weight>): Promise<void>;
  /** Ends the worker and frees all that it holds. Calls still under way are rejected. */
  dispose(): void;
}
"#;

/// Promises that wait for a reply: how to settle each.
type Waiting = Rc<RefCell<HashMap<u32, (Function, Function)>>>;

#[wasm_bindgen(skip_typescript)]
pub struct Session {
    client: RefCell<Option<Client>>,
    waiting: Waiting,
    next: Cell<u32>,
    device: Cell<Device>,
}

#[wasm_bindgen]
impl Session {
    #[wasm_bindgen(skip_typescript)]
    pub async fn create(spec: JsValue, options: JsValue) -> Result<Session, JsError> {
        let document = match spec.as_string() {
            Some(text) => text,
            None if spec.is_object() => match js_sys::JSON::stringify(&spec) {
                Ok(text) => text.into(),
                Err(_) => return Err(JsError::new("A document is JSON, but this object cannot be written as JSON.")),
            },
            None => return Err(JsError::new("Expected a document, as JSON text or as an object: pass one to create.")),
        };
        let (device, workers) = read_options(&options)?;
        let waiting = Waiting::default();
        let hearing = waiting.clone();
        let client = Client::start(move |event| hear(&hearing, event)).map_err(|error| JsError::new(&error))?;
        let session =
            Session { client: RefCell::new(Some(client)), waiting, next: Cell::new(0), device: Cell::new(Device::Cpu) };
        let created = JsFuture::from(session.ask(Call::Create { document, device, workers })).await.map_err(error)?;
        session.device.set(if created == "webgpu" { Device::WebGpu } else { Device::Cpu });
        Ok(session)
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn device(&self) -> String {
        name(self.device.get()).into()
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn train(&self, steps: f64) -> Promise {
        if steps.fract() != 0.0 || !(1.0..=f64::from(u32::MAX)).contains(&steps) {
            return refused(&format!("Expected a whole number of steps, 1 or more, but got {steps}."));
        }
        self.ask(Call::Train { steps: steps as u32 })
    }

    #[wasm_bindgen(js_name = trainBatch, skip_typescript)]
    pub fn train_batch(&self, x: &JsValue, y: &JsValue) -> Promise {
        match (floats("x", x), floats("y", y)) {
            (Ok(x), Ok(y)) => self.ask(Call::TrainBatch { x, y }),
            (Err(error), _) | (_, Err(error)) => refused(&error),
        }
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn evaluate(&self) -> Promise {
        self.ask(Call::Evaluate)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn predict(&self, x: &JsValue) -> Promise {
        match floats("x", x) {
            Ok(x) => self.ask(Call::Predict { x }),
            Err(error) => refused(&error),
        }
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn weights(&self) -> Promise {
        self.ask(Call::Weights)
    }

    #[wasm_bindgen(js_name = setWeights, skip_typescript)]
    pub fn set_weights(&self, weights: &JsValue) -> Promise {
        match read_weights(weights) {
            Ok(weights) => self.ask(Call::SetWeights(weights)),
            Err(error) => refused(&error),
        }
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn dispose(&self) {
        self.client.take();
        let ended = JsError::new("The session was disposed of: create another one.");
        let ended = JsValue::from(ended);
        for (_, (_, reject)) in self.waiting.take() {
            let _ = reject.call1(&JsValue::NULL, &ended);
        }
    }
}

impl Session {
    /// Sends a call; the promise is settled by its reply.
    fn ask(&self, call: Call) -> Promise {
        let client = self.client.borrow();
        let Some(client) = &*client else {
            return refused("The session was disposed of: create another one.");
        };
        let id = self.next.get();
        self.next.set(id + 1);
        let promise = Promise::new(&mut |resolve, reject| {
            self.waiting.borrow_mut().insert(id, (resolve, reject));
        });
        client.send(&Command::Call { id, call });
        promise
    }
}

/// Settles the promise that a reply belongs to; an engine in trouble settles them all.
fn hear(waiting: &Waiting, event: Event) {
    match event {
        Event::Reply { id, result } => {
            let Some((resolve, reject)) = waiting.borrow_mut().remove(&id) else { return };
            let _ = match result {
                Ok(reply) => resolve.call1(&JsValue::NULL, &value(reply)),
                Err(error) => reject.call1(&JsValue::NULL, &JsError::new(&error).into()),
            };
        }
        Event::Trouble(sentence) => {
            for (_, (_, reject)) in waiting.take() {
                let _ = reject.call1(&JsValue::NULL, &JsError::new(&sentence).into());
            }
        }
        _ => {}
    }
}

/// A reply as JavaScript has it.
fn value(reply: Reply) -> JsValue {
    match reply {
        Reply::Created { device } => name(device).into(),
        Reply::Trained { step, loss, milliseconds, samples_per_second } => object(&[
            ("step", step.into()),
            ("loss", loss.into()),
            ("milliseconds", milliseconds.into()),
            ("samplesPerSecond", samples_per_second.into()),
        ]),
        Reply::Loss(loss) => loss.into(),
        Reply::Evaluated { loss, accuracy } => match accuracy {
            Some(accuracy) => object(&[("loss", loss.into()), ("accuracy", accuracy.into())]),
            None => object(&[("loss", loss.into())]),
        },
        Reply::Predicted(output) => Float32Array::from(&output.0[..]).into(),
        Reply::Weights(weights) => {
            let all = Object::new();
            for Weight { name, shape, data } in weights {
                let shape: js_sys::Array = shape.into_iter().map(|size| JsValue::from(size as f64)).collect();
                let data = Float32Array::from(&data.0[..]);
                set(&all, &name, &object(&[("shape", shape.into()), ("data", data.into())]));
            }
            all.into()
        }
        Reply::Done => JsValue::UNDEFINED,
    }
}

fn name(device: Device) -> &'static str {
    match device {
        Device::Cpu => "cpu",
        Device::WebGpu => "webgpu",
    }
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    fields.iter().for_each(|(name, value)| set(&object, name, value));
    object.into()
}

fn set(object: &Object, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).expect("a new object takes any field");
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn refused(sentence: &str) -> Promise {
    Promise::reject(&JsError::new(sentence).into())
}

/// A rejection with its own error, whatever it is.
fn error(value: JsValue) -> JsError {
    match value.dyn_ref::<js_sys::Error>() {
        Some(error) => JsError::new(&String::from(error.message())),
        None => JsError::new("The engine gave no reason."),
    }
}

fn read_options(options: &JsValue) -> Result<(Choice, Option<u32>), JsError> {
    let device = match get_if_object(options, "device") {
        value if value.is_undefined() => Choice::Auto,
        value => match value.as_string().as_deref() {
            Some("auto") => Choice::Auto,
            Some("cpu") => Choice::Cpu,
            Some("webgpu") => Choice::WebGpu,
            _ => return Err(JsError::new(r#"The option device is "auto", "cpu" or "webgpu"; pass one of these."#)),
        },
    };
    let workers = match get_if_object(options, "workers") {
        value if value.is_undefined() => None,
        value => match value.as_f64() {
            Some(count) if count.fract() == 0.0 && (1.0..=64.0).contains(&count) => Some(count as u32),
            _ => {
                return Err(JsError::new(
                    "The option workers is a whole number from 1 to 64; pass one, or leave it out.",
                ));
            }
        },
    };
    Ok((device, workers))
}

fn get_if_object(options: &JsValue, name: &str) -> JsValue {
    if options.is_object() { get(options, name) } else { JsValue::UNDEFINED }
}

fn floats(name: &str, value: &JsValue) -> Result<Floats, String> {
    match value.dyn_ref::<Float32Array>() {
        Some(array) => Ok(Floats(array.to_vec())),
        None => {
            Err(format!("Expected {name} as a Float32Array, but something else came: wrap it in new Float32Array(…)."))
        }
    }
}

fn read_weights(weights: &JsValue) -> Result<Vec<Weight>, String> {
    let Some(weights) = weights.dyn_ref::<Object>() else {
        return Err("Expected weights as an object from names to { shape, data }, as weights() gives them.".into());
    };
    let mut all = Vec::new();
    for name in Object::keys(weights).iter().filter_map(|name| name.as_string()) {
        let weight = get(weights, &name);
        let data = floats(&format!("the data of {name}"), &get(&weight, "data"))?;
        let shape = get(&weight, "shape");
        let sizes = js_sys::Array::is_array(&shape).then(|| js_sys::Array::from(&shape));
        let sizes: Option<Vec<usize>> =
            sizes.and_then(|sizes| sizes.iter().map(|size| size.as_f64().map(|size| size as usize)).collect());
        let shape = sizes
            .ok_or_else(|| format!("Expected the shape of {name} as a list of numbers, as weights() gives it."))?;
        all.push(Weight { name, shape, data });
    }
    Ok(all)
}
