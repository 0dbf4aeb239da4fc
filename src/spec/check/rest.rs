//! What a document asks for beside its layers' shapes: memory, a loss that fits, fields that make sense together.

use super::{Mistake, Piece, Source, Survey, output};
use crate::{
    data,
    nn::{self, Target, Value, loss::Reads},
    spec::{Data, Edit, LayerSpec, Spec, limit},
    tensor::Shape,
};

/// Parameters, results and samples must fit into the memory of a tab.
pub fn sizes(spec: &Spec, survey: &mut Survey) {
    let known = || survey.pieces.iter().enumerate().filter_map(|(place, piece)| Some((place, piece.as_ref()?)));
    let mut found = Vec::new();
    let sum = |sizes: &mut dyn Iterator<Item = usize>| sizes.fold(0_usize, usize::saturating_add);
    let size = |shape: &Shape| shape.iter().fold(1_usize, |product, size| product.saturating_mul(*size));
    let own = |piece: &Piece| sum(&mut piece.parameters.iter().map(|parameter| size(&parameter.shape)));
    if sum(&mut known().map(|(_, piece)| own(piece))) > limit::PARAMETERS {
        let (place, piece) = known().max_by_key(|(_, piece)| own(piece)).expect("a layer with parameters");
        let message = format!(
            "The network has more than {} million parameters; {} alone has {} million. Make it smaller.",
            limit::PARAMETERS >> 20,
            piece.name,
            own(piece) / 1_000_000
        );
        found.push(Mistake::at(place, message));
    }
    let each = sum(&mut known().map(|(_, piece)| piece.held).chain([size(&survey.sample.shape)]));
    if each.saturating_mul(spec.batch) > limit::ACTIVATIONS {
        let message = format!(
            "A batch of {} makes {} million numbers on its way through; at most {} million fit.",
            spec.batch,
            each.saturating_mul(spec.batch) / 1_000_000,
            limit::ACTIVATIONS >> 20
        );
        let batch = limit::ACTIVATIONS / each.max(1);
        found.push(match batch {
            0 => {
                let (place, piece) = known().max_by_key(|(_, piece)| piece.held).expect("a large layer");
                let message = format!(
                    "{} makes {} million numbers of a single sample; at most {} million fit. Make it smaller.",
                    piece.name,
                    piece.held / 1_000_000,
                    limit::ACTIVATIONS >> 20
                );
                Mistake::at(place, message)
            }
            batch => {
                let mistake = Mistake::general(message).on("batch");
                mistake.edit(|| (format!("Set the batch to {batch}"), Edit::Batch(batch)))
            }
        });
    }
    if let Data::Set(set) = &spec.data {
        let (one, all) = (size(&survey.sample.shape).max(1), set.train.saturating_add(set.test));
        if all.saturating_mul(one) > limit::SET {
            let message = format!("{all} samples of {} are more than this page can hold.", survey.sample.shape);
            found.push(Mistake::general(message).on("train").edit(|| {
                let most = (limit::SET / one).saturating_sub(set.test).max(1);
                (format!("Learn from {most}"), Edit::Train(most))
            }));
        }
    }
    let steps = sum(&mut known().map(|(place, piece)| steps(spec, survey, place, piece)));
    if steps > limit::UNROLLED {
        let (place, _) = (known().max_by_key(|(place, piece)| self::steps(spec, survey, *place, piece)))
            .expect("a layer that reads step by step");
        let message = format!(
            "All layers that read step by step make {steps} steps together; at most {} fit. Make the sequence shorter.",
            limit::UNROLLED
        );
        found.push(Mistake::at(place, message).edit(|| ("Take it out", Edit::Remove(place))));
    }
    survey.mistakes.extend(found);
}

/// How many steps a layer unrolls.
fn steps(spec: &Spec, survey: &Survey, place: usize, piece: &Piece) -> usize {
    let unrolls = ["simple-rnn", "lstm", "gru"].contains(&spec.layers[place].kind.about.id);
    if unrolls { survey.input(piece)[0] } else { 0 }
}

/// An embedding looks up whole numbers, which only the data can be.
pub fn indices(spec: &Spec, survey: &mut Survey) {
    for place in (0..spec.layers.len()).filter(|place| spec.layers[*place].kind.about.id == "embedding") {
        let Some(piece) = &survey.pieces[place] else { continue };
        let mistake = match &spec.data {
            Data::Set(set) => {
                let pictures = data::find(set.set).expect("a set that was read").pictures;
                let found = if pictures { "pictures" } else { "points" };
                let message = format!("Embedding looks up whole numbers, but the data set holds {found}.");
                Mistake::at(place, message).edit(|| ("Take it out", Edit::Remove(place)))
            }
            Data::Given { .. } if is_data(spec, survey, piece.inputs[0]) => continue,
            Data::Given { .. } => {
                let message = "Embedding looks up whole numbers, which no layer makes: it must read the data itself.";
                Mistake::at(place, message).on("inputs").edit(|| {
                    let inputs = Some(vec!["input".to_string()]);
                    ("Read from input", Edit::Inputs { layer: place, inputs })
                })
            }
        };
        survey.mistakes.push(mistake);
    }
}

/// Whether the data's own numbers are read, moved at most.
fn is_data(spec: &Spec, survey: &Survey, mut source: Source) -> bool {
    while let Source::Layer(place) = source {
        let moves = ["flatten", "reshape"].contains(&spec.layers[place].kind.about.id);
        match survey.pieces[place].as_ref().filter(|_| moves) {
            Some(piece) => source = piece.inputs[0],
            None => return false,
        }
    }
    true
}

/// Loss, data and the fields beside the network.
pub fn check(spec: &Spec, survey: &mut Survey) {
    let (loss, target) = (spec.loss, survey.sample.target);
    if loss.target != target {
        let wants = match loss.target {
            Target::Class => "learns classes, but the target is numbers",
            Target::Value => "compares numbers, but the target is classes",
        };
        let message = format!("{} {wants}.", loss.about.label);
        survey.mistakes.push(Mistake::general(message).on("loss").edit(|| {
            let other = target.loss();
            (format!("Use {}", other.about.label.to_ascii_lowercase()), Edit::Loss(other))
        }));
    }
    let whole = !survey.pieces.is_empty() && survey.pieces.iter().all(Option::is_some);
    if whole && survey.pieces.iter().flatten().all(|piece| piece.parameters.iter().all(|one| !one.trainable)) {
        let mistake = Mistake::general("The network has nothing to learn: no layer has weights.").edit(|| {
            let units = survey.sample.classes.unwrap_or(2);
            let layer = LayerSpec::fresh("dense").with("units", Value::Count(units as i64));
            ("Add a Dense layer", Edit::Insert { at: spec.layers.len(), layer })
        });
        survey.mistakes.push(mistake);
    }
    if spec.pretrain.is_some() {
        let message = "Teaching layers before training cannot be computed yet; a later version will.";
        survey.mistakes.push(Mistake::general(message).on("pretrain").edit(|| ("Leave it out", Edit::NoPretrain)));
    }
    if let Data::Set(set) = &spec.data {
        if set.train < spec.batch {
            let message = format!("A batch of {} is more than the {} samples to learn from.", spec.batch, set.train);
            let edit = || (format!("Set the batch to {}", set.train), Edit::Batch(set.train));
            survey.mistakes.push(Mistake::general(message).on("batch").edit(edit));
        }
    }
}

/// What works, but hardly as it is meant. An engine has nobody to tell.
pub fn advice(spec: &Spec, survey: &mut Survey) {
    if !spec.augment.is_empty() && survey.sample.shape.len() != 3 {
        let message = "Only pictures can be augmented; these samples are learnt from as they are.";
        survey.advice.push(Mistake::general(message).on("augment").edit(|| ("Turn augmentation off", Edit::Plain)));
    }
    for (place, layer) in spec.layers.iter().enumerate() {
        let function = ["activation", "function"].into_iter().find(|field| layer.values.has(field));
        let Some(field) = function else { continue };
        if !nn::activation::find(layer.values.choice(field)).differentiable {
            let message = "A step has no gradient: no layer before it learns.";
            let edit = || ("Use a sigmoid", Edit::Set { layer: place, field, value: Value::Choice("sigmoid") });
            survey.advice.push(Mistake::at(place, message).on(field).edit(edit));
        }
    }
    let (loss, output) = (spec.loss, spec.layers.len().checked_sub(1));
    if let Some((place, field, word)) = output.and_then(|place| output::squeezed(spec, survey, place)) {
        let wanted = match loss.reads {
            Reads::Softmax => Some("softmax"),
            Reads::Sigmoid => Some("sigmoid"),
            Reads::Plain => None,
        };
        if let Some(own) = wanted {
            let label = loss.about.label;
            let message =
                format!("{label} takes raw scores and applies {own} itself; {word} before it slows learning.");
            let edit = || ("Make it linear", Edit::Set { layer: place, field, value: Value::Choice("linear") });
            survey.advice.push(Mistake::at(place, message).on(field).edit(edit));
        }
    }
}
