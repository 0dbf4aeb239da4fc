//! Average pooling: the mean of each window. Padding is not counted.

use super::{
    Build, Group, Layer, Work,
    max_pool2d::{FIELDS, pool, shape},
    none,
};
use crate::{
    graph::Id,
    nn::field::{About, Values},
};

pub static AVG_POOL2D: Layer = Layer {
    about: About {
        id: "avg-pool2d",
        label: "Average pooling",
        help: words!("Keeps the mean of each window: smaller, smoother maps."),
        fields: FIELDS,
    },
    group: Group::Pictures,
    joins: false,
    work: Work::new(shape, none, build),
};

fn build(b: &mut Build, values: &Values, inputs: &[Id], _: &[Id]) -> Id {
    let pool = pool(b, values, inputs[0]);
    b.graph.avg_pool(pool, inputs[0])
}
