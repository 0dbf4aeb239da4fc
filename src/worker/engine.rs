//! The engine: does what [`Command`]s ask with one [`Session`], and says what happened in [`Event`]s.
//!
//! It knows time and files only through [`super::host`], so that it runs natively in tests. Work is cut into slices of
//! some ten milliseconds, between which commands are heard.

mod pictures;

use super::host;
use super::pick::{self, Gpu};
use super::protocol::{
    Answer, Bytes, Choice, Command, Device as Kind, Ending, Evaluation, Event, Floats, Opened, Point, Points, Progress,
    Snapshot, Stride, Subject, pack, unpack,
};
use super::{own::Own, set, view};
use crate::data::{self, Dataset, Request, Values, points};
use crate::exchange::protocol::{Given, Taken, Tensor};
use crate::spec::{Data, Spec, Stop};
use crate::train::{self, Memory, Session, Weight};

/// How long one slice of training takes, in milliseconds.
const SLICE: f64 = 10.0;
/// The least time between two reports, in milliseconds.
const REPORT: f64 = 34.0;
/// The least time between two snapshots, in milliseconds; longer where a snapshot is much work.
const LOOK: f64 = 100.0;
/// Of the time, one part in so many goes into snapshots at most, and one into evaluations.
const SHARE: f64 = 6.0;
/// How many samples go with a model that is taken home.
const SAMPLES: usize = 8;

/// What trains and answers behind the page.
pub struct Engine {
    emit: Box<dyn Fn(Event)>,
    session: Option<Session>,
    choice: Choice,
    gpu: Gpu,
    own: Own,
    playing: bool,
    look: Subject,
    grid: Vec<u32>,
    /// What was remembered last, should the device be lost.
    memory: Option<Memory>,
    evaluation: Option<(u64, train::Evaluation)>,
    /// Points of the curve that were not reported yet.
    points: Vec<Point>,
    pace: Pace,
    /// The best loss so far on the test split, and the epoch it was in.
    best: (f32, u64),
}

/// When things were done last, and how long they take, in milliseconds.
#[derive(Default)]
struct Pace {
    reported: f64,
    looked: f64,
    look_takes: f64,
    evaluated: f64,
    evaluation_takes: f64,
    step_takes: f64,
    /// Samples and milliseconds of training since the last report.
    samples: f64,
    trained: f64,
    rate: f32,
}

impl Engine {
    pub fn new(emit: impl Fn(Event) + 'static) -> Engine {
        Engine {
            emit: Box::new(emit),
            session: None,
            choice: Choice::Auto,
            gpu: Gpu::Unknown,
            own: Own::default(),
            playing: false,
            look: Subject::Sample(0),
            grid: Vec::new(),
            memory: None,
            evaluation: None,
            points: Vec::new(),
            pace: Pace::default(),
            best: (f32::INFINITY, 0),
        }
    }

    /// Whether there is training to do.
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    fn say(&self, event: Event) {
        (self.emit)(event);
    }

    /// Does what a command asks; what cannot be done is said in a sentence.
    pub async fn handle(&mut self, command: Command) {
        if let Err(trouble) = self.obey(command).await {
            self.trouble(trouble).await;
        }
    }

    async fn obey(&mut self, command: Command) -> Result<(), String> {
        match command {
            Command::Open { document, keep } => self.open(&document, keep).await,
            Command::Play => {
                self.session.as_ref().ok_or("There is no network yet: open a document first.")?;
                self.playing = true;
                self.report(true);
                Ok(())
            }
            Command::Pause => {
                self.playing = false;
                self.rest().await
            }
            Command::Step(stride) => {
                self.playing = false;
                self.stride(stride).await?;
                self.rest().await
            }
            Command::Rewind => {
                self.playing = false;
                self.session()?.rewind().await?;
                self.start_over();
                self.rest().await
            }
            Command::Device(choice) => {
                self.choice = choice;
                if self.session.is_none() {
                    return Ok(());
                }
                self.settle().await?;
                // In training the next slice reports; a slow device should not be asked for more than it must.
                if self.playing { Ok(()) } else { self.rest().await }
            }
            Command::Look(subject) => {
                self.look = subject;
                self.snapshot().await
            }
            Command::Grid(indices) => {
                self.grid = indices;
                self.pictures()?;
                self.snapshot().await
            }
            Command::Own { files, more } => {
                self.own.add(files);
                if more {
                    return Ok(());
                }
                let size = self.session.as_ref().map_or(32, |session| picture_size(session.spec()));
                let files = self.own.read(size, &self.emit).await?;
                if let Some(picture) = self.own.first_loose() {
                    self.look = picture;
                    self.snapshot().await?;
                }
                self.say(Event::Files(files));
                Ok(())
            }
            Command::Cell { truth, said } => self.cell(truth, said),
            Command::Covers => self.covers().await,
            Command::Take => self.take().await,
            Command::Put(weights) => {
                let given: Given = unpack(&weights.0)?;
                let own = |tensors: Vec<Tensor>| tensors.into_iter().map(Weight::from).collect::<Vec<_>>();
                let session = self.session()?;
                session.set_weights(&own(given.weights)).await?;
                if let Some((step, moments)) = given.going {
                    session.resume(&own(moments), u64::from(step)).await?;
                }
                self.evaluation = None;
                self.rest().await
            }
            Command::Augmented => {
                let look = self.look.clone();
                let pictures = view::augmented(self.session()?, &look)?;
                self.say(Event::Augmented(pictures));
                Ok(())
            }
        }
    }

    /// The weights, and eight samples with the answers: tested ones where there are any.
    async fn take(&mut self) -> Result<(), String> {
        let session = self.session()?;
        let (mut x, mut classes) = (Vec::new(), Vec::new());
        if let Some(data) = session.data() {
            let from = if data.test().is_empty() { 0 } else { data.train };
            let places: Vec<usize> = (from..data.len().min(from + SAMPLES)).collect();
            classes = data.classes.clone();
            session.draw(&places)?;
            let data = session.data().expect("it was drawn from");
            x = places.iter().flat_map(|&place| data.sample(place)).collect();
        }
        let expected = if x.is_empty() { Vec::new() } else { session.predict(&x).await? };
        let tensors = |weights: Vec<Weight>| weights.into_iter().map(Tensor::from).collect();
        let (weights, moments) = (tensors(session.weights().await?), tensors(session.moments().await?));
        let (x, expected, step) = (Floats(x), Floats(expected), session.step() as u32);
        self.say(Event::Taken(Bytes(pack(&Taken { weights, x, expected, classes, moments, step }))));
        Ok(())
    }

    fn session(&mut self) -> Result<&mut Session, String> {
        self.session.as_mut().ok_or_else(|| "There is no network yet: open a document first.".into())
    }

    /// Takes a document; with `keep`, what did not change goes on.
    async fn open(&mut self, document: &str, keep: bool) -> Result<(), String> {
        let spec = Spec::parse(document).map_err(|error| error.to_string())?;
        let before = self.session.as_ref().map(|session| (session.spec().data.clone(), session.spec().seed));
        let same_data =
            before.is_some_and(|(data, seed)| data == spec.data && seed == spec.seed && !self.own.is_new(&data));
        let data = if same_data { None } else { self.make(&spec).await? };
        let kept = keep && self.session.is_some();
        match &mut self.session {
            Some(session) => {
                session.revise(spec, data).await?;
                session.employ_again(document);
                if !keep {
                    session.rewind().await?;
                }
            }
            None => {
                let (device, reason) = pick::first(self.choice, &mut self.gpu).await;
                let mut session = Session::create(spec, device, data).await?;
                if let Some(crew) = host::crew(host::workers() - 1) {
                    session.employ(crew, document);
                }
                self.session = Some(session);
                self.ready(reason);
            }
        }
        if !kept {
            self.playing = false;
            self.start_over();
        }
        self.evaluation = None;
        if !same_data {
            let count = self.session()?.data().map_or(0, Dataset::len) as u32;
            self.grid.retain(|&index| index < count);
            if let Subject::Sample(index) = self.look {
                self.look = Subject::Sample(index.min(count.saturating_sub(1)));
            }
        }
        self.opened(kept)?;
        if !same_data && !self.grid.is_empty() {
            self.pictures()?;
        }
        if !self.playing {
            self.snapshot().await?;
            self.report(true);
        }
        Ok(())
    }

    /// The set that a document names.
    async fn make(&mut self, spec: &Spec) -> Result<Option<Dataset>, String> {
        match &spec.data {
            Data::Set(set) if set.set == data::own::SOURCE.id => {
                self.own.dataset(set.size, spec.seed, &self.emit).await.map(Some)
            }
            Data::Set(_) | Data::Given { .. } => set::make(spec).await,
        }
    }

    fn opened(&mut self, kept: bool) -> Result<(), String> {
        let session = self.session()?;
        let step = session.step() as u32;
        let opened = match session.data() {
            None => Opened {
                kept,
                step,
                shape: session.network().sample.shape.0.clone(),
                classes: vec![],
                train: 0,
                test: 0,
                points: None,
            },
            Some(data) => Opened {
                kept,
                step,
                shape: data.shape.clone(),
                classes: data.classes.clone(),
                train: data.train as u32,
                test: data.test().len() as u32,
                points: match &data.values {
                    Values::Floats(floats) => Some(Points {
                        places: Floats(floats.clone()),
                        labels: data.labels.clone(),
                        reach: points::EXTENT,
                    }),
                    Values::Bytes(_) => None,
                },
            },
        };
        self.say(Event::Opened(opened));
        Ok(())
    }

    fn start_over(&mut self) {
        self.points.clear();
        self.evaluation = None;
        self.best = (f32::INFINITY, 0);
        self.pace.rate = 0.0;
    }

    /// One slice of training; returns at once where there is none to do.
    pub async fn work(&mut self) {
        if let Err(trouble) = self.slice().await {
            self.playing = false;
            self.trouble(trouble).await;
            self.report(true);
        }
    }

    async fn slice(&mut self) -> Result<(), String> {
        if !self.playing {
            return Ok(());
        }
        let start = host::now();
        while self.playing && host::now() - start < SLICE {
            let left = SLICE - (host::now() - start);
            let count = if self.pace.step_takes > 0.0 { (left / self.pace.step_takes) as usize } else { 1 };
            self.steps(count.max(1)).await?;
        }
        self.pace.trained += host::now() - start;
        let now = host::now();
        let waited = now - self.pace.evaluated;
        if self.playing && waited > 1000.0 && waited > SHARE * self.pace.evaluation_takes {
            self.evaluate().await?;
        }
        if now - self.pace.looked > LOOK.max(SHARE * self.pace.look_takes) {
            self.snapshot().await?;
        }
        self.report(false);
        Ok(())
    }

    /// Makes steps, notes how they went, and ends training where the document says so.
    async fn steps(&mut self, count: usize) -> Result<(), String> {
        let start = host::now();
        let session = self.session()?;
        let made = session.steps(count).await?;
        let batch = session.spec().batch;
        let (epochs, epoch, whole) = (session.spec().epochs, session.epoch(), session.epoch().fract() == 0.0);
        let took = (host::now() - start) / made.len() as f64;
        self.pace.step_takes = if self.pace.step_takes == 0.0 { took } else { 0.7 * self.pace.step_takes + 0.3 * took };
        self.pace.samples += (made.len() * batch) as f64;
        let diverged = made.iter().any(|made| !made.loss.is_finite());
        self.points.extend(made.into_iter().map(|made| Point {
            step: made.step as u32,
            loss: made.loss,
            accuracy: made.accuracy,
        }));
        if diverged {
            return self.end(Ending::Diverged).await;
        }
        if whole {
            self.epoch_is_over(epoch as u64, epochs as u64).await?;
        }
        Ok(())
    }

    /// Looks at the test split and stops where the document says so.
    async fn epoch_is_over(&mut self, epoch: u64, epochs: u64) -> Result<(), String> {
        self.evaluate().await?;
        let stop = self.session()?.spec().stop;
        if let Some((_, evaluation)) = &self.evaluation {
            if evaluation.loss < self.best.0 {
                self.best = (evaluation.loss, epoch);
            }
            let accuracy = evaluation.accuracy();
            match stop {
                Some(Stop::Accuracy(wanted)) if f64::from(accuracy) >= wanted => {
                    return self.end(Ending::Accuracy(accuracy)).await;
                }
                Some(Stop::Patience(most)) if epoch - self.best.1 >= most as u64 => {
                    return self.end(Ending::Patience(most as u32)).await;
                }
                _ => {}
            }
        }
        if epoch == epochs && self.playing {
            return self.end(Ending::Epochs(epochs as u32)).await;
        }
        Ok(())
    }

    async fn end(&mut self, ending: Ending) -> Result<(), String> {
        self.playing = false;
        self.rest().await?;
        self.say(Event::Ended(ending));
        Ok(())
    }

    /// One press of Step.
    async fn stride(&mut self, stride: Stride) -> Result<(), String> {
        match stride {
            Stride::Batch => self.steps(1).await,
            Stride::Epoch => {
                let session = self.session()?;
                let end = session.epoch().floor() + 1.0;
                while self.session()?.epoch() < end {
                    self.steps(train::compose::SLOTS).await?;
                    self.report(false);
                }
                Ok(())
            }
            Stride::Picture => {
                let session = self.session()?;
                let made = session.step_on_one().await?;
                self.points.push(Point { step: made.step as u32, loss: made.loss, accuracy: made.accuracy });
                Ok(())
            }
        }
    }

    /// Says all there is to say, now that nothing moves.
    async fn rest(&mut self) -> Result<(), String> {
        let session = self.session()?;
        let step = session.step();
        if session.data().is_some_and(|data| !data.test().is_empty())
            && self.evaluation.as_ref().is_none_or(|(at, _)| *at != step)
        {
            self.evaluate().await?;
        }
        self.snapshot().await?;
        self.report(true);
        Ok(())
    }

    async fn evaluate(&mut self) -> Result<(), String> {
        let start = host::now();
        let session = self.session()?;
        if session.data().is_none_or(|data| data.test().is_empty()) {
            return Ok(());
        }
        let (step, evaluation) = (session.step(), session.evaluate().await?);
        self.evaluation = Some((step, evaluation));
        self.pace.evaluated = host::now();
        self.pace.evaluation_takes = self.pace.evaluated - start;
        self.memory = Some(self.session()?.memory().await?);
        Ok(())
    }

    /// Everything the page draws of this moment.
    async fn snapshot(&mut self) -> Result<(), String> {
        let start = host::now();
        let (look, grid) = (self.look.clone(), self.grid.clone());
        let evaluation = self.evaluation.as_ref().map(|(step, evaluation)| Evaluation {
            step: *step as u32,
            loss: evaluation.loss,
            accuracy: Some(evaluation.accuracy()),
            confusion: evaluation.confusion.counts.clone(),
        });
        let session = self.session()?;
        let answers: Vec<Answer> = match session.data() {
            Some(data) if !grid.is_empty() => {
                let count = data.len() as u32;
                let indices: Vec<u32> = grid.into_iter().filter(|&index| index < count).collect();
                view::answers(session, &indices).await?
            }
            _ => vec![],
        };
        let plane = view::plane(session).await?;
        let snapshot = Snapshot {
            step: session.step() as u32,
            grid: answers,
            look: view::look(session, &look, plane.as_ref()).await?,
            evaluation,
            boundary: plane.map(|plane| plane.boundary),
        };
        self.say(Event::Snapshot(Box::new(snapshot)));
        self.pace.looked = host::now();
        self.pace.look_takes = self.pace.looked - start;
        Ok(())
    }

    /// How training goes; at most every [`REPORT`] milliseconds unless it must be said `now`.
    fn report(&mut self, now: bool) {
        /// More points than this are thinned out.
        const MOST: usize = 64;
        let time = host::now();
        if !now && time - self.pace.reported < REPORT {
            return;
        }
        if self.pace.trained > 0.0 {
            self.pace.rate = (1000.0 * self.pace.samples / self.pace.trained) as f32;
        }
        (self.pace.samples, self.pace.trained, self.pace.reported) = (0.0, 0.0, time);
        let Some(session) = &self.session else { return };
        let every = self.points.len().div_ceil(MOST).max(1);
        let thinned: Vec<Point> = self.points.chunks(every).map(|part| mean(part)).collect();
        self.points.clear();
        let step = session.step();
        self.say(Event::Progress(Progress {
            step: step as u32,
            epoch: session.epoch() as f32,
            running: self.playing,
            samples_per_second: self.pace.rate,
            learning_rate: session.rate(step.saturating_sub(1)) as f32,
            train: thinned,
        }));
    }

    /// Moves to the device that was asked for.
    async fn settle(&mut self) -> Result<(), String> {
        let Some(session) = &self.session else { return Ok(()) };
        let (device, reason) = pick::again(self.choice, &mut self.gpu, session).await?;
        if let Some(device) = device {
            self.session()?.move_to(device).await?;
            self.pace.step_takes = 0.0;
        }
        self.ready(reason);
        Ok(())
    }

    fn ready(&self, reason: String) {
        let Some(session) = &self.session else { return };
        let (device, name) = pick::kind(session.device());
        self.say(Event::Ready { device, name, reason, webgpu: self.gpu.is_possible() });
    }

    /// Uses an idle moment: draws samples ahead, then sees whether another device is faster. `false` when all is done.
    pub async fn idle(&mut self) -> bool {
        let Some(session) = &mut self.session else { return false };
        if session.prepare(16) {
            return true;
        }
        // The figures of a network that was only opened: how good a guess is before anything is learnt.
        if self.evaluation.is_none() && session.data().is_some_and(|data| !data.test().is_empty()) {
            if let Err(trouble) = self.rest().await {
                self.trouble(trouble).await;
                return false;
            }
            return true;
        }
        if self.choice == Choice::Auto && self.gpu == Gpu::Unknown {
            if let Err(trouble) = self.settle().await {
                self.say(Event::Trouble(trouble));
            }
            return true;
        }
        false
    }

    /// Says what happened; a lost device is replaced by the CPU, with the weights that were remembered last.
    async fn trouble(&mut self, trouble: String) {
        let lost = self.session.as_ref().and_then(|session| pick::lost(session.device()));
        let Some(lost) = lost else { return self.say(Event::Trouble(trouble)) };
        self.gpu = Gpu::None(lost.clone());
        let memory = self.memory.clone();
        if let Some(session) = &mut self.session {
            let moved = session.replace(pick::cpu(), memory.as_ref()).await;
            let after = match moved {
                Ok(()) => "Training goes on on the CPU from the last epoch that was kept.".to_string(),
                Err(error) => error,
            };
            self.say(Event::Trouble(format!("{lost} {after}")));
            self.ready(lost);
        }
    }

    /// What the session computes on.
    pub fn kind(&self) -> Option<Kind> {
        self.session.as_ref().map(|session| pick::kind(session.device()).0)
    }
}

fn picture_size(spec: &Spec) -> usize {
    match &spec.data {
        Data::Set(set) => set.size,
        Data::Given { .. } => Request::default().size,
    }
}

/// One point for several: at the last step, with their mean.
fn mean(part: &[Point]) -> Point {
    let count = part.len() as f32;
    let last = part.last().expect("a part has points");
    Point {
        step: last.step,
        loss: part.iter().map(|point| point.loss).sum::<f32>() / count,
        accuracy: last.accuracy.map(|_| part.iter().filter_map(|point| point.accuracy).sum::<f32>() / count),
    }
}
