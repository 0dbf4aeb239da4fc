//! Floor 6: the engine behind a message channel.
//!
//! `protocol` is what both ends say, `program` what a program says instead of the page; `client` is the page's end, `serve`
//! the worker's; `engine` does the page's work, `solo` a program's, `crew` shares it with each `hand`, over a `board` where
//! it can, and `pictures` reads what the user brings.

mod augmented;
#[cfg(target_arch = "wasm32")]
mod board;
#[cfg(target_arch = "wasm32")]
pub mod client;
#[cfg(target_arch = "wasm32")]
pub mod crew;
pub mod engine;
#[cfg(target_arch = "wasm32")]
mod hand;
mod host;
mod own;
mod pick;
pub mod pictures;
pub mod program;
pub mod protocol;
#[cfg(target_arch = "wasm32")]
pub mod serve;
mod set;
pub mod solo;
mod view;
