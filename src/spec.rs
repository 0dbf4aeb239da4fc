//! Floor 4: the experiment document. A [`Spec`] is everything that a user chose: data, network, training.
//!
//! [`Spec::parse`] reads JSON and refuses, in a sentence, whatever it does not know; [`Spec::to_json`] writes the same
//! document with defaults left out, so that equal experiments are equal texts. [`check`] tells what the network comes
//! to, layer by layer, or what is wrong and which edit would mend it. Everything here is pure and fast: the page
//! calls it after each keystroke.

use std::fmt;

use crate::{
    data,
    nn::{self, Augment, Layer, Loss, Optimizer, Schedule, Target, Value, Values, optimizer, schedule},
    tensor::Shape,
};

mod build;
mod check;
mod edit;
pub mod limit;
pub mod preset;
mod read;
pub mod step;
mod write;

pub use build::Built;
pub use check::{Mistake, Network, Piece, Sample, Source, Survey, check, survey};
pub use edit::{Edit, Mend, names};
pub use preset::{PRESETS, Preset};
pub use read::SpecError;

/// An experiment. Equal values mean the same experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    pub name: String,
    pub seed: u32,
    pub data: Data,
    pub augment: Vec<&'static Augment>,
    pub layers: Vec<LayerSpec>,
    pub loss: &'static Loss,
    pub penalty: Penalty,
    pub optimizer: Chosen<Optimizer>,
    pub schedule: Chosen<Schedule>,
    /// The longest that the gradient may be; `None` leaves it as it is.
    pub clip_norm: Option<f64>,
    pub pretrain: Option<Pretrain>,
    pub batch: usize,
    pub epochs: usize,
    pub stop: Option<Stop>,
}

/// Where the samples come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    Set(SetSpec),
    /// The caller brings every batch.
    Given {
        input: Shape,
        target: Target,
    },
}

/// A set of [`data::DATASETS`] and how much of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SetSpec {
    /// The set's id; always one of [`data::DATASETS`].
    pub set: &'static str,
    /// Height and width of a picture; points have no use for it.
    pub size: usize,
    pub train: usize,
    pub test: usize,
    /// How far points are jittered; `None` is the set's own choice.
    pub noise: Option<f64>,
}

/// One layer of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerSpec {
    pub kind: &'static Layer,
    /// `None`: its type and a count, see [`names`].
    pub name: Option<String>,
    /// `None`: the layer before it. `"input"` is the data.
    pub inputs: Option<Vec<String>>,
    pub values: Values,
}

/// A row of a slice and the values of its fields.
#[derive(Debug, PartialEq)]
pub struct Chosen<R: 'static> {
    pub row: &'static R,
    pub values: Values,
}

impl<R> Clone for Chosen<R> {
    fn clone(&self) -> Chosen<R> {
        Chosen { row: self.row, values: self.values.clone() }
    }
}

/// What is added to the loss: l1·Σ|w| + l2·Σw².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Penalty {
    pub l1: f64,
    pub l2: f64,
}

/// How `rbm` layers are taught one by one before training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pretrain {
    pub epochs: usize,
    pub learning_rate: f64,
}

/// When training ends before its last epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stop {
    /// The test accuracy has reached this share.
    Accuracy(f64),
    /// The test loss has not improved for so many epochs.
    Patience(usize),
}

impl Spec {
    /// The experiment that a document is which gives the data and the layers alone.
    pub fn new(data: Data, layers: Vec<LayerSpec>) -> Spec {
        Spec {
            name: String::new(),
            seed: 7,
            loss: data.target().loss(),
            data,
            augment: Vec::new(),
            layers,
            penalty: Penalty::default(),
            optimizer: Chosen::fresh_optimizer(optimizer::usual()),
            schedule: Chosen::fresh_schedule(schedule::usual()),
            clip_norm: None,
            pretrain: None,
            batch: 32,
            epochs: 20,
            stop: None,
        }
    }

    /// The optimizer's learning rate, before the schedule.
    pub fn learning_rate(&self) -> f64 {
        self.optimizer.values.number("learning-rate")
    }

    /// The learning rate of a step, counted from 0. A batch that the caller brings counts as an epoch.
    pub fn rate(&self, step: u64) -> f64 {
        self.schedule.row.rate(&self.schedule.values, self.learning_rate(), step, self.steps_per_epoch() as f64)
    }

    /// How many different whole numbers the data may be, where layers look it up; `None` where it may be any number.
    pub fn vocabulary(&self) -> Option<usize> {
        let embeddings = self.layers.iter().filter(|layer| layer.values.has("vocabulary"));
        embeddings.map(|layer| layer.values.count("vocabulary")).min()
    }

    /// How many steps an epoch is: what does not fill a batch is left out, but there is always one.
    pub fn steps_per_epoch(&self) -> usize {
        match &self.data {
            Data::Set(set) => (set.train / self.batch).max(1),
            Data::Given { .. } => 1,
        }
    }
}

impl Data {
    /// What the network is taught with; every set names classes.
    pub fn target(&self) -> Target {
        match self {
            Data::Set(_) => Target::Class,
            Data::Given { target, .. } => *target,
        }
    }

    /// A set of this id with the usual sizes; `None` where there is no such set.
    pub fn set(id: &str) -> Option<Data> {
        let usual = data::Request::default();
        data::find(id).map(|source| {
            Data::Set(SetSpec { set: source.id, size: usual.size, train: usual.train, test: usual.test, noise: None })
        })
    }
}

impl LayerSpec {
    /// A layer as the palette puts it in. Panics where no layer has this id.
    pub fn fresh(id: &str) -> LayerSpec {
        let kind = nn::layer::find(id).expect("a layer's id");
        LayerSpec { kind, name: None, inputs: None, values: kind.fresh() }
    }

    /// The same with one field set; for values that are known to be right.
    pub fn with(mut self, field: &str, value: Value) -> LayerSpec {
        self.values = self.values.with(field, value);
        self
    }
}

impl Chosen<Optimizer> {
    pub fn fresh_optimizer(row: &'static Optimizer) -> Chosen<Optimizer> {
        Chosen { row, values: Values::fresh(row.about.fields) }
    }
}

impl Chosen<Schedule> {
    pub fn fresh_schedule(row: &'static Schedule) -> Chosen<Schedule> {
        Chosen { row, values: Values::fresh(row.about.fields) }
    }
}

/// The document, as [`Spec::parse`] reads it.
impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:#}", self.to_json())
    }
}
