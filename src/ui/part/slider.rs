//! A slider over decades, for numbers such as a learning rate; its left end is 0 where 0 is allowed.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::{nn::json::parse_number, paint::format};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub label: AttrValue,
    pub value: f64,
    /// The value as text, spoken with the slider.
    pub text: AttrValue,
    /// The decades that it spans: 10^low to 10^high.
    pub low: i32,
    pub high: i32,
    /// Whether the left end is 0.
    #[prop_or_default]
    pub zero: bool,
    pub on_slide: Callback<f64>,
}

/// Stops between one decade and the next.
const STOPS: i32 = 9;

#[component]
pub fn Slider(props: &Props) -> Html {
    let (low, high, zero) = (props.low, props.high, props.zero);
    let last = (high - low) * STOPS + i32::from(zero);
    let place = place(props.value, low, zero).clamp(0.0, f64::from(last));
    let oninput = props.on_slide.reform(move |event: InputEvent| {
        value(event.target_unchecked_into::<HtmlInputElement>().value_as_number() as i32, low, zero)
    });
    html! {
        <input class="slider knob-wide" type="range" min="0" max={last.to_string()} step="1" value={(place.round() as i32).to_string()}
            style={format!("--part:{}%", format::fixed(place / f64::from(last) * 100.0, 1))} aria-label={&props.label}
            aria-valuetext={&props.text} {oninput} />
    }
}

/// The number at a stop: 1, 2, … 9 of each decade.
fn value(stop: i32, low: i32, zero: bool) -> f64 {
    if zero && stop == 0 {
        return 0.0;
    }
    let stop = stop - i32::from(zero);
    let text = format!("{}e{}", 1 + stop % STOPS, low + stop / STOPS);
    parse_number(&text).expect("a digit and an exponent")
}

/// Where a number lies among the stops, in stops.
fn place(value: f64, low: i32, zero: bool) -> f64 {
    let first = f64::from(i32::from(zero));
    if value <= 0.0 {
        return 0.0;
    }
    let decade = value.log10().floor();
    let digit = value / 10f64.powf(decade);
    first + (decade - f64::from(low)) * f64::from(STOPS) + (digit - 1.0)
}
