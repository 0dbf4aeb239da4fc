//! What a document comes to: names, connections, shapes and parameters, layer by layer; or what is wrong with it.
//!
//! A [`Mistake`] is a sentence with, where there is one, the edit that puts it right. [`survey`] goes as far as it can,
//! so that the page can show shapes above a mistake; [`check`] gives the [`Network`] that a session builds.

use super::{
    Data, Edit, Mend, Spec,
    edit::{add_label, names},
    limit,
};
use crate::{
    data,
    nn::{
        self, Target, Value,
        layer::{Parameter, Remedy, Trouble},
        spelling::nearest,
    },
    tensor::{Shape, sorted::sort_by_key},
};

mod output;
mod rest;

/// One sample of the data, as far as a network must know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub shape: Shape,
    pub target: Target,
    /// How many classes there are; `None` where the data does not say.
    pub classes: Option<usize>,
}

impl Sample {
    /// What the document's data is. A user's own pictures do not say their classes; whoever has them fills that in.
    pub fn of(spec: &Spec) -> Sample {
        match &spec.data {
            Data::Given { input, target } => Sample { shape: input.clone(), target: *target, classes: None },
            Data::Set(set) => {
                let source = data::find(set.set).expect("a set that was read");
                let request =
                    data::Request { seed: spec.seed, size: set.size, train: 1, test: 1, ..data::Request::default() };
                let one = (source.make)(&request);
                let classes = Some(one.classes.len()).filter(|count| *count > 0);
                Sample { shape: one.shape.into(), target: Target::Class, classes }
            }
        }
    }
}

/// Where a layer reads from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Input,
    /// The layer at this place of the document.
    Layer(usize),
}

/// One layer, with everything known that the document leaves open.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub name: String,
    pub inputs: Vec<Source>,
    /// The shape of its result for one sample.
    pub shape: Shape,
    pub parameters: Vec<Parameter>,
    /// How many numbers it keeps for one sample, its result and what it makes on the way.
    pub held: usize,
}

impl Piece {
    /// How many numbers its parameters hold.
    pub fn count(&self) -> usize {
        self.parameters.iter().map(|parameter| parameter.shape.count()).sum()
    }
}

/// A network that can be built.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    pub sample: Sample,
    /// One for each layer of the document, in its order.
    pub pieces: Vec<Piece>,
    /// The places of the layers in an order in which each comes after its inputs; the last of the document is the output.
    pub order: Vec<usize>,
}

impl Network {
    /// The shape of the output for one sample.
    pub fn output(&self) -> &Shape {
        &self.pieces.last().expect("a network has layers").shape
    }

    /// Every parameter with its full name, in the order of the document.
    pub fn parameters(&self) -> impl Iterator<Item = (String, &Parameter)> {
        let full = |piece: &Piece, parameter: &Parameter| format!("{}/{}", piece.name, parameter.name);
        self.pieces.iter().flat_map(move |piece| piece.parameters.iter().map(move |one| (full(piece, one), one)))
    }

    /// How many numbers the parameters hold.
    pub fn count(&self) -> usize {
        self.pieces.iter().map(Piece::count).sum()
    }
}

/// Something that does not work, or that is worth a word.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// The layer at fault, where one is.
    pub layer: Option<usize>,
    /// The field at fault, where one is.
    pub field: Option<&'static str>,
    pub message: String,
    pub mend: Option<Mend>,
}

/// How far a document gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    pub sample: Sample,
    pub names: Vec<String>,
    /// `None` where a layer is at fault, or reads from one that is.
    pub pieces: Vec<Option<Piece>>,
    pub order: Vec<usize>,
    /// What keeps the network from training.
    pub mistakes: Vec<Mistake>,
    /// What works, but hardly as it is meant.
    pub advice: Vec<Mistake>,
}

/// The network that a document describes, or all that is wrong with it.
pub fn check(spec: &Spec) -> Result<Network, Vec<Mistake>> {
    let survey = survey(spec, &Sample::of(spec));
    match survey.mistakes.is_empty() {
        true => Ok(survey.network().expect("a network without mistakes")),
        false => Err(survey.mistakes),
    }
}

impl Survey {
    /// The network, where nothing is wrong.
    pub fn network(&self) -> Option<Network> {
        let pieces = self.pieces.iter().cloned().collect::<Option<Vec<_>>>()?;
        let whole = self.mistakes.is_empty() && !pieces.is_empty();
        whole.then(|| Network { sample: self.sample.clone(), pieces, order: self.order.clone() })
    }

    /// The shape of what a layer that is known reads first.
    fn input(&self, piece: &Piece) -> &Shape {
        match piece.inputs[0] {
            Source::Input => &self.sample.shape,
            Source::Layer(other) => &self.pieces[other].as_ref().expect("known before its readers").shape,
        }
    }
}

/// Goes through a document as far as it makes sense, for data of this kind.
pub fn survey(spec: &Spec, sample: &Sample) -> Survey {
    let names = names(&spec.layers);
    let mut mistakes = Vec::new();
    check_names(spec, &names, &mut mistakes);
    let links: Vec<Option<Vec<Source>>> = (0..spec.layers.len())
        .map(|place| match resolve(spec, &names, place) {
            Ok(sources) => Some(sources),
            Err(mistake) => {
                mistakes.push(*mistake);
                None
            }
        })
        .collect();
    let order = order(&links);
    for place in (0..spec.layers.len()).filter(|place| !order.contains(place)) {
        if on_cycle(&links, place) {
            let message = format!("{} reads, in the end, from itself; a network must not go in circles.", names[place]);
            mistakes.push(Mistake::at(place, message).edit(|| ("Read from the layer before", default_inputs(place))));
        }
    }
    let mut pieces: Vec<Option<Piece>> = vec![None; spec.layers.len()];
    for &place in &order {
        let Some(links) = &links[place] else { continue };
        let shape = |source: &Source| match source {
            Source::Input => Some(sample.shape.clone()),
            Source::Layer(other) => pieces[*other].as_ref().map(|piece| piece.shape.clone()),
        };
        let Some(inputs) = links.iter().map(shape).collect::<Option<Vec<Shape>>>() else { continue };
        match infer(spec, place, &inputs) {
            Ok((shape, parameters, held)) => {
                let (name, inputs) = (names[place].clone(), links.clone());
                pieces[place] = Some(Piece { name, inputs, shape, parameters, held });
            }
            Err(mistake) => mistakes.push(*mistake),
        }
    }
    let mut survey = Survey { sample: sample.clone(), names, pieces, order, mistakes, advice: Vec::new() };
    rest::sizes(spec, &mut survey);
    rest::indices(spec, &mut survey);
    output::check(spec, &mut survey);
    rest::check(spec, &mut survey);
    if !cfg!(feature = "mute") {
        rest::advice(spec, &mut survey);
    }
    sort_by_key(&mut survey.mistakes, |mistake| mistake.layer.unwrap_or(usize::MAX));
    survey
}

impl Mistake {
    fn at(layer: usize, message: impl Into<String>) -> Mistake {
        Mistake { layer: Some(layer), field: None, message: message.into(), mend: None }
    }

    fn general(message: impl Into<String>) -> Mistake {
        Mistake { layer: None, field: None, message: message.into(), mend: None }
    }

    fn on(self, field: &'static str) -> Mistake {
        Mistake { field: Some(field), ..self }
    }

    /// What puts it right, as a button says it and as an edit.
    fn edit<L: Into<String>>(self, mend: impl FnOnce() -> (L, Edit)) -> Mistake {
        self.edits(|| {
            let (label, edit) = mend();
            (label, vec![edit])
        })
    }

    /// The same with several edits. An engine has no button for it and does not ask.
    fn edits<L: Into<String>>(self, mend: impl FnOnce() -> (L, Vec<Edit>)) -> Mistake {
        let mend = (!cfg!(feature = "mute")).then(mend);
        Mistake { mend: mend.map(|(label, edits)| Mend { label: label.into(), edits }), ..self }
    }
}

fn default_inputs(layer: usize) -> Edit {
    Edit::Inputs { layer, inputs: None }
}

/// A name that cannot stay.
fn misnamed(layer: usize, message: String) -> Mistake {
    Mistake::at(layer, message).on("name").edit(|| ("Take the name off", Edit::Name { layer, name: None }))
}

fn check_names(spec: &Spec, names: &[String], mistakes: &mut Vec<Mistake>) {
    for (place, name) in names.iter().enumerate() {
        let problem = if name == "input" {
            Some("\"input\" is the name of the data; a layer needs another.".to_string())
        } else if name.trim() != name || name.is_empty() || name.contains('/') || name.chars().any(char::is_control) {
            Some(format!("\"{name}\" cannot be a name: it is empty, or has a slash or a space at its ends."))
        } else if let Some(first) = names[..place].iter().position(|other| other == name) {
            // the one that was named by hand gives way
            let loser = if spec.layers[place].name.is_some() { place } else { first };
            let message = format!("Two layers are called {name}; names must differ.");
            mistakes.push(misnamed(loser, message));
            None
        } else {
            None
        };
        if let Some(message) = problem {
            mistakes.push(misnamed(place, message));
        }
    }
}

/// Where a layer reads from; the mistake is boxed to keep the usual way small.
fn resolve(spec: &Spec, names: &[String], place: usize) -> Result<Vec<Source>, Box<Mistake>> {
    let layer = &spec.layers[place];
    let label = layer.kind.about.label;
    let before = place.checked_sub(1).map_or(Source::Input, Source::Layer);
    let Some(inputs) = &layer.inputs else {
        return match layer.kind.joins {
            false => Ok(vec![before]),
            true => Err(Box::new(lonely(names, place))),
        };
    };
    let mut sources = Vec::new();
    for (i, name) in inputs.iter().enumerate() {
        match names.iter().position(|other| other == name) {
            _ if name == "input" => sources.push(Source::Input),
            Some(other) => sources.push(Source::Layer(other)),
            None => {
                let mistake = Mistake::at(place, format!("There is no layer called \"{name}\".")).on("inputs");
                return Err(Box::new(mistake.edit(|| {
                    let known: Vec<&str> = names.iter().map(String::as_str).chain(["input"]).collect();
                    let mut fixed = inputs.clone();
                    let label = match nearest(name, &known).filter(|guess| *guess != names[place]) {
                        Some(guess) => {
                            fixed[i] = guess.to_string();
                            format!("Read from {guess}")
                        }
                        None => {
                            fixed.remove(i);
                            "Leave it out".to_string()
                        }
                    };
                    let inputs = Some(fixed).filter(|inputs| !inputs.is_empty());
                    (label, Edit::Inputs { layer: place, inputs })
                })));
            }
        }
    }
    match (layer.kind.joins, sources.len()) {
        (false, 1) => Ok(sources),
        (true, 2..) => Ok(sources),
        (true, _) => Err(Box::new(lonely(names, place))),
        (false, count) => {
            let message = format!("{label} takes one input, but {count} are given; Concatenate can join several.");
            let mistake = Mistake::at(place, message).on("inputs");
            Err(Box::new(mistake.edit(|| match count {
                0 => ("Read from the layer before".to_string(), default_inputs(place)),
                _ => {
                    let first = &inputs[0];
                    let inputs = Some(vec![first.clone()]);
                    (format!("Read from {first} alone"), Edit::Inputs { layer: place, inputs })
                }
            })))
        }
    }
}

/// A joining layer with fewer than two inputs: it could join the layer before with the one before that.
fn lonely(names: &[String], place: usize) -> Mistake {
    let mistake = Mistake::at(place, "It joins two branches or more: say which.").on("inputs");
    mistake.edit(|| {
        let Some(before) = place.checked_sub(1) else { return ("Take it out".into(), Edit::Remove(place)) };
        let other = place.checked_sub(2).map_or("input", |other| &names[other]);
        let inputs = Some(vec![other.to_string(), names[before].clone()]);
        (format!("Join {} and {other}", names[before]), Edit::Inputs { layer: place, inputs })
    })
}

/// The places in an order in which each comes after its inputs; layers on a circle, or behind one, are left out.
fn order(links: &[Option<Vec<Source>>]) -> Vec<usize> {
    let mut done = vec![false; links.len()];
    let mut order = Vec::new();
    let ready = |done: &[bool], source: &Source| match source {
        Source::Input => true,
        Source::Layer(other) => done[*other],
    };
    // the first that is ready, then on from there: the document's order wherever that works
    while let Some(next) = (0..links.len())
        .find(|place| !done[*place] && links[*place].iter().flatten().all(|source| ready(&done, source)))
    {
        done[next] = true;
        order.push(next);
    }
    order
}

/// Whether the layer can be reached from its own inputs.
fn on_cycle(links: &[Option<Vec<Source>>], start: usize) -> bool {
    let mut seen = vec![false; links.len()];
    let mut stack = vec![start];
    while let Some(place) = stack.pop() {
        for source in links[place].as_deref().unwrap_or_default() {
            let Source::Layer(other) = *source else { continue };
            if other == start {
                return true;
            }
            if !std::mem::replace(&mut seen[other], true) {
                stack.push(other);
            }
        }
    }
    false
}

/// The shape of one layer's result, its parameters and how many numbers it keeps, given the shapes of its inputs.
fn infer(spec: &Spec, place: usize, inputs: &[Shape]) -> Result<(Shape, Vec<Parameter>, usize), Box<Mistake>> {
    let layer = &spec.layers[place];
    let work = &layer.kind.work;
    let shape = (work.shape)(&layer.values, inputs).map_err(|trouble| Box::new(mend(spec, place, trouble)))?;
    let count = shape.iter().fold(1_usize, |product, size| product.saturating_mul(*size));
    if count > limit::SAMPLE {
        let message = format!("Its result of {shape} is larger than this page can hold; make it smaller.");
        return Err(Box::new(Mistake::at(place, message)));
    }
    let held = (work.held)(&layer.values, inputs).saturating_add(count);
    Ok((shape, (work.parameters)(&layer.values, inputs), held))
}

/// A layer's trouble as a mistake of the document.
fn mend(spec: &Spec, place: usize, trouble: Trouble) -> Mistake {
    let layer = &spec.layers[place];
    let mistake = Mistake { field: trouble.field, ..Mistake::at(place, trouble.message) };
    let Some(remedy) = trouble.remedy else { return mistake };
    mistake.edit(|| match remedy {
        Remedy::Remove => ("Take it out".into(), Edit::Remove(place)),
        Remedy::Set(field, value) => {
            let label = layer.kind.about.field(field).map_or(field, |field| field.label);
            let text = format!("Set {} to {}", label.to_ascii_lowercase(), plain(&value));
            (text, Edit::Set { layer: place, field, value })
        }
        Remedy::Before { input, layer, values } => {
            let row = nn::layer::find(layer).expect("a layer that a remedy names");
            let fresh = super::LayerSpec::fresh(layer);
            let layer = values.into_iter().fold(fresh, |layer, (field, value)| layer.with(field, value));
            (add_label(row), Edit::Bridge { at: place, input, layer })
        }
    })
}

/// A value as a button says it.
fn plain(value: &Value) -> String {
    match value {
        Value::Choice(word) => word.to_string(),
        Value::Shape(sizes) => Shape::from(&sizes[..]).to_string(),
        Value::Count(_) | Value::Size(_) | Value::Number(_) | Value::Flag(_) => value.to_json().to_string(),
    }
}
