//! Whether the end of the network says what the target asks for.

use super::{Mistake, Source, Survey};
use crate::{
    nn::{Target, Value},
    spec::{Edit, LayerSpec, Spec},
};

/// An output for classes is one score a class: [classes], or [positions, classes] where the caller brings the data.
pub fn check(spec: &Spec, survey: &mut Survey) {
    if spec.layers.is_empty() {
        let mistake = Mistake::general("The network has no layers yet.").edits(|| {
            let mut edits = Vec::new();
            if survey.sample.shape.len() > 1 {
                edits.push(Edit::Insert { at: 0, layer: LayerSpec::fresh("flatten") });
            }
            let units = survey.sample.classes.unwrap_or(2);
            edits.push(Edit::Insert { at: edits.len(), layer: dense(units) });
            ("Add a Dense layer", edits)
        });
        return survey.mistakes.push(mistake);
    }
    let last = spec.layers.len() - 1;
    let Some(piece) = &survey.pieces[last] else { return };
    if survey.sample.target != Target::Class {
        return;
    }
    let (shape, classes) = (&piece.shape, survey.sample.classes);
    let positions = classes.is_none() && shape.len() == 2;
    if shape.len() > 1 && !positions {
        let message = format!("The output must be one score for each class, a single row, but it is {shape}.");
        let mistake = Mistake::at(last, message).edits(|| match score_maker(spec, survey, last) {
            // what makes the scores works on the last axis: it needs everything in one row before it
            Some(place) if spec.layers[place].kind.about.id == "dense" => {
                ("Add Flatten", vec![Edit::Bridge { at: place, input: 0, layer: LayerSpec::fresh("flatten") }])
            }
            _ => {
                let flatten = Edit::Insert { at: last + 1, layer: LayerSpec::fresh("flatten") };
                let scores = Edit::Insert { at: last + 2, layer: dense(classes.unwrap_or(2)) };
                ("Add Flatten and Dense", vec![flatten, scores])
            }
        });
        return survey.mistakes.push(mistake);
    }
    let Some(classes) = classes.filter(|classes| shape.last() != Some(classes)) else { return };
    let message = format!("The output has {shape} scores, but there are {classes} classes.");
    let mistake = Mistake::at(last, message);
    survey.mistakes.push(match score_maker(spec, survey, last) {
        Some(place) if spec.layers[place].kind.about.id == "dense" => {
            let value = Value::Count(classes as i64);
            let edit = || (format!("Set units to {classes}"), Edit::Set { layer: place, field: "units", value });
            mistake.on("units").edit(edit)
        }
        _ => mistake.edit(|| {
            let edit = Edit::Insert { at: last + 1, layer: dense(classes) };
            (format!("Add Dense with {classes} units"), edit)
        }),
    });
}

/// The activation of the output, unless it is linear: (layer, field, word).
pub fn squeezed(spec: &Spec, survey: &Survey, last: usize) -> Option<(usize, &'static str, &'static str)> {
    survey.pieces[last].as_ref()?;
    let values = &spec.layers[last].values;
    let field = ["activation", "function"].into_iter().find(|field| values.has(field))?;
    Some((last, field, values.choice(field))).filter(|(_, _, word)| *word != "linear")
}

/// The layer whose fields decide how many scores come out, seen through layers that leave the shape alone.
fn score_maker(spec: &Spec, survey: &Survey, last: usize) -> Option<usize> {
    let mut place = last;
    loop {
        let id = spec.layers[place].kind.about.id;
        if !["activation", "dropout", "gaussian-noise", "batch-norm", "layer-norm"].contains(&id) {
            return Some(place);
        }
        match survey.pieces[place].as_ref()?.inputs[..] {
            [Source::Layer(before)] => place = before,
            _ => return None,
        }
    }
}

fn dense(units: usize) -> LayerSpec {
    LayerSpec::fresh("dense").with("units", Value::Count(units as i64))
}
