//! Where the animal is: indoors and out, one row a place. The same for both species.

use super::canvas::{Canvas, Rgb, hex, luminance, scale};
use super::shape::{Point, Shape};
use super::{indoors::*, outdoors::*};
use crate::tensor::random::Stream;

/// Everything a place needs to know to be drawn.
pub struct Site<'a> {
    pub chance: &'a mut Stream,
    /// Where wall or sky meet the ground, in pixels.
    pub horizon: f32,
    /// Where the animal's feet stand.
    pub ground: f32,
    /// Pixels in a head radius.
    pub unit: f32,
    /// Two colours: what is behind, what is below.
    pub colours: [Rgb; 2],
}

pub struct Place {
    pub name: &'static str,
    /// Choices of (behind, below).
    colours: &'static [[Rgb; 2]],
    pub dark: bool,
    draw: fn(&mut Canvas, &mut Site),
}

const fn row(name: &'static str, dark: bool, colours: &'static [[Rgb; 2]], draw: fn(&mut Canvas, &mut Site)) -> Place {
    Place { name, colours, dark, draw }
}

pub const SKY: Rgb = hex(0xb9dcec);
pub const PALE_SKY: Rgb = hex(0xe6eef0);
const EVENING: Rgb = hex(0xf3c9a4);
pub const GRASS: Rgb = hex(0x8fb56b);
pub const DEEP_GRASS: Rgb = hex(0x5f8a56);

pub const PLACES: &[Place] = &[
    row(
        "wall",
        false,
        &[
            [hex(0xe7dccb), hex(0xb98d62)],
            [hex(0x9fb8b3), hex(0xd1b48c)],
            [hex(0x5f7486), hex(0xc39a70)],
            [hex(0xe3b7a0), hex(0x8d6a55)],
        ],
        wall,
    ),
    row(
        "sofa",
        false,
        &[
            [hex(0xece4d8), hex(0x6f93a3)],
            [hex(0xd9e0d4), hex(0xc4705c)],
            [hex(0x8fa3a0), hex(0xe2b866)],
            [hex(0xe9d8cf), hex(0x5a6d5d)],
        ],
        sofa,
    ),
    row(
        "rug",
        false,
        &[[hex(0xc79f74), hex(0x9c4a46)], [hex(0x8a6a52), hex(0xdccfb6)], [hex(0xdcc6a4), hex(0x4f7280)]],
        rug,
    ),
    row(
        "window",
        false,
        &[[hex(0xd8c7b4), hex(0x9cc5dc)], [hex(0x7f8f86), hex(0xd9ebf0)], [hex(0xe9e2d6), hex(0x8ab2a0)]],
        window,
    ),
    row(
        "box",
        false,
        &[[hex(0xdfe4e2), hex(0xc49a6a)], [hex(0x7b8a99), hex(0xcda676)], [hex(0xefe0c9), hex(0xb58a5e)]],
        wall,
    ),
    row(
        "bed",
        false,
        &[[hex(0xe8dfe3), hex(0xa9b9d3)], [hex(0xa98f9c), hex(0xf0e6d6)], [hex(0xcdd8d3), hex(0x7d8fb3)]],
        bed,
    ),
    row("grass", false, &[[SKY, GRASS], [PALE_SKY, DEEP_GRASS], [EVENING, GRASS]], grass),
    row("path", false, &[[SKY, hex(0xd5c2a0)], [hex(0x9fbf98), hex(0xc9b79c)], [EVENING, hex(0xb89a80)]], path),
    row(
        "snow",
        false,
        &[[hex(0xa7c3d6), hex(0xf2f5f7)], [PALE_SKY, hex(0xe3ebf2)], [hex(0xe9cfd0), hex(0xf5f0f2)]],
        snow,
    ),
    row("beach", false, &[[SKY, hex(0xe6d0a0)], [EVENING, hex(0xd9b98a)]], beach),
    row("fence", false, &[[hex(0xa9826a), GRASS], [hex(0xe6e4dc), DEEP_GRASS], [hex(0x7d93a0), hex(0xa8b878)]], fence),
    row("flowers", false, &[[SKY, GRASS], [hex(0xcfe0c0), DEEP_GRASS], [EVENING, hex(0x7fa35c)]], flowers),
    row("night", true, &[[hex(0x2c3a5e), hex(0x3f5a58)], [hex(0x3b3560), hex(0x51506e)]], night),
    row(
        "studio",
        false,
        &[
            [hex(0xf0d9c0), hex(0xd9a98a)],
            [hex(0xc2d9d6), hex(0x7fa8a8)],
            [hex(0xd8d0e4), hex(0x9a8fb8)],
            [hex(0x6d7f93), hex(0x48586c)],
            [hex(0xf2e3a8), hex(0xd9b65c)],
        ],
        studio,
    ),
];

/// Picks the place's colours; of three choices the one that stands out better against a coat of this brightness.
pub fn colours(place: &Place, coat: f32, chance: &mut Stream) -> [Rgb; 2] {
    let mut pick = || {
        let light = chance.range(0.9, 1.06);
        let tint = [chance.range(-0.04, 0.04), chance.range(-0.04, 0.04), chance.range(-0.04, 0.04)];
        place.colours[chance.below(place.colours.len())]
            .map(|c| [0, 1, 2].map(|i| ((c[i] + tint[i]) * light).clamp(0.0, 1.0)))
    };
    let choices = [pick(), pick(), pick()];
    let apart = |c: &[Rgb; 2]| (luminance(c[0]) - coat).abs() + 0.5 * (luminance(c[1]) - coat).abs();
    choices.into_iter().reduce(|a, b| if apart(&a) >= apart(&b) { a } else { b }).expect("there are three")
}

pub fn draw(place: &Place, canvas: &mut Canvas, site: &mut Site) {
    (place.draw)(canvas, site);
}

/// What stands before the animal: the front of a box.
pub fn before(place: &Place, canvas: &mut Canvas, site: &mut Site, middle: f32) {
    if place.name != "box" {
        return;
    }
    let u = site.unit;
    let (half, top) = (1.75 * u, site.ground - 0.75 * u);
    let bottom = site.ground + 0.35 * u;
    let card = site.colours[1];
    fill(
        canvas,
        &[[middle - half, top], [middle + half, top], [middle + half * 0.96, bottom], [middle - half * 0.96, bottom]],
        card,
    );
    fill(
        canvas,
        &[[middle - half, top], [middle + half, top], [middle + half, top + 0.12 * u], [middle - half, top + 0.12 * u]],
        scale(card, 1.12),
    );
    for side in [-1.0, 1.0] {
        let x = middle + side * half;
        fill(
            canvas,
            &[[x, top], [x + side * 0.55 * u, top + 0.35 * u], [x + side * 0.5 * u, top + 0.6 * u], [x, top + 0.3 * u]],
            scale(card, 0.82),
        );
    }
}

pub fn fill(canvas: &mut Canvas, points: &[Point], colour: Rgb) {
    let mut shape = Shape::new();
    shape.polygon(points);
    canvas.fill(&shape, colour, 1.0);
}

pub fn band(canvas: &mut Canvas, left: f32, top: f32, right: f32, bottom: f32, colour: Rgb) {
    fill(canvas, &[[left, top], [right, top], [right, bottom], [left, bottom]], colour);
}

pub fn disc(canvas: &mut Canvas, centre: Point, radii: Point, colour: Rgb, alpha: f32) {
    let mut shape = Shape::new();
    shape.ellipse(centre, radii, [1.0, 0.0]);
    canvas.fill(&shape, colour, alpha);
}
