//! Rewind, Play, Step and Dice.

use yew::prelude::*;

use crate::{
    ui::{
        app::use_page,
        language::fill,
        model::Action,
        part::{MenuItem, Pop, icon},
    },
    worker::protocol::Stride,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub playing: bool,
    /// Nothing was trained yet.
    pub fresh: bool,
    pub seed: u32,
    pub works: bool,
}

#[component]
pub fn Controls(props: &Props) -> Html {
    let page = use_page();
    let (words, act) = (page.words, page.act);
    let (label, sign) = if props.playing { (words.pause, "pause") } else { (words.play, "play") };
    let state = match (props.playing, props.fresh && props.works) {
        (true, _) => "playing",
        (false, true) => "fresh",
        (false, false) => "paused",
    };
    let step = |stride: Stride| act.reform(move |()| Action::Step(stride));
    let seed = fill(words.seed_of, &[("seed", &props.seed.to_string())]);
    html! {
        <div class="controls" role="group" aria-label={words.controls}>
            <button type="button" class="tool" title={format!("{} (R)", words.rewind)} aria-label={words.rewind}
                onclick={act.reform(|_| Action::Rewind)}>{ icon("rewind") }</button>
            <button type="button" class="play" data-state={state} title={format!("{label} ({})", words.key_space)}
                aria-label={label} onclick={act.reform(|_| Action::Toggle)}>{ icon(sign) }</button>
            <div class="split">
                <button type="button" class="tool" title={format!("{} (S)", words.step)} aria-label={words.step}
                    onclick={act.reform(|_| Action::Step(Stride::Batch))}>{ icon("step") }</button>
                <button type="button" class="split-more" popovertarget="steps" title={words.step_more}
                    aria-label={words.step_more}>{ icon("down") }</button>
                { draw!(<Pop id="steps" label={words.step_more}>
                    { draw!(<MenuItem label={words.step_picture} on_choose={step(Stride::Picture)} />) }
                    { draw!(<MenuItem label={words.step_batch} key_hint="S" on_choose={step(Stride::Batch)} />) }
                    { draw!(<MenuItem label={words.step_epoch} on_choose={step(Stride::Epoch)} />) }
                </Pop>) }
            </div>
            <button type="button" class="tool" title={format!("{}. {seed}", words.dice)} aria-label={words.dice}
                onclick={act.reform(|_| Action::Dice(roll()))}>{ icon("dice") }</button>
        </div>
    }
}

/// A seed that is short enough to be told to somebody.
fn roll() -> u32 {
    (js_sys::Math::random() * 9999.0) as u32 + 1
}
