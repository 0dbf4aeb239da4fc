//! The engine's program, which runs in a worker: it serves the page and `Session` alike, or shares steps with the one
//! that started it.

#[cfg(target_arch = "wasm32")]
fn main() {
    use wasm_bindgen::JsCast;
    use whisker::worker::{crew, serve};

    let scope: web_sys::DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    if scope.name() == crew::HAND {
        wasm_bindgen_futures::spawn_local(crew::serve());
    } else {
        wasm_bindgen_futures::spawn_local(serve::serve());
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("The engine's program runs in a worker of a browser; natively, its modules are called as they are.");
}
