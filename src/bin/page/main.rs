//! The page's program: it makes the custom element work, in a document of ours or among the elements of another.
//!
//! It computes nothing; each element asks the engine, a program of its own in a worker.

#[cfg(target_arch = "wasm32")]
mod style;
#[cfg(target_arch = "wasm32")]
mod widget;

#[cfg(target_arch = "wasm32")]
fn main() {
    if web_sys::window().is_some() {
        widget::register();
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("Whisker runs in a browser: `cargo xtask serve` builds it and serves it.");
}
