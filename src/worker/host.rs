//! What the engine needs of the world around it: the time, pictures decoded, and the artist. In a browser the browser does the
//! first two, and the artist is a program that is fetched when a set is to be drawn.

/// Milliseconds since some moment.
#[cfg(target_arch = "wasm32")]
pub fn now() -> f64 {
    use wasm_bindgen::JsCast;
    let global: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    global.performance().expect("a worker has a clock").now()
}

#[cfg(not(target_arch = "wasm32"))]
pub fn now() -> f64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
}

/// Others to share steps with, if there can be any.
#[cfg(target_arch = "wasm32")]
pub fn crew(others: usize) -> Option<Box<dyn crate::train::crew::Crew>> {
    (others > 0).then(|| Box::new(super::crew::Workers::new(others)) as Box<_>)
}

#[cfg(not(target_arch = "wasm32"))]
pub fn crew(_others: usize) -> Option<Box<dyn crate::train::crew::Crew>> {
    None
}

/// How many workers share a page's steps: half of the processor's threads, four at most, so that the page keeps its own.
#[cfg(target_arch = "wasm32")]
pub fn workers() -> usize {
    use wasm_bindgen::JsCast;
    let global: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    (global.navigator().hardware_concurrency() as usize / 2).clamp(1, 4)
}

#[cfg(not(target_arch = "wasm32"))]
pub fn workers() -> usize {
    1
}

/// The middle square of an encoded picture at size × size × 3 bytes, or why it cannot be shown.
#[cfg(target_arch = "wasm32")]
pub async fn decode(bytes: &[u8], size: usize) -> Result<Vec<u8>, String> {
    use crate::data::resize;
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{Blob, ImageBitmap, OffscreenCanvas, OffscreenCanvasRenderingContext2d};

    /// Pictures are drawn this large at most, in pixels a side, before they are shrunk with care.
    const MOST: f64 = 1024.0;

    let broken =
        |_: JsValue| "The browser cannot decode it: it may be broken, or of a kind it does not know.".to_string();
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence(&parts).map_err(broken)?;
    let global: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    let promise = global.create_image_bitmap_with_blob(&blob).map_err(broken)?;
    let bitmap: ImageBitmap = wasm_bindgen_futures::JsFuture::from(promise).await.map_err(broken)?.unchecked_into();
    let (width, height) = (f64::from(bitmap.width()), f64::from(bitmap.height()));
    let side = width.min(height);
    let target = side.min(MOST).max(1.0) as u32;
    let canvas = OffscreenCanvas::new(target, target).map_err(broken)?;
    let context: OffscreenCanvasRenderingContext2d =
        canvas.get_context("2d").map_err(broken)?.expect("a canvas can be drawn on").unchecked_into();
    context.set_fill_style_str("white");
    context.fill_rect(0.0, 0.0, f64::from(target), f64::from(target));
    context
        .draw_image_with_image_bitmap_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            &bitmap,
            (width - side) / 2.0,
            (height - side) / 2.0,
            side,
            side,
            0.0,
            0.0,
            f64::from(target),
            f64::from(target),
        )
        .map_err(broken)?;
    bitmap.close();
    let pixels = context.get_image_data(0.0, 0.0, f64::from(target), f64::from(target)).map_err(broken)?;
    let rgb = resize::opaque(&pixels.data());
    Ok(resize::square(&rgb, target as usize, target as usize, size))
}

#[cfg(not(target_arch = "wasm32"))]
pub async fn decode(_bytes: &[u8], _size: usize) -> Result<Vec<u8>, String> {
    Err("Pictures are decoded by the browser; there is none here.".into())
}

/// Engages the artist, who then draws at once whenever asked.
#[cfg(target_arch = "wasm32")]
pub async fn artist() -> Result<(), String> {
    use crate::data::{self, Request};
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

    #[wasm_bindgen]
    extern "C" {
        /// Fetches the artist; www/engine_worker.js has both functions.
        #[wasm_bindgen(catch, js_name = artist)]
        async fn fetch() -> Result<JsValue, JsValue>;
        /// Draws picture `index` of a seed; its class. src/bin/artist.rs is its other side.
        #[wasm_bindgen(js_name = draw)]
        fn draw_there(seed: u32, index: u32, size: u32, pixels: &mut [u8]) -> u32;
    }

    fn draw(request: &Request, index: usize, pixels: &mut [u8]) -> u32 {
        draw_there(request.seed, index as u32, request.size as u32, pixels)
    }

    if !data::has_artist() {
        let why = |_| "The part of Whisker that draws cats and dogs could not be loaded: reload the page.".to_string();
        fetch().await.map_err(why)?;
        data::engage(draw);
    }
    Ok(())
}

#[cfg(not(target_arch = "wasm32"))]
pub async fn artist() -> Result<(), String> {
    Ok(())
}
