//! A sign from `www/icons.svg`, which the page carries once.

use yew::prelude::*;

/// The symbol by its id, without its `i-`.
pub fn icon(name: &str) -> Html {
    html! { <svg class="icon" aria-hidden="true"><use href={format!("#i-{name}")} /></svg> }
}

/// All signs, to be put into each shadow root, since a reference does not look beyond it.
pub fn sheet() -> Html {
    Html::from_html_unchecked(AttrValue::Static(include_str!("../../../www/icons.svg")))
}
