//! Undo, redo, the device, sharing, and the rest.

use yew::prelude::*;

use super::{badge::Badge, more::More};
use crate::ui::{
    app::use_page,
    model::{Action, Engine, ThemeChoice},
    part::icon,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub engine: Engine,
    pub undo: bool,
    pub redo: bool,
    pub theme: ThemeChoice,
    pub page: bool,
    pub panel: bool,
}

#[component]
pub fn Side(props: &Props) -> Html {
    let page = use_page();
    let (words, act, panel) = (page.words, page.act, props.panel);
    html! {
        <div class="side">
            <button type="button" class="tool" data-kind="undo" title={format!("{} (Ctrl+Z)", words.undo)} aria-label={words.undo}
                disabled={!props.undo} onclick={act.reform(|_| Action::Undo)}>{ icon("undo") }</button>
            <button type="button" class="tool" data-kind="redo" title={format!("{} (Ctrl+Shift+Z)", words.redo)} aria-label={words.redo}
                disabled={!props.redo} onclick={act.reform(|_| Action::Redo)}>{ icon("redo") }</button>
            <button type="button" class="pill" data-kind="code" title={words.code_help} aria-label={words.code}
                aria-expanded={props.panel.to_string()} onclick={act.reform(move |_| Action::Panel(!panel))}>
                { icon("code") }<span>{ words.code }</span>
            </button>
            { draw!(<Badge engine={props.engine.clone()} />) }
            <button type="button" class="pill" data-kind="share" title={words.share_help} onclick={act.reform(|_| Action::Share)}>
                { icon("link") }<span>{ words.share }</span>
            </button>
            { draw!(<More theme={props.theme} page={props.page} />) }
        </div>
    }
}
