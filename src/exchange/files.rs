//! Files out and in: the list of formats, and the experiment as one file of our own.

use super::{code, html::escape};
use crate::{
    export::{FORMATS, Model, Network, safetensors, zipped},
    import::{Imported, Remark, Upload},
    nn::json::{Json, Map},
    train::Weight,
};
use std::io::{Cursor, Read};
use zip::{CompressionMethod, ZipArchive};

/// The names within a `.whisker` file.
const DOCUMENT: &str = "document.json";
const WEIGHTS: &str = "weights.safetensors";
/// What a `.whisker` file may unpack to, in bytes.
const MOST: u64 = 256 << 20;

/// Every format, what the chosen one cannot hold, and the other things to be kept; before them, what was read last.
pub fn list(network: &Network, chosen: usize, read: Option<&(String, Vec<Remark>)>) -> String {
    let mut out = String::new();
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
            let none = if notes.is_empty() { "<p>It holds everything that this network has.</p>" } else { "" };
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
pub fn experiment(network: &Network, weights: &[Weight], step: u32) -> Result<Vec<u8>, String> {
    let mut told = Map::new();
    told.insert("version", 1);
    told.insert("step", step as usize);
    let files = [
        ("whisker.json", Json::from(told).to_string().into_bytes()),
        (DOCUMENT, network.document.to_string().into_bytes()),
        (WEIGHTS, safetensors(weights)),
    ]
    .map(|(name, bytes)| (name.to_string(), bytes));
    zipped(&files, CompressionMethod::Deflated)
}

/// The experiment in a file of our own; `None` where it is none.
pub fn experiment_of(files: &[Upload]) -> Option<Result<Imported, String>> {
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
    part("whisker.json")?.ok()?;
    Some((|| {
        let lacks = |name: &str| format!("{} has no {name}: save the experiment again.", file.name);
        let document = part(DOCUMENT).ok_or_else(|| lacks(DOCUMENT))??;
        let document = String::from_utf8(document).map_err(|_| lacks(DOCUMENT))?;
        let document = Json::parse(&document).map_err(|error| format!("{DOCUMENT} in {}: {error}", file.name))?;
        let weights = tensors(&part(WEIGHTS).ok_or_else(|| lacks(WEIGHTS))??)?;
        Ok(Imported { document: Some(document), weights, notes: Vec::new() })
    })())
}

/// The arrays of a safetensors file as [`safetensors`] writes it.
fn tensors(bytes: &[u8]) -> Result<Vec<Weight>, String> {
    let broken =
        || "The weights cannot be read: the file is damaged or cut off. Save the experiment again.".to_string();
    let length = bytes.get(..8).ok_or_else(broken)?;
    let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
    let end = usize::try_from(length).ok().and_then(|length| length.checked_add(8)).ok_or_else(broken)?;
    let head = bytes.get(8..end).and_then(|head| std::str::from_utf8(head).ok()).ok_or_else(broken)?;
    let Ok(Json::Object(head)) = Json::parse(head) else { return Err(broken()) };
    let whole = |json: &Json| match json {
        Json::Number(number) if *number >= 0.0 && number.fract() == 0.0 => Some(*number as usize),
        _ => None,
    };
    let list = |json: Option<&Json>| match json {
        Some(Json::Array(items)) => items.iter().map(whole).collect::<Option<Vec<usize>>>(),
        _ => None,
    };
    let one = |name: &str| -> Option<Weight> {
        let Some(Json::Object(entry)) = head.get(name) else { return None };
        let (shape, range) = (list(entry.get("shape"))?, list(entry.get("data_offsets"))?);
        let [from, to] = range[..] else { return None };
        let data = bytes[end..].get(from..to)?;
        let count = shape.iter().try_fold(1usize, |all, size| all.checked_mul(*size))?;
        if entry.get("dtype") != Some(&Json::from("F32")) || data.len() != count.checked_mul(4)? {
            return None;
        }
        let data = data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        Some(Weight { name: name.to_string(), shape: shape.into(), data })
    };
    head.keys().filter(|name| *name != "__metadata__").map(|name| one(name).ok_or_else(broken)).collect()
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

/// Whether weights alone fit the network on the page, by name and shape.
pub fn matches(network: &Network, weights: &[Weight]) -> Result<(), String> {
    for weight in weights {
        let own = network.layers.iter().flat_map(|layer| &layer.parameters).find(|one| one.full == weight.name);
        match own {
            Some(own) if own.shape == weight.shape => {}
            Some(own) => {
                return Err(format!(
                    "{} is {} here, but {} in the file: open the network that these weights are of.",
                    own.full, own.shape, weight.shape
                ));
            }
            None => {
                return Err(format!(
                    "The file has an array \"{}\", which the network on the page has not: open the network that these weights are of.",
                    weight.name
                ));
            }
        }
    }
    Ok(())
}
