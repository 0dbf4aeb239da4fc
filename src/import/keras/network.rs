//! Layers of a file as a document, its names and inputs written as we write them, and the weights by those names.

use super::{
    Beside, Graph, Row, Shelf,
    fit::fits,
    graph::text,
    layer::{Around, made},
    made::{Made, Numbers},
    naming::name,
};
use crate::{
    import::{Imported, Remark},
    nn::json::{Json, Map},
    spec::{self, Spec},
    train::Weight,
};

/// Where a layer reads from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    Input,
    /// The layer at this place of the document.
    Layer(usize),
}

/// A layer of the document.
pub struct Layer<'a> {
    pub row: &'a Row,
    pub made: Made,
    pub inputs: Vec<Source>,
    /// Its name by hand, and the one that it has.
    pub own: Option<String>,
    pub name: String,
}

/// The document and the weights of a graph.
pub fn network(graph: &Graph, shelf: &dyn Shelf, beside: &Beside) -> Result<Imported, String> {
    let input = input(graph)?;
    let mut notes = Vec::new();
    let mut layers = layers(graph, shelf, &input, &mut notes)?;
    let told = beside.told.as_ref();
    if told.is_none() {
        notes.extend(layers.iter().flat_map(|layer| asides(layer.row)));
        // of a row that became two layers once
        notes.dedup();
    }
    name(&mut layers, told.and_then(|told| told.field("names")));
    let settings = told.and_then(|told| told.field("document"));
    let own = settings.and_then(|settings| whole(settings, &layers, &input));
    let (spec, checked) = match own {
        Some(own) => own,
        None => fresh(&mut layers, &input, beside.training.as_ref(), &mut notes)?,
    };
    fits(&layers, &checked)?;
    let weights = weights(layers, &checked)?;
    Ok(Imported { document: Some(spec.to_json()), weights, notes })
}

/// The shape of one sample.
fn input(graph: &Graph) -> Result<Vec<usize>, String> {
    let row = graph.input().ok_or("The model does not begin with its input: give it an Input with a shape.")?;
    let shape = ["batch_shape", "batch_input_shape"].into_iter().find_map(|key| row.config.field(key)?.as_array());
    let shape = shape.and_then(|shape| shape.get(1..)).filter(|shape| !shape.is_empty());
    let shape = shape.ok_or("The model does not say which shape a sample has: give it an Input with a shape.")?;
    let sizes: Option<Vec<usize>> = (shape.iter())
        .map(|size| size.as_f64().filter(|n| *n >= 1.0 && *n <= 1e9 && n.fract() == 0.0).map(|n| n as usize))
        .collect();
    sizes.ok_or_else(|| {
        let sizes: Vec<String> = shape.iter().take(8).map(Json::to_string).collect();
        format!(
            "A sample of the model has the shape [{}], which leaves a size open: give its Input whole sizes and \
                save it again.",
            sizes.join(", ")
        )
    })
}

/// The layers that the output depends on.
fn layers<'a>(
    graph: &'a Graph,
    shelf: &dyn Shelf,
    input: &[usize],
    notes: &mut Vec<Remark>,
) -> Result<Vec<Layer<'a>>, String> {
    let rows = &graph.rows;
    let used = used(graph);
    let readers = |place: usize| (0..rows.len()).filter(move |other| used_by(&rows[*other], place));
    let mut layers: Vec<Layer> = Vec::new();
    let mut results = vec![Source::Input; rows.len()];
    for (place, row) in rows.iter().enumerate().skip(1) {
        if !used[place] {
            notes.push(remark(row, "It has no part in the output and is left out."));
            continue;
        }
        let from: Vec<Source> = row.inputs.iter().map(|from| results[*from]).collect();
        let before =
            row.inputs.first().filter(|from| **from > 0 && readers(**from).count() == 1).map(|from| &rows[*from]);
        let mut next = readers(place);
        let after = next.next().filter(|_| next.next().is_none()).map(|after| &rows[after]);
        if let Some(function) = added(row, before)
            && let Some(Source::Layer(last)) = from.first()
            && layers[*last].made.fields.get("activation").is_none()
        {
            layers[*last].made.fields.insert("activation", function);
            results[place] = from[0];
            continue;
        }
        let open =
            row.class == "Reshape" && row.config.field("target_shape").is_some_and(|to| to.to_string().contains('-'));
        let count = if open { count(&layers, from[0], input) } else { None };
        let mut around = Around { row, arrays: shelf.arrays(row)?, before, after, count };
        let all = made(&mut around).map_err(|why| format!("The layer \"{}\" {why}", row.name))?;
        // one sequence, which asks and is asked
        let mut inputs = if row.class == "MultiHeadAttention" { vec![from[0]] } else { from.clone() };
        results[place] = from[0];
        for made in all {
            if let Some(sentence) = &made.remark {
                notes.push(remark(row, sentence));
            }
            if made.fields.get("type").is_none() {
                continue;
            }
            layers.push(Layer { row, made, inputs, own: None, name: String::new() });
            results[place] = Source::Layer(layers.len() - 1);
            inputs = vec![results[place]];
        }
    }
    match results[graph.output] {
        Source::Layer(_) => Ok(layers),
        Source::Input => Err("The model has no layer that computes anything: bring one with layers.".into()),
    }
}

fn used_by(row: &Row, place: usize) -> bool {
    row.inputs.contains(&place)
}

/// Which rows the output depends on.
fn used(graph: &Graph) -> Vec<bool> {
    let mut used = vec![false; graph.rows.len()];
    let mut stack = vec![graph.output];
    while let Some(place) = stack.pop() {
        if !std::mem::replace(&mut used[place], true) {
            stack.extend(&graph.rows[place].inputs);
        }
    }
    used
}

/// The function that we wrote as a layer of its own behind the layer that has it.
fn added(row: &Row, before: Option<&Row>) -> Option<&'static str> {
    let rest = row.name.strip_prefix(&before?.name)?;
    match (row.class.as_str(), rest) {
        ("LeakyReLU", "_leaky_relu") => Some("leaky-relu"),
        ("Step", "_step") => Some("step"),
        ("Activation", "_activation") => match text(&row.config, "activation")? {
            "relu" => Some("relu"),
            "elu" => Some("elu"),
            "gelu" => Some("gelu"),
            "swish" => Some("silu"),
            "sigmoid" => Some("sigmoid"),
            "tanh" => Some("tanh"),
            "softplus" => Some("softplus"),
            "softmax" => Some("softmax"),
            _ => None,
        },
        _ => None,
    }
}

fn remark(row: &Row, sentence: &str) -> Remark {
    Remark { node: row.name.clone(), sentence: sentence.to_string() }
}

/// What a layer says of its training that a document has no place for.
fn asides(row: &Row) -> Vec<Remark> {
    let penalised = |key: &&str| row.config.field(key).is_some_and(|penalty| !penalty.is_null());
    let penalties = ["kernel_regularizer", "depthwise_regularizer", "recurrent_regularizer", "bias_regularizer"];
    let mut notes = Vec::new();
    if penalties.iter().any(penalised) {
        notes.push(remark(
            row,
            "The penalty on its weights is left out; choose one beside the loss, for all layers at once.",
        ));
    }
    if row.config.field("trainable") == Some(&Json::Bool(false)) {
        notes.push(remark(row, "It was frozen there; here it learns like every other layer."));
    }
    notes
}

/// How many numbers a sample has behind the layers so far.
fn count(layers: &[Layer], from: Source, input: &[usize]) -> Option<usize> {
    let Source::Layer(place) = from else {
        return Some(input.iter().fold(1_usize, |product, size| product.saturating_mul(*size)));
    };
    let rows: Vec<Json> =
        layers.iter().enumerate().map(|(place, layer)| row(layer, place, &|at| format!("l{at}"), true)).collect();
    let spec = Spec::parse(&document(None, input, "value", rows).to_string()).ok()?;
    let survey = spec::survey(&spec, &spec::Sample::of(&spec));
    Some(survey.pieces.get(place)?.as_ref()?.shape.count())
}

/// A text among the fields; empty where it is none.
pub fn text_of(map: &Map, key: &str) -> String {
    map.get(key).and_then(Json::as_str).unwrap_or_default().to_string()
}

/// A layer as a row of the document.
fn row(layer: &Layer, place: usize, name: &dyn Fn(usize) -> String, named: bool) -> Json {
    let mut row = layer.made.fields.clone();
    if named {
        row.insert("name", name(place).as_str());
    }
    let before = place.checked_sub(1).map_or(Source::Input, Source::Layer);
    if layer.inputs != [before] {
        let names = layer.inputs.iter().map(|source| match source {
            Source::Input => "input".to_string(),
            Source::Layer(other) => name(*other),
        });
        row.insert("inputs", names.map(Json::String).collect::<Json>());
    }
    row.into()
}

/// A document of these layers; the rest from `settings`, or nothing but the data.
fn document(settings: Option<&Json>, input: &[usize], target: &str, rows: Vec<Json>) -> Json {
    let mut top = Map::new();
    top.insert("version", 1.0);
    if let Some(Json::Object(settings)) = settings {
        settings.keys().for_each(|key| top.insert(key, settings.get(key).expect("its own field").clone()));
    } else {
        let mut data = Map::new();
        data.insert("input", input.iter().copied().collect::<Json>());
        data.insert("target", target);
        top.insert("data", data);
    }
    top.insert("layers", Json::Array(rows));
    top.into()
}

fn rows(layers: &[Layer]) -> Vec<Json> {
    let one = |(place, layer): (usize, &Layer)| row(layer, place, &|at| layers[at].name.clone(), layer.own.is_some());
    layers.iter().enumerate().map(one).collect()
}

/// The document with the settings that Whisker wrote into the file, where they still go with the layers.
fn whole(settings: &Json, layers: &[Layer], input: &[usize]) -> Option<(Spec, spec::Network)> {
    let spec = Spec::parse(&document(Some(settings), input, "", rows(layers)).to_string()).ok()?;
    let checked = spec::check(&spec).ok()?;
    (checked.sample.shape[..] == *input).then_some((spec, checked))
}

/// A document for a file that others made: the loss as its training says, or as its end suggests. A softmax or sigmoid at the
/// end goes, because the losses here have it within.
fn fresh(
    layers: &mut Vec<Layer>,
    input: &[usize],
    training: Option<&Json>,
    notes: &mut Vec<Remark>,
) -> Result<(Spec, spec::Network), String> {
    let last = layers.last().expect("a network has layers");
    let single = text_of(&last.made.fields, "type") == "activation";
    let end = text_of(&last.made.fields, if single { "function" } else { "activation" });
    let units = last.made.fields.get("units").and_then(Json::as_f64);
    let loss = training.and_then(loss).unwrap_or(match end.as_str() {
        "softmax" => "cross-entropy",
        "sigmoid" => "binary-cross-entropy",
        "" if units.is_some_and(|units| units > 1.0) => "cross-entropy",
        _ => "mean-squared-error",
    });
    if matches!((loss, end.as_str()), ("cross-entropy", "softmax") | ("binary-cross-entropy", "sigmoid")) {
        if single && layers.len() > 1 && layers[layers.len() - 1].inputs == [Source::Layer(layers.len() - 2)] {
            let gone = layers.pop().expect("a network has layers");
            notes.push(remark(gone.row, &dropped(&end)));
        } else if !single {
            let last = layers.last_mut().expect("a network has layers");
            let mut rest = Map::new();
            for key in last.made.fields.keys().filter(|key| *key != "activation") {
                rest.insert(key, last.made.fields.get(key).expect("its own field").clone());
            }
            last.made.fields = rest;
            notes.push(remark(last.row, &dropped(&end)));
        }
    }
    let target = if loss == "cross-entropy" { "class" } else { "value" };
    let mut plain = None;
    for (target, loss) in [(target, loss), ("class", "cross-entropy"), ("value", "mean-squared-error")] {
        let Json::Object(mut top) = document(None, input, target, rows(layers)) else { unreachable!("an object") };
        top.insert("loss", loss);
        let checked = Spec::parse(&Json::from(top).to_string()).map_err(|error| error.to_string()).and_then(|spec| {
            match spec::check(&spec) {
                Ok(checked) => Ok((spec, checked)),
                Err(mistakes) => Err(said(layers, &mistakes)),
            }
        });
        match checked {
            Ok(both) => return Ok(both),
            Err(why) => plain = plain.or(Some(why)),
        }
    }
    Err(plain.expect("it was tried"))
}

fn dropped(end: &str) -> String {
    format!(
        "Its {end} at the end is left out, because the loss here has it within: answers are the numbers \
        before it."
    )
}

/// What is wrong with the layers, by their names in the file.
fn said(layers: &[Layer], mistakes: &[spec::Mistake]) -> String {
    match mistakes.first() {
        Some(spec::Mistake { layer: Some(place), message, .. }) => {
            let name = layers.get(*place).map_or("", |layer| layer.row.name.as_str());
            format!("The layer \"{name}\" does not fit here. {message}")
        }
        Some(mistake) => format!("The model does not fit here. {}", mistake.message),
        None => "The model does not fit here: save it again.".to_string(),
    }
}

/// The loss that a training's settings name, in our word.
fn loss(training: &Json) -> Option<&'static str> {
    let loss = training.field("loss")?;
    let word = match loss {
        Json::String(word) => word,
        Json::Array(one) => one.first()?.as_str()?,
        object => text(object, "class_name")?,
    };
    let plain: String = word.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    Some(match plain.as_str() {
        "categoricalcrossentropy" | "sparsecategoricalcrossentropy" => "cross-entropy",
        "binarycrossentropy" => "binary-cross-entropy",
        "meansquarederror" | "mse" => "mean-squared-error",
        "meanabsoluteerror" | "mae" => "mean-absolute-error",
        "huber" | "huberloss" => "huber",
        "hinge" => "hinge",
        _ => return None,
    })
}

/// The layers' parameters by their names in the document.
fn weights(layers: Vec<Layer>, checked: &spec::Network) -> Result<Vec<Weight>, String> {
    let mut all = Vec::new();
    for (layer, piece) in layers.into_iter().zip(&checked.pieces) {
        let row = layer.row;
        for own in layer.made.weights {
            let Some(parameter) = piece.parameters.iter().find(|one| one.name == own.name) else { continue };
            let count = parameter.shape.count();
            let data = match own.numbers {
                Numbers::All(value) => vec![value; count],
                // attention keeps its heads as an axis of their own
                Numbers::Array(array)
                    if array.shape[..] == parameter.shape[..]
                        || (["MultiHeadAttention", "MultiHeadSelfAttention"].contains(&row.class.as_str())
                            && array.data.len() == count) =>
                {
                    array.data
                }
                Numbers::Array(array) => {
                    return Err(format!(
                        "The layer \"{}\" has {} of {:?} in its weights, where {} is expected: the weights are \
                            of another model.",
                        row.name, own.name, array.shape, parameter.shape
                    ));
                }
            };
            all.push(Weight { name: format!("{}/{}", piece.name, own.name), shape: parameter.shape.clone(), data });
        }
        if let Some(lacking) = piece
            .parameters
            .iter()
            .find(|one| !all.iter().any(|weight| weight.name == format!("{}/{}", piece.name, one.name)))
        {
            return Err(format!(
                "The layer \"{}\" lacks its array \"{}\": save the model with its weights.",
                row.name, lacking.name
            ));
        }
    }
    Ok(all)
}
