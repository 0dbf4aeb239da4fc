//! Cross-entropy: minus the log of the share that softmax gives to the right class.
//!
//! Mean over batch and positions of logsumexp(x) − x[class], x: […, classes].

use super::{Loss, Reads, Target};
use crate::{
    graph::{Graph, Id},
    nn::field::About,
};

pub static CROSS_ENTROPY: Loss = Loss {
    about: About {
        id: "cross-entropy",
        label: "Cross-entropy",
        help: words!("How surprised the network is by the right class."),
        fields: &[],
    },
    target: Target::Class,
    reads: Reads::Softmax,
    each: nodes!(|_, _, _| each),
};

fn each(g: &mut Graph, x: Id, y: Id) -> Id {
    let last = g.shape(x).len() - 1;
    let classes = g.shape(x)[last];
    // relative to the largest logit, so that the difference of two large numbers loses no digits
    let top = g.maximum(x, &[last]);
    let top = g.stop(top);
    let below = g.sub(x, top);
    let e = g.exp(below);
    let sum = g.sum(e, &[last]);
    let total = g.ln(sum);
    let hot = g.one_hot(y, classes);
    let own = g.mul(below, hot);
    let own = g.sum(own, &[last]);
    let surprise = g.sub(total, own);
    let sizes = g.shape(y).clone();
    g.reshape(surprise, sizes)
}
