//! The experiment document as Whisker's own programs hold it: one layer a line.

use super::{Network, code::Writer, name::quoted};
use crate::nn::json::Json;

/// How names and texts are written.
#[derive(Clone, Copy, PartialEq)]
pub enum Style {
    Json,
    /// JavaScript: names bare where that works, texts in single quotes.
    Script,
}

/// Appends the document, `head` before its brace and `tail` after it.
pub fn write(w: &mut Writer, network: &Network, style: Style, head: &str, tail: &str) {
    let Json::Object(top) = &network.document else { unreachable!("a document is an object") };
    w.line(format!("{head}{{"));
    w.indented(|w| {
        let keys: Vec<&str> = top.keys().collect();
        for (i, name) in keys.iter().enumerate() {
            let comma = if i + 1 == keys.len() && style == Style::Json { "" } else { "," };
            let value = top.get(name).expect("a field of the document");
            match value {
                Json::Array(layers) if *name == "layers" => {
                    w.line(format!("{}: [", key(name, style)));
                    w.indented(|w| {
                        for (place, layer) in layers.iter().enumerate() {
                            let comma = if place + 1 == layers.len() && style == Style::Json { "" } else { "," };
                            let text = format!("{}{comma}", inline(layer, style));
                            match network.layers.iter().find(|layer| layer.place == place) {
                                Some(layer) => w.layer(layer, text),
                                None => w.line(text),
                            }
                        }
                    });
                    w.line(format!("]{comma}"));
                }
                _ => w.line(format!("{}: {}{comma}", key(name, style), inline(value, style))),
            }
        }
    });
    w.line(format!("}}{tail}"));
}

fn key(name: &str, style: Style) -> String {
    let bare = name.chars().all(|letter| letter.is_ascii_alphanumeric());
    if style == Style::Script && bare { name.to_string() } else { text(name, style) }
}

/// A value on one line.
fn inline(value: &Json, style: Style) -> String {
    match value {
        Json::Object(map) => {
            let field =
                |name| format!("{}: {}", key(name, style), inline(map.get(name).expect("its own field"), style));
            match map.keys().map(field).collect::<Vec<_>>() {
                fields if fields.is_empty() => "{}".to_string(),
                fields => format!("{{ {} }}", fields.join(", ")),
            }
        }
        Json::Array(items) => {
            format!("[{}]", items.iter().map(|item| inline(item, style)).collect::<Vec<_>>().join(", "))
        }
        Json::String(string) => text(string, style),
        Json::Null | Json::Bool(_) | Json::Number(_) => value.to_string(),
    }
}

fn text(text: &str, style: Style) -> String {
    match style {
        Style::Script if !text.contains(['\'', '"', '\\']) => quoted(text).replace('"', "'"),
        Style::Script | Style::Json => quoted(text),
    }
}
