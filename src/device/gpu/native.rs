//! The bridge where there is no browser: the same calls as over WebGPU, on Vulkan, Metal or Direct3D.
//!
//! Shaders are checked as a browser checks them, but for loops that must be seen to end: ours do.

use std::cell::RefCell;
use std::future::{Ready, ready};
use std::time::Instant;
use wgpu::{BindGroupEntry, BindGroupLayoutEntry, BindingType, BufferBinding, BufferBindingType, ShaderStages};

pub type Layout = wgpu::BindGroupLayout;
pub type Layouts = wgpu::PipelineLayout;
pub type Pipeline = wgpu::ComputePipeline;
pub type Group = wgpu::BindGroup;
pub type Compiling = Ready<Result<Pipeline, String>>;

pub struct Device(wgpu::Device);
pub struct Queue(wgpu::Queue);
pub struct Encoder(RefCell<wgpu::CommandEncoder>);
pub struct Pass(RefCell<wgpu::ComputePass<'static>>);

/// Whether graphics cards are to be had at all, or why not.
pub fn possible() -> Result<(), String> {
    Ok(())
}

/// What the driver calls the card, and whether processor cores imitate one.
pub fn identity(_device: &wgpu::Device, adapter: &wgpu::Adapter) -> (String, bool) {
    let info = adapter.get_info();
    (info.name.clone(), info.device_type == wgpu::DeviceType::Cpu)
}

/// Waits until all that was submitted is done, and tells those that await it.
pub fn settle(device: &wgpu::Device) {
    // A lost device is told to the one who watches it.
    let _ = device.poll(wgpu::PollType::wait_indefinitely());
}

/// Milliseconds since some time.
pub fn now() -> f64 {
    thread_local!(static START: Instant = Instant::now());
    START.with(|start| start.elapsed().as_secs_f64() * 1000.0)
}

impl Device {
    pub fn of(device: &wgpu::Device) -> Device {
        Device(device.clone())
    }

    /// A layout of buffers numbered from 0: storage that is written or not, then perhaps a uniform; without storage the
    /// uniform is at an offset that moves.
    pub fn layout(&self, writes: Option<&[bool]>, uniform: bool) -> Layout {
        let storage = |writes: &bool| BufferBindingType::Storage { read_only: !writes };
        let kinds = writes.unwrap_or_default().iter().map(storage).chain(uniform.then_some(BufferBindingType::Uniform));
        let entry = |(binding, ty): (usize, BufferBindingType)| BindGroupLayoutEntry {
            binding: binding as u32,
            visibility: ShaderStages::COMPUTE,
            ty: BindingType::Buffer { ty, has_dynamic_offset: writes.is_none(), min_binding_size: None },
            count: None,
        };
        let entries: Vec<_> = kinds.enumerate().map(entry).collect();
        self.0.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries })
    }

    /// Both layouts of a pipeline: of the tick, and of memory.
    pub fn layouts(&self, tick: &Layout, memory: &Layout) -> Layouts {
        self.0.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(tick), Some(memory)],
            ..wgpu::PipelineLayoutDescriptor::default()
        })
    }

    /// Compiles a pipeline.
    pub fn pipeline(&self, name: &str, source: &str, layouts: &Layouts) -> Compiling {
        let scope = self.0.push_error_scope(wgpu::ErrorFilter::Validation);
        let source = wgpu::ShaderSource::Wgsl(source.into());
        let descriptor = wgpu::ShaderModuleDescriptor { label: Some(name), source };
        let checks = wgpu::ShaderRuntimeChecks { force_loop_bounding: false, ..wgpu::ShaderRuntimeChecks::checked() };
        // SAFETY: the shaders are our own files, and each of their loops counts up to a number.
        let module = unsafe { self.0.create_shader_module_trusted(descriptor, checks) };
        let pipeline = self.0.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(name),
            layout: Some(layouts),
            module: &module,
            entry_point: None,
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let refused = pollster::block_on(scope.pop());
        ready(refused.map_or(Ok(pipeline), |why| Err(why.to_string())))
    }

    /// Buffers bound in order, then perhaps a part of one: where it begins, and how many bytes it has.
    pub fn group(
        &self,
        layout: &Layout,
        buffers: &[&wgpu::Buffer],
        part: Option<(&wgpu::Buffer, usize, usize)>,
    ) -> Group {
        let part = part.map(|(buffer, start, bytes)| {
            let size = wgpu::BufferSize::new(bytes as u64);
            wgpu::BindingResource::Buffer(BufferBinding { buffer, offset: start as u64, size })
        });
        let resources = buffers.iter().map(|buffer| buffer.as_entire_binding()).chain(part);
        let entry = |(binding, resource)| BindGroupEntry { binding: binding as u32, resource };
        let entries: Vec<_> = resources.enumerate().map(entry).collect();
        self.0.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries })
    }

    pub fn encoder(&self) -> Encoder {
        Encoder(RefCell::new(self.0.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())))
    }
}

impl Queue {
    pub fn of(queue: &wgpu::Queue) -> Queue {
        Queue(queue.clone())
    }

    /// Hands over what was recorded.
    pub fn run(&self, encoder: Encoder) {
        self.0.submit([encoder.0.into_inner().finish()]);
    }
}

impl Encoder {
    pub fn pass(&self) -> Pass {
        let pass = self.0.borrow_mut().begin_compute_pass(&wgpu::ComputePassDescriptor::default()).forget_lifetime();
        Pass(RefCell::new(pass))
    }

    /// Copies so many bytes, each buffer from where it is said.
    pub fn copy(&self, (from, start): (&wgpu::Buffer, usize), (to, at): (&wgpu::Buffer, usize), bytes: usize) {
        self.0.borrow_mut().copy_buffer_to_buffer(from, start as u64, to, at as u64, bytes as u64);
    }
}

impl Pass {
    pub fn set_pipeline(&self, pipeline: &Pipeline) {
        self.0.borrow_mut().set_pipeline(pipeline);
    }

    pub fn set_group(&self, index: u32, group: &Group) {
        self.0.borrow_mut().set_bind_group(index, group, &[]);
    }

    pub fn set_group_from(&self, index: u32, group: &Group, offsets: &[u32], start: u32, count: u32) {
        let offsets = &offsets[start as usize..][..count as usize];
        self.0.borrow_mut().set_bind_group(index, group, offsets);
    }

    pub fn dispatch(&self, x: u32, y: u32, z: u32) {
        self.0.borrow_mut().dispatch_workgroups(x, y, z);
    }

    /// Ends with the value.
    pub fn end(self) {}
}
