//! Everything that can be set on a layer, and what can be done with it.

use yew::prelude::*;

use super::inputs::Inputs;
use crate::{
    spec::{self, LayerSpec},
    ui::{
        app::use_page,
        model::{Action, Edit},
        part::{Entry, Knob, Row, icon},
    },
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub place: usize,
    pub last: usize,
    pub layer: LayerSpec,
    pub name: String,
    pub earlier: Vec<String>,
}

#[component]
pub fn Fields(props: &Props) -> Html {
    let page = use_page();
    let (words, act, place) = (page.words, page.act, props.place);
    let edit = |edit: spec::Edit| act.reform(move |_: MouseEvent| Action::Edit(Edit::Plain(edit.clone())));
    let on_name = {
        let act = act.clone();
        Callback::from(move |name: String| {
            let name = Some(name).filter(|name| !name.is_empty());
            act.emit(Action::Edit(Edit::Plain(spec::Edit::Name { layer: place, name })));
            Ok(())
        })
    };
    let tool = |sign: &'static str, label: &'static str, enabled: bool, onclick: Callback<MouseEvent>| {
        html! {
            <button type="button" class="tool" data-plain="" title={label} aria-label={label} disabled={!enabled} {onclick}>{ icon(sign) }</button>
        }
    };
    html! {
        <div class="layer-body">
            { for props.layer.values.fields().iter().map(|field| draw!(field.id =>
                <Knob field={Row(field)} value={props.layer.values.get(field.id).clone()}
                    on_change={act.reform(move |value| Action::Edit(Edit::Plain(spec::Edit::Set { layer: place, field: field.id, value })))} />
            )) }
            <label class="knob">
                <span class="knob-label">{ words.name }</span>
                { draw!(<Entry label={words.name} value={props.layer.name.clone().unwrap_or_default()} placeholder={props.name.clone()}
                    numeric=false on_commit={on_name} />) }
            </label>
            if place > 0 {
                { draw!(<Inputs {place} joins={props.layer.kind.joins} chosen={props.layer.inputs.clone()} earlier={props.earlier.clone()} />) }
            }
            <div class="layer-tools">
                { tool("arrow-up", words.move_up, place > 0, edit(spec::Edit::Move { from: place, to: place.saturating_sub(1) })) }
                { tool("arrow-down", words.move_down, place + 1 < props.last, edit(spec::Edit::Move { from: place, to: place + 1 })) }
                { tool("copy", words.duplicate, true, act.reform(move |_| Action::Edit(Edit::Duplicate(place)))) }
                { tool("bin", words.delete, true, edit(spec::Edit::Remove(place))) }
            </div>
        </div>
    }
}
