//! Huber's loss: with d = x − y, the mean over all of ½d² where |d| ≤ 1, else |d| − ½ (Huber, 1964).

use super::{Loss, Reads, Target};
use crate::nn::field::About;

pub static HUBER: Loss = Loss {
    about: About {
        id: "huber",
        label: "Huber",
        help: "Squared for small misses, straight for large ones.",
        fields: &[],
    },
    target: Target::Value,
    reads: Reads::Plain,
};
