//! Augmentations as chips to be pressed in and out, and what they make of the picture that is looked at.

use yew::prelude::*;

use super::grid::images;
use crate::{
    nn::{AUGMENTS, Augment},
    ui::{
        app::use_page,
        model::{Action, Edit},
        part::Raster,
        shared::Shared,
    },
    worker::protocol::Pictures,
};

/// How many places are kept for pictures that are still to come.
const SHOWN: usize = 6;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub chosen: Vec<&'static Augment>,
    pub augmented: Shared<Pictures>,
}

#[component]
pub fn Augments(props: &Props) -> Html {
    let page = use_page();
    let words = page.words;
    let images = use_memo(props.augmented.clone(), |pictures| images(pictures));
    html! {
        <div class="knob" role="group" aria-label={words.augment}>
            <span class="knob-label">{ words.augment }</span>
            <div class="chips knob-wide">
                { for AUGMENTS.iter().copied().map(|augment| {
                    let chosen = props.chosen.contains(&augment);
                    html! {
                        <button type="button" class="chip" aria-pressed={chosen.to_string()} title={augment.about.help}
                            onclick={page.act.reform(move |_| Action::Edit(Edit::Augment(augment)))}>{ augment.about.label }</button>
                    }
                }) }
            </div>
            if !images.is_empty() {
                <div class="augmented knob-wide" role="img" aria-label={words.augmented} title={words.augmented}>
                    { for images.iter().map(|image| draw!(<Raster image={image.clone()} />)) }
                </div>
            } else if !props.chosen.is_empty() {
                <div class="augmented knob-wide" aria-hidden="true">{ for (0..SHOWN).map(|_| html! { <span></span> }) }</div>
            }
        </div>
    }
}
