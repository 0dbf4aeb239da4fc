//! A layer in a few words: `16 filters, 3 × 3, ReLU`.

use crate::{
    nn::field::{Default, Field, Kind, Value, Values},
    paint::format,
};

/// What is worth saying of a layer's fields: what it must be given, its window, and whatever is not as usual.
pub fn summary(values: &Values, without: &str) -> String {
    let chosen = |field: &Field| values.chosen().any(|(one, _)| one.id == field.id);
    let always = |field: &Field| {
        let telling = ["kernel", "size", "rate", "stddev", "factor", "function"];
        matches!(field.default, Default::Needed(_)) || telling.contains(&field.id)
    };
    let told = values.fields().iter().filter(|field| always(field) || chosen(field));
    let parts: Vec<String> = told.filter_map(|field| part(field, values.get(field.id), without)).collect();
    parts.join(", ")
}

fn part(field: &Field, value: &Value, without: &str) -> Option<String> {
    let label = field.label.to_ascii_lowercase();
    Some(match value {
        Value::Count(1) if label.ends_with('s') => format!("1 {}", &label[..label.len() - 1]),
        Value::Count(count) => format!("{} {label}", format::commas(*count as f64, 0)),
        Value::Size([h, w]) if matches!(field.id, "kernel" | "size") => format!("{h} × {w}"),
        Value::Size([h, w]) if h == w => format!("{label} {h}"),
        Value::Size([h, w]) => format!("{label} {h} × {w}"),
        Value::Number(number) => format!("{label} {}", format::exact(*number)),
        Value::Flag(true) => label,
        Value::Flag(false) => format!("{without} {label}"),
        Value::Choice(id) => match field.kind {
            Kind::Choice(words) => words.iter().find(|word| word.id == *id)?.label.to_string(),
            Kind::Count { .. } | Kind::Size { .. } | Kind::Number { .. } | Kind::Flag | Kind::Shape => return None,
        },
        Value::Shape(sizes) => format::shape(sizes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::LayerSpec;

    #[test]
    fn a_layer_is_told_in_a_few_words() {
        let check = |layer: LayerSpec, words: &str| assert_eq!(summary(&layer.values, "no"), words);
        check(LayerSpec::fresh("conv2d").with("activation", Value::Choice("relu")), "16 filters, 3 × 3, ReLU");
        check(LayerSpec::fresh("conv2d").with("bias", Value::Flag(false)), "16 filters, 3 × 3, no bias");
        check(LayerSpec::fresh("dense").with("units", Value::Count(1)), "1 unit");
        check(LayerSpec::fresh("max-pool2d"), "2 × 2");
        check(LayerSpec::fresh("dropout"), "rate 0.5");
        check(LayerSpec::fresh("batch-norm"), "");
        check(LayerSpec::fresh("flatten"), "");
    }
}
