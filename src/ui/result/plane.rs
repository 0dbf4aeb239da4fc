//! The plane as the network sees it: what it says at each place, with the points on top; a press asks about a place.

use web_sys::{Element, PointerEvent};
use yew::prelude::*;

use crate::{
    paint::{boundary, colour, format},
    ui::{
        app::use_page,
        model::Action,
        part::{Dots, Raster},
        shared::Shared,
    },
    worker::protocol::{Boundary, Opened, Subject},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub opened: Shared<Opened>,
    pub boundary: Option<Shared<Boundary>>,
}

#[component]
pub fn Plane(props: &Props) -> Html {
    let page = use_page();
    let words = page.words;
    let asked = use_state_eq(|| None::<(f64, f64)>);
    let image = use_memo((props.boundary.clone(), props.opened.clone(), page.theme), |(answers, opened, theme)| {
        let answers = answers.as_ref()?;
        let [first, second] = colour::classes(&opened.classes, *theme)[..] else { return None };
        let fits = answers.data.0.len() == (answers.size * answers.size) as usize;
        fits.then(|| Shared::new(boundary::two(&answers.data.0, answers.size as usize, [first, second], *theme)))
    });
    let reach = props.opened.points.as_ref().map_or(1.0, |points| points.reach);
    let onpointerdown = {
        let (asked, act) = (asked.clone(), page.act.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(plane) =
                event.target_dyn_into::<Element>().and_then(|target| target.closest(".plane").ok().flatten())
            else {
                return;
            };
            let frame = plane.get_bounding_client_rect();
            let share = |from: f64, size: f64, at: i32| ((f64::from(at) - from) / size).clamp(0.0, 1.0);
            let (x, y) = (
                share(frame.left(), frame.width(), event.client_x()),
                share(frame.top(), frame.height(), event.client_y()),
            );
            asked.set(Some((x, y)));
            let place = |share: f64| (share * 2.0 - 1.0) as f32 * reach;
            act.emit(Action::Look(Subject::Point(place(x), -place(y))));
        })
    };
    html! {
        <div class="card">
            <h3 class="card-title">{ words.plane_title }</h3>
            <div class="plane" role="img" aria-label={words.plane} {onpointerdown}>
                if let Some(image) = &*image { { draw!(<Raster image={image.clone()} />) } } else { <div class="plane-empty"></div> }
                { draw!(<Dots opened={props.opened.clone()} />) }
                if let Some((x, y)) = *asked {
                    <i class="plane-mark" style={format!("left:{}%;top:{}%", format::fixed(x * 100.0, 1), format::fixed(y * 100.0, 1))}></i>
                }
            </div>
            <ul class="legend">
                { for props.opened.classes.iter().enumerate().map(|(class, name)| html! {
                    <li><i class="plane-key" data-class={class.to_string()}></i>{ name }</li>
                }) }
                <li class="legend-end"><i class="plane-key" data-kind="test"></i>{ words.test }</li>
            </ul>
        </div>
    }
}
