//! What the device is given: the set, sample by sample as it is drawn, and the order of an epoch.

use super::crew::Order;
use super::{Session, compose};
use crate::data::{self, Values};

impl Session {
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

    /// Sees to it that the device has the order of the epoch and the samples of the next `count` places in it.
    pub(super) fn draw_for(&mut self, epoch: u64, from: usize, count: usize) -> Result<(), String> {
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
    pub(super) async fn upload(&mut self) -> Result<(), String> {
        self.forget_set();
        let Some(data) = &self.data else { return Ok(()) };
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

    /// Frees what the device has of the set.
    pub(super) fn forget_set(&mut self) {
        self.ordered = None;
        for name in [compose::PICTURES, compose::POINTS, compose::LABELS, compose::ORDER] {
            self.device.forget(name);
        }
    }

    /// Writes to the device, and to those of all who share the steps.
    pub(super) fn put(&mut self, name: &str, offset: usize, numbers: &[f32]) {
        self.device.write(name, offset, numbers);
        if let Some(shared) = self.shared.as_mut().filter(|shared| shared.open) {
            shared.tell_all(&Order::Write { name: name.into(), offset, numbers: numbers.into() });
        }
    }

    pub(super) fn put_bytes(&mut self, name: &str, offset: usize, bytes: &[u8]) {
        self.device.write_bytes(name, offset, bytes);
        if let Some(shared) = self.shared.as_mut().filter(|shared| shared.open) {
            shared.tell_all(&Order::WriteBytes { name: name.into(), offset, bytes: bytes.into() });
        }
    }

    /// Puts newly drawn samples on the device; bytes go in whole words.
    pub(super) fn send(&mut self, drawn: &[usize]) {
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
}
