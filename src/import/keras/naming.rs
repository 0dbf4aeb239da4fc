//! Names of layers: those in the document that a file was made of, else those that somebody chose in the file.

use super::{
    Row,
    graph::text,
    network::{Layer, text_of},
};
use crate::{export::keras_model::snake, nn::json::Json, spec::limit};

/// Gives every layer its name: the one in the document that the file was made of, else the file's where somebody chose it.
pub fn name(layers: &mut [Layer], told: Option<&Json>) {
    for place in 0..layers.len() {
        let row = layers[place].row;
        // of several layers that one became, the last has its name
        let last = layers.get(place + 1).is_none_or(|next| !std::ptr::eq(next.row, row));
        layers[place].own = match told {
            Some(names) => text(names, &row.name).map(str::to_string),
            None => chosen(row).filter(|_| last),
        };
    }
    loop {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for layer in layers.iter_mut() {
            let kind = text_of(&layer.made.fields, "type");
            let at = counts.iter().position(|(other, _)| *other == kind).unwrap_or_else(|| {
                counts.push((kind.clone(), 0));
                counts.len() - 1
            });
            counts[at].1 += 1;
            layer.name = layer.own.clone().unwrap_or(format!("{kind}-{}", counts[at].1));
        }
        let mut seen: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
        seen.sort_unstable();
        let twice: Vec<String> =
            seen.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].to_string()).collect();
        let Some(loser) = layers.iter_mut().rfind(|layer| layer.own.is_some() && twice.contains(&layer.name)) else {
            return;
        };
        loser.own = None;
    }
}

/// A name that somebody chose, as far as it can be one here.
fn chosen(row: &Row) -> Option<String> {
    let plain = snake(&row.class);
    let counted = row.name.strip_prefix(&plain).map(|rest| rest.strip_prefix('_').unwrap_or(rest));
    if counted.is_some_and(|rest| rest.chars().all(|letter| letter.is_ascii_digit())) {
        return None;
    }
    let name: String = row.name.chars().filter(|letter| !letter.is_control()).take(limit::NAME).collect();
    let name = name.replace('/', "-").trim().to_string();
    Some(name).filter(|name| !name.is_empty() && name != "input")
}
