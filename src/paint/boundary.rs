//! What a network says over the plane, with the points that it learns from on top.
//!
//! The plane is shown from -reach to reach both ways, y upwards; pixels go from the top left.

use super::colour::{self, mix, opaque};
use super::{Image, Theme};

/// The places whose answers fill a picture of `size` × `size`: x and y of each pixel's centre in turn, from the top left.
pub fn grid(size: usize, reach: f32) -> Vec<f32> {
    let place = |pixel: usize| ((pixel as f32 + 0.5) / size as f32 * 2.0 - 1.0) * reach;
    (0..size * size).flat_map(|i| [place(i % size), -place(i / size)]).collect()
}

/// Two classes: `second` is the probability of the second one, 0 to 1, over `size` × `size` places.
///
/// Undecided is the grey of nothing; certain stops short of the full colour, so that the points stay visible.
pub fn two(second: &[f32], size: usize, colours: [[u8; 3]; 2], theme: Theme) -> Image {
    assert_eq!(second.len(), size * size, "a plane of {size} × {size} has as many answers");
    let nothing = theme.anchors().zero;
    Image::new(size, size, |x, y| {
        let p = second[y * size + x];
        if p.is_nan() {
            return opaque(theme.anchors().bad);
        }
        let lean = (p.clamp(0.0, 1.0) - 0.5) * 2.0;
        let side = colours[usize::from(lean > 0.0)];
        opaque(mix(nothing, side, lean.abs() * DEPTH))
    })
}

/// Any number of classes: `probabilities` holds one number a class for each of `size` × `size` places.
pub fn many(probabilities: &[f32], size: usize, colours: &[[u8; 3]], theme: Theme) -> Image {
    let count = colours.len();
    assert_eq!(probabilities.len(), size * size * count, "each place has a probability for each class");
    let nothing = theme.anchors().zero;
    Image::new(size, size, |x, y| {
        let place = &probabilities[(y * size + x) * count..][..count];
        let Some((best, p)) = place.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)) else {
            return opaque(nothing);
        };
        if p.is_nan() {
            return opaque(theme.anchors().bad);
        }
        let even = 1.0 / count as f32;
        opaque(mix(nothing, colours[best], ((p - even) / (1.0 - even).max(1e-6)).clamp(0.0, 1.0) * DEPTH))
    })
}

/// A point of a set, where it lies in a picture of a given side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    pub x: f32,
    pub y: f32,
    pub class: u32,
}

/// Where the points (x and y of each in turn) lie in a square of `side` pixels; those outside are pushed to its edge.
pub fn dots(places: &[f32], labels: &[u32], reach: f32, side: f32) -> Vec<Dot> {
    let pixel = |v: f32| ((v / reach + 1.0) * 0.5 * side).clamp(0.0, side);
    places
        .chunks_exact(2)
        .zip(labels)
        .map(|(p, class)| Dot { x: pixel(p[0]), y: pixel(-p[1]), class: *class })
        .collect()
}

/// A small picture of a set of points, for its card: discs on the grey of nothing, antialiased.
pub fn scatter(dots: &[Dot], side: usize, radius: f32, colours: &[[u8; 3]], theme: Theme) -> Image {
    let mut image = Image::new(side, side, |_, _| opaque(theme.anchors().zero));
    for dot in dots {
        let colour =
            colours.get(dot.class as usize).copied().unwrap_or_else(|| colour::class(dot.class as usize, theme));
        disc(&mut image, dot, radius, colour);
    }
    image
}

/// How much of a class's colour certainty gets.
const DEPTH: f32 = 0.55;

fn disc(image: &mut Image, dot: &Dot, radius: f32, colour: [u8; 3]) {
    let span = |centre: f32, most: usize| {
        let from = (centre - radius - 1.0).max(0.0) as usize;
        let to = ((centre + radius + 1.0).max(0.0) as usize + 1).min(most);
        from..to
    };
    for y in span(dot.y, image.height) {
        for x in span(dot.x, image.width) {
            let distance = (x as f32 + 0.5 - dot.x).hypot(y as f32 + 0.5 - dot.y);
            let cover = (radius + 0.5 - distance).clamp(0.0, 1.0);
            let [r, g, b, _] = image.at(x, y);
            let from = (y * image.width + x) * 4;
            image.rgba[from..from + 3].copy_from_slice(&mix([r, g, b], colour, cover));
        }
    }
}
