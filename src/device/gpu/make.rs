//! What a plan needs on the graphics card before it can run: buffers, layouts, pipelines, bind groups. Nothing here runs again.

use super::bridge::{Compiling, Device, Group, Layout, Layouts, Pipeline};
use super::launch::{Binding, Launch};
use super::layout::Memory;
use super::machine::{Dispatch, Gpu, Home, Resident, TICKS};
use super::shader::tick_bytes;
use super::write::Written;
use crate::plan::Plan;
use std::collections::HashMap;
use wgpu::BufferUsages;

/// What WebGPU promises: a uniform may begin at every such byte of a buffer.
const ALIGNED: usize = 256;
/// Pipelines kept for plans to come.
const PIPELINES: usize = 512;

/// Layouts and pipelines, shared by all plans.
pub(super) struct Kit {
    pub(super) device: Device,
    /// The layout of a tick.
    pub(super) tick: Layout,
    /// The layouts of memory and of the whole pipeline, by which of the buffers are written and whether there are offsets.
    layouts: HashMap<(Vec<bool>, bool), (Layout, Layouts)>,
    /// By source.
    pipelines: HashMap<String, Pipeline>,
}

impl Kit {
    pub(super) fn new(device: &wgpu::Device) -> Kit {
        let device = Device::of(device);
        let tick = device.layout(None, true);
        Kit { device, tick, layouts: HashMap::new(), pipelines: HashMap::new() }
    }

    /// The layouts of memory and of the whole pipeline.
    fn layout(&mut self, bindings: &[Binding], offsets: bool) -> &(Layout, Layouts) {
        let writes: Vec<bool> = bindings.iter().map(|binding| binding.writes).collect();
        let (device, tick) = (&self.device, &self.tick);
        self.layouts.entry((writes, offsets)).or_insert_with_key(|(writes, offsets)| {
            let memory = device.layout(Some(writes), *offsets);
            let whole = device.layouts(tick, &memory);
            (memory, whole)
        })
    }

    /// Begins to compile what no plan has asked for yet, all at once.
    fn compile(&mut self, launches: &[Launch]) -> Vec<(String, Compiling)> {
        let mut begun: Vec<(String, Compiling)> = Vec::new();
        for launch in launches {
            let known = |source: &String| *source == launch.source;
            if self.pipelines.contains_key(&launch.source) || begun.iter().any(|(source, _)| known(source)) {
                continue;
            }
            let whole = self.layout(&launch.bindings, !launch.offsets.is_empty()).1.clone();
            begun.push((launch.source.clone(), self.device.pipeline(&launch.name, &launch.source, &whole)));
        }
        begun
    }
}

impl Gpu {
    /// Memory, pipelines and bind groups for a plan, or what the browser's compiler says against it.
    pub(super) async fn make(&mut self, plan: &Plan, written: &Written) -> Result<Resident, String> {
        if self.kit.pipelines.len() > PIPELINES {
            self.kit.pipelines.clear();
        }
        let begun = self.kit.compile(&written.launches);
        let storage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
        let places = plan.places.iter().zip(&written.layout.starts);
        let homes = places
            .map(|(place, start)| match start {
                Some(start) => Home::Small(*start),
                None => self.home(place.count, &place.holds),
            })
            .collect();
        let small = self.buffer("small values", written.layout.small * 4, storage);
        let parts = self.buffer("parts of sums", written.layout.parts.get() * 4, storage);
        let tick_bytes = tick_bytes(plan);
        let stride = tick_bytes.next_multiple_of(ALIGNED);
        let ticks = self.buffer("ticks", stride * TICKS, BufferUsages::UNIFORM | BufferUsages::COPY_DST);
        let tick = self.kit.device.group(&self.kit.tick, &[], Some((&ticks, 0, tick_bytes)));
        let mut numbers: Vec<i32> = Vec::new();
        for launch in &written.launches {
            numbers.extend(&launch.offsets);
            numbers.resize((numbers.len() * 4).next_multiple_of(ALIGNED) / 4, 0);
        }
        let offsets = self.buffer("offsets", numbers.len() * 4, BufferUsages::UNIFORM | BufferUsages::COPY_DST);
        self.fill(&offsets, bytemuck::cast_slice(&numbers));
        let upload = Vec::with_capacity(stride * TICKS);
        let outputs = plan.outputs.clone();
        let mut resident =
            Resident { homes, small, parts, offsets, ticks, tick, stride, upload, steps: Vec::new(), outputs };
        let mut refused = None;
        for (source, compiling) in begun {
            match compiling.await {
                Ok(pipeline) => {
                    self.counters.pipelines += 1;
                    self.kit.pipelines.insert(source, pipeline);
                }
                Err(why) => refused = refused.or(Some(why)),
            }
        }
        if let Some(why) = refused {
            self.drop_memory(&resident);
            return Err(format!("The graphics card did not accept the network: {why}"));
        }
        let mut at = 0;
        for launch in &written.launches {
            let pipeline = self.kit.pipelines[&launch.source].clone();
            let offsets = (!launch.offsets.is_empty()).then_some((at, launch.offsets.len() * 4));
            at += (launch.offsets.len() * 4).next_multiple_of(ALIGNED);
            let group = self.group(&resident, &launch.bindings, offsets);
            let (name, bindings, groups) = (launch.name.clone(), launch.bindings.clone(), launch.groups);
            resident.steps.push(Dispatch { name, pipeline, bindings, offsets, group, groups });
        }
        Ok(resident)
    }

    /// A buffer of zeros, in sixteens of bytes so that it can be read in vectors of four.
    pub(super) fn buffer(&mut self, label: &str, bytes: usize, usage: BufferUsages) -> wgpu::Buffer {
        let size = bytes.next_multiple_of(16).max(16) as u64;
        self.counters.buffers += 1;
        self.counters.living += 1;
        self.counters.bytes += size as usize;
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size,
            usage,
            mapped_at_creation: false,
        })
    }

    /// Frees a buffer at once.
    pub(super) fn destroy(&mut self, buffer: &wgpu::Buffer) {
        self.hand_in();
        self.counters.living -= 1;
        self.counters.bytes -= buffer.size() as usize;
        buffer.destroy();
    }

    /// Frees what a plan has for itself.
    pub(super) fn drop_memory(&mut self, resident: &Resident) {
        for home in &resident.homes {
            if let Home::Own(buffer) = home {
                self.destroy(buffer);
            }
        }
        [&resident.small, &resident.parts, &resident.offsets, &resident.ticks]
            .into_iter()
            .for_each(|buffer| self.destroy(buffer));
    }

    /// Binds the memory of a launch, and its offsets, which begin there and have so many bytes.
    pub(super) fn group(
        &mut self,
        resident: &Resident,
        bindings: &[Binding],
        offsets: Option<(usize, usize)>,
    ) -> Group {
        let layout = self.kit.layout(bindings, offsets.is_some()).0.clone();
        let buffers: Vec<&wgpu::Buffer> = bindings
            .iter()
            .map(|binding| match binding.memory {
                Memory::Small => &resident.small,
                Memory::Parts => &resident.parts,
                Memory::Place(place) => match &resident.homes[place] {
                    Home::Own(buffer) => buffer,
                    Home::Shared(name) => &self.shared[name].buffer,
                    Home::Small(_) => unreachable!("small values are bound together"),
                },
            })
            .collect();
        self.counters.bind_groups += 1;
        let offsets = offsets.map(|(start, bytes)| (&resident.offsets, start, bytes));
        self.kit.device.group(&layout, &buffers, offsets)
    }
}
