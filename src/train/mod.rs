//! Floor 5: training. A [`Session`] turns a document into plans and runs them: document → graphs → plans → steps.
//!
//! It keeps weights when the document changes, moves them to another device in mid-training, and answers what the page,
//! the widget and the programming interface ask. It knows nothing of the page.

pub mod answer;
pub mod compose;
pub mod crew;
mod learn;
pub mod memory;
mod supply;

pub use answer::{Confusion, Evaluation, probabilities};
pub use memory::{Memory, Weight};

use crate::data::{Dataset, Values};
use crate::device::{Device, Loaded};
use crate::graph::Rows;
use crate::nn::json::number_text;
use crate::plan::{self, Plan, Tick};
use crate::spec::step::{self, Layout};
use crate::spec::{Network, Sample, Spec, survey};
use crate::tensor::Shape;
use compose::{Batch, Composer, Table};
use crew::{Owed, Shared};
use std::future::Future;
use std::pin::Pin;

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
    owed: Option<Owed>,
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
    /// The rest of a step from the sum of its parts, which has so many terms.
    Descend(Batch, usize),
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

    /// Frees what the session holds on its device and gives the device back.
    pub fn close(mut self) -> Device {
        self.clear();
        self.forget_set();
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
        self.make(purpose).await
    }

    /// Makes a program. A function of its own, since a browser compiles what runs often once more.
    fn make(&mut self, purpose: Purpose) -> Pin<Box<dyn Future<Output = Result<usize, String>> + '_>> {
        Box::pin(async move {
            let composer = self.composer();
            let graph = match purpose {
                Purpose::Step(batch) => composer.step(batch),
                Purpose::Part(batch, rows) => composer.part(batch, rows),
                Purpose::Descend(batch, terms) => composer.descend(batch, terms),
                Purpose::Answer(batch) => composer.answer(batch),
                Purpose::Inspect(count) => composer.inspect(count),
            };
            let plan = plan::compile(&graph);
            let loaded = self.device.load(&plan).await?;
            self.programs.push(Program { purpose, plan, loaded });
            Ok(self.programs.len() - 1)
        })
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

    /// Unloads all programs and frees what they were given and what they learnt.
    fn clear(&mut self) {
        let mut names: Vec<String> = [step::TRAINED, step::MOVING, compose::LOG, compose::PARTS[0], compose::PARTS[1]]
            .map(String::from)
            .to_vec();
        names.extend(self.spec.optimizer.row.states.iter().map(|state| step::optimizer_state(state)));
        for program in self.programs.drain(..) {
            self.device.unload(program.loaded);
            let count = match program.purpose {
                Purpose::Step(batch) | Purpose::Answer(batch) | Purpose::Descend(batch, _) => batch.count(),
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
