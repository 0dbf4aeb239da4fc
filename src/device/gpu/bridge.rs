//! What wgpu does not offer in a browser: pipelines compiled in the background, all at the same time, and a recording of few
//! crossings from WebAssembly to JavaScript. Objects are those of JavaScript, made from the handles that wgpu gives out.

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

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

    /// A pipeline being compiled.
    pub fn pipeline(&self, name: &str, source: &str, layouts: &JsValue) -> Promise {
        let module = self.create_shader_module(&object(&[("label", &name.into()), ("code", &source.into())]));
        let compute = object(&[("module", &module)]);
        let descriptor = [("label", &name.into()), ("layout", layouts), ("compute", &compute)];
        self.create_compute_pipeline_async(&object(&descriptor))
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
            let handle: &JsValue = buffer.as_webgpu().expect("wgpu runs on WebGPU alone here").as_ref();
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

impl Queue {
    /// The JavaScript queue behind wgpu's.
    pub fn of(queue: &wgpu::Queue) -> Queue {
        let handle: &JsValue = queue.as_webgpu().expect("wgpu runs on WebGPU alone here").as_ref();
        handle.clone().unchecked_into()
    }

    /// Hands over what was recorded.
    pub fn run(&self, encoder: &Encoder) {
        self.submit(&Array::of1(&encoder.finish()));
    }
}
