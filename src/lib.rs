//! Whisker: a deep-learning playground that runs in a browser tab.
//!
//! Read the floors from the ground up; a module imports from lower floors only.

// floors 0 to 3: host arrays; what is computed; how it is computed; who computes
pub use whisker_engine::{device, graph, plan, tensor};

/// What tells people what a thing is; nothing in an engine, which shows nothing.
macro_rules! words {
    ($words:expr) => {
        if cfg!(feature = "mute") { "" } else { $words }
    };
}

// floor 3: what a network is made of; what it learns from
pub mod data;
pub mod nn;
// floor 4: the experiment document
pub mod share;
pub mod spec;
// floor 5: training, the numbers made visible, and files
pub mod export;
pub mod hdf5;
pub mod import;
pub mod paint;
pub mod protobuf;
pub mod train;
// floor 6: the engine behind a message channel
pub mod worker;
// floor 6: code, files out and files in, in a worker of their own
pub mod exchange;
// floor 7: the page
pub mod ui;
