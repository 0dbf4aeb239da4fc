//! A network at a glance: a bar for each layer, as high as its maps and as wide as it has channels.

use yew::prelude::*;

use crate::{
    paint::format::pixels,
    spec::{Source, Survey},
    ui::shared::Shared,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub survey: Shared<Survey>,
}

/// The square that it is drawn in, and the room around.
const SIDE: f32 = 56.0;
const EDGE: f32 = 8.0;

#[component]
pub fn Diagram(props: &Props) -> Html {
    let survey = &props.survey;
    let shapes =
        std::iter::once(Some(&survey.sample.shape)).chain(survey.pieces.iter().map(|p| p.as_ref().map(|p| &p.shape)));
    let sizes: Vec<(f32, f32)> = shapes.map(|shape| shape.map_or((4.0, 2.0), |shape| size(shape))).collect();
    let (gap, total): (f32, f32) = (1.5, sizes.iter().map(|size| size.1).sum());
    let room = SIDE - 2.0 * EDGE - gap * (sizes.len() as f32 - 1.0);
    let squeeze = (room / total).min(2.8).max(0.05);
    let width = total * squeeze + gap * (sizes.len() as f32 - 1.0);
    let mut x = (SIDE - width) / 2.0;
    let mut centres = Vec::new();
    let bars: Html = (sizes.iter().enumerate())
        .map(|(place, (height, width))| {
            let (h, w) = (*height, (width * squeeze).max(1.0));
            let left = x;
            x += width * squeeze + gap;
            centres.push((left + w / 2.0, (SIDE - h) / 2.0));
            let part = match place {
                0 => "input",
                _ if place + 1 == sizes.len() => "output",
                _ => "layer",
            };
            html! {
                <rect data-part={part} x={pixels(left)} y={pixels((SIDE - h) / 2.0)} width={pixels(w)} height={pixels(h)}
                    rx={pixels((w / 2.0).min(2.0))} />
            }
        })
        .collect();
    let arcs: Html = (survey.pieces.iter().enumerate())
        .flat_map(|(place, piece)| {
            piece.iter().flat_map(move |piece| piece.inputs.iter().map(move |source| (source, place)))
        })
        .filter_map(|(source, place)| match source {
            Source::Layer(from) if from + 1 < place => Some((*from + 1, place + 1)),
            Source::Input if place > 0 => Some((0, place + 1)),
            Source::Layer(_) | Source::Input => None,
        })
        .map(|(from, to)| {
            let ((x0, y0), (x1, y1)) = (centres[from], centres[to]);
            let (x0, x1, top) = (pixels(x0), pixels(x1), pixels(y0.min(y1) - 8.0));
            html! { <path d={format!("M{x0} {}C{x0} {top} {x1} {top} {x1} {}", pixels(y0 - 1.5), pixels(y1 - 1.5))} /> }
        })
        .collect();
    html! { <svg class="diagram" viewBox="0 0 56 56" aria-hidden="true">{ bars }{ arcs }</svg> }
}

/// The height and width of a layer's bar.
fn size(shape: &[usize]) -> (f32, f32) {
    match shape {
        [h, _, channels] => (6.0 + (*h as f32).log2().max(0.0) * 4.6, 1.2 + (*channels as f32).log2().max(0.0) * 0.9),
        _ => {
            let units: usize = shape.iter().product();
            (8.0 + (units as f32).log2().max(0.0) * 3.6, 2.6)
        }
    }
}
