//! Mean absolute error: the mean over all of |x − y|.

use super::{Loss, Reads, Target};
use crate::{
    graph::{Graph, Id},
    nn::field::About,
};

pub static MEAN_ABSOLUTE_ERROR: Loss = Loss {
    about: About {
        id: "mean-absolute-error",
        label: "Mean absolute error",
        help: words!("How far off the numbers are."),
        fields: &[],
    },
    target: Target::Value,
    reads: Reads::Plain,
    each: nodes!(|_, _, _| each),
};

fn each(g: &mut Graph, x: Id, y: Id) -> Id {
    let d = g.sub(x, y);
    g.abs(d)
}
