//! Augmentations as chips to be pressed in and out.

use yew::prelude::*;

use crate::{
    nn::{AUGMENTS, Augment},
    ui::{
        app::use_page,
        model::{Action, Edit},
    },
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub chosen: Vec<&'static Augment>,
}

#[component]
pub fn Augments(props: &Props) -> Html {
    let page = use_page();
    html! {
        <div class="knob" role="group" aria-label={page.words.augment}>
            <span class="knob-label">{ page.words.augment }</span>
            <div class="chips knob-wide">
                { for AUGMENTS.iter().copied().map(|augment| {
                    let chosen = props.chosen.contains(&augment);
                    html! {
                        <button type="button" class="chip" aria-pressed={chosen.to_string()} title={augment.about.help}
                            onclick={page.act.reform(move |_| Action::Edit(Edit::Augment(augment)))}>{ augment.about.label }</button>
                    }
                }) }
            </div>
        </div>
    }
}
