//! The whole page: the bar, then data → network → result.
//!
//! It is drawn anew with each action; its parts compare what they are given and are drawn only when that changed.

use web_sys::{DragEvent, HtmlElement};
use yew::prelude::*;

use super::{
    bar::Bar,
    data::DataColumn,
    hooks::{Listener, Remote, files, use_dark, use_keys, use_store, window},
    language::Words,
    model::{Action, State, ThemeChoice, View},
    network::NetworkColumn,
    notices::Notices,
    panel::Panel,
    part::sheet,
    result::ResultColumn,
};
use crate::{
    paint::Theme,
    spec::Spec,
    worker::protocol::{Choice, Progress},
};

/// What a page starts with.
#[derive(Clone, Properties, PartialEq)]
pub struct Start {
    /// The element that the page is in.
    pub host: HtmlElement,
    pub spec: Spec,
    /// Whether it is the whole page, and not an element among others.
    pub page: bool,
    pub device: Choice,
    pub theme: ThemeChoice,
    /// What went wrong before, such as a link that could not be read.
    pub trouble: Option<String>,
    pub remote: Remote,
    pub on_progress: Callback<Progress>,
}

/// What every part of a page needs.
#[derive(Clone)]
pub struct Page {
    pub words: &'static Words,
    pub theme: Theme,
    pub act: Callback<Action>,
}

impl PartialEq for Page {
    fn eq(&self, other: &Page) -> bool {
        std::ptr::eq(self.words, other.words) && self.theme == other.theme && self.act == other.act
    }
}

/// The page that a part belongs to.
#[hook]
pub fn use_page() -> Page {
    use_context::<Page>().expect("every part is in a page")
}

#[component]
pub fn App(start: &Start) -> Html {
    let store = use_store(start);
    let state = store.core.state.borrow();
    let act = store.dispatch;
    let theme = use_dark(state.theme);
    let dropping = use_state_eq(|| false);

    let keys = if start.page { window().into() } else { start.host.clone().into() };
    use_keys(keys, act.clone());
    use_paste(start.page, act.clone());
    use_page_theme(start.page, state.theme);

    let page = Page { words: state.words, theme, act: act.clone() };
    let ondragover = {
        let dropping = dropping.clone();
        Callback::from(move |event: DragEvent| {
            let types = event.data_transfer().map(|transfer| transfer.types());
            if types.is_some_and(|types| types.includes(&"Files".into(), 0)) {
                event.prevent_default();
                dropping.set(true);
            }
        })
    };
    let ondragleave = {
        let dropping = dropping.clone();
        Callback::from(move |event: DragEvent| {
            if event.related_target().is_none() {
                dropping.set(false);
            }
        })
    };
    let ondrop = {
        let dropping = dropping.clone();
        Callback::from(move |event: DragEvent| {
            dropping.set(false);
            if let Some(transfer) =
                event.data_transfer().filter(|transfer| transfer.types().includes(&"Files".into(), 0))
            {
                event.prevent_default();
                files::read_transfer(&transfer, act.clone());
            }
        })
    };
    let name = match state.theme {
        ThemeChoice::Auto => None,
        ThemeChoice::Light => Some("light"),
        ThemeChoice::Dark => Some("dark"),
    };
    html! {
        <ContextProvider<Page> context={page}>
            <div class="whisker" data-theme={name} {ondragover} {ondragleave} {ondrop}>
                { sheet() }
                { bar(&state, start.page) }
                { views(&state) }
                { columns(&state, start.page, *dropping) }
                { draw!(<Notices notices={state.notices.clone()} />) }
                <p class="unseen" role="status" aria-live="polite" key={state.spoken.0}>{ &state.spoken.1 }</p>
            </div>
        </ContextProvider<Page>>
    }
}

fn bar(state: &State, page: bool) -> Html {
    draw!(
        <Bar spec={state.spec.clone()} run={state.run} engine={state.engine.clone()} works={state.works()}
            undo={state.history.can_undo()} redo={state.history.can_redo()} plane={state.plane()} theme={state.theme} {page}
            panel={state.panel.open} />
    )
}

fn columns(state: &State, page: bool, dropping: bool) -> Html {
    let columns = html! {
        <>
            { draw!(<DataColumn spec={state.spec.clone()} survey={state.survey.clone()} opened={state.opened.clone()}
                pictures={state.pictures.clone()} augmented={state.augmented.clone()} covers={state.covers.clone()} answers={state.answers.clone()} subject={state.subject}
                preparing={state.preparing} {dropping} shown={state.view == View::Data} />) }
            { draw!(<NetworkColumn spec={state.spec.clone()} survey={state.survey.clone()} opened={state.opened.clone()}
                look={state.look.clone()} open={state.open} place={state.place} shown={state.view == View::Network} />) }
            { draw!(<ResultColumn plane={state.plane()} opened={state.opened.clone()} curves={state.curves.clone()}
                chart={state.chart} evaluation={state.evaluation.clone()} look={state.look.clone()}
                boundary={state.boundary.clone()} cell={state.cell.clone()} shown={state.view == View::Result} />) }
            if state.panel.open || !state.panel.parts.is_empty() {
                { draw!(<Panel open={state.panel.open} parts={state.panel.parts.clone()} />) }
            }
        </>
    };
    // the layout makes room once there is something to show
    let panel = (state.panel.open && !state.panel.parts.is_empty()).then_some("open");
    match page {
        true => html! { <main class="columns" data-panel={panel}>{ columns }</main> },
        false => html! { <div class="columns" data-panel={panel}>{ columns }</div> },
    }
}

/// On a phone, the columns are views of which one is shown.
fn views(state: &State) -> Html {
    let words = state.words;
    let view = |view: View, label: &'static str| {
        let shown = state.view == view && !state.panel.open;
        draw!(<Tab {view} {label} {shown} />)
    };
    html! {
        <nav class="views" aria-label={words.views}>
            { view(View::Data, words.data) }
            { view(View::Network, words.network) }
            { view(View::Result, words.result) }
        </nav>
    }
}

#[derive(Properties, PartialEq)]
struct TabProps {
    view: View,
    label: &'static str,
    shown: bool,
}

#[component]
fn Tab(props: &TabProps) -> Html {
    let view = props.view;
    let onclick = use_page().act.reform(move |_: MouseEvent| Action::View(view));
    html! {
        <button type="button" class="view" aria-current={props.shown.then_some("true")} {onclick}>{ props.label }</button>
    }
}

/// Pictures may be pasted wherever the page is in front.
#[hook]
fn use_paste(page: bool, act: Callback<Action>) {
    use_effect_with((), move |()| {
        let listener = page.then(|| {
            Listener::new(window(), "paste", move |event| {
                use wasm_bindgen::JsCast;
                let transfer = event.unchecked_into::<web_sys::ClipboardEvent>().clipboard_data();
                if let Some(transfer) = transfer.filter(|transfer| transfer.types().includes(&"Files".into(), 0)) {
                    files::read_transfer(&transfer, act.clone());
                }
            })
        });
        move || drop(listener)
    });
}

/// The paper around a page form follows the choice of light or dark.
#[hook]
fn use_page_theme(page: bool, theme: ThemeChoice) {
    use_effect_with(theme, move |theme| {
        use wasm_bindgen::JsCast;
        let root = window().document().and_then(|document| document.document_element());
        if let (true, Some(root)) = (page, root.and_then(|root| root.dyn_into::<HtmlElement>().ok())) {
            let value = match theme {
                ThemeChoice::Auto => "light dark",
                ThemeChoice::Light => "light",
                ThemeChoice::Dark => "dark",
            };
            let _ = root.style().set_property("color-scheme", value);
        }
    });
}
