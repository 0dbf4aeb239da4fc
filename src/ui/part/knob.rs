//! One field of a row as a control of its kind: a number, a size, a slider, a switch, a choice, a shape.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::{Entry, Row, Slider};
use crate::{
    nn::{
        field::{Field, Kind, Value},
        json::parse_number,
    },
    paint::format,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub field: Row<Field>,
    pub value: Value,
    pub on_change: Callback<Value>,
}

#[component]
pub fn Knob(props: &Props) -> Html {
    let field = props.field.0;
    html! {
        <label class="knob" title={field.help}>
            <span class="knob-label">{ field.label }</span>
            { control(field, &props.value, &props.on_change) }
        </label>
    }
}

fn control(field: &'static Field, value: &Value, on_change: &Callback<Value>) -> Html {
    let entry = |nudge: Option<Callback<i32>>| {
        let on_change = on_change.clone();
        let on_commit = Callback::from(move |text: String| {
            let value = read(&field.kind, &text)?;
            on_change.emit(value);
            Ok(())
        });
        draw!(<Entry label={field.label} value={show(value)} {on_commit} on_nudge={nudge} />)
    };
    match (field.kind, value) {
        (Kind::Count { min, max }, Value::Count(count)) => {
            let count = *count;
            entry(Some(on_change.reform(move |far| Value::Count((count + i64::from(far)).clamp(min, max)))))
        }
        (Kind::Size { min, max }, Value::Size(size)) => {
            let size = *size;
            let move_by = move |far: i32| size.map(|side| side.saturating_add_signed(far as isize).clamp(min, max));
            entry(Some(on_change.reform(move |far| Value::Size(move_by(far)))))
        }
        (Kind::Number { min, max, log: true }, Value::Number(number)) => {
            let on_slide = on_change.reform(move |number: f64| Value::Number(number.clamp(min, max)));
            html! {
                <>
                    { entry(None) }
                    { draw!(<Slider label={field.label} value={*number} text={format::exact(*number)} low={-6} high={1}
                        zero={min <= 0.0} {on_slide} />) }
                </>
            }
        }
        (Kind::Number { min, max, log: false }, Value::Number(number)) => {
            let number = *number;
            let step = if max <= 1.0 { 0.01 } else { 1.0 };
            let move_by = move |far: i32| ((number + f64::from(far) * step) * 1e6).round() / 1e6;
            entry(Some(on_change.reform(move |far| Value::Number(move_by(far).clamp(min, max)))))
        }
        (Kind::Flag, Value::Flag(flag)) => {
            let onchange = on_change
                .reform(|event: Event| Value::Flag(event.target_unchecked_into::<HtmlInputElement>().checked()));
            html! { <input class="switch" type="checkbox" role="switch" aria-label={field.label} checked={*flag} {onchange} /> }
        }
        (Kind::Choice(words), Value::Choice(id)) => {
            let onchange = on_change.reform(move |event: Event| {
                let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
                Value::Choice(words.iter().find(|word| word.id == chosen).map_or(words[0].id, |word| word.id))
            });
            html! {
                <select class="field" aria-label={field.label} {onchange}>
                    { for words.iter().map(|word| html! {
                        <option value={word.id} title={word.help} selected={word.id == *id}>{ word.label }</option>
                    }) }
                </select>
            }
        }
        (Kind::Shape, Value::Shape(_)) => entry(None),
        (
            Kind::Count { .. } | Kind::Size { .. } | Kind::Number { .. } | Kind::Flag | Kind::Choice(_) | Kind::Shape,
            _,
        ) => html! {},
    }
}

/// A value as it stands in its field.
pub fn show(value: &Value) -> String {
    match value {
        Value::Count(count) => count.to_string(),
        Value::Size([h, w]) if h == w => h.to_string(),
        Value::Size([h, w]) => format!("{h} × {w}"),
        Value::Number(number) => format::exact(*number),
        Value::Flag(flag) => flag.to_string(),
        Value::Choice(id) => id.to_string(),
        Value::Shape(sizes) => sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" × "),
    }
}

/// What was typed, as a value of this kind; the error says what was expected.
fn read(kind: &Kind, text: &str) -> Result<Value, String> {
    let plain = text.replace(['−', '–'], "-").replace(' ', "").replace(',', ".");
    let sizes = || -> Option<Vec<usize>> {
        let parts = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().ok()).collect()
    };
    let value = match kind {
        Kind::Count { .. } => text.replace([' ', ','], "").parse().ok().map(Value::Count),
        Kind::Size { .. } => match sizes().as_deref() {
            Some([side]) => Some(Value::Size([*side, *side])),
            Some([h, w]) => Some(Value::Size([*h, *w])),
            Some(_) | None => None,
        },
        Kind::Number { .. } => parse_number(&plain).map(Value::Number),
        Kind::Shape => sizes().map(|sizes| Value::Shape(sizes.into())),
        Kind::Flag | Kind::Choice(_) => None,
    };
    value.filter(|value| kind.allows(value)).ok_or_else(|| format!("Expected {kind}."))
}
