//! A session's program, which runs in a worker: it serves `Session` in JavaScript, or shares steps with the one that started
//! it. Of the page's engine it lacks what is drawn and told: a third.

#[cfg(target_arch = "wasm32")]
fn main() {
    whisker::worker::serve::start_program();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("A session's program runs in a worker of a browser; natively, its modules are called as they are.");
}
