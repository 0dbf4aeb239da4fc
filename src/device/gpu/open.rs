//! Finds the graphics card, or says why there is none.

use std::sync::{Arc, Mutex};
use wasm_bindgen::JsValue;

/// What went wrong first, if anything: a lost device, a refused launch.
pub type Trouble = Arc<Mutex<Option<String>>>;

/// An open device.
pub struct Opened {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    /// "nvidia ampere", "google swiftshader": what the browser tells.
    pub name: String,
    /// Whether processor cores imitate a graphics card.
    pub software: bool,
    pub trouble: Trouble,
}

/// Asks the browser for its fastest graphics card.
pub async fn open() -> Result<Opened, String> {
    let navigator = js_sys::Reflect::get(&js_sys::global(), &"navigator".into()).unwrap_or(JsValue::UNDEFINED);
    if property(&navigator, "gpu").is_undefined() {
        return Err("This browser has no WebGPU here. A current Chrome, Edge, Safari or Firefox has, on https pages."
            .to_string());
    }
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::HighPerformance,
        ..wgpu::RequestAdapterOptions::default()
    };
    let adapter = instance.request_adapter(&options).await.map_err(|_| {
        "This browser has WebGPU but offers no graphics card for it. Its settings or its driver may forbid it."
            .to_string()
    })?;
    let info = adapter.get_info();
    let (device, queue) = adapter
        .request_device(&wgpu::DeviceDescriptor::default())
        .await
        .map_err(|error| format!("The graphics card could not be opened: {error}."))?;
    let own = device.as_webgpu().map_or(JsValue::UNDEFINED, |device| property(device.as_ref(), "adapterInfo"));
    let words =
        ["vendor", "architecture", "description"].map(|key| property(&own, key).as_string().unwrap_or_default());
    let mut name = words.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        name = if info.name.is_empty() { "unnamed graphics card".to_string() } else { info.name.clone() };
    }
    let imitation = ["swiftshader", "llvmpipe", "lavapipe", "basic render", "software"];
    let software = info.device_type == wgpu::DeviceType::Cpu
        || property(&own, "isFallbackAdapter").is_truthy()
        || imitation.iter().any(|word| name.to_ascii_lowercase().contains(word));
    let trouble = Trouble::default();
    watch(&device, &trouble);
    Ok(Opened { device, queue, name, software, trouble })
}

/// Notes a lost device and errors that nobody else catches.
fn watch(device: &wgpu::Device, trouble: &Trouble) {
    let noted = trouble.clone();
    device.set_device_lost_callback(move |_, message| {
        note(
            &noted,
            format!(
                "The graphics card was lost ({}). Start again, or go on with the CPU.",
                message.trim_end_matches('.')
            ),
        );
    });
    let noted = trouble.clone();
    device.on_uncaptured_error(Arc::new(move |error| {
        note(&noted, format!("The graphics card refused a step: {error}."))
    }));
}

/// Keeps the first trouble.
pub fn note(trouble: &Trouble, sentence: String) {
    if let Ok(mut noted) = trouble.lock() {
        noted.get_or_insert(sentence);
    }
}

/// A property of an object, undefined if it has none.
fn property(object: &JsValue, key: &str) -> JsValue {
    js_sys::Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
}
