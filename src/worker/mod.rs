//! Floor 6: the engine behind a message channel.

#[cfg(target_arch = "wasm32")]
pub mod client;
pub mod protocol;
