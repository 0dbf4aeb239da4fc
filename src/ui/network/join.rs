//! What is between two cards: the line that joins them, and the "+" that puts a layer there.

use yew::prelude::*;

use super::row;
use crate::ui::{app::use_page, language::fill, model::Action, part::icon};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The place that a new layer gets.
    pub place: usize,
    /// What the card above is called.
    pub name: AttrValue,
    /// The card below reads from the card above.
    pub linked: bool,
    /// There is no card below.
    pub end: bool,
}

#[component]
pub fn Join(props: &Props) -> Html {
    let page = use_page();
    let place = props.place;
    let label = match props.end {
        true => page.words.add_end.to_string(),
        false => fill(page.words.add_here, &[("name", &props.name)]),
    };
    html! {
        <div class="join" data-linked={props.linked.to_string()}
            style={format!("grid-row:{}", row(place) + 1)}>
            <button type="button" class="join-add" popovertarget="palette" title={label.clone()} aria-label={label}
                onclick={page.act.reform(move |_| Action::Place(place))}>{ icon("plus") }</button>
        </div>
    }
}
