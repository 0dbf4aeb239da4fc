//! The product's name, the experiment's name, and the experiments to start from.

use yew::prelude::*;

use super::diagram::Diagram;
use crate::{
    spec::{PRESETS, Preset, Sample, Spec, survey},
    ui::{
        app::use_page,
        model::{Action, Edit},
        part::{Entry, Pop, Row, icon, pop},
        shared::Shared,
    },
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub spec: Shared<Spec>,
    pub page: bool,
}

#[component]
pub fn Brand(props: &Props) -> Html {
    let page = use_page();
    let words = page.words;
    let name = if props.spec.name.is_empty() { words.untitled } else { &props.spec.name };
    let on_commit = {
        let act = page.act.clone();
        Callback::from(move |name: String| {
            act.emit(Action::Edit(Edit::Title(name.chars().take(200).collect())));
            Ok(())
        })
    };
    let product = match props.page {
        true => html! { <h1 class="brand-name">{ words.product }</h1> },
        false => html! { <span class="brand-name">{ words.product }</span> },
    };
    html! {
        <div class="brand">
            { product }
            <button type="button" class="brand-document" popovertarget="presets" title={words.presets}
                aria-label={format!("{}: {name}", words.presets)}><span>{ name }</span>{ icon("down") }</button>
            { draw!(<Pop id="presets" label={words.presets}>
                <div class="presets">{ for PRESETS.iter().map(|preset| draw!(<Choice preset={Row(*preset)} spec={props.spec.clone()} />)) }</div>
                <div class="menu-rule"></div>
                <div class="menu-field">
                    <label class="knob"><span class="knob-label">{ words.document_name }</span>
                        { draw!(<Entry label={words.document_name} value={props.spec.name.clone()} numeric=false {on_commit} />) }
                    </label>
                </div>
            </Pop>) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ChoiceProps {
    preset: Row<Preset>,
    spec: Shared<Spec>,
}

#[component]
fn Choice(props: &ChoiceProps) -> Html {
    let page = use_page();
    let preset = props.preset.0;
    let parsed = use_memo((), |()| {
        let spec = Spec::parse(preset.document).expect("a preset is a document");
        let survey = survey(&spec, &Sample::of(&spec));
        (Shared::new(spec), Shared::new(survey))
    });
    let (spec, survey) = (parsed.0.clone(), parsed.1.clone());
    let current = *spec == *props.spec;
    let onclick = {
        let (act, spec) = (page.act.clone(), spec.clone());
        Callback::from(move |event: MouseEvent| {
            if let Some(button) = event.target_dyn_into::<web_sys::Element>() {
                pop::close(&button);
            }
            act.emit(Action::Open(Box::new(Spec::clone(&spec))));
        })
    };
    html! {
        <button type="button" class="preset" aria-current={current.then_some("true")} {onclick}>
            { draw!(<Diagram {survey} />) }
            <span><b>{ preset.label }</b><span>{ preset.help }</span></span>
        </button>
    }
}
