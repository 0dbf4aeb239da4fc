//! Huber's loss: with d = x − y, the mean over all of ½d² where |d| ≤ 1, else |d| − ½ (Huber, 1964).

use super::{Loss, Reads, Target};
use crate::{
    graph::{Graph, Id},
    nn::field::About,
};

pub static HUBER: Loss = Loss {
    about: About {
        id: "huber",
        label: "Huber",
        help: words!("Squared for small misses, straight for large ones."),
        fields: &[],
    },
    target: Target::Value,
    reads: Reads::Plain,
    each: nodes!(|_, _, _| each),
};

fn each(g: &mut Graph, x: Id, y: Id) -> Id {
    // with m = min(|d|, 1): m·(|d| − m/2) is ½d² up to 1 and |d| − ½ beyond
    let d = g.sub(x, y);
    let size = g.abs(d);
    let one = g.scalar(1.0);
    let m = g.min(size, one);
    let half = g.scale(m, 0.5);
    let rest = g.sub(size, half);
    g.mul(m, rest)
}
