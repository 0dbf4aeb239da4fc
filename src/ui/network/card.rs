//! One layer: what it is, what it makes of the picture, its shape; its fields when it is open.

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::{fields::Fields, grip::Grip, maps::Maps, mend::Mend, row};
use crate::{
    paint::format,
    spec::{self, LayerSpec, Mistake, Piece},
    ui::{
        app::use_page,
        language::fill,
        model::{Action, Edit, summary::summary},
        shared::Shared,
    },
    worker::protocol::{Look, Opened},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub place: usize,
    /// How many layers there are.
    pub last: usize,
    pub layer: LayerSpec,
    /// Its name in the document.
    pub name: String,
    /// What it comes to; `None` where it, or a layer before it, does not work.
    pub piece: Option<Piece>,
    /// The names of the layers above it.
    pub earlier: Vec<String>,
    pub mistakes: Vec<Mistake>,
    pub advice: Vec<Mistake>,
    /// For the last layer: the classes that its numbers are for.
    pub classes: Option<Shared<Opened>>,
    pub look: Option<Shared<Look>>,
    pub open: bool,
}

#[component]
pub fn Card(props: &Props) -> Html {
    let page = use_page();
    let (words, act, place) = (page.words, page.act, props.place);
    let label = props.layer.kind.about.label;
    let title = props.layer.name.as_deref().unwrap_or(label);
    let mut told = summary(&props.layer.values, words.without);
    if props.layer.name.is_some() {
        told = if told.is_empty() { label.to_string() } else { format!("{label}, {told}") };
    }
    let state = match (&props.piece, props.mistakes.is_empty()) {
        (_, false) => Some("wrong"),
        (None, true) => Some("blocked"),
        (Some(_), true) => None,
    };
    let open = props.open;
    let onclick = act.reform(move |_| Action::Expand((!open).then_some(place)));
    let onkeydown = {
        let (act, last) = (act.clone(), props.last);
        Callback::from(move |event: KeyboardEvent| key(&event, place, last, &act))
    };
    let (shape, count) = match &props.piece {
        Some(piece) => (format::shape(&piece.shape), piece.count()),
        None => (words.no_figure.to_string(), 0),
    };
    html! {
        <div class="layer" data-layer={place.to_string()} data-open={open.to_string()} data-state={state}
            style={format!("grid-row:{}", row(place + 1))}>
            { draw!(<Grip {place} label={fill(words.drag, &[("name", title)])} />) }
            <button type="button" class="layer-head" aria-expanded={open.to_string()} title={props.layer.kind.about.help}
                {onclick} {onkeydown}>
                <span class="layer-title">{ title }</span>
                <span class="layer-summary">{ told }</span>
            </button>
            { draw!(<Maps look={props.look.clone()} name={props.name.clone()} classes={props.classes.clone()} title={title.to_string()} />) }
            <div class="layer-shape">
                <b>{ shape }</b>
                if count > 0 { { fill(words.parameters, &[("n", &format::count(count as u64))]) } }
            </div>
            { for props.mistakes.iter().map(|mistake| draw!(<Mend mistake={mistake.clone()} grave=true />)) }
            { for props.advice.iter().map(|mistake| draw!(<Mend mistake={mistake.clone()} grave=false />)) }
            if open {
                { draw!(<Fields {place} last={props.last} layer={props.layer.clone()} name={props.name.clone()} earlier={props.earlier.clone()} />) }
            }
        </div>
    }
}

/// Alt and an arrow move the layer, Delete takes it out.
fn key(event: &KeyboardEvent, place: usize, last: usize, act: &Callback<Action>) {
    let (edit, next) = match (event.key().as_str(), event.alt_key()) {
        ("ArrowUp", true) if place > 0 => (spec::Edit::Move { from: place, to: place - 1 }, place - 1),
        ("ArrowDown", true) if place + 1 < last => (spec::Edit::Move { from: place, to: place + 1 }, place + 1),
        ("Delete" | "Backspace", false) => (spec::Edit::Remove(place), place.min(last.saturating_sub(2))),
        ("ArrowUp", false) if place > 0 => return focus(event, place - 1),
        ("ArrowDown", false) if place + 1 < last => return focus(event, place + 1),
        _ => return,
    };
    act.emit(Action::Edit(Edit::Plain(edit)));
    focus(event, next);
}

/// Gives the focus to another card, once it is drawn.
fn focus(event: &KeyboardEvent, place: usize) {
    event.prevent_default();
    event.stop_propagation();
    let stack = event.target_dyn_into::<Element>().and_then(|head| head.closest(".stack").ok().flatten());
    Timeout::new(0, move || {
        let head = stack
            .and_then(|stack| stack.query_selector(&format!("[data-layer=\"{place}\"] > .layer-head")).ok().flatten());
        if let Some(head) = head {
            let _ = head.unchecked_into::<HtmlElement>().focus();
        }
    })
    .forget();
}
