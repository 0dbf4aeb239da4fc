//! Global pooling: one number for each whole map. [n, h, w, c] → [n, c].

use super::{Build, Group, Layer, Trouble, Work, none, picture};
use crate::{
    graph::Id,
    nn::field::{About, Values},
    tensor::Shape,
};

pub static GLOBAL_MAX_POOL2D: Layer = Layer {
    about: About {
        id: "global-max-pool2d",
        label: "Global max pooling",
        help: words!("Keeps the largest number of each map: was the pattern anywhere?"),
        fields: &[],
    },
    group: Group::Pictures,
    joins: false,
    work: Work::new(shape, none, maximum),
};

pub static GLOBAL_AVG_POOL2D: Layer = Layer {
    about: About {
        id: "global-avg-pool2d",
        label: "Global average pooling",
        help: words!("Keeps the mean of each map: how much of the pattern was there?"),
        fields: &[],
    },
    group: Group::Pictures,
    joins: false,
    work: Work::new(shape, none, mean),
};

fn shape(_: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let [_, _, channels] = picture("Global pooling", &inputs[0])?;
    Ok([channels].into())
}

fn maximum(b: &mut Build, _: &Values, inputs: &[Id], _: &[Id]) -> Id {
    let y = b.graph.maximum(inputs[0], &[1, 2]);
    row(b, y)
}

fn mean(b: &mut Build, _: &Values, inputs: &[Id], _: &[Id]) -> Id {
    let y = b.graph.mean(inputs[0], &[1, 2]);
    row(b, y)
}

/// [n, 1, 1, c] → [n, c].
fn row(b: &mut Build, y: Id) -> Id {
    let sizes = b.sizes(y);
    b.graph.reshape(y, [sizes[0], sizes[3]])
}
