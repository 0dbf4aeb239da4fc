//! The two figures that matter: the loss and the share of right answers on the test split.

use yew::prelude::*;

use crate::{
    paint::format,
    ui::{app::use_page, shared::Shared},
    worker::protocol::Evaluation,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub evaluation: Option<Shared<Evaluation>>,
}

#[component]
pub fn Figures(props: &Props) -> Html {
    let words = use_page().words;
    let none = || words.no_figure.to_string();
    let loss = props.evaluation.as_ref().map_or_else(none, |evaluation| format::number(evaluation.loss));
    let right = match &props.evaluation {
        None => Some(none()),
        Some(evaluation) => evaluation.accuracy.map(format::percent),
    };
    html! {
        <div class="figures" data-empty={props.evaluation.is_none().to_string()}>
            <div class="figure"><b>{ loss }</b>{ words.test_loss }</div>
            if let Some(right) = right { <div class="figure"><b>{ right }</b>{ words.test_right }</div> }
        </div>
    }
}
