//! One line of a menu in a popover; choosing it closes the popover.

use web_sys::{HtmlElement, MouseEvent};
use yew::prelude::*;

use super::{icon, pop};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub label: AttrValue,
    #[prop_or_default]
    pub icon: Option<&'static str>,
    /// A second line.
    #[prop_or_default]
    pub note: Option<AttrValue>,
    /// The key that does the same.
    #[prop_or_default]
    pub key_hint: Option<&'static str>,
    /// For a choice among several: whether it is the one.
    #[prop_or_default]
    pub chosen: Option<bool>,
    #[prop_or_default]
    pub disabled: bool,
    pub on_choose: Callback<()>,
}

#[component]
pub fn MenuItem(props: &Props) -> Html {
    let onclick = props.on_choose.reform(|event: MouseEvent| {
        if let Some(button) = event.target_dyn_into::<HtmlElement>() {
            pop::close(&button);
        }
    });
    let sign = match props.chosen {
        Some(true) => Some("check"),
        Some(false) => None,
        None => props.icon,
    };
    html! {
        <button type="button" class="menu-item" disabled={props.disabled} {onclick}
            aria-current={props.chosen.map(|chosen| if chosen { "true" } else { "false" })}>
            <span>{ for sign.map(icon) }</span>
            <span>{ &props.label }if let Some(note) = &props.note { <small>{ note }</small> }</span>
            if let Some(key) = props.key_hint { <kbd>{ key }</kbd> }
        </button>
    }
}
