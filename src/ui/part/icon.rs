//! A sign from `www/icons.svg`, which the page carries once.

use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The symbol's id, without its `i-`.
    pub name: &'static str,
}

#[component]
pub fn Icon(props: &Props) -> Html {
    let address = format!("#i-{}", props.name);
    html! { <svg class="icon" aria-hidden="true"><use href={address} /></svg> }
}

/// All signs, to be put into each shadow root, since a reference does not look beyond it.
pub fn sheet() -> Html {
    Html::from_html_unchecked(AttrValue::Static(include_str!("../../../www/icons.svg")))
}
