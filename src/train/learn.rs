//! Steps: on the set, on one sample of it, on a batch that is brought.

use super::compose::{self, Batch, Composer};
use super::crew::Moment;
use super::{Made, Purpose, Session};
use crate::data;
use crate::nn::{Target, json::number_text};
use crate::plan::Tick;

impl Session {
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
        while shared && made < count && self.shared.is_some() {
            let step = self.step + made as u64;
            let rate = self.rate(step) as f32;
            let moment = Moment { batch, step, rate, position: position(made), slot: made as f32 };
            self.join(moment, [&[]; 2]).await?;
            self.sum().await?;
            made += 1;
        }
        self.settle().await?;
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

    /// The same, but says the loss as soon as it is known: [`Session::settle`] must be called before anything but the next
    /// batch.
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
        if self.is_shared(batch) {
            self.introduce().await?;
            let moment = Moment { batch, step: self.step, rate: self.rate(self.step) as f32, position: 0.0, slot: 0.0 };
            let own = self.join(moment, [x, y]).await?;
            self.step += 1;
            return self.shared_loss(batch, own).await;
        }
        self.settle().await?;
        let program = self.program(Purpose::Step(batch)).await?;
        self.write_batch(count, [x, y]);
        let tick = self.tick(program, self.step, &[]);
        self.device.begin(self.programs[program].loaded, tick, "loss");
        self.alone();
        self.step += 1;
        self.loss(program).await
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
}
