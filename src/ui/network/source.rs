//! The first card: the data as it comes in.

use yew::prelude::*;

use crate::{
    paint::{Image, Theme, colour, format},
    spec::Sample,
    ui::{app::use_page, language::fill, part::Raster, shared::Shared},
    worker::protocol::Look,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub sample: Sample,
    pub look: Option<Shared<Look>>,
}

#[component]
pub fn InputCard(props: &Props) -> Html {
    let page = use_page();
    let words = page.words;
    let shape = &props.sample.shape;
    let summary = match shape[..] {
        [h, w, _] => fill(words.input_pictures, &[("h", &h.to_string()), ("w", &w.to_string())]),
        _ => fill(words.input_points, &[("n", &shape.count().to_string())]),
    };
    let image = use_memo(props.look.clone(), |look| {
        let look = look.as_ref().filter(|look| look.size > 0)?;
        let side = look.size as usize;
        Some(Shared::new(Image { width: side, height: side, rgba: look.rgba.0.clone() }))
    });
    let axes = use_memo((shape.len() == 1 && shape.count() == 2, page.theme), |(plane, theme)| match plane {
        true => [0, 1].map(|axis| Shared::new(gradient(axis, *theme))).to_vec(),
        false => Vec::new(),
    });
    html! {
        <div class="layer" data-kind="input" style="grid-row:1">
            <div class="layer-head">
                <span class="layer-title">{ words.input }</span>
                <span class="layer-summary">{ summary }</span>
            </div>
            <div class="maps"><div class="maps-row">
                if let Some(image) = &*image { { draw!(<Raster class="maps-input" image={image.clone()} />) } }
                { for axes.iter().map(|image| draw!(<Raster class="maps-input" image={image.clone()} />)) }
            </div></div>
            <div class="layer-shape"><b>{ format::shape(shape) }</b></div>
        </div>
    }
}

/// What a coordinate is over the plane: from orange to blue along its axis.
fn gradient(axis: usize, theme: Theme) -> Image {
    const SIDE: usize = 24;
    let value = |place: usize| (place as f32 + 0.5) / SIDE as f32 * 2.0 - 1.0;
    Image::new(SIDE, SIDE, |x, y| colour::diverging(if axis == 0 { value(x) } else { -value(y) }, theme))
}
