//! A layers model of TensorFlow.js: `model.json` and the files that it names, together or in a zip.

use super::{
    Imported, Reader, Upload,
    keras::{Array, Beside, Graph, Row, Shelf, network, sorted},
    safetensors::half,
    text::json,
    unzip::{names, unzip},
};
use crate::{export::keras_model::TOLD, nn::json::Json};

pub static TENSORFLOWJS: Reader = Reader {
    id: "tensorflowjs",
    label: "TensorFlow.js",
    endings: &["json", "bin", "zip"],
    knows: |files| match files {
        [file] if file.bytes.starts_with(b"PK") => names(&file.bytes).iter().any(|name| own(name) == MODEL),
        _ => files.iter().any(is_model),
    },
    read: |files| match files {
        [file] if file.bytes.starts_with(b"PK") => {
            read(&unzip(file, |name| own(name) == MODEL || name.ends_with(".bin") || own(name).contains("shard"))?)
        }
        _ => read(files),
    },
};

const MODEL: &str = "model.json";
/// What the files that a model names may have in all, in bytes, and how many arrays it may list.
const MOST: usize = 256 << 20;
const ARRAYS: usize = 4096;

/// A name without its folders.
fn own(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// Whether a file is JSON that speaks of a model and its weights.
fn is_model(file: &Upload) -> bool {
    let has = |word: &[u8]| file.bytes.windows(word.len()).any(|part| part == word);
    file.bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') && has(b"\"modelTopology\"")
}

fn read(files: &[Upload]) -> Result<Imported, String> {
    let mut models = files.iter().filter(|file| is_model(file));
    let model = models
        .next()
        .ok_or("There is no model.json that describes a layers model of TensorFlow.js: save the model again.")?;
    if models.next().is_some() {
        return Err("There are several models of TensorFlow.js: open one at a time.".into());
    }
    let whole = json(&model.bytes, &model.name)?;
    let topology = whole
        .field("modelTopology")
        .ok_or_else(|| format!("{} has no modelTopology: save the model again.", model.name))?;
    if topology.field("node").is_some() || whole.field("format").and_then(Json::as_str) == Some("graph-model") {
        return Err(format!(
            "{} is a graph model, which lists operations: expected a layers model. Convert the Keras model to the format \
             tfjs_layers_model instead.",
            model.name
        ));
    }
    let graph = Graph::read(topology.field("model_config").unwrap_or(topology))?;
    let arrays = arrays(&whole, files)?;
    let beside = Beside {
        told: whole.field("userDefinedMetadata").and_then(|own| own.field(TOLD)).cloned(),
        training: topology.field("training_config").or(whole.field("trainingConfig")).cloned(),
    };
    network(&graph, &Manifest { arrays }, &beside)
}

/// All arrays, by names such as `dense/kernel`.
struct Manifest {
    arrays: Vec<Array>,
}

impl Shelf for Manifest {
    fn arrays(&self, row: &Row) -> Result<Vec<Array>, String> {
        let is_own = |array: &&Array| {
            array.name.rsplit_once('/').is_some_and(|(layer, _)| layer.split('/').any(|word| word == row.name))
        };
        Ok(sorted(self.arrays.iter().filter(is_own).cloned().collect()))
    }
}

/// The arrays that the manifest lists, out of the files that it names.
fn arrays(whole: &Json, files: &[Upload]) -> Result<Vec<Array>, String> {
    let none = "model.json lists no weights (weightsManifest): save the model with its weights.";
    let groups = whole.field("weightsManifest").and_then(Json::as_array).ok_or(none)?;
    let (mut all, mut total) = (Vec::new(), 0);
    for group in groups {
        let list = |key: &str| group.field(key).and_then(Json::as_array).ok_or(none);
        let mut bytes: Vec<u8> = Vec::new();
        for path in list("paths")? {
            let path = path.as_str().ok_or(none)?;
            let file = files.iter().find(|file| own(&file.name) == own(path)).ok_or_else(|| {
                format!("model.json needs {} beside it: bring both together, or all its files in a zip.", own(path))
            })?;
            total += file.bytes.len();
            if total > MOST {
                return Err("The model's weights are more than 256 MB: bring a smaller network.".into());
            }
            bytes.extend(&file.bytes);
        }
        let mut rest = &bytes[..];
        for row in list("weights")? {
            if all.len() == ARRAYS {
                return Err(format!("model.json lists more than {ARRAYS} arrays: it is no network for a page."));
            }
            let name = row.field("name").and_then(Json::as_str).ok_or(none)?;
            all.push(
                array(name, row, &mut rest).map_err(|why| format!("The array \"{name}\" cannot be read: {why}."))?,
            );
        }
    }
    Ok(all)
}

/// The next array; the error is the end of a sentence.
fn array(name: &str, row: &Json, rest: &mut &[u8]) -> Result<Array, String> {
    let sizes = row.field("shape").and_then(Json::as_array).ok_or("it has no shape")?;
    let whole = |json: &Json| json.as_f64().filter(|n| *n >= 0.0 && *n <= 1e9 && n.fract() == 0.0).map(|n| n as usize);
    let shape: Vec<usize> =
        sizes.iter().map(whole).collect::<Option<_>>().ok_or("its shape is no list of whole numbers")?;
    let packed = row.field("quantization");
    let word =
        |json: Option<&Json>| json.and_then(|json| json.field("dtype")).and_then(Json::as_str).map(str::to_string);
    let kind = word(packed).or(word(Some(row))).unwrap_or_default();
    let width = match kind.as_str() {
        "float32" | "int32" => 4,
        "float16" | "uint16" => 2,
        "uint8" | "bool" => 1,
        _ => return Err(format!("its numbers are {kind}, where float32, float16, int32, uint16 and uint8 are read")),
    };
    let length = shape.iter().try_fold(width, |all: usize, size| all.checked_mul(*size));
    let own = length.and_then(|length| rest.split_at_checked(length)).ok_or(format!(
        "its shape asks for more than the {} bytes that are left: a file is cut off, or of another model",
        rest.len()
    ))?;
    *rest = own.1;
    let number = |key: &str, usual: f64| packed.and_then(|packed| packed.field(key)?.as_f64()).unwrap_or(usual);
    let (scale, least) = match packed {
        Some(_) if kind != "float16" => (number("scale", 1.0), number("min", 0.0)),
        _ => (1.0, 0.0),
    };
    let spread = |value: u32| (f64::from(value) * scale + least) as f32;
    let data = (own.0.chunks_exact(width))
        .map(|b| match kind.as_str() {
            "float32" => f32::from_le_bytes([b[0], b[1], b[2], b[3]]),
            "int32" => i32::from_le_bytes([b[0], b[1], b[2], b[3]]) as f32,
            "float16" => half(u16::from_le_bytes([b[0], b[1]])),
            "uint16" => spread(u16::from_le_bytes([b[0], b[1]]).into()),
            _ => spread(b[0].into()),
        })
        .collect();
    Ok(Array { name: name.to_string(), shape, data })
}
