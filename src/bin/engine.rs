//! The engine's program, which runs in a worker: it serves the page, or shares steps with the one that started it.

#[cfg(target_arch = "wasm32")]
fn main() {
    whisker::worker::serve::start_page();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("The engine's program runs in a worker of a browser; natively, its modules are called as they are.");
}
