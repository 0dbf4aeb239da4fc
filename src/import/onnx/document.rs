//! From layers in the making to an experiment document and its weights.

use super::{
    super::{Imported, Remark},
    flow::{Flow, Source},
    graph::Model,
    lift::{Draft, Lift},
};
use crate::{
    export::onnx::DOCUMENT,
    nn::{
        LOSSES, Target,
        json::{Json, Map},
    },
    spec::{self, Data, Edit, LayerSpec, Spec, limit},
    train::Weight,
};

/// Everything of a lifted model. The error is a sentence.
pub fn write(model: &Model, mut lift: Lift, out: Flow) -> Result<Imported, String> {
    let rank = lift.shape(out.source).len();
    let order: Vec<usize> =
        if rank == 3 && out.axes.len() == 4 { vec![2, 3, 1] } else { (1..out.axes.len()).collect() };
    if out.atoms(&order) != out.all() || !out.batch_first() {
        let sentence = "The numbers of the output come in another order here: channels last.";
        lift.notes.push(Remark { node: String::new(), sentence: sentence.into() });
    }
    if model.spare > 0 {
        let sentence = format!("The file has {} more outputs; the first alone is opened.", model.spare);
        lift.notes.push(Remark { node: String::new(), sentence });
    }
    let Source::Layer(last) = out.source else { return Err("The file has no layers: what goes in comes out.".into()) };
    let (mut drafts, mut notes, input) = (used(lift.drafts, last), lift.notes, lift.input);
    let ours = model.texts.iter().find(|(key, _)| key == DOCUMENT).map(|(_, text)| *text);
    let rest = ours.map(|text| (Json::parse(text), &mut notes)).and_then(|(json, notes)| match json {
        Ok(Json::Object(rest)) => Some(rest),
        Ok(_) | Err(_) => {
            notes.push(unread());
            None
        }
    });
    if let Some(rest) = rest {
        let layers = layers(&drafts);
        match whole(rest, &layers) {
            Some(spec) if spec::Sample::of(&spec).shape == input => return Ok(finish(&spec, drafts, notes)),
            Some(_) | None => notes.push(unread()),
        }
    }
    let (target, loss) = head(&mut drafts, &mut notes);
    let mut spec = Spec::new(Data::Given { input, target }, layers(&drafts));
    if let Some(loss) = loss.and_then(|id| LOSSES.iter().copied().find(|row| row.about.id == id)) {
        spec.loss = loss;
    }
    let title: String = model.title.chars().filter(|letter| !letter.is_control()).take(limit::TITLE).collect();
    if !["main_graph", "torch_jit", "torch-jit-export", "tf2onnx", "graph"].contains(&title.as_str()) {
        spec.name = title;
    }
    let spec = checked(spec)?;
    Ok(finish(&spec, drafts, notes))
}

fn unread() -> Remark {
    let sentence = "What the file says of training does not fit its layers; the usual settings stand in.";
    Remark { node: String::new(), sentence: sentence.into() }
}

/// The layers that the last one depends on.
fn used(drafts: Vec<Draft>, last: usize) -> Vec<Draft> {
    let mut needed = vec![false; drafts.len()];
    let mut stack = vec![last];
    while let Some(place) = stack.pop() {
        if !std::mem::replace(&mut needed[place], true) {
            stack.extend(drafts[place].inputs.iter().filter_map(|source| match source {
                Source::Input => None,
                Source::Layer(other) => Some(*other),
            }));
        }
    }
    let mut places = vec![0; drafts.len()];
    let mut kept = Vec::new();
    for (place, mut draft) in drafts.into_iter().enumerate().filter(|(place, _)| needed[*place]) {
        places[place] = kept.len();
        for source in &mut draft.inputs {
            if let Source::Layer(other) = source {
                *other = places[*other];
            }
        }
        kept.push(draft);
    }
    kept
}

/// The layers of the document, with names that differ and inputs where they must be named.
fn layers(drafts: &[Draft]) -> Vec<LayerSpec> {
    let mut layers: Vec<LayerSpec> = drafts.iter().map(|draft| draft.spec.clone()).collect();
    let usual: Vec<LayerSpec> = layers.iter().map(|layer| LayerSpec { name: None, ..layer.clone() }).collect();
    for (layer, usual) in layers.iter_mut().zip(spec::names(&usual)) {
        layer.name.take_if(|name| name.replace('_', "-") == usual || !can_be_named(name));
    }
    // of two with one name, the one that was given gives way; this ends, since none is given anew
    loop {
        let names = spec::names(&layers);
        let twice = (0..names.len()).find(|place| {
            layers[*place].name.is_some() && names.iter().filter(|name| **name == names[*place]).count() > 1
        });
        match twice {
            Some(place) => layers[place].name = None,
            None => break,
        }
    }
    let names = spec::names(&layers);
    for (place, draft) in drafts.iter().enumerate() {
        let before = place.checked_sub(1).map_or(Source::Input, Source::Layer);
        if draft.spec.kind.joins || draft.inputs != [before] {
            let name = |source: &Source| match source {
                Source::Input => "input".to_string(),
                Source::Layer(other) => names[*other].clone(),
            };
            layers[place].inputs = Some(draft.inputs.iter().map(name).collect());
        }
    }
    layers
}

fn can_be_named(name: &str) -> bool {
    let plain = !name.is_empty() && name.trim() == name && name != "input" && name.chars().count() <= limit::NAME;
    plain && !name.contains(|letter: char| letter == '/' || letter.is_control())
}

/// The document that the file brings with it, around these layers; `None` where they do not go together.
fn whole(mut rest: Map, layers: &[LayerSpec]) -> Option<Spec> {
    let plain = Spec::new(Data::Given { input: [1].into(), target: Target::Value }, layers.to_vec());
    rest.insert("layers", plain.to_json().field("layers")?.clone());
    let spec = Spec::from_json(&Json::Object(rest)).ok()?;
    spec::check(&spec).is_ok().then_some(spec)
}

/// What the network learns, by its last layer: a softmax or a sigmoid there is in the loss here.
fn head(drafts: &mut [Draft], notes: &mut Vec<Remark>) -> (Target, Option<&'static str>) {
    let Some(last) = drafts.last_mut() else { return (Target::Value, None) };
    let values = &mut last.spec.values;
    let field = ["activation", "function"].into_iter().find(|field| values.has(field));
    let word = field.map_or("linear", |field| values.choice(field));
    let rank = last.shape.len();
    let mut leave = |loss: &str| {
        if let Some(field) = field {
            values.reset(field);
            let field =
                if field == "function" { values.set("function", crate::nn::Value::Choice("linear")) } else { Ok(()) };
            field.expect("linear is a function");
        }
        let sentence = format!("The {word} at the end is left out: the loss {loss} has it inside.");
        notes.push(Remark { node: last.node.clone(), sentence });
    };
    match (word, rank) {
        ("softmax", 1) => {
            leave("cross-entropy");
            (Target::Class, None)
        }
        ("sigmoid", 1) => {
            leave("binary-cross-entropy");
            (Target::Value, Some("binary-cross-entropy"))
        }
        ("linear", 1) if last.shape[0] > 1 => (Target::Class, None),
        _ => (Target::Value, None),
    }
}

/// The experiment, with a batch that fits. The error is a sentence.
fn checked(mut spec: Spec) -> Result<Spec, String> {
    for _ in 0..2 {
        let Err(mistakes) = spec::check(&spec) else { return Ok(spec) };
        let first = mistakes.into_iter().next().expect("a mistake");
        match first.mend.map(|mend| mend.edits).as_deref() {
            Some([Edit::Batch(batch)]) => spec.batch = *batch,
            Some(_) | None => {
                return Err(format!("The file's layers make no network that runs here. {}", first.message));
            }
        }
    }
    Err("The network is too large to be trained here: open a smaller one.".into())
}

fn finish(spec: &Spec, drafts: Vec<Draft>, notes: Vec<Remark>) -> Imported {
    let names = spec::names(&spec.layers);
    let weights = drafts.into_iter().zip(names).flat_map(|(draft, name)| {
        let full = move |own: &str| format!("{name}/{own}");
        draft.weights.into_iter().map(move |(own, shape, data)| Weight { name: full(own), shape, data })
    });
    Imported { document: Some(spec.to_json()), weights: weights.collect(), notes }
}
