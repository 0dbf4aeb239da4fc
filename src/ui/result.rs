//! The result column: how wrong, how right, and about what.

use yew::prelude::*;

use super::{
    model::{Cell, Chart, Curves},
    shared::Shared,
};
use crate::{
    ui::app::use_page,
    worker::protocol::{Boundary, Evaluation, Look, Opened},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The samples are points, not pictures.
    pub plane: bool,
    pub opened: Option<Shared<Opened>>,
    pub curves: Shared<Curves>,
    pub chart: Chart,
    pub evaluation: Option<Shared<Evaluation>>,
    pub look: Option<Shared<Look>>,
    pub boundary: Option<Shared<Boundary>>,
    pub cell: Option<Cell>,
    /// Whether a phone shows this column.
    pub shown: bool,
}

#[component]
pub fn ResultColumn(props: &Props) -> Html {
    let words = use_page().words;
    html! {
        <section class="column" data-column="result" data-shown={props.shown.to_string()} aria-label={words.result}>
            <div class="column-head"><h2 class="column-title">{ words.result }</h2></div>
        </section>
    }
}
