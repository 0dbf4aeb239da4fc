//! A popover: what opens at a button that names it in `popovertarget`.
//!
//! The browser places it, closes it on Escape or a press elsewhere, and gives the focus back. What is inside exists
//! while it is open; the arrow keys go through its buttons.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, ToggleEvent};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub id: AttrValue,
    pub label: AttrValue,
    /// Which edge of the button it keeps to: `start`, `end` or `middle`.
    #[prop_or("start")]
    pub side: &'static str,
    #[prop_or_default]
    pub class: Classes,
    #[prop_or_default]
    pub on_toggle: Callback<bool>,
    pub children: Children,
}

#[component]
pub fn Pop(props: &Props) -> Html {
    let node = use_node_ref();
    let open = use_state_eq(|| false);

    {
        let node = node.clone();
        use_effect_with(*open, move |open| {
            if *open
                && let Some(first) = node.cast::<HtmlElement>().and_then(|root| focusable(&root).into_iter().next())
            {
                let _ = first.focus();
            }
        });
    }

    let ontoggle = {
        let (open, on_toggle) = (open.clone(), props.on_toggle.clone());
        Callback::from(move |event: Event| {
            let now = event.unchecked_into::<ToggleEvent>().new_state() == "open";
            open.set(now);
            on_toggle.emit(now);
        })
    };
    let onkeydown = {
        let node = node.clone();
        Callback::from(move |event: KeyboardEvent| {
            if let Some(root) = node.cast::<HtmlElement>() {
                walk(&root, &event);
            }
        })
    };

    html! {
        <div ref={node} id={&props.id} class={classes!("pop", props.class.clone())} popover="auto" role="dialog"
            aria-label={&props.label} data-side={props.side} {ontoggle} {onkeydown}>
            if *open { { for props.children.iter() } }
        </div>
    }
}

/// Closes the popover that `element` is in.
pub fn close(element: &web_sys::Element) {
    if let Ok(Some(pop)) = element.closest("[popover]") {
        let _ = pop.unchecked_into::<HtmlElement>().hide_popover();
    }
}

fn walk(root: &HtmlElement, event: &KeyboardEvent) {
    let step: isize = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    let target = event.composed_path().get(0).dyn_into::<HtmlElement>().ok();
    if target.as_ref().is_some_and(|target| matches!(target.tag_name().as_str(), "SELECT")) {
        return;
    }
    let stops = focusable(root);
    if stops.is_empty() {
        return;
    }
    let here = target.and_then(|target| stops.iter().position(|stop| *stop == target));
    let next = match here {
        Some(here) => (here as isize + step).rem_euclid(stops.len() as isize) as usize,
        None => 0,
    };
    event.prevent_default();
    event.stop_propagation();
    let _ = stops[next].focus();
}

fn focusable(root: &HtmlElement) -> Vec<HtmlElement> {
    let Ok(list) = root.query_selector_all("button:not(:disabled), input:not(:disabled), select, a[href]") else {
        return Vec::new();
    };
    (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).collect()
}
