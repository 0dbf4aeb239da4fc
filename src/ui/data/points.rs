//! The points of a set in the plane, as they are.

use yew::prelude::*;

use crate::{
    ui::{app::use_page, part::Dots, shared::Shared},
    worker::protocol::Opened,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub opened: Shared<Opened>,
}

#[component]
pub fn PointsPlot(props: &Props) -> Html {
    let words = use_page().words;
    html! { <div class="points" role="img" aria-label={words.points_help}>{ draw!(<Dots opened={props.opened.clone()} />) }</div> }
}
