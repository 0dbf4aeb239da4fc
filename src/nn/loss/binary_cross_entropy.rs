//! Binary cross-entropy: each output is the logit of its own yes or no.
//!
//! Mean over all of log(1 + eˣ) − x·y, which equals −y·log σ(x) − (1 − y)·log(1 − σ(x)).

use super::{Loss, Reads, Target};
use crate::{
    graph::{Graph, Id},
    nn::field::About,
};

pub static BINARY_CROSS_ENTROPY: Loss = Loss {
    about: About {
        id: "binary-cross-entropy",
        label: "Binary cross-entropy",
        help: words!("How surprised the network is by each yes or no."),
        fields: &[],
    },
    target: Target::Value,
    reads: Reads::Sigmoid,
    each: nodes!(|_, _, _| each),
};

fn each(g: &mut Graph, x: Id, y: Id) -> Id {
    // log(1 + eˣ) − x·y
    let soft = g.softplus(x);
    let own = g.mul(x, y);
    g.sub(soft, own)
}
