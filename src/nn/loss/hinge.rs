//! Hinge: the mean over all of max(0, 1 − y·x), targets −1 and 1.

use super::{Loss, Reads, Target};
use crate::{
    graph::{Graph, Id},
    nn::field::About,
};

pub static HINGE: Loss = Loss {
    about: About {
        id: "hinge",
        label: "Hinge",
        help: words!("Asks for the right side of the border, with a margin; targets are −1 and 1."),
        fields: &[],
    },
    target: Target::Value,
    reads: Reads::Plain,
    each: nodes!(|_, _, _| each),
};

fn each(g: &mut Graph, x: Id, y: Id) -> Id {
    let side = g.mul(x, y);
    let short = g.one_minus(side);
    g.relu(short)
}
