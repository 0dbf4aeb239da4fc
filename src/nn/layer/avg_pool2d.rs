//! Average pooling: the mean of each window. Padding is not counted.

use super::{
    Group, Layer, Work,
    max_pool2d::{FIELDS, shape},
    none,
};
use crate::nn::field::About;

pub static AVG_POOL2D: Layer = Layer {
    about: About {
        id: "avg-pool2d",
        label: "Average pooling",
        help: "Keeps the mean of each window: smaller, smoother maps.",
        fields: FIELDS,
    },
    group: Group::Pictures,
    joins: false,
    work: Some(Work { shape, parameters: none }),
};
