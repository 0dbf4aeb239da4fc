//! What the sets of points in the plane share: the range, the jitter, and how a set is made from a rule for one point.

use crate::tensor::random::{Stream, pcg4d, purpose};

use super::{Dataset, Request, Values};

/// Points lie within ±EXTENT on both axes, all but a stray one; the decision boundary is drawn over this square.
///
/// With tanh units at their usual initial weights, a spiral within ±3 is learnt in about half the steps of one within
/// ±2; within ±1 it is hardly learnt at all.
pub const EXTENT: f32 = 3.0;

/// The jitter where a request names none: the standard deviation that is added to each coordinate.
pub const NOISE: f32 = 0.1;

/// The two classes: the signs of the page's colour language.
pub const CLASSES: [&str; 2] = ["orange", "blue"];

/// Makes a set from `place`: (class, the point's own random numbers) → where it lies before jitter.
///
/// Point `i` is a function of (seed, name, i): a longer set begins with a shorter one. The classes alternate.
pub(super) fn make(name: &str, request: &Request, place: fn(u32, &mut Stream) -> [f32; 2]) -> Dataset {
    let count = request.train + request.test;
    let noise = request.noise.unwrap_or(NOISE);
    let mut values = Vec::with_capacity(count * 2);
    for index in 0..count as u32 {
        let mut stream = Stream::new(request.seed, pcg4d([index, 0, purpose(name), request.seed])[0]);
        let [x, y] = place(index % 2, &mut stream);
        values.extend([x + noise * stream.normal(), y + noise * stream.normal()]);
    }
    Dataset {
        shape: vec![2],
        classes: CLASSES.map(String::from).to_vec(),
        train: request.train,
        labels: (0..count as u32).map(|index| index % 2).collect(),
        values: Values::Floats(values),
        pending: None,
    }
}
