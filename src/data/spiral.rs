//! Two arms that wind around each other.

use std::f32::consts::{PI, TAU};

use super::points::{EXTENT, make};
use super::{Dataset, Request, Source};
use crate::tensor::random::Stream;

pub const SOURCE: Source = Source {
    id: "spiral",
    label: words!("Spiral"),
    help: words!("Two arms around each other: needs two hidden layers, or patience."),
    pictures: false,
    make: points,
};

fn points(request: &Request) -> Dataset {
    make(SOURCE.id, request, place)
}

/// One and a half turns from the middle to the edge, the other arm half a turn ahead.
fn place(class: u32, stream: &mut Stream) -> [f32; 2] {
    let along = stream.unit();
    let radius = EXTENT * 0.88 * along;
    let angle = 1.5 * TAU * along + if class == 1 { PI } else { 0.0 };
    [radius * libm::sinf(angle), radius * libm::cosf(angle)]
}
