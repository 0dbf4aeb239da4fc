//! Floor 3: what a network is made of. Layers, activations, losses, optimizers, schedules and augmentations, each a
//! row in a slice; knows no device and no document.
//!
//! A row opens with an `About`: the id that documents use, words for people and the fields that can be set. The
//! palette, the knobs, the reader of documents and the tests follow from the slices alone. To add a layer, a loss or
//! an optimizer: one new file beside its kind, and its row in [`LAYERS`], [`LOSSES`] or [`OPTIMIZERS`].

/// A function that appends nodes to a graph; in a program that shows networks and computes none, a stand-in for it, so that
/// the nodes' code is left out.
macro_rules! nodes {
    (|$($argument:pat_param),*| $function:expr) => {
        if cfg!(feature = "show") { |$($argument),*| unreachable!("this program computes nothing") } else { $function }
    };
}

pub mod activation;
pub mod augment;
pub mod field;
pub mod init;
pub mod json;
pub mod layer;
pub mod loss;
pub mod optimizer;
pub mod penalty;
pub mod schedule;
pub mod spelling;

pub use activation::{ACTIVATIONS, Activation};
pub use augment::{AUGMENTS, Augment};
pub use field::{About, Default, Field, Kind, Value, Values, Word};
pub use layer::{LAYERS, Layer};
pub use loss::{LOSSES, Loss, Target};
pub use optimizer::{OPTIMIZERS, Optimizer};
pub use schedule::{SCHEDULES, Schedule};
