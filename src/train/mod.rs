//! Floor 5: training. A [`Session`] turns a document into plans and runs them: document → graphs → plans → steps.
//!
//! It keeps weights when the document changes, moves them to another device in mid-training, and answers what the page,
//! the widget and the programming interface ask. It knows nothing of the page.

pub mod answer;
pub mod compose;
pub mod crew;
pub mod memory;

pub use answer::{Confusion, Evaluation, probabilities};
pub use memory::{Memory, Weight};

use crate::data::{self, Dataset, Values};
use crate::device::{Device, Loaded};
use crate::graph::Rows;
use crate::nn::{Target, json::number_text};
use crate::plan::{self, Plan, Tick};
use crate::spec::step::{self, Layout};
use crate::spec::{Network, Penalty, Sample, Spec, survey};
use crate::tensor::Shape;
use compose::{Batch, Composer, Table};
use crew::{Moment, Order, Shared};
use std::rc::Rc;

/// The most samples that one run of the network in use takes, and the most numbers that a layer makes of them.
const CHUNK: usize = 1024;
const NUMBERS: usize = 1 << 23;

/// A network in training on a device.
pub struct Session {
    spec: Spec,
    network: Network,
    layout: Layout,
    device: Device,
    data: Option<Dataset>,
    /// Steps made.
    step: u64,
    /// The order of the epoch that is on the device.
    ordered: Option<(u64, Vec<u32>)>,
    programs: Vec<Program>,
    /// The set of a session that has none itself: it is on the device all the same.
    lent: Option<Table>,
    shared: Option<Shared>,
    /// The step along the sum of all parts that is still to be taken.
    owed: Option<(Moment, Rc<Vec<f32>>)>,
}

/// A plan that is loaded, and what it is for.
struct Program {
    purpose: Purpose,
    plan: Plan,
    loaded: Loaded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Step(Batch),
    /// Some rows' part of a step.
    Part(Batch, Rows),
    /// The rest of a step from the sum of its parts.
    Descend(Batch),
    Answer(Batch),
    Inspect(usize),
}

/// One step that was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Made {
    /// Its number, counted from 1.
    pub step: u64,
    /// Before the step, with the penalty.
    pub loss: f32,
    /// The share of the batch that was right; none where the target is a value.
    pub accuracy: Option<f32>,
}

impl Session {
    /// Makes everything ready for the first step. `data` is the set that the document names, where it names one.
    pub async fn create(spec: Spec, device: Device, data: Option<Dataset>) -> Result<Session, String> {
        let sample = sample(&spec, data.as_ref());
        let mut session = Session { data, ..Session::on(spec, &sample, None, device)? };
        session.upload().await?;
        session.rewind().await?;
        Ok(session)
    }

    /// A session without data and without weights.
    fn on(spec: Spec, sample: &Sample, lent: Option<Table>, device: Device) -> Result<Session, String> {
        let network = network(&spec, sample)?;
        let layout = network.layout();
        Ok(Session {
            spec,
            network,
            layout,
            device,
            data: None,
            step: 0,
            ordered: None,
            programs: Vec::new(),
            lent,
            shared: None,
            owed: None,
        })
    }

    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    pub fn device(&self) -> &Device {
        &self.device
    }

    pub fn data(&self) -> Option<&Dataset> {
        self.data.as_ref()
    }

    /// Steps made since the start.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Epochs made since the start, with their fraction.
    pub fn epoch(&self) -> f64 {
        self.step as f64 / self.steps_per_epoch() as f64
    }

    /// How many steps an epoch is on the set as it is; own pictures may be fewer than the document says.
    pub fn steps_per_epoch(&self) -> u64 {
        match &self.data {
            Some(data) => (data.train / self.spec.batch).max(1) as u64,
            None => self.spec.steps_per_epoch() as u64,
        }
    }

    /// The scheduled learning rate of a step, counted from 0.
    pub fn rate(&self, step: u64) -> f64 {
        let schedule = &self.spec.schedule;
        schedule.row.rate(&schedule.values, self.spec.learning_rate(), step, self.steps_per_epoch() as f64)
    }

    /// Back to step 0, with the initial weights of the document's seed.
    pub async fn rewind(&mut self) -> Result<(), String> {
        let [trained, moving] = self.network.start(self.spec.seed);
        let states = vec![vec![0.0; self.layout.trained]; self.spec.optimizer.row.states.len()];
        self.step = 0;
        self.ordered = None;
        self.write(&trained, &moving, &states);
        Ok(())
    }

    /// Takes another document. Whatever has the same name and shape keeps its numbers, and the steps go on; `data` is the
    /// set of the new document where it is not the set of the old one.
    pub async fn revise(&mut self, spec: Spec, data: Option<Dataset>) -> Result<(), String> {
        let network = network(&spec, &sample(&spec, data.as_ref().or(self.data.as_ref())))?;
        let quiet = |spec: &Spec| {
            let mut spec = spec.clone();
            (spec.name, spec.epochs, spec.stop) = (String::new(), 0, None);
            spec.schedule = self.spec.schedule.clone();
            spec.optimizer.values = spec.optimizer.values.with("learning-rate", crate::nn::Value::Number(0.0));
            spec
        };
        if data.is_none() && quiet(&spec) == quiet(&self.spec) {
            self.spec = spec;
            return Ok(());
        }
        let memory = self.memory().await?;
        self.clear();
        self.estrange();
        if let Some(shared) = &mut self.shared {
            shared.document = None;
        }
        self.spec = spec;
        self.network = network;
        self.layout = self.network.layout();
        if let Some(data) = data {
            self.data = Some(data);
            self.upload().await?;
        }
        self.recall(&memory).await
    }

    /// Goes on on another device, with the same weights, moments and step. Returns the device that is left.
    pub async fn move_to(&mut self, device: Device) -> Result<Device, String> {
        let memory = self.memory().await?;
        self.clear();
        self.estrange();
        let old = std::mem::replace(&mut self.device, device);
        self.upload().await?;
        self.recall(&memory).await?;
        Ok(old)
    }

    /// Replaces a device that was lost by another, and goes on from what was remembered, or from the start.
    pub async fn replace(&mut self, device: Device, memory: Option<&Memory>) -> Result<(), String> {
        self.programs.clear();
        self.estrange();
        self.device = device;
        self.upload().await?;
        match memory {
            Some(memory) => self.recall(memory).await,
            None => self.rewind().await,
        }
    }

    /// Makes up to `count` steps on the set and says how each went; fewer at the end of an epoch, so that whoever calls
    /// can look in between. One call is one submission to the device.
    pub async fn steps(&mut self, count: usize) -> Result<Vec<Made>, String> {
        let Some(data) = &self.data else {
            return Err("This document names no data set, so there is nothing to train on: bring batches with trainBatch, or name a set under \"data\".".into());
        };
        let train = data.train;
        let batch = self.spec.batch.min(train).max(1);
        let per_epoch = self.steps_per_epoch();
        let (epoch, within) = (self.step / per_epoch, self.step % per_epoch);
        let count = count.clamp(1, compose::SLOTS).min((per_epoch - within) as usize);
        let shared = self.is_shared(Batch::Order(batch));
        if shared {
            self.introduce().await?;
        }
        self.draw_for(epoch, within as usize * batch, count * batch)?;
        let position = |k: usize| ((within as usize + k) * batch) as f32;
        let batch = Batch::Order(batch);
        let mut made = 0;
        while shared && made < count {
            let step = self.step + made as u64;
            let rate = self.rate(step) as f32;
            let moment = Moment { batch, step, rate, position: position(made), slot: made as f32 };
            if !self.join(moment, [&[]; 2]).await? {
                break;
            }
            self.settle().await?;
            made += 1;
        }
        if made == 0 {
            let program = self.program(Purpose::Step(batch)).await?;
            let tick = |k: usize| {
                let named = [(compose::POSITION, position(k)), (compose::SLOT, k as f32)];
                self.tick(program, self.step + k as u64, &named)
            };
            let ticks: Vec<Tick> = (0..count).map(tick).collect();
            let loaded = self.programs[program].loaded;
            self.device.run(loaded, &ticks);
            self.alone();
            made = count;
        }
        let count = made;
        let log = self.device.state(compose::LOG).await?;
        let classes = self.network.sample.target == Target::Class;
        let made = (0..count)
            .map(|k| Made {
                step: self.step + k as u64 + 1,
                loss: log[k],
                accuracy: classes.then_some(log[compose::SLOTS + k]),
            })
            .collect();
        self.step += count as u64;
        Ok(made)
    }

    /// One step on a single picture: the one that comes next in the order of the epoch.
    pub async fn step_on_one(&mut self) -> Result<Made, String> {
        let Some(data) = &self.data else {
            return Err(
                "This document names no data set, so there is no next picture: name a set under \"data\".".into()
            );
        };
        let per_epoch = self.steps_per_epoch();
        let order = data::order(self.spec.seed, (self.step / per_epoch) as u32, data.train);
        let place = (self.step % per_epoch) as usize * self.spec.batch % order.len().max(1);
        let index = *order.get(place).ok_or("The set has no pictures to learn from.")? as usize;
        self.draw(&[index])?;
        let data = self.data.as_ref().expect("it was drawn from");
        let (x, label) = (data.sample(index), data.labels[index]);
        let loss = self.train_batch(&x, &[label as f32]).await?;
        Ok(Made { step: self.step, loss, accuracy: None })
    }

    /// One step on a batch that the caller brings; the loss before it. x: [n, sample..], y: [n, target..].
    pub async fn train_batch(&mut self, x: &[f32], y: &[f32]) -> Result<f32, String> {
        let loss = self.begin_batch(x, y).await?;
        self.settle().await?;
        Ok(loss)
    }

    /// The same, but says the loss as soon as it is known: [`Session::settle`] must be called before anything else.
    pub async fn begin_batch(&mut self, x: &[f32], y: &[f32]) -> Result<f32, String> {
        let count = self.count(x)?;
        let target = Composer::target(&self.composer()).count();
        if y.len() != count * target {
            return Err(format!(
                "A batch of {count} needs {} numbers in y, {target} for each sample, but {} came: bring as many targets as samples.",
                count * target,
                y.len()
            ));
        }
        if self.network.sample.target == Target::Class {
            let classes = *self.network.output().last().expect("an output has an axis");
            if let Some(bad) = y.iter().find(|&&y| y.fract() != 0.0 || y < 0.0 || y >= classes as f32) {
                return Err(format!(
                    "A class is a whole number from 0 to {}, but y holds {}: count the classes from 0.",
                    classes - 1,
                    number_text(f64::from(*bad))
                ));
            }
        }
        let batch = Batch::Given(count);
        let mut purpose = Purpose::Step(batch);
        if self.is_shared(batch) {
            self.introduce().await?;
            let rate = self.rate(self.step) as f32;
            let moment = Moment { batch, step: self.step, rate, position: 0.0, slot: 0.0 };
            if self.join(moment, [x, y]).await? {
                // Without a penalty the loss is known.
                if let Some((_, sum)) = self.owed.as_ref().filter(|_| self.spec.penalty == Penalty::default()) {
                    self.step += 1;
                    return Ok(sum[sum.len() - 2]);
                }
                self.settle().await?;
                purpose = Purpose::Descend(batch);
            }
        }
        let program = self.program(purpose).await?;
        if purpose == Purpose::Step(batch) {
            self.device.write(&compose::x(count), 0, x);
            self.device.write(&compose::y(count), 0, y);
            let tick = self.tick(program, self.step, &[]);
            self.device.run(self.programs[program].loaded, &[tick]);
            self.alone();
        }
        self.step += 1;
        Ok(self.device.read(self.programs[program].loaded, "loss").await?[0])
    }

    /// So many steps on the batch of `count` samples that was brought last, in one submission: for those who measure.
    pub async fn repeat(&mut self, count: usize, steps: usize) -> Result<(), String> {
        let program = self.program(Purpose::Step(Batch::Given(count))).await?;
        let ticks: Vec<Tick> = (0..steps as u64).map(|k| self.tick(program, self.step + k, &[])).collect();
        let loaded = self.programs[program].loaded;
        self.device.run(loaded, &ticks);
        self.step += steps as u64;
        self.device.read(loaded, "loss").await.map(drop)
    }

    /// The network's output as in use, for samples that the caller brings. x: [n, sample..] → [n, output..].
    pub async fn predict(&mut self, x: &[f32]) -> Result<Vec<f32>, String> {
        let count = self.count(x)?;
        let width = x.len() / count;
        let mut output = Vec::new();
        for part in x.chunks(self.chunk() * width) {
            let program = self.program(Purpose::Answer(Batch::Given(part.len() / width))).await?;
            self.device.write(&compose::x(part.len() / width), 0, part);
            let own = self.run(program, "output").await?;
            if output.is_empty() { output = own } else { output.extend(own) }
        }
        Ok(output)
    }

    /// The network's output and the mean loss for samples of the set, by their indices.
    pub async fn answer(&mut self, indices: &[usize]) -> Result<(Vec<f32>, f32), String> {
        self.draw(indices)?;
        let (mut output, mut loss) = (Vec::new(), 0.0);
        for part in indices.chunks(self.chunk()) {
            let program = self.program(Purpose::Answer(Batch::Indices(part.len()))).await?;
            let numbers: Vec<f32> = part.iter().map(|&index| index as f32).collect();
            self.device.write(&compose::indices(part.len()), 0, &numbers);
            output.extend(self.run(program, "output").await?);
            let loaded = self.programs[program].loaded;
            loss += f64::from(self.device.read(loaded, "loss").await?[0]) * part.len() as f64;
        }
        Ok((output, (loss / indices.len().max(1) as f64) as f32))
    }

    /// How the network does on the test split, without the penalty.
    pub async fn evaluate(&mut self) -> Result<Evaluation, String> {
        let test: Vec<usize> = match &self.data {
            Some(data) => data.test().collect(),
            None => Vec::new(),
        };
        if test.is_empty() {
            return Err(
                "There is no test split to evaluate on: name a set under \"data\", with \"test\" above 0.".into()
            );
        }
        let (output, loss) = self.answer(&test).await?;
        let data = self.data.as_ref().expect("it has a test split");
        let labels: Vec<u32> = test.iter().map(|&index| data.labels[index]).collect();
        let classes = *self.network.output().last().expect("an output has an axis");
        Ok(Evaluation { loss, confusion: Confusion::of(&output, &labels, classes) })
    }

    /// The result of every layer, in the order of the document, for samples that the caller brings: for each layer
    /// [n, shape..].
    pub async fn inspect(&mut self, x: &[f32]) -> Result<Vec<Vec<f32>>, String> {
        let count = self.count(x)?;
        let program = self.program(Purpose::Inspect(count)).await?;
        self.device.write(&compose::x(count), 0, x);
        let all = self.run(program, "all").await?;
        let mut rest = &all[..];
        let mut layers = Vec::new();
        for piece in &self.network.pieces {
            let (own, after) = rest.split_at(count * piece.shape.count());
            layers.push(own.to_vec());
            rest = after;
        }
        Ok(layers)
    }

    /// Draws samples of the set ahead of time, so that no step waits for them; `true` while some are left.
    pub fn prepare(&mut self, budget: usize) -> bool {
        let Some(data) = &mut self.data else { return false };
        let drawn = data.fill(budget);
        let left = data.pending.is_some();
        self.send(&drawn);
        left
    }

    /// Draws those of these samples that are not there yet.
    pub fn draw(&mut self, indices: &[usize]) -> Result<(), String> {
        let Some(data) = &mut self.data else {
            return Err("This document names no data set: name one under \"data\".".into());
        };
        if let Some(bad) = indices.iter().find(|&&index| index >= data.len()) {
            return Err(format!("The set has {} samples, so there is no sample {bad}.", data.len()));
        }
        let drawn = data.ensure(indices);
        self.send(&drawn);
        Ok(())
    }

    /// Frees what the session holds on its device and gives the device back.
    pub fn close(mut self) -> Device {
        self.clear();
        self.device
    }

    /// The number of samples in x, which must not be empty; where a layer looks x up, it must find it.
    fn count(&self, x: &[f32]) -> Result<usize, String> {
        let width = self.network.sample.shape.count();
        if x.is_empty() || !x.len().is_multiple_of(width) {
            return Err(format!(
                "A sample is {} = {width} numbers, but {} came: bring a whole number of samples, at least one.",
                self.network.sample.shape,
                x.len()
            ));
        }
        if let Some(words) = self.spec.vocabulary()
            && let Some(bad) = x.iter().find(|x| x.fract() != 0.0 || **x < 0.0 || **x >= words as f32)
        {
            return Err(format!(
                "The embedding knows {words} words, whole numbers from 0 to {}, but x holds {}: count from 0, or give it a larger vocabulary.",
                words - 1,
                number_text(f64::from(*bad))
            ));
        }
        Ok(x.len() / width)
    }

    /// How many samples one run of the network in use takes.
    fn chunk(&self) -> usize {
        let largest = self.network.pieces.iter().map(|piece| piece.held).max().unwrap_or(1);
        (NUMBERS / largest.max(1)).clamp(1, CHUNK)
    }

    fn composer(&self) -> Composer<'_> {
        Composer { spec: &self.spec, network: &self.network, table: self.table() }
    }

    fn table(&self) -> Option<Table> {
        let own = |data: &Dataset| Table {
            rows: data.len(),
            train: data.train,
            pictures: matches!(data.values, Values::Bytes(_)),
        };
        self.data.as_ref().map(own).or(self.lent)
    }

    /// The place of the program for this purpose, which is made when it is first asked for.
    async fn program(&mut self, purpose: Purpose) -> Result<usize, String> {
        if let Some(place) = self.programs.iter().position(|program| program.purpose == purpose) {
            return Ok(place);
        }
        let composer = self.composer();
        let graph = match purpose {
            Purpose::Step(batch) => composer.step(batch),
            Purpose::Part(batch, rows) => composer.part(batch, rows),
            Purpose::Descend(batch) => composer.descend(batch),
            Purpose::Answer(batch) => composer.answer(batch),
            Purpose::Inspect(count) => composer.inspect(count),
        };
        let plan = plan::compile(&graph);
        let loaded = self.device.load(&plan).await?;
        self.programs.push(Program { purpose, plan, loaded });
        Ok(self.programs.len() - 1)
    }

    fn tick(&self, program: usize, at: u64, named: &[(&str, f32)]) -> Tick {
        let mut all = vec![(step::RATE, self.rate(at) as f32), (step::COUNT, at as f32)];
        all.extend(named);
        self.programs[program].plan.turn(self.spec.seed, at as u32, &all)
    }

    async fn run(&mut self, program: usize, output: &str) -> Result<Vec<f32>, String> {
        let tick = self.tick(program, self.step, &[]);
        let loaded = self.programs[program].loaded;
        self.device.run(loaded, &[tick]);
        self.device.read(loaded, output).await
    }

    /// Sees to it that the device has the order of the epoch and the samples of the next `count` places in it.
    fn draw_for(&mut self, epoch: u64, from: usize, count: usize) -> Result<(), String> {
        let train = self.data.as_ref().expect("it has a set").train;
        if self.ordered.as_ref().is_none_or(|(of, _)| *of != epoch) {
            let order = data::order(self.spec.seed, epoch as u32, train);
            let numbers: Vec<f32> = order.iter().map(|&index| index as f32).collect();
            self.put(compose::ORDER, 0, &numbers);
            self.ordered = Some((epoch, order));
        }
        if self.data.as_ref().is_some_and(|data| data.pending.is_some()) {
            let order = self.ordered.as_ref().map_or(&[][..], |(_, order)| order);
            let next: Vec<usize> = order[from..].iter().take(count).map(|&index| index as usize).collect();
            self.draw(&next)?;
        }
        Ok(())
    }

    /// Puts the whole set on the device.
    async fn upload(&mut self) -> Result<(), String> {
        let Some(data) = &self.data else { return Ok(()) };
        self.ordered = None;
        for name in [compose::PICTURES, compose::POINTS, compose::LABELS, compose::ORDER] {
            self.device.forget(name);
        }
        let labels: Vec<f32> = data.labels.iter().map(|&label| label as f32).collect();
        match data.values.clone() {
            Values::Bytes(mut bytes) => {
                bytes.resize(bytes.len().next_multiple_of(4), 0);
                self.put_bytes(compose::PICTURES, 0, &bytes);
            }
            Values::Floats(floats) => self.put(compose::POINTS, 0, &floats),
        }
        self.put(compose::LABELS, 0, &labels);
        Ok(())
    }

    /// Writes to the device, and to those of all who share the steps.
    fn put(&mut self, name: &str, offset: usize, numbers: &[f32]) {
        self.device.write(name, offset, numbers);
        if let Some(shared) = self.shared.as_mut().filter(|shared| shared.open) {
            shared.tell_all(&Order::Write { name: name.into(), offset, numbers: numbers.to_vec() });
        }
    }

    fn put_bytes(&mut self, name: &str, offset: usize, bytes: &[u8]) {
        self.device.write_bytes(name, offset, bytes);
        if let Some(shared) = self.shared.as_mut().filter(|shared| shared.open) {
            shared.tell_all(&Order::WriteBytes { name: name.into(), offset, bytes: bytes.to_vec() });
        }
    }

    /// The others know nothing of the session any more.
    fn estrange(&mut self) {
        if let Some(shared) = &mut self.shared {
            shared.open = false;
        }
    }

    /// A step was made without the others: they no longer have the weights.
    fn alone(&mut self) {
        if let Some(shared) = &mut self.shared {
            shared.synced = false;
        }
    }

    /// Puts newly drawn samples on the device; bytes go in whole words.
    fn send(&mut self, drawn: &[usize]) {
        for &index in drawn {
            let Some(data) = &self.data else { return };
            let Values::Bytes(bytes) = &data.values else { return };
            let from = index * data.width() / 4 * 4;
            let to = ((index + 1) * data.width()).next_multiple_of(4).min(bytes.len());
            let mut words = bytes[from..to].to_vec();
            words.resize((to - from).next_multiple_of(4), 0);
            let label = data.labels[index] as f32;
            self.put_bytes(compose::PICTURES, from, &words);
            self.put(compose::LABELS, index, &[label]);
        }
    }

    /// Unloads all programs and frees what they were given and what they learnt.
    fn clear(&mut self) {
        let mut names: Vec<String> =
            [step::TRAINED, step::MOVING, compose::LOG, compose::SUM].map(String::from).to_vec();
        names.extend(self.spec.optimizer.row.states.iter().map(|state| step::optimizer_state(state)));
        for program in self.programs.drain(..) {
            self.device.unload(program.loaded);
            let count = match program.purpose {
                Purpose::Step(batch) | Purpose::Answer(batch) | Purpose::Descend(batch) => batch.count(),
                Purpose::Part(_, rows) => rows.count,
                Purpose::Inspect(count) => count,
            };
            names.extend([compose::x(count), compose::y(count), compose::indices(count)]);
        }
        names.iter().for_each(|name| self.device.forget(name));
    }
}

/// What a sample of a document is, on its data.
fn sample(spec: &Spec, data: Option<&Dataset>) -> Sample {
    match data {
        Some(data) => Sample {
            shape: Shape::from(&data.shape[..]),
            target: spec.data.target(),
            classes: Some(data.classes.len()),
        },
        None => Sample::of(spec),
    }
}

/// The checked network of a document on such samples, or the first thing that is wrong.
fn network(spec: &Spec, sample: &Sample) -> Result<Network, String> {
    let survey = survey(spec, sample);
    match survey.mistakes.first() {
        Some(mistake) => Err(mistake.message.clone()),
        None => survey.network().ok_or_else(|| "The network has no layers: add one.".into()),
    }
}
