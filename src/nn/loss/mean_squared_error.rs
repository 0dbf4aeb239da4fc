//! Mean squared error: the mean over all of (x − y)².

use super::{Loss, Reads, Target};
use crate::nn::field::About;

pub static MEAN_SQUARED_ERROR: Loss = Loss {
    about: About {
        id: "mean-squared-error",
        label: "Mean squared error",
        help: "How far off the numbers are, large misses counting most.",
        fields: &[],
    },
    target: Target::Value,
    reads: Reads::Plain,
};
