//! The points of a set in the plane, as they are.

use yew::prelude::*;

use crate::{
    paint::{boundary, colour},
    ui::{app::use_page, part::Raster, shared::Shared},
    worker::protocol::Opened,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub opened: Shared<Opened>,
}

/// The side of the picture in pixels, for sharp screens.
const SIDE: usize = 540;
/// More points than these hide each other.
const MOST: usize = 600;

#[component]
pub fn PointsPlot(props: &Props) -> Html {
    let page = use_page();
    let image = use_memo((props.opened.clone(), page.theme), |(opened, theme)| {
        opened.points.as_ref().map(|points| {
            let colours = colour::classes(&opened.classes, *theme);
            let mut dots = boundary::dots(&points.places.0, &points.labels, points.reach, SIDE as f32);
            dots.truncate(MOST);
            Shared::new(boundary::scatter(&dots, SIDE, 5.0, &colours, *theme))
        })
    });
    html! {
        <div class="points">
            if let Some(image) = &*image { <Raster image={image.clone()} label={page.words.points_help} /> }
        </div>
    }
}
