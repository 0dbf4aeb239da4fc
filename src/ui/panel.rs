//! The panel of code and files. What is in it is drawn by the desk (`exchange`), as pieces of HTML; here they are put in their
//! places, what is pressed in them is handed on, and layers and lines light up together.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlElement, HtmlSelectElement, KeyboardEvent};
use yew::prelude::*;

use super::{
    app::use_page,
    hooks::{Listener, window},
    model::Action,
    part::icon,
    shared::Shared,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub open: bool,
    pub parts: Shared<Vec<(String, Rc<str>)>>,
}

/// The pieces, from top to bottom.
const PARTS: [&str; 6] = ["style", "views", "tabs", "notes", "body", "light"];

#[component]
pub fn Panel(props: &Props) -> Html {
    let page = use_page();
    let node = use_node_ref();
    let drawn = use_mut_ref(Vec::<(String, Rc<str>)>::new);
    {
        let node = node.clone();
        use_effect_with(props.parts.clone(), move |parts| {
            if let Some(panel) = node.cast::<Element>() {
                for (name, html) in parts.iter() {
                    let same = |(other, before): &(String, Rc<str>)| other == name && Rc::ptr_eq(before, html);
                    if !drawn.borrow().iter().any(same) {
                        fill(&panel, name, html);
                    }
                }
                *drawn.borrow_mut() = parts.to_vec();
            }
        });
    }
    {
        // the focus goes to the panel when it opens
        let node = node.clone();
        use_effect_with((props.open, props.parts.is_empty()), move |state| {
            if *state == (true, false)
                && let Some(tab) = node.cast::<Element>().and_then(|panel| find(&panel, "[aria-selected=true]"))
            {
                let _ = tab.focus();
            }
        });
    }
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let root = node.cast::<Element>().and_then(|panel| panel.closest(".whisker").ok().flatten());
            let listeners = root.zip(node.cast::<Element>()).map(|(root, panel)| {
                ["pointerover", "focusin"].map(|name| {
                    let panel = panel.clone();
                    Listener::new(root.clone(), name, move |event| {
                        if let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
                            light(&panel, &target);
                        }
                    })
                })
            });
            move || drop(listeners)
        });
    }
    let close = {
        let (act, node) = (page.act.clone(), node.clone());
        Callback::from(move |()| {
            act.emit(Action::Panel(false));
            let root = node.cast::<Element>().and_then(|panel| panel.closest(".whisker").ok().flatten());
            if let Some(button) = root.and_then(|root| find(&root, ".pill[data-kind=code]")) {
                let _ = button.focus();
            }
        })
    };
    let onclick = {
        let (act, node) = (page.act.clone(), node.clone());
        Callback::from(move |event: MouseEvent| {
            let Some(what) = pressed(&event, "button[data-do]").and_then(|button| button.get_attribute("data-do"))
            else {
                return;
            };
            match (what.as_str(), node.cast::<Element>()) {
                ("copy", Some(panel)) => copy(&panel, act.clone()),
                _ => act.emit(Action::Press(what)),
            }
        })
    };
    let onchange = {
        let act = page.act.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>()
                && let Some(what) = select.get_attribute("data-do")
            {
                act.emit(Action::Press(format!("{what}={}", select.value())));
            }
        })
    };
    let onkeydown = {
        let (act, close) = (page.act.clone(), close.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                close.emit(());
            } else if let Some(what) = along_tabs(&event) {
                event.prevent_default();
                act.emit(Action::Press(what));
            }
        })
    };
    let hidden = !props.open || props.parts.is_empty();
    html! {
        <section ref={node} class="column desk" data-column="code" aria-label={page.words.code_panel} {hidden} {onclick}
            {onchange} {onkeydown}>
            <div class="desk-head">
                <h2 class="column-title">{ page.words.code_panel }</h2>
                <button type="button" class="tool" data-plain="" title={page.words.code_close}
                    aria-label={page.words.code_close} onclick={close.reform(|_| ())}>{ icon("close") }</button>
            </div>
            { for PARTS.iter().map(|name| html! { <div data-part={*name}></div> }) }
        </section>
    }
}

fn find(within: &Element, selector: &str) -> Option<HtmlElement> {
    within.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

fn pressed(event: &MouseEvent, selector: &str) -> Option<Element> {
    event.target_dyn_into::<Element>()?.closest(selector).ok().flatten()
}

/// Puts a piece in its place; the focus stays on the control that does the same.
fn fill(panel: &Element, name: &str, html: &str) {
    let Some(place) = find(panel, &format!("[data-part={name}]")) else { return };
    let focus = find(&place, "[data-do]:focus").and_then(|control| control.get_attribute("data-do"));
    let started = find(&place, "[data-start]").is_some();
    place.set_inner_html(html);
    if let Some(start) =
        find(&place, "[data-start]").filter(|_| !started).and_then(|both| both.get_attribute("data-start"))
    {
        place.set_scroll_top(start.parse().unwrap_or(0));
    }
    if let Some(control) = focus.and_then(|what| find(&place, &format!("[data-do=\"{what}\"]"))) {
        let _ = control.focus();
    }
}

/// Lights the lines and the card of the layer that is pointed at.
fn light(panel: &Element, target: &Element) {
    let Some(place) = find(panel, "[data-part=light]") else { return };
    let near = target.closest("[data-of],[data-layer]").ok().flatten();
    let layer = near.as_ref().and_then(|near| near.get_attribute("data-of").or(near.get_attribute("data-layer")));
    let html = layer.as_ref().map_or(String::new(), |n| {
        format!("<style>[data-of=\"{n}\"]{{--lit:1}}.layer[data-layer=\"{n}\"]{{box-shadow:0 0 0 2px var(--positive)}}</style>")
    });
    if place.inner_html() != html {
        place.set_inner_html(&html);
    }
    // a card brings its lines into sight
    let card = near.is_some_and(|near| near.has_attribute("data-layer"));
    let line = layer.filter(|_| card).and_then(|n| find(panel, &format!(".line[data-of=\"{n}\"]")));
    if let (Some(line), Some(body)) = (line, find(panel, "[data-part=body]")) {
        let (line, frame) = (line.get_bounding_client_rect(), body.get_bounding_client_rect());
        if line.top() < frame.top() || line.bottom() > frame.bottom() {
            let middle = (line.top() - frame.top()) as i32 - body.client_height() / 3;
            body.set_scroll_top(body.scroll_top() + middle);
        }
    }
}

/// The arrow keys go along a row of tabs and choose; what the new one does.
fn along_tabs(event: &KeyboardEvent) -> Option<String> {
    let tab =
        event.target_dyn_into::<Element>().filter(|target| target.get_attribute("role").as_deref() == Some("tab"))?;
    let row = tab.parent_element()?;
    let next = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => tab.next_element_sibling().or(row.first_element_child()),
        "ArrowLeft" | "ArrowUp" => tab.previous_element_sibling().or(row.last_element_child()),
        "Home" => row.first_element_child(),
        "End" => row.last_element_child(),
        _ => None,
    }?;
    let _ = next.clone().unchecked_into::<HtmlElement>().focus();
    next.get_attribute("data-do")
}

fn copy(panel: &Element, act: Callback<Action>) {
    let code = find(panel, ".code").and_then(|code| code.text_content()).unwrap_or_default();
    let clipboard: wasm_bindgen::JsValue = window().navigator().clipboard().into();
    spawn_local(async move {
        // Absent where the page is not served safely.
        let done = match clipboard.dyn_ref::<web_sys::Clipboard>() {
            Some(clipboard) => JsFuture::from(clipboard.write_text(&code)).await.is_ok(),
            None => false,
        };
        act.emit(Action::Copied(done));
    });
}
