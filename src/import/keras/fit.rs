//! What a file says of padding and axes, held against what the document's layers come to.

use super::network::{Layer, text_of};
use crate::{
    nn::{json::Json, layer::window},
    spec,
};

/// Whether padding and axes came to what the file says.
pub fn fits(layers: &[Layer], checked: &spec::Network) -> Result<(), String> {
    for (layer, piece) in layers.iter().zip(&checked.pieces) {
        if layer.made.axis.is_some_and(|axis| axis != piece.shape.len()) {
            return Err(format!(
                "The layer \"{}\" normalises over another axis than the last, which is not read.",
                layer.row.name
            ));
        }
        let (Some(given), Some(source)) = (layer.made.padding, piece.inputs.first()) else { continue };
        let from = match source {
            spec::Source::Input => &checked.sample.shape,
            spec::Source::Layer(other) => &checked.pieces[*other].shape,
        };
        let size = |key: &str, usual: [usize; 2]| sizes(layer.made.fields.get(key), usual);
        let kernel =
            size("kernel", size("size", [if text_of(&layer.made.fields, "type") == "avg-pool2d" { 2 } else { 3 }; 2]));
        let stride = size("stride", if layer.made.fields.get("size").is_some() { kernel } else { [1, 1] });
        let dilation = size("dilation", [1, 1]);
        let fits = (0..2).all(|i| {
            let own = window::axis(from.get(i).copied().unwrap_or(0), kernel[i], stride[i], dilation[i], "same");
            own.is_some_and(|own| [own.before, own.after] == given[i])
        });
        if !fits {
            return Err(format!(
                "The layer \"{}\" is padded by {} and {} rows and {} and {} columns, where only the padding of \"same\" is read: build \
                 it so.",
                layer.row.name, given[0][0], given[0][1], given[1][0], given[1][1]
            ));
        }
    }
    Ok(())
}

fn sizes(json: Option<&Json>, usual: [usize; 2]) -> [usize; 2] {
    match json {
        Some(Json::Number(one)) => [*one as usize; 2],
        Some(Json::Array(both)) if both.len() == 2 => [0, 1].map(|i| both[i].as_f64().unwrap_or(1.0) as usize),
        _ => usual,
    }
}
