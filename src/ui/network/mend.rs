//! What is wrong, in words, and the button that puts it right.

use yew::prelude::*;

use crate::{
    spec::Mistake,
    ui::{
        app::use_page,
        model::{Action, Edit},
        part::icon,
    },
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub mistake: Mistake,
    /// It keeps the network from training; otherwise it is advice.
    pub grave: bool,
}

#[component]
pub fn Mend(props: &Props) -> Html {
    let page = use_page();
    let mend = props.mistake.mend.clone();
    html! {
        <div class="layer-mend" data-grave={props.grave.to_string()}>
            { icon("warning") }
            <p>{ &props.mistake.message }</p>
            if let Some(mend) = mend {
                <button type="button" class="pill" data-small="" data-strong={props.grave.then_some("")} onclick={
                    let label = mend.clone();
                    page.act.reform(move |_| Action::Edit(Edit::Mend(label.clone())))
                }>{ &mend.label }</button>
            }
        </div>
    }
}
