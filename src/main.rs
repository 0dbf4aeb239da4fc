//! The one program of the page, of the engine's worker and of the JavaScript library; it sees by itself which it is.
//!
//! In a window it makes the custom element known: a page is one such element, in a document or among others. In the worker
//! that [`client`] starts, it serves commands.
//!
//! [`client`]: whisker::worker

#[cfg(target_arch = "wasm32")]
mod api;
#[cfg(target_arch = "wasm32")]
mod widget;

#[cfg(target_arch = "wasm32")]
fn main() {
    use wasm_bindgen::JsCast;
    use whisker::worker::{client, serve};

    let scope = js_sys::global().dyn_into::<web_sys::DedicatedWorkerGlobalScope>();
    if web_sys::window().is_some() {
        widget::register();
    } else if scope.is_ok_and(|scope| scope.name() == client::WORKER) {
        wasm_bindgen_futures::spawn_local(serve::serve());
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("Whisker runs in a browser: `cargo xtask serve` builds it and serves it.");
}
