//! Random documents, the same for the same seed: every layer, activation, loss, optimizer and schedule comes up.

use whisker::nn::{
    LAYERS, LOSSES, Layer, OPTIMIZERS, SCHEDULES, Target, Value, Values,
    field::{Field, Kind},
};
use whisker::spec::{Chosen, Data, LayerSpec, Penalty, Sample, Spec, check, names, survey};
use whisker::tensor::{Shape, random::Stream};

const CLASSES: usize = 3;

/// A document that passes its checks; the caller brings the batches.
pub fn random_document(seed: u32) -> Spec {
    let mut stream = Stream::new(seed, 77);
    let s = &mut stream;
    let words = s.below(5) == 0;
    let shapes: [&[usize]; 6] = [&[8, 9, 3], &[7, 7, 1], &[10, 8, 4], &[6], &[5, 4], &[9, 2]];
    let input = if words { Shape::from(&[6usize][..]) } else { Shape::from(shapes[s.below(shapes.len())]) };
    let data = Data::Given { input, target: Target::Value };
    let mut spec = Spec::new(data, Vec::new());
    if words {
        let embedding = LayerSpec::fresh("embedding").with("vocabulary", Value::Count(7));
        spec.layers.push(embedding.with("units", Value::Count(4)));
    }
    let wanted = 3 + s.below(8);
    for _ in 0..200 {
        if spec.layers.len() >= wanted {
            break;
        }
        grow(&mut spec, s);
    }
    finish(&mut spec, s);
    spec
}

/// Appends a layer, where what was drawn fits.
fn grow(spec: &mut Spec, s: &mut Stream) {
    let sample = Sample::of(spec);
    // the data is looked up by the first layer alone
    let rows: Vec<&Layer> = LAYERS.iter().copied().filter(|row| row.about.id != "embedding").collect();
    let row = rows[s.below(rows.len())];
    let shape = match survey(spec, &sample).pieces.last() {
        Some(piece) => piece.as_ref().expect("a layer that fits").shape.clone(),
        None => sample.shape.clone(),
    };
    let mut layer = LayerSpec { kind: row, name: None, inputs: None, values: values(row, &shape, s) };
    let known = names(&spec.layers);
    if row.joins {
        let Some(last) = known.last() else { return };
        let other = if s.below(4) == 0 { "input" } else { &known[s.below(known.len())] };
        layer.inputs = Some(vec![other.to_string(), last.clone()]);
    } else if s.below(8) == 0 && !known.is_empty() {
        layer.inputs = Some(vec![known[s.below(known.len())].clone()]);
    }
    if s.below(6) == 0 {
        layer.name = Some(format!("{} {}", ["Kopf", "train", "1st"][s.below(3)], spec.layers.len()));
    }
    let mut longer = spec.clone();
    longer.layers.push(layer);
    let survey = survey(&longer, &sample);
    let small = |shape: &Shape| shape.count() <= 4000;
    let fits = survey.pieces.last().is_some_and(|piece| piece.as_ref().is_some_and(|piece| small(&piece.shape)));
    if fits && survey.mistakes.iter().all(|mistake| mistake.layer.is_none()) {
        *spec = longer;
    }
}

/// Random fields, small enough that a network of them is computed in no time.
fn values(row: &Layer, shape: &Shape, s: &mut Stream) -> Values {
    let mut values = row.fresh();
    for field in row.about.fields {
        let value = match row.about.id {
            "reshape" => split(shape.count(), s),
            "upsample2d" if field.id == "factor" => Value::Count(1 + s.below(2) as i64),
            "position" => Value::Count(shape[0] as i64 + s.below(3) as i64),
            _ => draw(field, s),
        };
        if field.kind.allows(&value) {
            values = values.with(field.id, value);
        }
    }
    values
}

fn draw(field: &Field, s: &mut Stream) -> Value {
    match field.kind {
        Kind::Count { min, max } => {
            let low = min.max(-2);
            Value::Count(low + s.below((max.min(6) - low + 1) as usize) as i64)
        }
        Kind::Size { min, max } => Value::Size([0, 1].map(|_| (1 + s.below(3)).clamp(min, max))),
        Kind::Number { min, max, .. } => Value::Number([0.05_f64, 0.3, 0.8][s.below(3)].clamp(min, max)),
        Kind::Flag => Value::Flag(s.below(2) == 0),
        Kind::Choice(words) => Value::Choice(words[s.below(words.len())].id),
        Kind::Shape => Value::Shape(vec![1].into()),
    }
}

/// A shape for as many numbers.
fn split(count: usize, s: &mut Stream) -> Value {
    let mut sizes = Vec::new();
    let mut rest = count;
    for _ in 0..s.below(4) {
        let divisors: Vec<usize> = (1..=rest).filter(|size| rest.is_multiple_of(*size)).collect();
        let size = divisors[s.below(divisors.len())];
        sizes.push(size);
        rest /= size;
    }
    sizes.push(rest);
    Value::Shape(sizes.into())
}

/// An output that the loss takes, and everything beside the network.
fn finish(spec: &mut Spec, s: &mut Stream) {
    let piece = survey(spec, &Sample::of(spec)).pieces.pop().flatten();
    let rank = piece.map_or(spec_input(spec).len(), |piece| piece.shape.len());
    let target = if s.below(3) == 0 { Target::Value } else { Target::Class };
    if target == Target::Class && rank > 2 {
        spec.layers.push(LayerSpec::fresh("flatten"));
    }
    spec.layers.push(LayerSpec::fresh("dense").with("units", Value::Count(CLASSES as i64)));
    let Data::Given { target: own, .. } = &mut spec.data else { unreachable!("it brings its own") };
    *own = target;
    let losses: Vec<_> = LOSSES.iter().copied().filter(|loss| loss.target == target).collect();
    spec.loss = losses[s.below(losses.len())];
    spec.optimizer = Chosen::fresh_optimizer(OPTIMIZERS[s.below(OPTIMIZERS.len())]);
    for (field, values) in [
        ("momentum", Value::Number([0.0, 0.5, 0.9][s.below(3)])),
        ("nesterov", Value::Flag(s.below(2) == 0)),
        ("beta-1", Value::Number([0.9, 0.8][s.below(2)])),
        ("epsilon", Value::Number([1e-8, 1e-4][s.below(2)])),
    ] {
        if spec.optimizer.values.has(field) {
            spec.optimizer.values = spec.optimizer.values.clone().with(field, values);
        }
    }
    spec.schedule = Chosen::fresh_schedule(SCHEDULES[s.below(SCHEDULES.len())]);
    if s.below(3) == 0 {
        spec.schedule.values = spec.schedule.values.clone().with("warmup", Value::Count(3));
    }
    if s.below(3) == 0 {
        spec.penalty = Penalty { l1: [0.0, 1e-3][s.below(2)], l2: 1e-2 };
    }
    if s.below(3) == 0 {
        spec.clip_norm = Some(0.5);
    }
    spec.batch = 4 + s.below(5);
    spec.epochs = 3;
    spec.name = format!("Random \"{}\"", spec.layers.len());
    if let Err(mistakes) = check(spec) {
        panic!("a document that fits: {mistakes:?}\n{spec}");
    }
}

fn spec_input(spec: &Spec) -> Shape {
    Sample::of(spec).shape
}
