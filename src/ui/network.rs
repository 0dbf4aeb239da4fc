//! The network column: the layers from the data to the answer.

use yew::prelude::*;

use super::shared::Shared;
use crate::{
    paint::format,
    spec::{Piece, Spec, Survey},
    ui::{app::use_page, language::fill},
    worker::protocol::{Look, Opened},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub spec: Shared<Spec>,
    pub survey: Shared<Survey>,
    pub opened: Option<Shared<Opened>>,
    /// The picture that is looked at, on its way through the layers.
    pub look: Option<Shared<Look>>,
    /// The layer whose fields are open.
    pub open: Option<usize>,
    /// Where the palette puts its layer.
    pub place: usize,
    /// Whether a phone shows this column.
    pub shown: bool,
}

#[component]
pub fn NetworkColumn(props: &Props) -> Html {
    let words = use_page().words;
    let count: usize = props.survey.pieces.iter().flatten().map(Piece::count).sum();
    html! {
        <section class="column" data-column="network" data-shown={props.shown.to_string()} aria-label={words.network}>
            <div class="column-head">
                <h2 class="column-title">{ words.network }</h2>
                <span class="column-note">{ fill(words.parameters, &[("n", &format::count(count as u64))]) }</span>
            </div>
        </section>
    }
}
