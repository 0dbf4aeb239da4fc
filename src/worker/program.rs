//! What a program says to the engine through `Session`, and what it hears: one [`Call`], one [`Reply`].
//!
//! Unlike the page's messages these are plain JavaScript objects, since www/whisker.js is at the other end and has checked
//! what the user gave: `{ id, call, … }` goes in, `{ id, value }` or `{ id, error }` comes out,
//! with the array x of the call as `spare`. `object` has that form.

use super::protocol::{Choice, Device};
use crate::train::Weight;

/// One call of the programming interface.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    Create { document: String, device: Choice, workers: Option<u32> },
    Train { steps: u32 },
    TrainBatch { x: Vec<f32>, y: Vec<f32> },
    Evaluate,
    Predict { x: Vec<f32> },
    Weights,
    SetWeights(Vec<Weight>),
}

/// The answer to a [`Call`].
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Created { device: Device },
    Trained { step: u32, loss: f32, milliseconds: f64, samples_per_second: f64 },
    Loss(f32),
    Evaluated { loss: f32, accuracy: Option<f32> },
    Predicted(Vec<f32>),
    Weights(Vec<Weight>),
    Done,
}

#[cfg(target_arch = "wasm32")]
pub mod object {
    use super::{Call, Reply};
    use crate::tensor::Shape;
    use crate::train::Weight;
    use crate::worker::protocol::{Choice, Device};
    use js_sys::{Array, Float32Array, Object, Reflect, Uint32Array};
    use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

    #[wasm_bindgen]
    extern "C" {
        /// What goes to and fro with every step: names that are known while compiling cost no text to be handed over.
        type Message;
        #[wasm_bindgen(method, getter, structural)]
        fn id(this: &Message) -> JsValue;
        #[wasm_bindgen(method, setter, structural)]
        fn set_id(this: &Message, id: &JsValue);
        #[wasm_bindgen(method, getter, structural)]
        fn call(this: &Message) -> Option<String>;
        #[wasm_bindgen(method, getter, structural)]
        fn x(this: &Message) -> JsValue;
        #[wasm_bindgen(method, getter, structural)]
        fn y(this: &Message) -> JsValue;
        #[wasm_bindgen(method, setter, structural)]
        fn set_value(this: &Message, value: &JsValue);
        #[wasm_bindgen(method, setter, structural)]
        fn set_error(this: &Message, error: &JsValue);
        #[wasm_bindgen(method, setter, structural)]
        fn set_spare(this: &Message, spare: &JsValue);
    }

    /// What an answer needs of its call: the number, and the array that goes back for the next one.
    pub struct Back {
        id: JsValue,
        spare: JsValue,
    }

    /// The memory of the last batch, for the next one: so that steps leave no holes among what else lies there.
    #[derive(Default)]
    pub struct Spare([Vec<f32>; 2]);

    impl Spare {
        /// Numbers beyond which a batch is not kept.
        const MOST: usize = 1 << 20;

        /// Takes it back from a call that was answered.
        pub fn keep(&mut self, call: Result<Call, String>) {
            if let Ok(Call::TrainBatch { x, y }) = call
                && x.len() <= Self::MOST
            {
                self.0 = [x, y];
            }
        }
    }

    /// A call, and what its answer needs of it; the error is a sentence.
    pub fn read(message: &JsValue, spare: &mut Spare) -> (Back, Result<Call, String>) {
        let message = message.unchecked_ref::<Message>();
        let back = Back { id: message.id(), spare: message.x() };
        (back, call(message, spare).ok_or_else(|| "The engine does not know this call.".into()))
    }

    fn call(message: &Message, Spare(spare): &mut Spare) -> Option<Call> {
        let floats = |value: JsValue, mut numbers: Vec<f32>| {
            let array = value.dyn_ref::<Float32Array>()?;
            numbers.resize(array.length() as usize, 0.0);
            array.copy_to(&mut numbers);
            Some(numbers)
        };
        let whole = |name: &str| get(message, name).as_f64().map(|number| number as u32);
        Some(match message.call()?.as_str() {
            "create" => Call::Create {
                document: get(message, "document").as_string()?,
                device: match get(message, "device").as_string()?.as_str() {
                    "cpu" => Choice::Cpu,
                    "webgpu" => Choice::WebGpu,
                    _ => Choice::Auto,
                },
                workers: whole("workers"),
            },
            "train" => Call::Train { steps: whole("steps")? },
            "trainBatch" => {
                let [x, y] = std::mem::take(spare);
                Call::TrainBatch { x: floats(message.x(), x)?, y: floats(message.y(), y)? }
            }
            "evaluate" => Call::Evaluate,
            "predict" => Call::Predict { x: floats(message.x(), Vec::new())? },
            "weights" => Call::Weights,
            "setWeights" => {
                let weights = get(message, "weights").dyn_into::<Array>().ok()?;
                Call::SetWeights(weights.iter().map(|weight| read_weight(&weight)).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// [name, shape, numbers]
    fn read_weight(weight: &JsValue) -> Option<Weight> {
        let parts = weight.dyn_ref::<Array>()?;
        let shape = parts.get(1).dyn_ref::<Uint32Array>()?.to_vec();
        Some(Weight {
            name: parts.get(0).as_string()?,
            shape: Shape(shape.into_iter().map(|size| size as usize).collect()),
            data: parts.get(2).dyn_ref::<Float32Array>()?.to_vec(),
        })
    }

    /// The answer to a call, and the buffers that change hands with it.
    pub fn write(back: Back, result: Result<Reply, String>) -> (JsValue, Array) {
        let answer = Object::new().unchecked_into::<Message>();
        answer.set_id(&back.id);
        answer.set_spare(&back.spare);
        let said = match result {
            Ok(reply) => {
                let value = value(reply);
                answer.set_value(&value);
                value
            }
            Err(error) => {
                answer.set_error(&error.into());
                JsValue::UNDEFINED
            }
        };
        let arrays = [&said, &back.spare].into_iter().filter_map(|value| value.dyn_ref::<Float32Array>());
        let moved: Array = arrays.map(Float32Array::buffer).collect();
        (answer.into(), moved)
    }

    fn value(reply: Reply) -> JsValue {
        match reply {
            Reply::Created { device } => match device {
                Device::Cpu => "cpu".into(),
                Device::WebGpu => "webgpu".into(),
            },
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
            Reply::Predicted(output) => Float32Array::from(&output[..]).into(),
            Reply::Weights(weights) => weights.iter().map(write_weight).collect::<Array>().into(),
            Reply::Done => JsValue::UNDEFINED,
        }
    }

    fn write_weight(weight: &Weight) -> JsValue {
        let shape: Vec<u32> = weight.shape.iter().map(|&size| size as u32).collect();
        let (shape, data) = (Uint32Array::from(&shape[..]), Float32Array::from(&weight.data[..]));
        Array::of3(&weight.name.as_str().into(), &shape, &data).into()
    }

    fn get(object: &JsValue, name: &str) -> JsValue {
        Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
    }

    fn object(fields: &[(&str, JsValue)]) -> JsValue {
        let object = Object::new();
        for (name, value) in fields {
            Reflect::set(&object, &(*name).into(), value).expect("a new object takes any field");
        }
        object.into()
    }
}
