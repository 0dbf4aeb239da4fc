//! AdaGrad: each weight's step is divided by how large its gradients have been in all.
//!
//! s ← s + g², from 0; w ← w − rate·g / (√s + epsilon). Duchi, Hazan and Singer, 2011.

use super::{Optimizer, epsilon, learning_rate};
use crate::nn::field::About;

pub static ADAGRAD: Optimizer = Optimizer {
    about: About {
        id: "adagrad",
        label: "AdaGrad",
        help: "Gives each weight its own pace, slower the more it has moved.",
        fields: &[learning_rate(0.01), epsilon(1e-10)],
    },
};
