//! What only a browser can test: WebGPU, and the engine as WebAssembly. Runs in a dedicated worker, as the engine does.
//!
//! `cargo test --target wasm32-unknown-unknown --test web`, or `cargo xtask test browser` on a bare machine; Chromium's
//! flags are in `webdriver.json`. Add a test as a function with `#[wasm_bindgen_test]`; one that needs WebGPU begins with
//! `let Some((device, queue)) = gpu().await else { return };`.
#![cfg(target_arch = "wasm32")]

#[path = "web/cores.rs"]
mod cores;
#[path = "web/cost.rs"]
mod cost;
#[path = "it/documents.rs"]
#[allow(dead_code, reason = "the native tests use more of it")]
mod documents;
#[path = "goldens/mod.rs"]
#[allow(dead_code, reason = "the native tests use more of it")]
mod golden;
#[path = "web/goldens.rs"]
mod goldens;
#[path = "web/graphs.rs"]
mod graphs;
#[path = "it/maker.rs"]
mod maker;
#[path = "it/samples.rs"]
mod samples;
#[path = "it/slow.rs"]
mod slow;
#[path = "web/training.rs"]
mod training;

use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};
use wgpu::util::DeviceExt;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[path = "it/drawings.rs"]
mod drawings;

#[wasm_bindgen_test]
fn the_drawings_have_the_same_bits_as_natively() {
    assert_eq!(drawings::sum(), drawings::SUM);
}

/// A WebGPU device, or the reason why this test is skipped.
async fn gpu() -> Option<(wgpu::Device, wgpu::Queue)> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapter = match instance.request_adapter(&wgpu::RequestAdapterOptions::default()).await {
        Ok(adapter) => adapter,
        Err(why) => {
            console_log!("skipped: no WebGPU here ({why})");
            return None;
        }
    };
    Some(adapter.request_device(&wgpu::DeviceDescriptor::default()).await.expect("an adapter gives its default device"))
}

#[wasm_bindgen_test]
async fn a_shader_doubles_numbers() {
    let Some((device, queue)) = gpu().await else { return };
    let x: Vec<f32> = (0..1000).map(|i| i as f32).collect();
    let data = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
        label: None,
        contents: bytemuck::cast_slice(&x),
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
    });
    let result = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: data.size(),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(
            "@group(0) @binding(0) var<storage, read_write> x: array<f32>;
             @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
                 if id.x < arrayLength(&x) { x[id.x] *= 2; }
             }"
            .into(),
        ),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: None,
        compilation_options: Default::default(),
        cache: None,
    });
    let bind = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.get_bind_group_layout(0),
        entries: &[wgpu::BindGroupEntry { binding: 0, resource: data.as_entire_binding() }],
    });
    let mut encoder = device.create_command_encoder(&Default::default());
    {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bind, &[]);
        pass.dispatch_workgroups(x.len().div_ceil(64) as u32, 1, 1);
    }
    encoder.copy_buffer_to_buffer(&data, 0, &result, 0, data.size());
    queue.submit([encoder.finish()]);
    assert_eq!(read(&result).await, x.iter().map(|x| x * 2.0).collect::<Vec<_>>());
}

/// The numbers of a mappable buffer.
async fn read(buffer: &wgpu::Buffer) -> Vec<f32> {
    let mapped = js_sys::Promise::new(&mut |resolve, reject| {
        buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            let settle = if result.is_ok() { resolve } else { reject };
            settle.call0(&wasm_bindgen::JsValue::NULL).expect("settling a promise throws nothing");
        });
    });
    wasm_bindgen_futures::JsFuture::from(mapped).await.expect("the buffer can be mapped");
    bytemuck::pod_collect_to_vec(&buffer.get_mapped_range(..).expect("the whole buffer is mapped"))
}
