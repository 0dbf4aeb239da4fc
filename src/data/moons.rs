//! Two half rings, each with one end inside the other.

use std::f32::consts::PI;

use super::points::{EXTENT, make};
use super::{Dataset, Request, Source};
use crate::tensor::random::Stream;

pub const SOURCE: Source = Source {
    id: "moons",
    label: words!("Moons"),
    help: words!("Two half rings hooked into each other: a smooth curve parts them."),
    pictures: false,
    make: points,
};

fn points(request: &Request) -> Dataset {
    make(SOURCE.id, request, place)
}

/// Half circles of radius 1 about (0, 0) and (1, ½), the second upside down; moved to the middle and scaled.
fn place(class: u32, stream: &mut Stream) -> [f32; 2] {
    let angle = stream.range(0.0, PI);
    let (x, y) = (libm::cosf(angle), libm::sinf(angle));
    let [x, y] = if class == 1 { [1.0 - x, 0.5 - y] } else { [x, y] };
    [(x - 0.5) * EXTENT * 0.55, (y - 0.25) * EXTENT * 0.55]
}
