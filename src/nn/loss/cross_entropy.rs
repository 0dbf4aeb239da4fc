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
    let logs = g.log_softmax(x, last);
    let hot = g.one_hot(y, classes);
    let own = g.mul(logs, hot);
    let own = g.sum(own, &[last]);
    let surprise = g.neg(own);
    // The shares of a row sum to 1, and so does what is hot: nothing has to be summed on the way back.
    let shares = g.exp(logs);
    let slope = g.sub(shares, hot);
    let surprise = g.custom_gradient(surprise, x, slope);
    let sizes = g.shape(y).clone();
    g.reshape(surprise, sizes)
}
