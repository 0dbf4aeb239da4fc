//! Reads a document: JSON in, a [`Spec`] or one sentence out.
//!
//! An unknown field or value is an error that names it, says where it stands and lists what is allowed. A missing
//! field takes its default.

use std::fmt;

use super::{Chosen, Data, LayerSpec, Penalty, Pretrain, SetSpec, Spec, Stop, limit};
use crate::{
    data,
    nn::{
        self, AUGMENTS, Augment, Default, Field, LAYERS, LOSSES, OPTIMIZERS, SCHEDULES, Target, Values,
        field::{brief, whole},
        json::{Json, Map, number_text},
        optimizer, schedule,
        spelling::unknown,
    },
    tensor::Shape,
};

/// Why a text is not a document of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// Where: `layers[2].kernel`; empty for the whole.
    pub path: String,
    /// What was expected, what came, what to do.
    pub message: String,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}

impl std::error::Error for SpecError {}

type Read<T> = Result<T, SpecError>;

const TOP: &[&str] = &[
    "version",
    "name",
    "seed",
    "data",
    "layers",
    "loss",
    "penalty",
    "optimizer",
    "schedule",
    "clip-norm",
    "augment",
    "pretrain",
    "batch",
    "epochs",
    "stop",
];

impl Spec {
    /// Reads a document from its JSON text.
    pub fn parse(text: &str) -> Read<Spec> {
        if text.len() > limit::TEXT {
            return fail("", format!("The document is {} bytes long; at most {} are read.", text.len(), limit::TEXT));
        }
        match Json::parse(text) {
            Ok(json) => Spec::from_json(&json),
            Err(error) => fail("", format!("This is not a JSON document: {error}.")),
        }
    }

    /// Reads a document from JSON that is parsed already.
    pub fn from_json(json: &Json) -> Read<Spec> {
        let top = Object::of(json, "")?;
        top.only(TOP)?;
        match top.get("version").map(|version| (whole(version), version)) {
            None | Some((Some(1), _)) => {}
            Some((_, version)) => {
                let message = format!(
                    "expected 1, found {}. A newer document needs a newer version of this page.",
                    brief(version)
                );
                return fail("version", message);
            }
        }
        let (data, inner) = read_data(&top)?;
        let outer = top.get("augment").map(|json| read_augment(json, "augment")).transpose()?;
        if inner.is_some() && outer.is_some() {
            return fail("augment", "it is given twice, here and in data; leave one out.");
        }
        let layers = read_layers(&top)?;
        let target = data.target();
        let mut spec = Spec::new(data, layers);
        spec.augment = inner.or(outer).unwrap_or_default();
        spec.name = top.text("name", limit::TITLE)?.unwrap_or_default();
        spec.seed = top.whole("seed", 0, u32::MAX as usize)?.map_or(spec.seed, |seed| seed as u32);
        spec.batch = top.whole("batch", 1, limit::BATCH)?.unwrap_or(spec.batch);
        spec.epochs = top.whole("epochs", 1, limit::EPOCHS)?.unwrap_or(spec.epochs);
        spec.loss = match top.get("loss") {
            None => target.loss(),
            Some(json) => word("loss", json, LOSSES, |row| row.about.id)?,
        };
        if let Some(json) = top.get("optimizer") {
            spec.optimizer = chosen("optimizer", json, OPTIMIZERS, optimizer::usual(), |row| &row.about)?;
        }
        if let Some(json) = top.get("schedule") {
            spec.schedule = chosen("schedule", json, SCHEDULES, schedule::usual(), |row| &row.about)?;
        }
        if let Some(penalty) = top.object("penalty")? {
            penalty.only(&["l1", "l2"])?;
            let weight = |id| penalty.number(id, 0.0, 1e6).map(Option::unwrap_or_default);
            spec.penalty = Penalty { l1: weight("l1")?, l2: weight("l2")? };
        }
        spec.clip_norm = top.number("clip-norm", 1e-9, 1e9)?;
        if let Some(pretrain) = top.object("pretrain")? {
            pretrain.only(&["epochs", "learning-rate"])?;
            spec.pretrain = Some(Pretrain {
                epochs: pretrain.whole("epochs", 1, limit::EPOCHS)?.unwrap_or(5),
                learning_rate: pretrain.number("learning-rate", 0.0, 100.0)?.unwrap_or(0.05),
            });
        }
        if let Some(stop) = top.object("stop")? {
            stop.only(&["accuracy", "patience"])?;
            spec.stop = match (stop.number("accuracy", 0.0, 1.0)?, stop.whole("patience", 1, limit::EPOCHS)?) {
                (Some(accuracy), None) => Some(Stop::Accuracy(accuracy)),
                (None, Some(patience)) => Some(Stop::Patience(patience)),
                (None, None) => None,
                (Some(_), Some(_)) => return fail("stop", "give accuracy or patience, not both."),
            };
        }
        Ok(spec)
    }
}

type Augments = Vec<&'static Augment>;

fn read_data(top: &Object) -> Read<(Data, Option<Augments>)> {
    let Some(object) = top.object("data")? else {
        return fail(
            "data",
            "it is missing: name a set, { \"set\": \"cats-dogs\" }, or the shape of your own, { \"input\": [32, 32, 3], \"target\": \"class\" }.",
        );
    };
    if object.get("input").is_some() || object.get("target").is_some() {
        object.only(&["input", "target"])?;
        let Some(json) = object.get("input") else {
            return fail("data.input", "it is missing: give the shape of one sample, such as [32, 32, 3].");
        };
        let value = nn::Kind::Shape.read(json).map_err(|message| error("data.input", message))?;
        let nn::Value::Shape(sizes) = value else { unreachable!("a shape reads as a shape") };
        let target = match object.get("target") {
            None => Target::Class,
            Some(json) => word("data.target", json, &[Target::Class, Target::Value], |target| target.id())?,
        };
        return Ok((Data::Given { input: Shape::from(&sizes[..]), target }, None));
    }
    object.only(&["set", "size", "train", "test", "augment", "noise"])?;
    let Some(json) = object.get("set") else {
        return fail("data", "it names neither a set nor the input of your own: give \"set\" or \"input\".");
    };
    let usual = data::Request::default();
    let data = Data::Set(SetSpec {
        set: word("data.set", json, data::DATASETS, |source| source.id)?.id,
        size: object.whole("size", *limit::PICTURE.start(), *limit::PICTURE.end())?.unwrap_or(usual.size),
        train: object.whole("train", 1, limit::SAMPLES)?.unwrap_or(usual.train),
        test: object.whole("test", 1, limit::SAMPLES)?.unwrap_or(usual.test),
        noise: object.number("noise", 0.0, 10.0)?,
    });
    let augment = object.get("augment").map(|json| read_augment(json, "data.augment")).transpose()?;
    Ok((data, augment))
}

/// The names may come in any order; they are kept in that of [`AUGMENTS`].
fn read_augment(json: &Json, path: &str) -> Read<Augments> {
    let Some(items) = json.as_array() else {
        return fail(path, format!("expected a list such as [\"flip\"], found {}.", brief(json)));
    };
    let mut found = Vec::new();
    for (i, item) in items.iter().take(64).enumerate() {
        found.push(word(&format!("{path}[{i}]"), item, AUGMENTS, |row| row.about.id)?);
    }
    Ok(AUGMENTS.iter().copied().filter(|row| found.contains(row)).collect())
}

fn read_layers(top: &Object) -> Read<Vec<LayerSpec>> {
    let items = match top.get("layers") {
        Some(Json::Array(items)) => items,
        Some(other) => return fail("layers", format!("expected a list of layers, found {}.", brief(other))),
        None => {
            return fail("layers", "it is missing: give a list of layers, [{ \"type\": \"dense\", \"units\": 2 }].");
        }
    };
    if items.len() > limit::LAYERS {
        return fail("layers", format!("{} layers are too many; at most {} are read.", items.len(), limit::LAYERS));
    }
    items.iter().enumerate().map(|(i, json)| read_layer(json, &format!("layers[{i}]"))).collect()
}

fn read_layer(json: &Json, path: &str) -> Read<LayerSpec> {
    let object = Object::of(json, path)?;
    let Some(id) = object.get("type") else {
        return fail(path, "it has no \"type\"; a layer looks like { \"type\": \"dense\", \"units\": 2 }.");
    };
    let kind = *LAYERS
        .iter()
        .find(|layer| Some(layer.about.id) == id.as_str())
        .ok_or_else(|| not_among(&object.below("type"), id, LAYERS.iter().map(|layer| layer.about.id)))?;
    object.only_fields(kind.about.id, &["type", "name", "inputs"], kind.about.fields)?;
    let inputs = match object.get("inputs") {
        None => None,
        Some(Json::Array(items)) if items.len() <= limit::INPUTS => {
            let path = object.below("inputs");
            let name = |(i, json): (usize, &Json)| text(json, &format!("{path}[{i}]"), limit::NAME);
            Some(items.iter().enumerate().map(name).collect::<Read<Vec<String>>>()?)
        }
        Some(other) => {
            let message = format!("expected a list of at most {} layer names, found {}.", limit::INPUTS, brief(other));
            return fail(&object.below("inputs"), message);
        }
    };
    let values = read_values(&object, kind.about.id, kind.about.fields)?;
    Ok(LayerSpec { kind, name: object.text("name", limit::NAME)?, inputs, values })
}

/// `{ "type": …, fields… }` as a row of a slice and its values; without a type it is `usual`.
fn chosen<R>(
    path: &str,
    json: &Json,
    rows: &[&'static R],
    usual: &'static R,
    about: fn(&R) -> &nn::About,
) -> Read<Chosen<R>> {
    let object = Object::of(json, path)?;
    let row = match object.get("type") {
        None => usual,
        Some(id) => word(&object.below("type"), id, rows, |row| about(row).id)?,
    };
    let head = about(row);
    object.only_fields(head.id, &["type"], head.fields)?;
    Ok(Chosen { row, values: read_values(&object, head.id, head.fields)? })
}

fn read_values(object: &Object, id: &str, fields: &'static [Field]) -> Read<Values> {
    let mut values = Values::fresh(fields);
    for field in fields {
        let path = object.below(field.id);
        match (object.get(field.id), &field.default) {
            (Some(json), _) => {
                let value = field.kind.read(json).map_err(|message| error(&path, message))?;
                values.set(field.id, value).map_err(|message| error(&path, message))?;
            }
            (None, Default::Needed(start)) => {
                let message = format!(
                    "it is missing: {id} needs {}, {}. For example \"{}\": {}.",
                    field.id,
                    field.kind,
                    field.id,
                    start.to_json()
                );
                return fail(&path, message);
            }
            (None, Default::Is(_) | Default::Like(_)) => {}
        }
    }
    Ok(values)
}

/// The row that a text names.
fn word<T: Copy>(path: &str, json: &Json, rows: &[T], id: impl Fn(T) -> &'static str) -> Read<T> {
    (rows.iter().copied().find(|row| json.as_str() == Some(id(*row))))
        .ok_or_else(|| not_among(path, json, rows.iter().map(|row| id(*row))))
}

fn not_among<'a>(path: &str, json: &Json, allowed: impl Iterator<Item = &'a str>) -> SpecError {
    match json.as_str() {
        Some(text) => error(path, unknown("value", text, allowed)),
        None => {
            let allowed: Vec<&str> = allowed.collect();
            error(path, format!("expected one of {}, found {}.", allowed.join(", "), brief(json)))
        }
    }
}

/// One object of the document and where it stands.
struct Object<'a> {
    path: &'a str,
    map: &'a Map,
}

impl<'a> Object<'a> {
    fn of(json: &'a Json, path: &'a str) -> Read<Object<'a>> {
        match json {
            Json::Object(map) => Ok(Object { path, map }),
            other => fail(path, format!("expected an object {{ … }}, found {}.", brief(other))),
        }
    }

    /// A field; null counts as missing.
    fn get(&self, id: &str) -> Option<&'a Json> {
        self.map.get(id).filter(|json| !json.is_null())
    }

    fn below(&self, id: &str) -> String {
        if self.path.is_empty() { id.to_string() } else { format!("{}.{id}", self.path) }
    }

    /// The object that a field holds.
    fn object(&self, id: &'a str) -> Read<Option<Object<'a>>> {
        self.get(id).map(|json| Object::of(json, id)).transpose()
    }

    fn only(&self, allowed: &[&str]) -> Read<()> {
        match self.map.keys().find(|key| !allowed.contains(key)) {
            None => Ok(()),
            Some(key) => fail(self.path, unknown("field", key, allowed.iter().copied())),
        }
    }

    fn only_fields(&self, id: &str, heads: &[&str], fields: &[Field]) -> Read<()> {
        let allowed: Vec<&str> = heads.iter().copied().chain(fields.iter().map(|field| field.id)).collect();
        self.only(&allowed).map_err(|error| SpecError { message: format!("in {id}, {}", error.message), ..error })
    }

    fn whole(&self, id: &str, min: usize, max: usize) -> Read<Option<usize>> {
        let Some(json) = self.get(id) else { return Ok(None) };
        match whole(json).and_then(|number| usize::try_from(number).ok()) {
            Some(number) if (min..=max).contains(&number) => Ok(Some(number)),
            _ => {
                let message = format!("expected a whole number from {min} to {max}, found {}.", brief(json));
                fail(&self.below(id), message)
            }
        }
    }

    fn number(&self, id: &str, min: f64, max: f64) -> Read<Option<f64>> {
        let Some(json) = self.get(id) else { return Ok(None) };
        match json.as_f64() {
            Some(number) if (min..=max).contains(&number) => Ok(Some(number)),
            _ => {
                let [min, max] = [min, max].map(number_text);
                fail(&self.below(id), format!("expected a number from {min} to {max}, found {}.", brief(json)))
            }
        }
    }

    fn text(&self, id: &str, most: usize) -> Read<Option<String>> {
        self.get(id).map(|json| text(json, &self.below(id), most)).transpose()
    }
}

fn text(json: &Json, path: &str, most: usize) -> Read<String> {
    match json.as_str() {
        Some(text) if text.chars().count() <= most => Ok(text.to_string()),
        Some(_) => fail(path, format!("the text is longer than {most} letters; shorten it.")),
        None => fail(path, format!("expected a text, found {}.", brief(json))),
    }
}

fn error(path: &str, message: impl Into<String>) -> SpecError {
    SpecError { path: path.to_string(), message: message.into() }
}

fn fail<T>(path: &str, message: impl Into<String>) -> Read<T> {
    Err(error(path, message))
}
