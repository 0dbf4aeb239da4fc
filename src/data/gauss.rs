//! Two round clouds, one in each of two opposite corners.

use super::points::{EXTENT, make};
use super::{Dataset, Request, Source};
use crate::tensor::random::Stream;

pub const SOURCE: Source = Source {
    id: "gauss",
    label: words!("Gauss"),
    help: words!("Two round clouds: one straight line is enough, so one neuron is."),
    pictures: false,
    make: points,
};

fn points(request: &Request) -> Dataset {
    make(SOURCE.id, request, place)
}

fn place(class: u32, stream: &mut Stream) -> [f32; 2] {
    let centre = EXTENT * if class == 1 { 0.4 } else { -0.4 };
    let spread = EXTENT * 0.16;
    [centre + spread * stream.normal(), centre + spread * stream.normal()]
}
