//! What wgpu does not offer in a browser: pipelines compiled in the background, all at the same time, and a recording of few
//! crossings from WebAssembly to JavaScript. Objects are those of JavaScript, made from the handles that wgpu gives out.

use js_sys::{Array, Object, Promise, Reflect};
use std::pin::Pin;
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;

/// A layout of buffers, and both of a pipeline.
pub type Layout = JsValue;
pub type Layouts = JsValue;
pub type Pipeline = JsValue;
/// Buffers bound together.
pub type Group = JsValue;
/// A pipeline that is being compiled, or what the browser's compiler says against it.
pub type Compiling = Pin<Box<dyn Future<Output = Result<Pipeline, String>>>>;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = GPUDevice)]
    pub type Device;
    #[wasm_bindgen(method, js_name = createShaderModule)]
    fn create_shader_module(this: &Device, descriptor: &JsValue) -> JsValue;
    #[wasm_bindgen(method, js_name = createBindGroupLayout)]
    fn create_bind_group_layout(this: &Device, descriptor: &JsValue) -> JsValue;
    #[wasm_bindgen(method, js_name = createPipelineLayout)]
    fn create_pipeline_layout(this: &Device, descriptor: &JsValue) -> JsValue;
    #[wasm_bindgen(method, js_name = createComputePipelineAsync)]
    fn create_compute_pipeline_async(this: &Device, descriptor: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = createBindGroup)]
    fn create_bind_group(this: &Device, descriptor: &JsValue) -> JsValue;
    #[wasm_bindgen(method, js_name = createCommandEncoder)]
    pub fn encoder(this: &Device) -> Encoder;

    #[wasm_bindgen(js_name = GPUQueue)]
    pub type Queue;
    #[wasm_bindgen(method)]
    fn submit(this: &Queue, buffers: &Array);

    #[wasm_bindgen(js_name = GPUCommandEncoder)]
    pub type Encoder;
    #[wasm_bindgen(method, js_name = beginComputePass)]
    pub fn pass(this: &Encoder) -> Pass;
    #[wasm_bindgen(method, js_name = copyBufferToBuffer)]
    fn copy_buffer(this: &Encoder, from: &JsValue, start: u32, to: &JsValue, at: u32, bytes: u32);
    #[wasm_bindgen(method)]
    fn finish(this: &Encoder) -> JsValue;

    #[wasm_bindgen(js_name = GPUComputePassEncoder)]
    pub type Pass;
    #[wasm_bindgen(method, js_name = setPipeline)]
    pub fn set_pipeline(this: &Pass, pipeline: &JsValue);
    #[wasm_bindgen(method, js_name = setBindGroup)]
    pub fn set_group(this: &Pass, index: u32, group: &JsValue);
    #[wasm_bindgen(method, js_name = setBindGroup)]
    pub fn set_group_from(this: &Pass, index: u32, group: &JsValue, offsets: &[u32], start: u32, count: u32);
    #[wasm_bindgen(method, js_name = dispatchWorkgroups)]
    pub fn dispatch(this: &Pass, x: u32, y: u32, z: u32);
    #[wasm_bindgen(method)]
    pub fn end(this: &Pass);
}

/// Whether graphics cards are to be had at all, or why not.
pub fn possible() -> Result<(), String> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).unwrap_or(JsValue::UNDEFINED);
    if property(&navigator, "gpu").is_undefined() {
        return Err("This browser has no WebGPU here. A current Chrome, Edge, Safari or Firefox has, on https pages."
            .to_string());
    }
    Ok(())
}

/// What the browser calls the card, and whether processor cores imitate one.
pub fn identity(device: &wgpu::Device, _adapter: &wgpu::Adapter) -> (String, bool) {
    let own = device.as_webgpu().map_or(JsValue::UNDEFINED, |device| property(device.as_ref(), "adapterInfo"));
    let words =
        ["vendor", "architecture", "description"].map(|key| property(&own, key).as_string().unwrap_or_default());
    let mut name = words.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        name = "unnamed graphics card".to_string();
    }
    let imitation = ["swiftshader", "llvmpipe", "lavapipe", "basic render", "software"];
    let software = property(&own, "isFallbackAdapter").is_truthy()
        || imitation.iter().any(|word| super::template::mentions(&name.to_ascii_lowercase(), word));
    (name, software)
}

/// Natively, somebody must ask what is done; a browser tells.
pub fn settle(_device: &wgpu::Device) {}

/// Milliseconds since some time.
pub fn now() -> f64 {
    js_sys::Date::now()
}

/// A property of an object, undefined if it has none.
fn property(object: &JsValue, key: &str) -> JsValue {
    js_sys::Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// An object with these properties.
fn object(properties: &[(&str, &JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in properties {
        Reflect::set(&object, &(*key).into(), value).expect("a new object takes properties");
    }
    object.into()
}

impl Device {
    /// The JavaScript device behind wgpu's.
    pub fn of(device: &wgpu::Device) -> Device {
        let handle: &JsValue = device.as_webgpu().expect("wgpu runs on WebGPU alone here").as_ref();
        handle.clone().unchecked_into()
    }

    /// A layout of buffers numbered from 0: storage that is written or not, then perhaps a uniform; without storage the
    /// uniform is at an offset that moves.
    pub fn layout(&self, writes: Option<&[bool]>, uniform: bool) -> JsValue {
        let entries = Array::new();
        let entry = |kind: &str| {
            let moves = writes.is_none();
            let buffer = object(&[("type", &kind.into()), ("hasDynamicOffset", &moves.into())]);
            // 4 is the compute stage.
            let binding = entries.length();
            entries.push(&object(&[("binding", &binding.into()), ("visibility", &4.into()), ("buffer", &buffer)]));
        };
        let kind = |writes: &bool| if *writes { "storage" } else { "read-only-storage" };
        writes.unwrap_or_default().iter().for_each(|writes| entry(kind(writes)));
        if uniform {
            entry("uniform");
        }
        self.create_bind_group_layout(&object(&[("entries", &entries)]))
    }

    /// Both layouts of a pipeline: of the tick, and of memory.
    pub fn layouts(&self, tick: &JsValue, memory: &JsValue) -> JsValue {
        self.create_pipeline_layout(&object(&[("bindGroupLayouts", &Array::of2(tick, memory))]))
    }

    /// Begins to compile a pipeline.
    pub fn pipeline(&self, name: &str, source: &str, layouts: &JsValue) -> Compiling {
        let module = self.create_shader_module(&object(&[("label", &name.into()), ("code", &source.into())]));
        let compute = object(&[("module", &module)]);
        let descriptor = [("label", &name.into()), ("layout", layouts), ("compute", &compute)];
        let made = JsFuture::from(self.create_compute_pipeline_async(&object(&descriptor)));
        let message =
            |why: JsValue| why.dyn_ref::<js_sys::Error>().map_or_else(String::new, |why| String::from(why.message()));
        Box::pin(async move { made.await.map_err(message) })
    }

    /// Buffers bound in order, then perhaps a part of one: where it begins, and how many bytes it has.
    pub fn group(
        &self,
        layout: &JsValue,
        buffers: &[&wgpu::Buffer],
        part: Option<(&wgpu::Buffer, usize, usize)>,
    ) -> JsValue {
        let entries = Array::new();
        let entry = |buffer: &wgpu::Buffer, part: Option<(usize, usize)>| {
            let handle = handle(buffer);
            let number = |bytes: usize| JsValue::from(bytes as u32);
            let resource = match part {
                Some((start, bytes)) => {
                    object(&[("buffer", handle), ("offset", &number(start)), ("size", &number(bytes))])
                }
                None => object(&[("buffer", handle)]),
            };
            let binding = entries.length();
            entries.push(&object(&[("binding", &binding.into()), ("resource", &resource)]));
        };
        buffers.iter().for_each(|buffer| entry(buffer, None));
        if let Some((buffer, start, bytes)) = part {
            entry(buffer, Some((start, bytes)));
        }
        self.create_bind_group(&object(&[("layout", layout), ("entries", &entries)]))
    }
}

impl Encoder {
    /// Copies so many bytes, each buffer from where it is said.
    pub fn copy(&self, (from, start): (&wgpu::Buffer, usize), (to, at): (&wgpu::Buffer, usize), bytes: usize) {
        self.copy_buffer(handle(from), start as u32, handle(to), at as u32, bytes as u32);
    }
}

/// The JavaScript buffer behind wgpu's.
fn handle(buffer: &wgpu::Buffer) -> &JsValue {
    buffer.as_webgpu().expect("wgpu runs on WebGPU alone here").as_ref()
}

impl Queue {
    /// The JavaScript queue behind wgpu's.
    pub fn of(queue: &wgpu::Queue) -> Queue {
        let handle: &JsValue = queue.as_webgpu().expect("wgpu runs on WebGPU alone here").as_ref();
        handle.clone().unchecked_into()
    }

    /// Hands over what was recorded.
    pub fn run(&self, encoder: Encoder) {
        self.submit(&Array::of1(&encoder.finish()));
    }
}
