//! A text field for one value: it takes what is typed when the user is done, and says in words what it cannot take.

use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub label: AttrValue,
    /// The value as text.
    pub value: AttrValue,
    #[prop_or(true)]
    pub numeric: bool,
    #[prop_or_default]
    pub placeholder: Option<AttrValue>,
    /// Takes what was typed, or answers with what was expected.
    pub on_commit: Callback<String, Result<(), String>>,
    /// The up and down keys: 1 or -1, ten times that with Shift.
    #[prop_or_default]
    pub on_nudge: Option<Callback<i32>>,
}

#[component]
pub fn Entry(props: &Props) -> Html {
    let draft = use_state_eq(|| None::<String>);
    let error = use_state_eq(|| None::<String>);

    let oninput = {
        let draft = draft.clone();
        Callback::from(move |event: InputEvent| {
            draft.set(Some(event.target_unchecked_into::<HtmlInputElement>().value()));
        })
    };
    let onchange = {
        let (draft, error, commit) = (draft.clone(), error.clone(), props.on_commit.clone());
        Callback::from(move |event: Event| {
            let input = event.target_unchecked_into::<HtmlInputElement>();
            match commit.emit(input.value().trim().to_string()) {
                Ok(()) => {
                    draft.set(None);
                    error.set(None);
                }
                Err(sentence) => error.set(Some(sentence)),
            }
        })
    };
    let onkeydown = {
        let (draft, error, nudge) = (draft.clone(), error.clone(), props.on_nudge.clone());
        Callback::from(move |event: KeyboardEvent| {
            let far = if event.shift_key() { 10 } else { 1 };
            match (event.key().as_str(), &nudge) {
                ("ArrowUp", Some(nudge)) => nudge.emit(far),
                ("ArrowDown", Some(nudge)) => nudge.emit(-far),
                ("Escape", _) if draft.is_some() => {
                    draft.set(None);
                    error.set(None);
                }
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };

    let value = draft.as_ref().map_or_else(|| props.value.clone(), |draft| draft.clone().into());
    html! {
        <>
            <input class="field" type="text" inputmode={if props.numeric { "decimal" } else { "text" }} autocomplete="off"
                spellcheck="false" aria-label={&props.label} aria-invalid={error.is_some().then_some("true")} {value}
                placeholder={props.placeholder.clone()} {oninput} {onchange} {onkeydown} />
            if let Some(error) = &*error { <span class="knob-error" role="alert">{ error }</span> }
        </>
    }
}
