//! A picture of numbers on a canvas, painted when it changes.

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};
use yew::prelude::*;

use crate::{paint::Image, ui::shared::Shared};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub image: Shared<Image>,
    /// What it shows, for those who cannot see it; without, it is mere decoration.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    #[prop_or_default]
    pub class: Classes,
}

#[component]
pub fn Raster(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.image.clone(), move |image| {
            if let Some(canvas) = node.cast::<HtmlCanvasElement>() {
                draw(&canvas, image);
            }
        });
    }
    let (role, hidden) = if props.label.is_some() { (Some("img"), None) } else { (None, Some("true")) };
    html! { <canvas ref={node} class={props.class.clone()} {role} aria-label={props.label.clone()} aria-hidden={hidden} /> }
}

/// Puts an image onto a canvas, pixel for pixel; the style sheet enlarges it.
pub fn draw(canvas: &HtmlCanvasElement, image: &Image) {
    if image.width == 0 || image.height == 0 {
        return;
    }
    let (width, height) = (image.width as u32, image.height as u32);
    if (canvas.width(), canvas.height()) != (width, height) {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let context =
        canvas.get_context("2d").ok().flatten().and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok());
    if let (Some(context), Ok(data)) =
        (context, ImageData::new_with_u8_clamped_array_and_sh(Clamped(&image.rgba), width, height))
    {
        let _ = context.put_image_data(&data, 0.0, 0.0);
    }
}
