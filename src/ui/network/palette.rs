//! The palette: every layer that can be put in, by group, with a search.

use web_sys::{Element, HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use crate::{
    nn::{LAYERS, Layer, layer::Group},
    spec::{self, LayerSpec},
    ui::{
        app::use_page,
        language::Words,
        model::{Action, Edit},
        part::{Pop, icon, pop},
    },
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Where the layer is put.
    pub place: usize,
}

const GROUPS: [Group; 7] = [
    Group::Weights,
    Group::Pictures,
    Group::Shapes,
    Group::Functions,
    Group::Regularisers,
    Group::Joins,
    Group::Sequences,
];

#[component]
pub fn Palette(props: &Props) -> Html {
    let page = use_page();
    let words = page.words;
    let wanted = use_state_eq(String::new);
    let found: Vec<&'static Layer> = LAYERS.iter().copied().filter(|layer| matches(layer, &wanted)).collect();
    let first = found.first().copied().filter(|_| !wanted.is_empty());

    let put = {
        let (act, place) = (page.act.clone(), props.place);
        move |layer: &'static Layer, from: &Element| {
            pop::close(from);
            let layer = LayerSpec::fresh(layer.about.id);
            act.emit(Action::Edit(Edit::Plain(spec::Edit::Insert { at: place, layer })));
        }
    };
    let oninput = {
        let wanted = wanted.clone();
        Callback::from(move |event: InputEvent| wanted.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let onkeydown = {
        let put = put.clone();
        Callback::from(move |event: KeyboardEvent| {
            if let (true, Some(layer)) = (event.key() == "Enter", first) {
                put(layer, &event.target_unchecked_into());
            }
        })
    };
    let on_toggle = {
        let wanted = wanted.clone();
        Callback::from(move |_| wanted.set(String::new()))
    };
    let item = |layer: &'static Layer| {
        let put = put.clone();
        let onclick = Callback::from(move |event: MouseEvent| put(layer, &event.target_unchecked_into()));
        html! {
            <button type="button" class="palette-item" data-first={first.is_some_and(|one| one == layer).then_some("true")} {onclick}>
                <b>{ layer.about.label }</b><span>{ layer.about.help }</span>
            </button>
        }
    };
    draw!(<Pop id="palette" class="palette" label={words.add_end} side="middle" {on_toggle}>
            <label class="palette-search">
                { icon("search") }
                <input type="search" placeholder={words.search} aria-label={words.search} autocomplete="off" spellcheck="false"
                    value={(*wanted).clone()} {oninput} {onkeydown} />
            </label>
            { for GROUPS.into_iter().map(|group| {
                let layers: Vec<_> = found.iter().copied().filter(|layer| layer.group == group).collect();
                if layers.is_empty() { return html! {}; }
                html! {
                    <>
                        <h3 class="menu-title">{ name(group, words) }</h3>
                        <div class="palette-group">{ for layers.into_iter().map(item) }</div>
                    </>
                }
            }) }
            if found.is_empty() { <p class="menu-note">{ words.nothing_found }</p> }
        </Pop>)
}

/// Whether every word that is looked for is in the layer's words.
fn matches(layer: &Layer, wanted: &str) -> bool {
    let text = format!("{} {} {}", layer.about.id, layer.about.label, layer.about.help).to_ascii_lowercase();
    wanted.to_ascii_lowercase().split_whitespace().all(|word| text.contains(word))
}

fn name(group: Group, words: &Words) -> &'static str {
    match group {
        Group::Weights => words.group_weights,
        Group::Pictures => words.group_pictures,
        Group::Shapes => words.group_shapes,
        Group::Functions => words.group_functions,
        Group::Regularisers => words.group_regularisers,
        Group::Joins => words.group_joins,
        Group::Sequences => words.group_sequences,
    }
}
