//! Mean squared error: the mean over all of (x − y)².

use super::{Loss, Reads, Target};
use crate::{
    graph::{Graph, Id},
    nn::field::About,
};

pub static MEAN_SQUARED_ERROR: Loss = Loss {
    about: About {
        id: "mean-squared-error",
        label: "Mean squared error",
        help: words!("How far off the numbers are, large misses counting most."),
        fields: &[],
    },
    target: Target::Value,
    reads: Reads::Plain,
    each: nodes!(|_, _, _| each),
};

fn each(g: &mut Graph, x: Id, y: Id) -> Id {
    let d = g.sub(x, y);
    g.square(d)
}
