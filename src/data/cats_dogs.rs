//! The cat and dog artist: pictures drawn here, since none are copied from elsewhere.
//!
//! Picture `index` of a seed is a pure function of (seed, index, size), with the same bits natively and in wasm. The class
//! decides shape alone: coat, colours, place, light, size and position come from streams that do not know it, so a network
//! that tells cats from dogs has seen ears, muzzles and tails. To add a breed put a row into `breed.rs` and its coat into
//! `coat.rs`; to add a place put a row into `scene.rs`.

mod body;
mod breed;
mod camera;
mod canvas;
mod coat;
mod ear;
mod face;
mod gaze;
mod head;
mod indoors;
mod outdoors;
mod pose;
mod scene;
mod shape;
mod sketch;

use super::{Dataset, Request, Source};
use crate::tensor::random::{pcg4d, purpose};
use sketch::Sketch;

/// The row of this set.
pub const SOURCE: Source = Source {
    id: "cats-dogs",
    label: words!("Cats, dogs"),
    help: words!(
        "Drawn pictures of 24 breeds of cat and 24 of dog. Colours, patterns and places are alike for both: only shape tells."
    ),
    pictures: true,
    make,
};

/// How many breeds there are of each species.
pub const BREEDS: usize = breed::CATS.len();

/// Pixels from `left`, `top` to before `right`, `bottom`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Box {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

/// One picture with all that is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// size × size × 3, NHWC.
    pub pixels: Vec<u8>,
    /// 0 cat, 1 dog.
    pub class: u32,
    pub breed: &'static str,
    /// size × size, 1 where the animal is.
    pub mask: Vec<u8>,
    pub head: Box,
    pub body: Box,
}

/// Draws picture `index` of a seed, `size` pixels wide and high.
pub fn draw(seed: u32, index: usize, size: usize) -> Picture {
    draw_as(seed, index, size, class_of(seed, index))
}

/// The class of picture `index`: of each two neighbours one is a cat and one a dog, in an order drawn from the seed.
pub fn class_of(seed: u32, index: usize) -> u32 {
    let pair = pcg4d([(index / 2) as u32, 1, purpose("cats-dogs/class"), seed])[0];
    (pair >> 16 ^ index as u32) & 1
}

/// The same picture with the animal of the other species: the same coat, place, light, pose and frame.
pub fn draw_as(seed: u32, index: usize, size: usize, class: u32) -> Picture {
    Sketch::new(seed, index, class).paint(size)
}

fn make(request: &Request) -> Dataset {
    Dataset::drawn(request, &["cat", "dog"])
}

/// Draws one sample of the set into its place.
pub fn fill(request: &Request, index: usize, pixels: &mut [u8]) -> u32 {
    let picture = draw(request.seed, index, request.size);
    pixels.copy_from_slice(&picture.pixels);
    picture.class
}
