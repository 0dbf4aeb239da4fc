//! Floor 6: the desk at which networks become code and files, and files networks. A program of its own in a worker of its own,
//! fetched when somebody opens the panel or brings a model's file; hostile files never come near the page or the engine.
//!
//! `protocol` is what the page and the desk say to each other; `client` is the page's end, `serve` the worker's; `desk` is
//! what it knows and does. The panel is drawn here too, as HTML in parts, so that a visit that never opens it does not carry
//! it: `code` draws programs, `compare` two beside each other, `facts` the table of frameworks, `files` the downloads.

#[cfg(target_arch = "wasm32")]
pub mod client;
mod code;
mod compare;
mod curve;
pub mod desk;
mod drawing;
mod facts;
mod files;
mod highlight;
mod html;
pub mod protocol;
#[cfg(target_arch = "wasm32")]
pub mod serve;
