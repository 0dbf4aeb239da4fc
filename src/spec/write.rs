//! Writes a document: the fields in a fixed order, what has its default left out.

use super::{Chosen, Data, LayerSpec, Penalty, Spec, Stop};
use crate::{
    data,
    nn::{
        Values,
        json::{Json, Map},
        optimizer, schedule,
    },
};

impl Spec {
    /// The document; equal experiments give equal documents.
    pub fn to_json(&self) -> Json {
        let plain = Spec::new(self.data.clone(), Vec::new());
        let mut top = Map::new();
        top.insert("version", 1.0);
        if !self.name.is_empty() {
            top.insert("name", self.name.as_str());
        }
        if self.seed != plain.seed {
            top.insert("seed", f64::from(self.seed));
        }
        let augment: Vec<&str> = self.augment.iter().map(|row| row.about.id).collect();
        let mut data = write_data(&self.data);
        let holder = if matches!(self.data, Data::Set(_)) { &mut data } else { &mut top };
        if !augment.is_empty() {
            holder.insert("augment", augment.into_iter().collect::<Json>());
        }
        top.insert("data", data);
        top.insert("layers", self.layers.iter().map(write_layer).collect::<Json>());
        if self.loss != plain.loss {
            top.insert("loss", self.loss.about.id);
        }
        if self.penalty != Penalty::default() {
            let mut penalty = Map::new();
            for (id, weight) in [("l1", self.penalty.l1), ("l2", self.penalty.l2)] {
                if weight != 0.0 {
                    penalty.insert(id, weight);
                }
            }
            top.insert("penalty", penalty);
        }
        if self.optimizer != Chosen::fresh_optimizer(optimizer::usual()) {
            top.insert("optimizer", write_row(self.optimizer.row.about.id, &self.optimizer.values));
        }
        if self.schedule != Chosen::fresh_schedule(schedule::usual()) {
            top.insert("schedule", write_row(self.schedule.row.about.id, &self.schedule.values));
        }
        if let Some(length) = self.clip_norm {
            top.insert("clip-norm", length);
        }
        if let Some(pretrain) = self.pretrain {
            let mut map = Map::new();
            map.insert("epochs", pretrain.epochs);
            map.insert("learning-rate", pretrain.learning_rate);
            top.insert("pretrain", map);
        }
        if self.batch != plain.batch {
            top.insert("batch", self.batch);
        }
        if self.epochs != plain.epochs {
            top.insert("epochs", self.epochs);
        }
        if let Some(stop) = self.stop {
            let mut map = Map::new();
            match stop {
                Stop::Accuracy(share) => map.insert("accuracy", share),
                Stop::Patience(epochs) => map.insert("patience", epochs),
            }
            top.insert("stop", map);
        }
        top.into()
    }
}

fn write_data(data: &Data) -> Map {
    let mut map = Map::new();
    match data {
        Data::Given { input, target } => {
            map.insert("input", input.iter().copied().collect::<Json>());
            map.insert("target", target.id());
        }
        Data::Set(set) => {
            let usual = data::Request::default();
            map.insert("set", set.set);
            let sizes =
                [("size", set.size, usual.size), ("train", set.train, usual.train), ("test", set.test, usual.test)];
            for (id, value, _) in sizes.into_iter().filter(|(_, value, usual)| value != usual) {
                map.insert(id, value);
            }
            if let Some(noise) = set.noise {
                map.insert("noise", noise);
            }
        }
    }
    map
}

fn write_layer(layer: &LayerSpec) -> Json {
    let mut map = write_row(layer.kind.about.id, &layer.values);
    if let Some(name) = &layer.name {
        map.insert("name", name.as_str());
    }
    if let Some(inputs) = &layer.inputs {
        map.insert("inputs", inputs.iter().map(String::as_str).collect::<Json>());
    }
    map.into()
}

fn write_row(id: &str, values: &Values) -> Map {
    let mut map = Map::new();
    map.insert("type", id);
    for (field, value) in values.chosen() {
        map.insert(field.id, value.to_json());
    }
    map
}
