//! Writes a document: the fields in a fixed order, what has its default left out.

use serde_json::{Map, Value as Json};

use super::{Chosen, Data, LayerSpec, Penalty, Spec, Stop};
use crate::{
    data,
    nn::{Values, field::number, optimizer, schedule},
};

impl Spec {
    /// The document; equal experiments give equal documents.
    pub fn to_json(&self) -> Json {
        let plain = Spec::new(self.data.clone(), Vec::new());
        let mut top = Map::new();
        top.insert("version".into(), 1.into());
        if !self.name.is_empty() {
            top.insert("name".into(), self.name.as_str().into());
        }
        if self.seed != plain.seed {
            top.insert("seed".into(), self.seed.into());
        }
        let augment: Vec<&str> = self.augment.iter().map(|row| row.about.id).collect();
        let mut data = write_data(&self.data);
        let holder = if matches!(self.data, Data::Set(_)) { &mut data } else { &mut top };
        if !augment.is_empty() {
            holder.insert("augment".into(), augment.into());
        }
        top.insert("data".into(), data.into());
        top.insert("layers".into(), self.layers.iter().map(write_layer).collect());
        if self.loss != plain.loss {
            top.insert("loss".into(), self.loss.about.id.into());
        }
        if self.penalty != Penalty::default() {
            let weights = [("l1", self.penalty.l1), ("l2", self.penalty.l2)];
            let weights = weights.into_iter().filter(|(_, weight)| *weight != 0.0);
            top.insert("penalty".into(), weights.map(|(id, weight)| (id.to_string(), number(weight))).collect());
        }
        if self.optimizer != Chosen::fresh_optimizer(optimizer::usual()) {
            top.insert("optimizer".into(), write_row(self.optimizer.row.about.id, &self.optimizer.values));
        }
        if self.schedule != Chosen::fresh_schedule(schedule::usual()) {
            top.insert("schedule".into(), write_row(self.schedule.row.about.id, &self.schedule.values));
        }
        if let Some(length) = self.clip_norm {
            top.insert("clip-norm".into(), number(length));
        }
        if let Some(pretrain) = self.pretrain {
            let pretrain = [
                ("epochs".to_string(), Json::from(pretrain.epochs)),
                ("learning-rate".to_string(), number(pretrain.learning_rate)),
            ];
            top.insert("pretrain".into(), pretrain.into_iter().collect());
        }
        if self.batch != plain.batch {
            top.insert("batch".into(), self.batch.into());
        }
        if self.epochs != plain.epochs {
            top.insert("epochs".into(), self.epochs.into());
        }
        if let Some(stop) = self.stop {
            let (id, value) = match stop {
                Stop::Accuracy(share) => ("accuracy", number(share)),
                Stop::Patience(epochs) => ("patience", epochs.into()),
            };
            top.insert("stop".into(), [(id.to_string(), value)].into_iter().collect());
        }
        top.into()
    }
}

fn write_data(data: &Data) -> Map<String, Json> {
    let mut map = Map::new();
    match data {
        Data::Given { input, target } => {
            map.insert("input".into(), input.to_vec().into());
            map.insert("target".into(), target.id().into());
        }
        Data::Set(set) => {
            let usual = data::Request::default();
            map.insert("set".into(), set.set.into());
            let sizes =
                [("size", set.size, usual.size), ("train", set.train, usual.train), ("test", set.test, usual.test)];
            for (id, value, _) in sizes.into_iter().filter(|(_, value, usual)| value != usual) {
                map.insert(id.into(), value.into());
            }
            if let Some(noise) = set.noise {
                map.insert("noise".into(), number(noise));
            }
        }
    }
    map
}

fn write_layer(layer: &LayerSpec) -> Json {
    let mut json = write_row(layer.kind.about.id, &layer.values);
    let map = json.as_object_mut().expect("an object");
    if let Some(name) = &layer.name {
        map.insert("name".into(), name.as_str().into());
    }
    if let Some(inputs) = &layer.inputs {
        map.insert("inputs".into(), inputs.clone().into());
    }
    json
}

fn write_row(id: &str, values: &Values) -> Json {
    let mut map = Map::new();
    map.insert("type".into(), id.into());
    for (field, value) in values.chosen() {
        map.insert(field.id.into(), value.to_json());
    }
    map.into()
}
