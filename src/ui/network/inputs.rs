//! Where a layer reads from: one of the layers above, or several where it joins paths.

use yew::prelude::*;

use crate::{
    spec,
    ui::{
        app::use_page,
        model::{Action, Edit},
    },
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub place: usize,
    /// It takes several.
    pub joins: bool,
    /// `None`: the layer before it.
    pub chosen: Option<Vec<String>>,
    pub earlier: Vec<String>,
}

#[component]
pub fn Inputs(props: &Props) -> Html {
    let page = use_page();
    let (words, place) = (page.words, props.place);
    let before = props.earlier.last().cloned().unwrap_or_else(|| "input".to_string());
    let chosen = props.chosen.clone().unwrap_or_else(|| vec![before.clone()]);
    let candidates = std::iter::once("input".to_string()).chain(props.earlier.iter().cloned());
    let chip = |name: String| {
        let pressed = chosen.contains(&name);
        let inputs = match props.joins {
            true if pressed => chosen.iter().filter(|one| **one != name).cloned().collect(),
            true => chosen.iter().cloned().chain([name.clone()]).collect(),
            false => vec![name.clone()],
        };
        let inputs = Some(inputs).filter(|inputs| props.joins || *inputs != [before.clone()]);
        let onclick = page
            .act
            .reform(move |_| Action::Edit(Edit::Plain(spec::Edit::Inputs { layer: place, inputs: inputs.clone() })));
        let label = if name == "input" { words.input_choice.to_string() } else { name };
        html! { <button type="button" class="chip" aria-pressed={pressed.to_string()} {onclick}>{ label }</button> }
    };
    html! {
        <div class="knob knob-wide" role="group" aria-label={words.inputs} title={words.inputs_help}>
            <span class="knob-label">{ words.inputs }</span>
            <div class="chips knob-wide">{ for candidates.map(chip) }</div>
        </div>
    }
}
