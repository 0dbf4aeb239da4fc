//! Global pooling: one number for each whole map. [n, h, w, c] → [n, c].

use super::{Group, Layer, Trouble, Work, none, picture};
use crate::{
    nn::field::{About, Values},
    tensor::Shape,
};

pub static GLOBAL_MAX_POOL2D: Layer = Layer {
    about: About {
        id: "global-max-pool2d",
        label: "Global max pooling",
        help: "Keeps the largest number of each map: was the pattern anywhere?",
        fields: &[],
    },
    group: Group::Pictures,
    joins: false,
    work: Some(Work { shape, parameters: none }),
};

pub static GLOBAL_AVG_POOL2D: Layer = Layer {
    about: About {
        id: "global-avg-pool2d",
        label: "Global average pooling",
        help: "Keeps the mean of each map: how much of the pattern was there?",
        fields: &[],
    },
    group: Group::Pictures,
    joins: false,
    work: Some(Work { shape, parameters: none }),
};

fn shape(_: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let [_, _, channels] = picture("Global pooling", &inputs[0])?;
    Ok([channels].into())
}
