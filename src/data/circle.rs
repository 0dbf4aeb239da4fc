//! A disc of one class inside a ring of the other.

use std::f32::consts::TAU;

use super::points::{EXTENT, make};
use super::{Dataset, Request, Source};
use crate::tensor::random::Stream;

pub const SOURCE: Source = Source {
    id: "circle",
    label: words!("Circle"),
    help: words!("A disc inside a ring: no straight line parts them, three hidden units do."),
    pictures: false,
    make: points,
};

fn points(request: &Request) -> Dataset {
    make(SOURCE.id, request, place)
}

fn place(class: u32, stream: &mut Stream) -> [f32; 2] {
    let radius = EXTENT * if class == 1 { stream.range(0.0, 0.42) } else { stream.range(0.6, 0.85) };
    let angle = stream.range(0.0, TAU);
    [radius * libm::cosf(angle), radius * libm::sinf(angle)]
}
