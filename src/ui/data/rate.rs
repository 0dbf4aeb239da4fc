//! A number of the training as a row: typed, or nudged with the arrow keys.

use yew::prelude::*;

use crate::{
    paint::format,
    ui::{
        app::use_page,
        part::{Entry, Slider},
    },
};

/// How a number is read and changed.
#[derive(Clone, Copy, PartialEq)]
pub struct Range {
    pub low: f64,
    pub high: f64,
    /// Whole numbers only.
    pub whole: bool,
    /// A slider over these decades below the number.
    pub decades: Option<(i32, i32)>,
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub label: AttrValue,
    #[prop_or_default]
    pub help: Option<AttrValue>,
    pub value: f64,
    pub range: Range,
    pub on_change: Callback<f64>,
}

#[component]
pub fn NumberRow(props: &Props) -> Html {
    let page = use_page();
    let (range, value) = (props.range, props.value);
    let on_commit = {
        let on_change = props.on_change.clone();
        let expected = match range.whole {
            true => crate::nn::Kind::Count { min: range.low as i64, max: range.high as i64 }.to_string(),
            false => crate::nn::Kind::Number { min: range.low, max: range.high, log: false }.to_string(),
        };
        let words = page.words;
        Callback::from(move |text: String| {
            let number = crate::nn::json::parse_number(&text.replace(',', if range.whole { "" } else { "." }));
            let fits =
                |number: &f64| (range.low..=range.high).contains(number) && (!range.whole || number.fract() == 0.0);
            match number.filter(fits) {
                Some(number) => {
                    on_change.emit(number);
                    Ok(())
                }
                None => Err(crate::ui::language::fill(words.expected, &[("what", &expected)])),
            }
        })
    };
    let on_nudge = (range.whole)
        .then(|| props.on_change.reform(move |far: i32| (value + f64::from(far)).clamp(range.low, range.high)));
    let on_slide = props.on_change.reform(move |number: f64| number.clamp(range.low, range.high));
    html! {
        <label class="knob" title={props.help.clone()}>
            <span class="knob-label">{ &props.label }</span>
            { draw!(<Entry label={&props.label} value={format::exact(value)} {on_commit} {on_nudge} />) }
            if let Some((low, high)) = range.decades {
                { draw!(<Slider label={&props.label} {value} text={format::exact(value)} {low} {high} zero={range.low <= 0.0} {on_slide} />) }
            }
        </label>
    }
}
