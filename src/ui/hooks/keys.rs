//! The page's keys: space plays, S steps, R rewinds, and undo and redo as everywhere.
//!
//! A key that the focused control has a use for is left to it. A page form hears the whole window; an element among
//! others hears what happens inside it.

use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, KeyboardEvent};
use yew::prelude::*;

use super::Listener;
use crate::{ui::model::Action, worker::protocol::Stride};

#[hook]
pub fn use_keys(target: EventTarget, dispatch: Callback<Action>) {
    use_effect_with((), move |()| {
        let listener = Listener::new(target, "keydown", move |event| {
            let event = event.unchecked_into::<KeyboardEvent>();
            if let Some(action) = action(&event) {
                event.prevent_default();
                dispatch.emit(action);
            }
        });
        move || drop(listener)
    });
}

fn action(event: &KeyboardEvent) -> Option<Action> {
    let focus = event.composed_path().get(0).dyn_into::<Element>().ok();
    let tag = focus.as_ref().map(Element::tag_name).unwrap_or_default();
    let kind = focus.as_ref().and_then(|focus| focus.get_attribute("type")).unwrap_or_default();
    let typing = tag == "TEXTAREA" || (tag == "INPUT" && !matches!(kind.as_str(), "range" | "checkbox"));
    if event.default_prevented() || typing {
        return None;
    }
    let key = event.key().to_ascii_lowercase();
    if event.ctrl_key() || event.meta_key() {
        return match (key.as_str(), event.shift_key()) {
            ("z", false) => Some(Action::Undo),
            ("z", true) | ("y", false) => Some(Action::Redo),
            _ => None,
        };
    }
    if event.alt_key() {
        return None;
    }
    let pressing = matches!(tag.as_str(), "BUTTON" | "A" | "SELECT" | "INPUT" | "SUMMARY");
    match key.as_str() {
        " " if !pressing => Some(Action::Toggle),
        "s" if tag != "SELECT" => Some(Action::Step(Stride::Batch)),
        "r" if tag != "SELECT" => Some(Action::Rewind),
        _ => None,
    }
}
