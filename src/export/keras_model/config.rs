//! Pieces as JSON: a `Sequential` where each reads the one before it, else a `Functional` graph, in either generation's way.

use super::{Dialect, PACKAGE, Piece, Pieces};
use crate::nn::json::{Json, Map};

/// The whole model's configuration, by class.
pub fn model_config(pieces: &Pieces, dialect: Dialect, title: &str) -> Map {
    let chain = pieces.is_chain();
    let layers: Vec<Json> = (pieces.all.iter())
        .map(|piece| {
            let mut map = layer(piece, dialect);
            if !chain {
                map.insert("name", piece.name.as_str());
                map.insert("inbound_nodes", reads(piece, pieces, dialect));
            }
            map.into()
        })
        .collect();
    let mut config = Map::new();
    config.insert("name", title);
    if dialect == Dialect::Keras3 {
        config.insert("trainable", true);
    }
    config.insert("layers", Json::Array(layers));
    let input = &pieces.all[0];
    if chain && dialect == Dialect::Keras3 {
        config.insert("build_input_shape", batch(&input.shape));
    }
    if !chain {
        for (key, name) in [("input_layers", &input.name), ("output_layers", &pieces.all[pieces.output].name)] {
            config.insert(key, Json::Array(vec![place(name)]));
        }
    }
    let mut model = Map::new();
    if dialect == Dialect::Keras3 {
        model.insert("module", if chain { "keras" } else { "keras.src.models.functional" });
    }
    let class = match (chain, dialect) {
        (true, _) => "Sequential",
        (false, Dialect::Script) => "Model",
        (false, _) => "Functional",
    };
    model.insert("class_name", class);
    model.insert("config", config);
    if dialect == Dialect::Keras3 {
        model.insert("registered_name", if chain { Json::Null } else { "Functional".into() });
        let mut build = Map::new();
        build.insert("input_shape", if chain { batch(&input.shape) } else { Json::Null });
        model.insert("build_config", build);
        model.insert("compile_config", Json::Null);
    }
    model
}

fn layer(piece: &Piece, dialect: Dialect) -> Map {
    let mut config = Map::new();
    if piece.class == "InputLayer" {
        let shape = if dialect == Dialect::Keras3 { "batch_shape" } else { "batch_input_shape" };
        config.insert(shape, batch(&piece.shape));
        config.insert("dtype", "float32");
        config.insert("sparse", false);
        config.insert("ragged", false);
        config.insert("name", piece.name.as_str());
    } else {
        config.insert("name", piece.name.as_str());
        config.insert("trainable", true);
        config.insert("dtype", "float32");
    }
    for key in piece.fields.keys() {
        // words that one generation alone knows
        let unknown = match dialect {
            Dialect::Keras3 => key == "output_padding" || (key == "activity_regularizer" && piece.class == "Dense"),
            Dialect::Keras2 | Dialect::Script => false,
        };
        if !unknown {
            config.insert(key, piece.fields.get(key).expect("its own field").clone());
        }
    }
    let mut map = Map::new();
    let registered = format!("{PACKAGE}>{}", piece.class);
    match dialect {
        Dialect::Keras3 => {
            map.insert("module", if piece.brought { Json::Null } else { "keras.layers".into() });
            map.insert("class_name", piece.class);
        }
        Dialect::Keras2 if piece.brought => map.insert("class_name", registered.as_str()),
        Dialect::Keras2 | Dialect::Script => map.insert("class_name", piece.class),
    }
    map.insert("config", config);
    if dialect == Dialect::Keras3 {
        map.insert("registered_name", if piece.brought { registered.as_str().into() } else { Json::Null });
    }
    map
}

/// What a piece reads, as its one call.
fn reads(piece: &Piece, pieces: &Pieces, dialect: Dialect) -> Json {
    if piece.inputs.is_empty() {
        return Json::Array(Vec::new());
    }
    let attends = piece.class == "MultiHeadAttention";
    // Keras 3 reads a call with several arguments in its own way alone
    if dialect == Dialect::Keras3 || attends {
        let tensor = |at: &usize| {
            let from = &pieces.all[*at];
            let mut config = Map::new();
            config.insert("shape", batch(&from.shape));
            config.insert("dtype", "float32");
            config.insert("keras_history", place(&from.name));
            let mut map = Map::new();
            map.insert("class_name", "__keras_tensor__");
            map.insert("config", config);
            Json::from(map)
        };
        let tensors: Vec<Json> = piece.inputs.iter().map(tensor).collect();
        let args = if attends || tensors.len() == 1 { tensors } else { vec![Json::Array(tensors)] };
        let mut call = Map::new();
        call.insert("args", Json::Array(args));
        call.insert("kwargs", piece.call.clone());
        return Json::Array(vec![call.into()]);
    }
    let node = |at: &usize| {
        let Json::Array(mut node) = place(&pieces.all[*at].name) else { unreachable!("a place is a list") };
        node.push(piece.call.clone().into());
        Json::Array(node)
    };
    Json::Array(vec![piece.inputs.iter().map(node).collect()])
}

/// A layer's first result: its name, the call's number, the result's number.
fn place(name: &str) -> Json {
    Json::Array(vec![name.into(), 0.0.into(), 0.0.into()])
}

/// A shape with the batch in front, which may be of any size.
fn batch(shape: &[usize]) -> Json {
    Json::Array([Json::Null].into_iter().chain(shape.iter().map(|size| (*size).into())).collect())
}
