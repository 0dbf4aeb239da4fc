//! The result column: how wrong, how right, what it says of one picture, and which ones it mistakes.

use yew::prelude::*;

use super::{
    model::{Cell, Chart, Curves},
    shared::Shared,
};
use crate::{
    ui::app::use_page,
    worker::protocol::{Boundary, Evaluation, Look, Opened},
};

mod answer;
mod chart;
mod figures;
mod matrix;
mod plane;
mod tools;

use answer::AnswerCard;
use chart::ChartView;
use figures::Figures;
use matrix::Matrix;
use plane::Plane;
use tools::ChartTools;

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
    let opened = &props.opened;
    html! {
        <section class="column" data-column="result" data-shown={props.shown.to_string()} aria-label={words.result}>
            <div class="column-head">
                <h2 class="column-title">{ words.result }</h2>
                { draw!(<ChartTools chart={props.chart} />) }
            </div>
            <div class="card">
                { draw!(<Figures evaluation={props.evaluation.clone()} />) }
                { draw!(<ChartView curves={props.curves.clone()} chart={props.chart} />) }
            </div>
            if let (true, Some(opened)) = (props.plane, opened) {
                { draw!(<Plane opened={opened.clone()} boundary={props.boundary.clone()} />) }
            }
            if let Some(opened) = opened {
                { draw!(<AnswerCard opened={opened.clone()} look={props.look.clone()} plane={props.plane} />) }
                { draw!(<Matrix opened={opened.clone()} evaluation={props.evaluation.clone()} cell={props.cell.clone()} plane={props.plane} />) }
            }
        </section>
    }
}
