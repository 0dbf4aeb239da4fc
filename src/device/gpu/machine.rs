//! Plans on an open graphics card: memory, pipelines and bind groups at loading; dispatches alone while running.

use super::Counters;
use super::bridge::{Encoder, Group, Pass, Pipeline, Queue, now, settle};
use super::launch::Binding;
use super::make::Kit;
use super::open::{Opened, Trouble, note, open};
use super::write::{HARDWARE, Machine, SOFTWARE, write};
use crate::device::Loaded;
use crate::plan::{Holds, Plan, Region, Tick};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use wgpu::BufferUsages;

/// Steps in one submission at most: as many ticks are uploaded at once.
pub(super) const TICKS: usize = 64;

/// An open graphics card with its plans.
pub struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    name: String,
    software: bool,
    machine: Machine,
    pub(super) trouble: Trouble,
    pub(super) shared: HashMap<String, Shared>,
    pub(super) plans: Vec<Option<Resident>>,
    pub(super) kit: Kit,
    /// What was recorded last and not handed in: results that are asked for next go with it.
    recorded: Option<Encoder>,
    /// Buffers that results are read through, free ones.
    pub(super) staging: Rc<RefCell<Vec<wgpu::Buffer>>>,
    pub(super) counters: Counters,
}

pub(super) struct Shared {
    pub(super) buffer: wgpu::Buffer,
    /// What was asked for; the buffer may be a little longer.
    pub(super) bytes: usize,
    /// To be freed with the last plan that uses it.
    forgotten: bool,
}

/// A loaded plan.
pub(super) struct Resident {
    pub(super) homes: Vec<Home>,
    /// Memory that is no place: small values, parts of sums.
    pub(super) small: wgpu::Buffer,
    pub(super) parts: wgpu::Buffer,
    /// The offsets of all launches.
    pub(super) offsets: wgpu::Buffer,
    pub(super) ticks: wgpu::Buffer,
    /// Binds a tick.
    pub(super) tick: Group,
    /// From one tick to the next in the buffer.
    pub(super) stride: usize,
    /// The ticks of a submission as bytes, reused.
    pub(super) upload: Vec<u8>,
    pub(super) steps: Vec<Dispatch>,
    pub(super) outputs: Vec<(String, Region)>,
}

pub(super) enum Home {
    Own(wgpu::Buffer),
    Shared(String),
    /// From this number on in the buffer of small values.
    Small(usize),
}

pub(super) struct Dispatch {
    pub(super) name: String,
    pub(super) pipeline: Pipeline,
    pub(super) bindings: Vec<Binding>,
    /// Where its offsets begin, and their bytes.
    pub(super) offsets: Option<(usize, usize)>,
    pub(super) group: Group,
    pub(super) groups: [u32; 3],
}

impl Dispatch {
    fn record(&self, pass: &Pass) {
        let [x, y, z] = self.groups;
        pass.set_pipeline(&self.pipeline);
        pass.set_group(1, &self.group);
        pass.dispatch(x, y, z);
    }
}

impl Drop for Gpu {
    /// Frees all memory at once; JavaScript would get round to it some day.
    fn drop(&mut self) {
        self.device.destroy();
    }
}

impl Gpu {
    pub async fn open() -> Result<Gpu, String> {
        let Opened { device, queue, name, software, trouble } = open().await?;
        Ok(Gpu {
            kit: Kit::new(&device),
            device,
            queue,
            name,
            software,
            machine: if software { SOFTWARE } else { HARDWARE },
            trouble,
            shared: HashMap::new(),
            plans: Vec::new(),
            recorded: None,
            staging: Rc::default(),
            counters: Counters::default(),
        })
    }

    /// What the browser calls the graphics card.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether processor cores imitate a graphics card.
    pub fn is_software(&self) -> bool {
        self.software
    }

    /// Lays tiles out for another machine than this one, for plans to come.
    pub fn set_machine(&mut self, machine: Machine) {
        self.machine = machine;
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Why nothing works any more, if so.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().map_or(None, |noted| noted.clone())
    }

    pub async fn load(&mut self, plan: &Plan) -> Result<Loaded, String> {
        if let Some(trouble) = self.trouble() {
            return Err(trouble);
        }
        let written = write(plan, self.machine)?;
        self.hand_in();
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validity = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let resident = self.make(plan, &written).await;
        let (validity, memory) = (validity.pop(), memory.pop());
        let (invalid, full) = (validity.await, memory.await);
        let resident = resident?;
        if invalid.is_some() || full.is_some() {
            self.drop_memory(&resident);
        }
        if let Some(error) = invalid {
            return Err(format!("The graphics card did not accept the network: {error}."));
        }
        if full.is_some() {
            return Err("The graphics card has too little memory for this network. Make the batch or a layer smaller."
                .to_string());
        }
        let free = self.plans.iter().position(Option::is_none).unwrap_or(self.plans.len());
        if free == self.plans.len() {
            self.plans.push(None);
        }
        self.plans[free] = Some(resident);
        Ok(Loaded(free))
    }

    pub fn unload(&mut self, loaded: Loaded) {
        let Some(resident) = self.plans.get_mut(loaded.0).and_then(Option::take) else { return };
        self.drop_memory(&resident);
        let forgotten: Vec<String> =
            self.shared.iter().filter(|(_, shared)| shared.forgotten).map(|(name, _)| name.clone()).collect();
        forgotten.iter().for_each(|name| self.forget(name));
    }

    pub fn forget(&mut self, name: &str) {
        let used = self.users(name).next().is_some();
        let Some(shared) = self.shared.get_mut(name) else { return };
        shared.forgotten = used;
        if !used && let Some(shared) = self.shared.remove(name) {
            self.destroy(&shared.buffer);
        }
    }

    pub fn write(&mut self, name: &str, offset: usize, numbers: &[f32]) {
        self.upload(name, offset * 4, bytemuck::cast_slice(numbers));
    }

    pub fn write_bytes(&mut self, name: &str, offset: usize, bytes: &[u8]) {
        let whole = bytes.len() / 4 * 4;
        self.upload(name, offset, &bytes[..whole]);
        if whole < bytes.len() {
            let mut last = [0; 4];
            last[..bytes.len() - whole].copy_from_slice(&bytes[whole..]);
            self.upload(name, offset + whole, &last);
        }
    }

    pub fn run(&mut self, loaded: Loaded, ticks: &[Tick]) {
        if self.trouble().is_some() {
            return;
        }
        for ticks in ticks.chunks(TICKS) {
            // The ticks are written over.
            self.hand_in();
            let Some(Some(resident)) = self.plans.get_mut(loaded.0) else {
                note(&self.trouble, "A plan was run that is not loaded.".to_string());
                return;
            };
            resident.upload.clear();
            for tick in ticks {
                let start = resident.upload.len();
                let words = [tick.seed, tick.step, 0, 0];
                resident.upload.extend_from_slice(bytemuck::cast_slice(&words));
                resident.upload.extend_from_slice(bytemuck::cast_slice(&tick.knobs));
                resident.upload.resize(start + resident.stride, 0);
            }
            self.queue.write_buffer(&resident.ticks, 0, &resident.upload);
            let encoder = self.kit.device.encoder();
            let pass = encoder.pass();
            for tick in 0..ticks.len() {
                let offset = (tick * resident.stride) as u32;
                pass.set_group_from(0, &resident.tick, &[offset], 0, 1);
                resident.steps.iter().for_each(|step| step.record(&pass));
            }
            pass.end();
            self.recorded = Some(encoder);
            self.counters.dispatches += ticks.len() * resident.steps.len();
            self.counters.uploads += 1;
        }
    }

    /// To record what comes after all that was run; [`Gpu::submit`] follows.
    pub(super) fn encoder(&mut self) -> Encoder {
        self.recorded.take().unwrap_or_else(|| self.kit.device.encoder())
    }

    pub(super) fn submit(&mut self, encoder: Encoder) {
        Queue::of(&self.queue).run(encoder);
        self.counters.submissions += 1;
    }

    /// Hands in what was recorded, before anything that must come after it.
    pub(super) fn hand_in(&mut self) {
        if let Some(encoder) = self.recorded.take() {
            self.submit(encoder);
        }
    }

    /// Resolves when all that was run before is done.
    pub fn done(&mut self) -> impl Future<Output = ()> + 'static {
        self.hand_in();
        let (tell, told) = futures_channel::oneshot::channel();
        self.queue.on_submitted_work_done(move || {
            let _ = tell.send(());
        });
        settle(&self.device);
        async move {
            let _ = told.await;
        }
    }

    /// What each launch of a plan is called and how many milliseconds it takes, by running each `times` times alone.
    pub async fn profile(&mut self, loaded: Loaded, times: usize) -> Vec<(String, f64)> {
        let mut all = Vec::new();
        let count = self.plans.get(loaded.0).and_then(Option::as_ref).map_or(0, |resident| resident.steps.len());
        for i in 0..count {
            self.done().await;
            let start = now();
            let Some(Some(resident)) = self.plans.get(loaded.0) else { break };
            let step = &resident.steps[i];
            let encoder = self.kit.device.encoder();
            let pass = encoder.pass();
            pass.set_group_from(0, &resident.tick, &[0], 0, 1);
            (0..times).for_each(|_| step.record(&pass));
            pass.end();
            Queue::of(&self.queue).run(encoder);
            let name = format!("{:?} {}", step.groups, step.name);
            self.done().await;
            all.push((name, (now() - start) / times as f64));
        }
        all
    }

    pub(super) fn home(&mut self, count: usize, holds: &Holds) -> Home {
        let storage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
        match holds {
            Holds::Scratch => Home::Own(self.buffer("scratch", count * 4, storage)),
            Holds::Constant(numbers) => {
                let buffer = self.buffer("constant", count * 4, storage);
                self.fill(&buffer, bytemuck::cast_slice(numbers));
                Home::Own(buffer)
            }
            Holds::Input(name) | Holds::State(name) => {
                self.reserve(name, count * 4);
                Home::Shared(name.clone())
            }
            Holds::Bytes(name) => {
                self.reserve(name, count);
                Home::Shared(name.clone())
            }
        }
    }

    /// Makes the shared numbers of this name at least so long; what was there stays.
    fn reserve(&mut self, name: &str, bytes: usize) {
        let old = self.shared.get(name).map(|shared| shared.buffer.clone());
        if let Some(shared) = self.shared.get_mut(name) {
            shared.forgotten = false;
        }
        if self.shared.get(name).is_some_and(|shared| shared.bytes >= bytes) {
            return;
        }
        let buffer = self.buffer(name, bytes, BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC);
        if let Some(old) = &old {
            let encoder = self.encoder();
            encoder.copy((old, 0), (&buffer, 0), old.size() as usize);
            self.submit(encoder);
        }
        self.shared.insert(name.to_string(), Shared { buffer, bytes, forgotten: false });
        let users: Vec<usize> = self.users(name).collect();
        for user in users {
            let Some(mut resident) = self.plans[user].take() else { continue };
            let groups: Vec<Group> =
                resident.steps.iter().map(|step| self.group(&resident, &step.bindings, step.offsets)).collect();
            resident.steps.iter_mut().zip(groups).for_each(|(step, group)| step.group = group);
            self.plans[user] = Some(resident);
        }
        if let Some(old) = old {
            self.destroy(&old);
        }
    }

    /// The plans that use these shared numbers.
    fn users(&self, name: &str) -> impl Iterator<Item = usize> {
        let uses = |plan: &Resident| plan.homes.iter().any(|home| matches!(home, Home::Shared(own) if own == name));
        let users: Vec<usize> =
            self.plans.iter().enumerate().filter(|(_, plan)| plan.as_ref().is_some_and(uses)).map(|(i, _)| i).collect();
        users.into_iter()
    }

    pub(super) fn fill(&mut self, buffer: &wgpu::Buffer, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.queue.write_buffer(buffer, 0, bytes);
            self.counters.uploads += 1;
        }
    }

    fn upload(&mut self, name: &str, offset: usize, bytes: &[u8]) {
        if bytes.is_empty() || self.trouble().is_some() {
            return;
        }
        self.reserve(name, offset + bytes.len());
        self.hand_in();
        self.queue.write_buffer(&self.shared[name].buffer, offset as u64, bytes);
        self.counters.uploads += 1;
    }
}
