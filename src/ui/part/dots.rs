//! The points of a set in the plane: discs and diamonds for the two classes, filled where they are learnt from and
//! hollow where they are tested.

use std::fmt::Write;

use yew::prelude::*;

use crate::{
    paint::{boundary, colour, format::pixels},
    ui::{app::use_page, shared::Shared},
    worker::protocol::Opened,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub opened: Shared<Opened>,
}

/// The side of the drawing, and how large a point is in it.
const SIDE: f32 = 400.0;
const RADIUS: f32 = 3.6;
/// More points than these of each kind hide each other.
const MOST: usize = 300;

#[component]
pub fn Dots(props: &Props) -> Html {
    let page = use_page();
    let theme = page.theme;
    let drawing = use_memo((props.opened.clone(), theme), |(opened, theme)| {
        let Some(points) = &opened.points else { return Html::default() };
        let dots = boundary::dots(&points.places.0, &points.labels, points.reach, SIDE);
        let (train, test) = dots.split_at((opened.train as usize).min(dots.len()));
        let colours = colour::classes(&opened.classes, *theme);
        let group = |dots: &[boundary::Dot], part: &'static str| -> Html {
            (colours.iter().enumerate())
                .map(|(class, colour)| {
                    let of_class = dots.iter().filter(|dot| dot.class as usize == class).take(MOST);
                    let d = of_class.fold(String::new(), |mut path, dot| {
                        mark(&mut path, dot, class);
                        path
                    });
                    html! { <path data-part={part} {d} style={format!("--class:{}", colour::hex(*colour))} /> }
                })
                .collect()
        };
        html! { <>{ group(train, "train") }{ group(test, "test") }</> }
    });
    html! { <svg class="dots" viewBox="0 0 400 400" aria-hidden="true">{ (*drawing).clone() }</svg> }
}

fn mark(path: &mut String, dot: &boundary::Dot, class: usize) {
    let r = if class.is_multiple_of(2) { RADIUS } else { RADIUS * 1.3 };
    let (x, y, d, r) = (pixels(dot.x - r), pixels(dot.y), pixels(2.0 * r), pixels(r));
    let written = match class % 2 {
        0 => write!(path, "M{x} {y}a{r} {r} 0 1 1 {d} 0a{r} {r} 0 1 1 -{d} 0z"),
        _ => write!(path, "M{x} {y}l{r} -{r}l{r} {r}l-{r} {r}z"),
    };
    written.expect("a string takes every text");
}
