//! What a plan needs on the graphics card before it can run: buffers, layouts, pipelines, bind groups. Nothing here runs again.

use super::machine::{Dispatch, Gpu, Home, Resident, TICKS};
use super::shader::{Binding, Launch, Memory, tick_bytes};
use crate::plan::Plan;
use wgpu::BufferUsages;

/// Pipelines kept for plans to come.
const PIPELINES: usize = 512;

impl Gpu {
    /// Memory, pipelines and bind groups for a plan.
    pub(super) fn make(&mut self, plan: &Plan, launches: &[Launch]) -> Resident {
        if self.pipelines.len() > PIPELINES {
            self.pipelines.clear();
        }
        let storage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
        let homes = plan.places.iter().map(|place| self.home(place.count, &place.holds)).collect();
        let parts = launches.iter().map(|launch| launch.parts).max().unwrap_or(0);
        let parts = (parts > 0).then(|| self.buffer("parts", parts * 4, storage));
        let tick_bytes = tick_bytes(plan);
        let stride = tick_bytes.next_multiple_of(self.device.limits().min_uniform_buffer_offset_alignment as usize);
        let ticks = self.buffer("ticks", stride * TICKS, BufferUsages::UNIFORM | BufferUsages::COPY_DST);
        let upload = Vec::with_capacity(stride * TICKS);
        let outputs = plan.outputs.clone();
        let mut resident = Resident { homes, parts, ticks, tick_bytes, stride, upload, steps: Vec::new(), outputs };
        for launch in launches {
            let layout: Vec<bool> = launch.bindings.iter().map(|binding| binding.writes).collect();
            let pipeline = self.pipeline(&layout, launch);
            let group = self.group(&resident, &layout, &launch.bindings);
            let (name, bindings, groups) = (launch.name.clone(), launch.bindings.clone(), launch.groups);
            resident.steps.push(Dispatch { name, pipeline, layout, bindings, group, groups });
        }
        resident
    }

    /// A buffer of zeros, in sixteens of bytes so that it can be read in vectors of four.
    pub(super) fn buffer(&mut self, label: &str, bytes: usize, usage: BufferUsages) -> wgpu::Buffer {
        self.counters.buffers += 1;
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: bytes.next_multiple_of(16).max(16) as u64,
            usage,
            mapped_at_creation: false,
        })
    }

    pub(super) fn pipeline(&mut self, layout: &[bool], launch: &Launch) -> wgpu::ComputePipeline {
        if let Some(known) = self.pipelines.get(&launch.source) {
            return known.clone();
        }
        self.layout(layout);
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(&launch.name),
            source: wgpu::ShaderSource::Wgsl(launch.source.as_str().into()),
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&launch.name),
            layout: Some(&self.layouts[layout].1),
            module: &module,
            entry_point: None,
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        self.counters.pipelines += 1;
        self.pipelines.insert(launch.source.clone(), pipeline.clone());
        pipeline
    }

    pub(super) fn layout(&mut self, writes: &[bool]) {
        if self.layouts.contains_key(writes) {
            return;
        }
        let entry = |binding: usize, ty: wgpu::BufferBindingType| wgpu::BindGroupLayoutEntry {
            binding: binding as u32,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: binding == 0, min_binding_size: None },
            count: None,
        };
        let mut entries = vec![entry(0, wgpu::BufferBindingType::Uniform)];
        for (i, writes) in writes.iter().enumerate() {
            entries.push(entry(i + 1, wgpu::BufferBindingType::Storage { read_only: !writes }));
        }
        let group =
            self.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries });
        let pipeline = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&group)],
            immediate_size: 0,
        });
        self.layouts.insert(writes.to_vec(), (group, pipeline));
    }

    pub(super) fn group(&mut self, resident: &Resident, layout: &[bool], bindings: &[Binding]) -> wgpu::BindGroup {
        self.layout(layout);
        let tick = wgpu::BufferBinding {
            buffer: &resident.ticks,
            offset: 0,
            size: std::num::NonZeroU64::new(resident.tick_bytes as u64),
        };
        let mut entries = vec![wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(tick) }];
        for (i, binding) in bindings.iter().enumerate() {
            let buffer = match binding.memory {
                Memory::Parts => resident.parts.as_ref().expect("a launch that splits has memory for its parts"),
                Memory::Place(place) => match &resident.homes[place] {
                    Home::Own(buffer) => buffer,
                    Home::Shared(name) => &self.shared[name].buffer,
                },
            };
            entries.push(wgpu::BindGroupEntry { binding: i as u32 + 1, resource: buffer.as_entire_binding() });
        }
        self.counters.bind_groups += 1;
        self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.layouts[layout].0,
            entries: &entries,
        })
    }
}
