//! Saving, opening, and how the page looks.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::ui::{
    app::use_page,
    hooks::files,
    model::{Action, ThemeChoice},
    part::{MenuItem, Pop, icon},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub theme: ThemeChoice,
    /// It is the whole page, beside which other pages lie.
    pub page: bool,
}

#[component]
pub fn More(props: &Props) -> Html {
    let page = use_page();
    let (words, act) = (page.words, page.act);
    let chooser = use_node_ref();
    let on_open = {
        let chooser = chooser.clone();
        Callback::from(move |()| {
            if let Some(input) = chooser.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    let onchange = {
        let act = act.clone();
        Callback::from(move |event: Event| {
            let input = event.target_unchecked_into::<HtmlInputElement>();
            let models = input.files().is_some_and(|files| {
                (0..files.length()).filter_map(|i| files.get(i)).any(|file| files::is_model(&file.name()))
            });
            if models {
                files::read_list(input.files(), act.clone());
            } else if let Some(file) = input.files().and_then(|files| files.get(0)) {
                let (act, name) = (act.clone(), file.name());
                files::read_text(&file, move |text| {
                    act.emit(Action::Read { text: text.unwrap_or_default(), from: Some(name) });
                });
            }
            // The same file can be chosen again.
            input.set_value("");
        })
    };
    let theme = |theme: ThemeChoice, label: &'static str| {
        let on_choose = act.reform(move |()| Action::Theme(theme));
        draw!(<MenuItem {label} chosen={props.theme == theme} {on_choose} />)
    };
    html! {
        <>
            <button type="button" class="tool" popovertarget="more" title={words.more} aria-label={words.more}>{ icon("more") }</button>
            <input ref={chooser} type="file" multiple=true hidden=true
                accept=".json,application/json,.whisker,.onnx,.safetensors,.npz,.keras,.h5,.hdf5,.caffemodel,.prototxt,.bin" {onchange} />
            { draw!(<Pop id="more" label={words.more} side="end">
                { draw!(<MenuItem label={words.share_help} icon="link" on_choose={act.reform(|()| Action::Share)} />) }
                { draw!(<MenuItem label={words.save} icon="save" on_choose={act.reform(|()| Action::Save)} />) }
                { draw!(<MenuItem label={words.open} icon="open" on_choose={on_open} />) }
                <div class="menu-rule"></div>
                <p class="menu-title">{ words.theme }</p>
                { theme(ThemeChoice::Auto, words.theme_auto) }
                { theme(ThemeChoice::Light, words.theme_light) }
                { theme(ThemeChoice::Dark, words.theme_dark) }
                if props.page {
                    <div class="menu-rule"></div>
                    <a class="menu-item" href="./bench.html">{ icon("chip") }<span>{ words.bench }</span></a>
                }
            </Pop>) }
        </>
    }
}
