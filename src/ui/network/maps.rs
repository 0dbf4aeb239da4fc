//! What a layer makes of the picture that is looked at, small: feature maps, the first kernels, units, or the answer.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement};
use yew::prelude::*;

use crate::{
    paint::{Image, Theme, colour, format, picture},
    ui::{app::use_page, language::fill, part::raster, shared::Shared},
    worker::protocol::{LayerView, Look, Opened},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub look: Option<Shared<Look>>,
    /// The layer's name in the document.
    pub name: AttrValue,
    /// What the layer is called on the page.
    pub title: AttrValue,
    /// For the last layer: the classes that its numbers are for.
    pub classes: Option<Shared<Opened>>,
}

/// The answer is drawn as bars for so many classes at most.
const BARS: usize = 4;
/// A row of so few units is drawn as a thick strip.
const FEW: u32 = 64;

#[component]
pub fn Maps(props: &Props) -> Html {
    let page = use_page();
    let node = use_node_ref();
    let view = props.look.as_ref().and_then(|look| look.layers.iter().find(|view| view.name == props.name.as_str()));
    {
        let (node, name) = (node.clone(), props.name.clone());
        use_effect_with((props.look.clone(), name, page.theme), move |(look, name, theme)| {
            let view = look.as_ref().and_then(|look| look.layers.iter().find(|view| view.name == name.as_str()));
            if let (Some(view), Some(root)) = (view, node.cast::<Element>()) {
                paint(&root, view, *theme);
            }
        });
    }
    let Some(view) = view else { return html! { <div class="maps"></div> } };
    if let (Some(opened), Some(look)) = (&props.classes, &props.look)
        && opened.classes.len() == look.probabilities.len()
        && look.probabilities.len() <= BARS
        && view.height == 1
    {
        return bars(&look.probabilities, opened, page.theme);
    }
    let label = fill(page.words.output_of, &[("name", &props.title)]);
    let tiles = view.maps as usize;
    let kind = match (view.height, view.width) {
        (1, width) if width <= FEW => "units",
        (1, _) => "line",
        _ => "maps",
    };
    let kernels = view.kernels.as_ref().map_or(0, |kernels| kernels.count as usize);
    html! {
        <div class="maps" ref={node} data-kind={kind} role="img" aria-label={label}>
            if kernels > 0 {
                <div class="maps-row" data-part="kernels">{ for (0..kernels).map(|_| html! { <canvas></canvas> }) }</div>
            }
            <div class="maps-row" data-part="maps">{ for (0..tiles).map(|_| html! { <canvas></canvas> }) }</div>
        </div>
    }
}

/// The shares of the classes, as the last layer's numbers mean them.
fn bars(probabilities: &[f32], opened: &Opened, theme: Theme) -> Html {
    let colours = colour::classes(&opened.classes, theme);
    html! {
        <div class="maps" data-kind="answer" aria-hidden="true">
            { for probabilities.iter().zip(colours).map(|(share, colour)| html! {
                <span class="track" data-small=""><i style={format!("width:{}%;background:{}", format::pixels(share * 100.0), colour::hex(colour))}></i></span>
            }) }
        </div>
    }
}

fn paint(root: &Element, view: &LayerView, theme: Theme) {
    let images = picture::maps(&view.data.0, view.width as usize, view.height as usize, theme);
    put(root, "[data-part=\"maps\"] > canvas", &images);
    if let Some(kernels) = &view.kernels {
        let shape = [kernels.height as usize, kernels.width as usize, kernels.channels as usize];
        put(root, "[data-part=\"kernels\"] > canvas", &picture::kernels(&kernels.data.0, shape, theme));
    }
}

fn put(root: &Element, selector: &str, images: &[Image]) {
    let Ok(list) = root.query_selector_all(selector) else { return };
    for (place, image) in images.iter().enumerate() {
        if let Some(canvas) = list.item(place as u32) {
            raster::draw(canvas.unchecked_ref::<HtmlCanvasElement>(), image);
        }
    }
}
