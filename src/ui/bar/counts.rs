//! Epochs, steps and speed.

use yew::prelude::*;

use crate::{paint::format, ui::app::use_page};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub step: u32,
    pub epoch: f32,
    pub speed: f32,
    /// Nothing was trained yet.
    pub fresh: bool,
    /// The samples are points, not pictures.
    pub plane: bool,
}

#[component]
pub fn Counts(props: &Props) -> Html {
    let words = use_page().words;
    if props.fresh {
        return html! { <div class="counts"><span class="hint">{ words.hint }</span></div> };
    }
    let epoch =
        if props.epoch < 100.0 { format::fixed(f64::from(props.epoch), 1) } else { format::count(props.epoch as u64) };
    let speed = if props.speed > 0.0 { short(props.speed) } else { words.no_figure.to_string() };
    html! {
        <div class="counts">
            <div class="count"><b>{ epoch }</b>{ words.epochs }</div>
            <div class="count"><b>{ format::count(u64::from(props.step)) }</b>{ words.steps }</div>
            <div class="count" data-kind="speed"><b>{ speed }</b>{ if props.plane { words.speed_points } else { words.speed } }</div>
        </div>
    }
}

/// A speed in few letters: `1,610`, `776k`.
fn short(speed: f32) -> String {
    match speed {
        speed if (1e5..1e6).contains(&speed) => format!("{}k", (speed / 1e3).round() as u32),
        speed => format::count(speed.round() as u64),
    }
}
