//! The page's binary: makes the custom element known. A page is one such element, in a document or among others.

#[cfg(target_arch = "wasm32")]
mod api;
#[cfg(target_arch = "wasm32")]
mod widget;

fn main() {
    #[cfg(target_arch = "wasm32")]
    if web_sys::window().is_some() {
        widget::register();
    }
}
