//! Exclusive or: opposite quadrants belong together.

use super::points::{EXTENT, make};
use super::{Dataset, Request, Source};
use crate::tensor::random::Stream;

pub const SOURCE: Source = Source {
    id: "xor",
    label: words!("Exclusive or"),
    help: words!("Blue where both coordinates have the same sign: what a single neuron cannot learn."),
    pictures: false,
    make: points,
};

fn points(request: &Request) -> Dataset {
    make(SOURCE.id, request, place)
}

/// A gap around the axes keeps the classes apart before jitter.
fn place(class: u32, stream: &mut Stream) -> [f32; 2] {
    let (x, y) = (stream.range(0.08, 0.85), stream.range(0.08, 0.85));
    let right = if stream.unit() < 0.5 { EXTENT } else { -EXTENT };
    [right * x, if class == 1 { right } else { -right } * y]
}
