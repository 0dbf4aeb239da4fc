//! How the network is trained: what is asked for most, and the rest behind a fold.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::{
    augment::Augments,
    rate::{NumberRow, Range},
    rest::Rest,
};
use crate::{
    nn::{LOSSES, OPTIMIZERS, Target, Value},
    spec::{self, Spec},
    ui::{
        app::use_page,
        model::{Action, Edit},
        part::icon,
        shared::Shared,
    },
    worker::protocol::Pictures,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub spec: Shared<Spec>,
    pub augmented: Shared<Pictures>,
    /// The samples are pictures, which can be augmented.
    pub pictures: bool,
}

#[component]
pub fn Training(props: &Props) -> Html {
    let page = use_page();
    let (words, spec) = (page.words, &props.spec);
    let set = |edit: fn(f64) -> Edit| page.act.reform(move |number| Action::Edit(edit(number)));
    let on_optimizer = page.act.reform(|id: String| {
        let row = OPTIMIZERS.iter().find(|row| row.about.id == id).unwrap_or(&OPTIMIZERS[0]);
        Action::Edit(Edit::Plain(spec::Edit::Optimizer(row)))
    });
    let on_loss = page.act.reform(|id: String| {
        let row = LOSSES.iter().find(|row| row.about.id == id).unwrap_or(&LOSSES[0]);
        Action::Edit(Edit::Plain(spec::Edit::Loss(row)))
    });
    let target = spec.data.target();
    // A loss that does not fit the target is shown only while it is chosen.
    let losses = LOSSES.iter().filter(|row| fits(row.target, target) || *row.about.id == *spec.loss.about.id);
    html! {
        <div class="knobs" role="group" aria-label={words.training}>
            if props.pictures { { draw!(<Augments chosen={spec.augment.clone()} augmented={props.augmented.clone()} />) } }
            { draw!(<NumberRow label={words.learning_rate} value={spec.learning_rate()} on_change={set(rate)}
                range={Range { low: 0.0, high: 100.0, whole: false, decades: Some((-5, 1)) }} />) }
            { draw!(<NumberRow label={words.batch} value={spec.batch as f64} on_change={set(|batch| Edit::Plain(spec::Edit::Batch(batch as usize)))}
                range={Range { low: 1.0, high: 65_536.0, whole: true, decades: None }} />) }
            { draw!(<Select label={words.optimizer} chosen={spec.optimizer.row.about.id} on_choose={on_optimizer}
                options={OPTIMIZERS.iter().map(|row| (row.about.id, row.about.label, row.about.help)).collect::<Vec<_>>()} />) }
            { draw!(<Select label={words.loss} chosen={spec.loss.about.id} on_choose={on_loss}
                options={losses.map(|row| (row.about.id, row.about.label, row.about.help)).collect::<Vec<_>>()} />) }
            <details class="fold">
                <summary>{ icon("down") }{ words.settings }</summary>
                { draw!(<Rest spec={spec.clone()} pictures={props.pictures} />) }
            </details>
        </div>
    }
}

fn rate(rate: f64) -> Edit {
    Edit::Tune("learning-rate", Value::Number(rate))
}

fn fits(loss: Target, target: Target) -> bool {
    loss == target
}

#[derive(Properties, PartialEq)]
pub struct SelectProps {
    pub label: AttrValue,
    pub chosen: AttrValue,
    /// (id, label, help) of each.
    pub options: Vec<(&'static str, &'static str, &'static str)>,
    pub on_choose: Callback<String>,
}

/// A choice among rows.
#[component]
pub fn Select(props: &SelectProps) -> Html {
    let onchange = props.on_choose.reform(|event: Event| event.target_unchecked_into::<HtmlSelectElement>().value());
    let help = props.options.iter().find(|option| option.0 == props.chosen.as_str()).map(|option| option.2);
    html! {
        <label class="knob" title={help}>
            <span class="knob-label">{ &props.label }</span>
            <select class="field" aria-label={&props.label} {onchange}>
                { for props.options.iter().map(|(id, label, help)| html! {
                    <option value={*id} title={*help} selected={*id == props.chosen.as_str()}>{ *label }</option>
                }) }
            </select>
        </label>
    }
}
