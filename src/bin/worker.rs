//! The engine's worker: a second program beside the page's, which serves commands until it is ended.

#[cfg(target_arch = "wasm32")]
fn main() {
    wasm_bindgen_futures::spawn_local(whisker::worker::serve::serve());
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("The worker runs in a browser: build it for wasm32-unknown-unknown, or run `cargo xtask serve`.");
}
