//! What a session has learnt, taken to the host and put back: whole, by name, or as far as another network can use it.

use super::Session;
use crate::spec::step::{self, Laid, Layout};
use crate::tensor::Shape;

/// A parameter by its full name.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    pub name: String,
    pub shape: Shape,
    pub data: Vec<f32>,
}

/// All that a session has learnt, on the host.
#[derive(Clone, Debug)]
pub struct Memory {
    layout: Layout,
    optimizer: &'static str,
    step: u64,
    pub(super) trained: Vec<f32>,
    pub(super) moving: Vec<f32>,
    /// The optimizer's vectors.
    pub(super) states: Vec<Vec<f32>>,
}

impl Session {
    /// Everything learnt so far, to be given to [`Session::recall`].
    pub async fn memory(&mut self) -> Result<Memory, String> {
        let trained = self.device.state(step::TRAINED).await?;
        let mut moving = Vec::new();
        if self.layout.moving > 0 {
            moving = self.device.state(step::MOVING).await?;
        }
        let mut states = Vec::new();
        for state in self.spec.optimizer.row.states {
            states.push(self.device.state(&step::optimizer_state(state)).await?);
        }
        let optimizer = self.spec.optimizer.row.about.id;
        Ok(Memory { layout: self.layout.clone(), optimizer, step: self.step, trained, moving, states })
    }

    /// Takes what `memory` has under the same names and shapes; the rest starts afresh.
    pub async fn recall(&mut self, memory: &Memory) -> Result<(), String> {
        let [mut trained, mut moving] = self.network.start(self.spec.seed);
        carry(&self.layout, &mut trained, &memory.layout, &memory.trained, true);
        carry(&self.layout, &mut moving, &memory.layout, &memory.moving, false);
        let mut states = vec![vec![0.0; self.layout.trained]; self.spec.optimizer.row.states.len()];
        if memory.optimizer == self.spec.optimizer.row.about.id {
            for (to, from) in states.iter_mut().zip(&memory.states) {
                carry(&self.layout, to, &memory.layout, from, true);
            }
        }
        self.step = memory.step;
        self.ordered = None;
        self.write(&trained, &moving, &states);
        Ok(())
    }

    /// Every parameter, in the order of the document.
    pub async fn weights(&mut self) -> Result<Vec<Weight>, String> {
        let memory = self.memory().await?;
        let part = |laid: &Laid| {
            let vector = if laid.trainable { &memory.trained } else { &memory.moving };
            Weight { name: laid.name.clone(), shape: laid.shape.clone(), data: vector[range(laid)].to_vec() }
        };
        Ok(self.layout.parameters.iter().map(part).collect())
    }

    /// The numbers of one parameter, where the network has it.
    pub async fn parameter(&mut self, name: &str) -> Result<Option<Vec<f32>>, String> {
        let Some(laid) = self.layout.parameters.iter().find(|laid| laid.name == name) else { return Ok(None) };
        let vector = if laid.trainable { step::TRAINED } else { step::MOVING };
        let numbers = self.device.state(vector).await?;
        Ok(Some(numbers[range(laid)].to_vec()))
    }

    /// Sets parameters by name; those that are not named stay. Nothing is set if anything does not fit.
    pub async fn set_weights(&mut self, weights: &[Weight]) -> Result<(), String> {
        let mut memory = self.memory().await?;
        for weight in weights {
            let Some(laid) = self.layout.parameters.iter().find(|laid| laid.name == weight.name) else {
                let known: Vec<&str> = self.layout.parameters.iter().map(|laid| &laid.name[..]).collect();
                return Err(format!("The network has no parameter \"{}\": it has {}.", weight.name, known.join(", ")));
            };
            if laid.shape != weight.shape || laid.shape.count() != weight.data.len() {
                return Err(format!(
                    "{} is {}, but {} with {} numbers came: bring the shape that the network has.",
                    weight.name,
                    laid.shape,
                    weight.shape,
                    weight.data.len()
                ));
            }
            let vector = if laid.trainable { &mut memory.trained } else { &mut memory.moving };
            vector[range(laid)].copy_from_slice(&weight.data);
        }
        self.write(&memory.trained, &memory.moving, &memory.states);
        Ok(())
    }

    /// The optimizer's vectors, a part for each parameter: `STATE:LAYER/PARAMETER`.
    pub async fn moments(&mut self) -> Result<Vec<Weight>, String> {
        let memory = self.memory().await?;
        let mut all = Vec::new();
        for (state, numbers) in self.spec.optimizer.row.states.iter().zip(&memory.states) {
            all.extend(self.layout.parameters.iter().filter(|laid| laid.trainable).map(|laid| Weight {
                name: format!("{state}:{}", laid.name),
                shape: laid.shape.clone(),
                data: numbers[range(laid)].to_vec(),
            }));
        }
        Ok(all)
    }

    /// Goes on from a step with the optimizer's vectors of then; those that are not the optimizer's own are left out.
    pub async fn resume(&mut self, moments: &[Weight], step: u64) -> Result<(), String> {
        let mut memory = self.memory().await?;
        for (state, numbers) in self.spec.optimizer.row.states.iter().zip(&mut memory.states) {
            for laid in self.layout.parameters.iter().filter(|laid| laid.trainable) {
                let own = format!("{state}:{}", laid.name);
                let fits =
                    |one: &&Weight| one.name == own && one.shape == laid.shape && one.data.len() == laid.shape.count();
                if let Some(moment) = moments.iter().find(fits) {
                    numbers[range(laid)].copy_from_slice(&moment.data);
                }
            }
        }
        self.step = step;
        self.ordered = None;
        self.write(&memory.trained, &memory.moving, &memory.states);
        Ok(())
    }

    /// Puts numbers for all parameters and the optimizer's vectors on the device.
    pub(super) fn write(&mut self, trained: &[f32], moving: &[f32], states: &[Vec<f32>]) {
        self.put(step::TRAINED, 0, trained);
        for (state, numbers) in self.spec.optimizer.row.states.iter().zip(states) {
            self.put(&step::optimizer_state(state), 0, numbers);
        }
        if !moving.is_empty() {
            self.put(step::MOVING, 0, moving);
        }
    }
}

/// The places of a parameter in its vector.
fn range(laid: &Laid) -> std::ops::Range<usize> {
    laid.offset..laid.offset + laid.shape.count()
}

/// Copies into `to`, laid out as `layout`, what `from`, laid out as `other`, has under the same name and shape.
fn carry(layout: &Layout, to: &mut [f32], other: &Layout, from: &[f32], trainable: bool) {
    for laid in layout.parameters.iter().filter(|laid| laid.trainable == trainable) {
        let same = |old: &&Laid| old.name == laid.name && old.shape == laid.shape && old.trainable == trainable;
        if let Some(old) = other.parameters.iter().find(same) {
            to[range(laid)].copy_from_slice(&from[range(old)]);
        }
    }
}
