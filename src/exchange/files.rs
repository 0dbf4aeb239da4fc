//! Files out and in: the list of formats, and the experiment as one file of our own.

use super::{code, html::escape};
use crate::{
    export::{FORMATS, Model, Network, safetensors, zipped},
    import::{self, Imported, Remark, Upload, matching},
    nn::json::{Json, Map},
    tensor::Shape,
    train::Weight,
};
use std::io::{Cursor, Read};
use zip::{CompressionMethod, ZipArchive};

/// The names within a `.whisker` file.
const ABOUT: &str = "whisker.json";
const MOMENTS: &str = "moments.safetensors";
const DOCUMENT: &str = "document.json";
const WEIGHTS: &str = "weights.safetensors";
/// What a `.whisker` file may unpack to, in bytes.
const MOST: u64 = 256 << 20;

/// Every format, what the chosen one cannot hold, and the other things to be kept; before them, what was read last.
pub fn list(
    network: &Network,
    chosen: usize,
    read: Option<&(String, Vec<Remark>)>,
    pending: Option<&Pending>,
) -> String {
    let mut out = pending.map_or(String::new(), |pending| pending.table(network));
    if let Some((name, remarks)) = read {
        out += &format!("<section class=\"desk-read\"><h3>Opened {}</h3><ul>", escape(name));
        for remark in remarks {
            let node = if remark.node.is_empty() { String::new() } else { format!("<b>{}</b> ", escape(&remark.node)) };
            out += &format!("<li>{node}{}</li>", escape(&remark.sentence));
        }
        out += "</ul></section>";
    }
    out += "<h3 class=\"desk-title\">The model, with a program that loads it</h3><div class=\"desk-formats\">";
    for (place, format) in FORMATS.iter().enumerate() {
        let open = place == chosen;
        out += &format!(
            "<div class=\"desk-format\" data-open=\"{open}\"><button type=\"button\" class=\"desk-format-head\" aria-expanded=\"{open}\" \
             data-do=\"format:{}\"><b>{}</b><span>{}</span></button>",
            format.id,
            escape(format.label),
            escape(format.help)
        );
        if open {
            out += &chosen_format(network, place);
        }
        out += "</div>";
    }
    out += "</div><h3 class=\"desk-title\">More to keep</h3><div class=\"desk-more\">";
    for (what, label, help) in [
        ("whisker", "The experiment", "Settings and weights in one .whisker file, to be opened here again"),
        ("curve", "The curve", "Loss and accuracy by step, as CSV"),
        ("svg", "The drawing, SVG", "The network as lines and words"),
        ("png", "The drawing, PNG", "The same as pixels"),
    ] {
        out += &format!(
            "<button type=\"button\" class=\"desk-extra\" data-do=\"{what}\"><b>{label}</b><span>{help}</span></button>"
        );
    }
    out + "</div>"
}

/// What the format cannot hold, by layer: found by writing the model with nothing but zeros.
fn chosen_format(network: &Network, place: usize) -> String {
    let zeros: Vec<Weight> = (network.layers.iter().flat_map(|layer| &layer.parameters))
        .map(|one| Weight { name: one.full.clone(), shape: one.shape.clone(), data: vec![0.0; one.shape.count()] })
        .collect();
    match (FORMATS[place].write)(&Model { network, weights: &zeros }) {
        Ok(written) => {
            let names: Vec<&str> = written.files.iter().map(|(name, _)| name.as_str()).collect();
            let loader = if FORMATS[place].loader.is_some() { ", a program that loads it" } else { "" };
            let notes = code::notes(network, &written.notes, "What it cannot hold, and what is done instead");
            let none = if notes.is_empty() { "<p>No layer of this network needs a remark here.</p>" } else { "" };
            format!(
                "<div class=\"desk-format-body\">{none}{notes}<p>In the zip: {}{loader}, eight samples, the answers to expect, a README.</p>\
                 {}</div>",
                escape(&names.join(", ")),
                super::html::button("get", "save", &format!("Download {}", FORMATS[place].label))
            )
        }
        Err(why) => format!("<div class=\"desk-format-body\"><p class=\"desk-broken\">{}</p></div>", escape(&why)),
    }
}

/// The experiment with its weights as one file.
pub fn experiment(network: &Network, weights: &[Weight], moments: &[Weight], step: u32) -> Result<Vec<u8>, String> {
    let mut told = Map::new();
    told.insert("version", 1);
    told.insert("step", step as usize);
    let files = [
        (ABOUT, Json::from(told).to_string().into_bytes()),
        (DOCUMENT, network.document.to_string().into_bytes()),
        (WEIGHTS, safetensors(weights)),
        (MOMENTS, safetensors(moments)),
    ]
    .map(|(name, bytes)| (name.to_string(), bytes));
    zipped(&files, CompressionMethod::Deflated)
}

/// What a file of our own holds: the network, the step, the optimizer's vectors.
type Experiment = (Imported, u32, Vec<Weight>);

/// The experiment in a file of our own, with the step and the optimizer's vectors; `None` where it is none.
pub fn experiment_of(files: &[Upload]) -> Option<Result<Experiment, String>> {
    let [file] = files else { return None };
    if !file.bytes.starts_with(b"PK") {
        return None;
    }
    let mut zip = ZipArchive::new(Cursor::new(&file.bytes)).ok()?;
    let mut part = |name: &str| -> Option<Result<Vec<u8>, String>> {
        let part = zip.by_name(name).ok()?;
        let mut bytes = Vec::new();
        let read = part.take(MOST + 1).read_to_end(&mut bytes);
        Some(match read {
            Ok(_) if bytes.len() as u64 <= MOST => Ok(bytes),
            Ok(_) => Err(format!("{name} in {} unpacks to more than 256 MB: bring a smaller one.", file.name)),
            Err(_) => Err(format!("{name} in {} is damaged: save the experiment again.", file.name)),
        })
    };
    let about = part(ABOUT)?;
    Some((|| {
        let lacks = |name: &str| format!("{} has no {name}: save the experiment again.", file.name);
        let document = part(DOCUMENT).ok_or_else(|| lacks(DOCUMENT))??;
        let document = String::from_utf8(document).map_err(|_| lacks(DOCUMENT))?;
        let document = Json::parse(&document).map_err(|error| format!("{DOCUMENT} in {}: {error}", file.name))?;
        let bytes = part(WEIGHTS).ok_or_else(|| lacks(WEIGHTS))??;
        let weights = import::read(&[Upload { name: WEIGHTS.to_string(), bytes }])?;
        // a file without them starts counting anew
        let arrays = |bytes| import::read(&[Upload { name: MOMENTS.to_string(), bytes }]).map(|read| read.weights);
        let moments = part(MOMENTS).and_then(Result::ok).and_then(|bytes| arrays(bytes).ok()).unwrap_or_default();
        let about = String::from_utf8(about?).ok().and_then(|text| Json::parse(&text).ok());
        let step = match &about {
            Some(Json::Object(about)) => about.get("step"),
            Some(_) | None => None,
        };
        let step = if let Some(Json::Number(step)) = step { *step as u32 } else { 0 };
        Ok((Imported { document: Some(document), ..weights }, step, moments))
    })())
}

/// The model's files in a zip of a model, without the samples that lie beside them; `None` where it is no such zip.
pub fn unbundled(files: &[Upload]) -> Option<Vec<Upload>> {
    /// More files than these are no model of ours.
    const FILES: usize = 1000;
    let [file] = files else { return None };
    let mut zip = ZipArchive::new(Cursor::new(&file.bytes)).ok().filter(|zip| zip.len() <= FILES)?;
    let (mut found, mut left) = (Vec::new(), MOST);
    for place in 0..zip.len() {
        let part = zip.by_index(place).ok()?;
        let name = part.name().ok()?.to_string();
        let ending = name.rsplit('.').next().unwrap_or_default();
        let model = import::ENDINGS.contains(&ending) || ending == "bin" || name == "model.json";
        if !model || name == "samples.npy" || name == "expected.npy" {
            continue;
        }
        let mut bytes = Vec::new();
        part.take(left + 1).read_to_end(&mut bytes).ok()?;
        left = left.checked_sub(bytes.len() as u64)?;
        found.push(Upload { name, bytes });
    }
    Some(found).filter(|found| !found.is_empty())
}

/// A document that names no data gets the set that has its shape, if there is one, so that it can be trained here.
pub fn fitted(document: Json) -> Json {
    let Json::Object(mut top) = document else { return document };
    let input = match top.get("data") {
        Some(Json::Object(data)) if data.get("set").is_none() => data.get("input").cloned(),
        _ => None,
    };
    let sizes: Vec<f64> = match &input {
        Some(Json::Array(sizes)) => {
            sizes.iter().filter_map(|size| if let Json::Number(n) = size { Some(*n) } else { None }).collect()
        }
        _ => Vec::new(),
    };
    let mut data = Map::new();
    match sizes[..] {
        [h, w, 3.0] if h == w && (16.0..=96.0).contains(&h) => {
            data.insert("set", "cats-dogs");
            data.insert("size", h as usize);
        }
        [2.0] => data.insert("set", "moons"),
        _ => return Json::Object(top),
    }
    let before = Json::Object(top.clone());
    top.insert("data", data);
    let fitted = Json::Object(top);
    let works = crate::spec::Spec::parse(&fitted.to_string()).is_ok_and(|spec| crate::spec::check(&spec).is_ok());
    if works { fitted } else { before }
}

/// Weights without a network, on their way into the one on the page.
pub struct Pending {
    pub name: String,
    pub found: Vec<Weight>,
    /// For each parameter of the network the array that it takes.
    pub chosen: Vec<Option<usize>>,
}

/// The parameters of a network by their names.
pub fn wanted(network: &Network) -> Vec<(String, Shape)> {
    let parameters = network.layers.iter().flat_map(|layer| &layer.parameters);
    parameters.map(|one| (one.full.clone(), one.shape.clone())).collect()
}

impl Pending {
    pub fn new(name: String, found: Vec<Weight>, network: &Network) -> Pending {
        let chosen = matching::propose(&wanted(network), &found);
        Pending { name, found, chosen }
    }

    /// Whether every parameter has an array of its own name.
    pub fn is_plain(&self, network: &Network) -> bool {
        wanted(network).iter().zip(&self.chosen).all(|((name, shape), own)| {
            own.is_some_and(|own| self.found[own].name == *name && self.found[own].shape == *shape)
        })
    }

    /// The weights as they were chosen; those without an array stay as they are.
    pub fn weights(&self, network: &Network) -> Vec<Weight> {
        let wanted = wanted(network);
        let one = |((name, shape), own): (&(String, Shape), &Option<usize>)| {
            matching::fitted(&self.found[(*own)?], name, shape)
        };
        wanted.iter().zip(&self.chosen).filter_map(one).collect()
    }

    /// The table in which the choice is corrected.
    pub fn table(&self, network: &Network) -> String {
        let mut out = format!(
            "<section class=\"desk-read\"><h3>Weights of {}</h3><p>Each row is a parameter of the network on the page, with the array of \
             the file that it takes.</p><table class=\"desk-match\"><thead><tr><th scope=\"col\">Parameter</th><th scope=\"col\">Shape\
             </th><th scope=\"col\">Array of the file</th></tr></thead><tbody>",
            escape(&self.name)
        );
        for (place, (name, shape)) in wanted(network).iter().enumerate() {
            let fitting =
                self.found.iter().enumerate().filter(|(_, weight)| matching::fit(&weight.shape, shape).is_some());
            let mut options = vec![("none".to_string(), "Leave it as it is".to_string())];
            let mut chosen = 0;
            for (own, weight) in fitting {
                if self.chosen.get(place) == Some(&Some(own)) {
                    chosen = options.len();
                }
                let turned = if weight.shape == *shape { "" } else { ", axes reordered" };
                options.push((own.to_string(), format!("{} ({}{turned})", weight.name, weight.shape)));
            }
            let options: Vec<(&str, &str)> = options.iter().map(|(id, label)| (id.as_str(), label.as_str())).collect();
            out += &format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
                escape(name),
                escape(&shape.to_string()),
                super::html::choice(&format!("match:{place}"), &format!("Array for {name}"), &options, chosen)
            );
        }
        let fits = self.chosen.iter().filter(|own| own.is_some()).count();
        out + "</tbody></table>"
            + &format!("<p>{fits} of {} parameters have an array.</p>", self.chosen.len())
            + &super::html::button("use", "check", "Use these weights")
            + "</section>"
    }
}
