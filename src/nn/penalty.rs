//! What keeps weights and steps small: the penalty that is added to the loss, and the longest gradient.

use crate::graph::{Graph, Id};

/// Whether a parameter of this name is penalised: the weights, not what is added or what scales.
pub fn applies(parameter: &str) -> bool {
    ["kernel", "recurrent-kernel", "query", "key", "value", "output"].contains(&parameter)
}

/// l1·Σ|w| + l2·Σw² over all numbers of all `weights`; 0 where there is nothing to add.
pub fn penalty(g: &mut Graph, weights: &[Id], l1: f64, l2: f64) -> Id {
    let mut total = g.scalar(0.0);
    for &w in weights {
        for (factor, squared) in [(l1, false), (l2, true)] {
            if factor != 0.0 {
                let sizes = if squared { g.square(w) } else { g.abs(w) };
                let sum = g.sum_all(sizes);
                let part = g.scale(sum, factor as f32);
                total = g.add(total, part);
            }
        }
    }
    total
}

/// g·min(1, most / ‖g‖), written as most / max(‖g‖, most) so that a gradient of 0 divides by nothing.
pub fn clip(graph: &mut Graph, g: Id, most: f64) -> Id {
    let square = graph.square(g);
    let sum = graph.sum_all(square);
    let length = graph.sqrt(sum);
    let most = graph.scalar(most as f32);
    let longest = graph.max(length, most);
    let factor = graph.div(most, longest);
    graph.mul(g, factor)
}
