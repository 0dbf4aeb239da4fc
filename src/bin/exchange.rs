//! The program that writes code and files and reads files, in a worker of its own; `exchange` has both ends of the way to it.

fn main() {
    #[cfg(target_arch = "wasm32")]
    whisker::exchange::serve::start();
}
