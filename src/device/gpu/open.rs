//! Finds the graphics card, or says why there is none.

use super::bridge::{identity, possible};
use std::sync::{Arc, Mutex};

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

/// Asks for the fastest graphics card.
pub async fn open() -> Result<Opened, String> {
    possible()?;
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::HighPerformance,
        ..wgpu::RequestAdapterOptions::default()
    };
    let adapter = instance.request_adapter(&options).await.map_err(|_| {
        "There is WebGPU here, but no graphics card is offered for it. Settings or the driver may forbid it."
            .to_string()
    })?;
    let (device, queue) = adapter
        .request_device(&wgpu::DeviceDescriptor::default())
        .await
        .map_err(|error| format!("The graphics card could not be opened: {error}."))?;
    let (name, software) = identity(&device, &adapter);
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
