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
mod head;
mod pose;
mod scene;
mod shape;

use super::{Dataset, Request, Source};
use crate::tensor::random::{Stream, pcg4d, purpose};
use camera::{Exposure, Shot};
use canvas::{Canvas, luminance};
use coat::Coat;
use head::{Gaze, Head};
use pose::{Figure, Pose};
use shape::Point;

/// The row of this set.
pub const SOURCE: Source = Source {
    id: "cats-dogs",
    label: "Cats, dogs",
    help: "Drawn pictures of 24 breeds of cat and 24 of dog. Colours, patterns and places are alike for both: only shape tells.",
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
    let mut pixels = vec![0; size * size * 3];
    let words = pcg4d([index as u32, 0, purpose("cats-dogs"), seed]);
    let stream = |topic: u32| Stream::new(words[0], words[1] ^ topic);
    let cat = class == 0;

    let mut chance = stream(1);
    let row = chance.below(BREEDS);
    let coat = Coat::one(row, &mut stream(2));
    let place = &scene::PLACES[chance.below(scene::PLACES.len())];
    let exposure = Exposure::draw(place.dark, &mut stream(3));
    let shot = match chance.unit() {
        u if u < 0.45 => Shot::Head,
        u if u < 0.7 => Shot::Half,
        _ => Shot::Whole,
    };
    let light: Point = {
        let x = chance.range(-1.0, 1.0);
        [x, -(1.0 - 0.5 * x * x).sqrt()]
    };
    let mood = head::mood(place.dark, &mut chance);

    let turn = if chance.unit() < 0.5 { -1.0 } else { 1.0 };
    let pose = match shot {
        Shot::Head | Shot::Half => Pose::Sit,
        Shot::Whole => pose::POSES[[0, 0, 1, 1, 2, 3, 3, 4][chance.below(8)]],
    };
    let yaw = turn * if pose == Pose::Sit { chance.range(0.1, 1.1) } else { chance.range(0.75, 1.45) };
    let look = match chance.unit() {
        u if u < 0.5 => chance.range(-0.35, 0.35),
        u if u < 0.85 => turn * chance.range(0.35, 0.85),
        _ => turn * chance.range(0.85, 1.25),
    };
    let (nod, tilt) = (chance.range(-0.1, 0.16), chance.range(-1.0, 1.0));
    let tilt = 0.28 * tilt * tilt.abs();
    let frame = [chance.unit(), chance.unit(), chance.unit()];

    let breed = if cat { &breed::CATS[row] } else { &breed::DOGS[row] };
    let mut shape_chance = stream(4);
    let animal = breed.one(&mut shape_chance);
    let figure = pose::figure(&animal, cat, pose, yaw, &mut shape_chance);
    let head_at = |centre: Point, unit: f32| Head {
        gaze: Gaze::new(centre, unit, look, nod, tilt),
        breed: &animal,
        coat: &coat,
        cat,
        mood,
        light,
    };

    // the camera looks at the head, the upper half or the whole animal
    let head_box = head_at(figure.head, 1.0).corners();
    let body_box = figure.corners(head_box);
    let subject = match shot {
        Shot::Head => (head_box.0, [head_box.1[0], head_box.1[1] + 0.2]),
        Shot::Half => {
            let low = head_box.1[1] + 0.9;
            ([body_box.0[0].max(figure.head[0] - 1.6), head_box.0[1]], [body_box.1[0].min(figure.head[0] + 1.6), low])
        }
        Shot::Whole => body_box,
    };
    let (wide, high) = (subject.1[0] - subject.0[0], subject.1[1] - subject.0[1]);
    let (least, most) = match shot {
        Shot::Head => (0.66, 0.92),
        Shot::Half => (0.8, 1.0),
        Shot::Whole => (0.8, 0.96),
    };
    let share = least + (most - least) * frame[0];
    let unit = share * size as f32 / wide.max(high);
    let middle = [0.5 * (subject.0[0] + subject.1[0]), 0.5 * (subject.0[1] + subject.1[1])];
    let slack = |extent: f32| (size as f32 - extent * unit) * 0.5;
    let shift = |extent: f32, at: f32| slack(extent).max(0.03 * size as f32) * (2.0 * at - 1.0) * 0.8;
    let frame = body::Frame {
        unit,
        origin: [
            0.5 * size as f32 + shift(wide, frame[1]) - middle[0] * unit,
            0.5 * size as f32 + shift(high, frame[2]) - middle[1] * unit,
        ],
    };
    let head = head_at(frame.at(figure.head), unit);

    let mut canvas = Canvas::new(size);
    let mut place_chance = stream(5);
    let ground = frame.at([0.0, figure.ground])[1];
    let back = match shot {
        Shot::Whole => ground - size as f32 * place_chance.range(0.08, 0.3),
        Shot::Half | Shot::Head => size as f32 * place_chance.range(0.55, 0.85),
    };
    let colours = scene::colours(place, luminance(coat.ground), &mut place_chance);
    let mut site = scene::Site { chance: &mut place_chance, horizon: back, ground, unit, colours };
    scene::draw(place, &mut canvas, &mut site);
    let (low, high) = (frame.at(body_box.0), frame.at(body_box.1));
    let middle = 0.5 * (low[0] + high[0]) - light[0] * 0.3 * unit;
    canvas.glow([middle, ground], [0.62 * (high[0] - low[0]), 0.42 * unit], [0.08, 0.07, 0.1], 0.45);
    canvas.animal = 1.0;
    body::draw(&mut canvas, &figure, &animal, &coat, &frame, light);
    head.draw(&mut canvas);
    canvas.animal = 0.0;
    canvas.shade = Default::default();
    if shot == Shot::Whole && pose == Pose::Sit {
        scene::before(place, &mut canvas, &mut site, frame.at(figure.head)[0]);
    }
    let mask = exposure.develop(&mut canvas, &mut pixels);
    let seen = |(low, high): (Point, Point)| {
        let keep = |v: f32| v.clamp(0.0, size as f32);
        Box { left: keep(low[0]), top: keep(low[1]), right: keep(high[0]), bottom: keep(high[1]) }
    };
    Picture { pixels, class, breed: breed.name, mask, head: seen(head.corners()), body: seen((low, high)) }
}

impl Figure {
    /// What body and head span together.
    fn corners(&self, head: (Point, Point)) -> (Point, Point) {
        let (mut low, mut high) = head;
        for (c, r) in self.parts.iter().flat_map(|part| &part.discs) {
            low = [low[0].min(c[0] - r), low[1].min(c[1] - r)];
            high = [high[0].max(c[0] + r), high[1].max(c[1] + r)];
        }
        (low, high)
    }
}

fn make(request: &Request) -> Dataset {
    Dataset::drawn(request, &["cat", "dog"], fill)
}

/// Draws one sample of the set into its place.
fn fill(request: &Request, index: usize, pixels: &mut [u8]) -> u32 {
    let picture = draw(request.seed, index, request.size);
    pixels.copy_from_slice(&picture.pixels);
    picture.class
}
