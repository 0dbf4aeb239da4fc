//! The engine's program, which runs in a worker: it serves the page and `Session` alike.

#[cfg(target_arch = "wasm32")]
fn main() {
    wasm_bindgen_futures::spawn_local(whisker::worker::serve::serve());
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("The engine's program runs in a worker of a browser; natively, its modules are called as they are.");
}
