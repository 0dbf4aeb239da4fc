//! Ears: pricked, folded, hanging; each as outlines that turn with the head.

use super::breed::{Breed, Ear};
use super::gaze::{Gaze, Place};
use super::shape::{Disc, Point, Shape, bend};

/// One ear: what lies behind the skull, its lining, and what hangs before it.
pub struct EarShape {
    pub outer: Option<Shape>,
    pub inner: Option<Shape>,
    pub flap: Option<Shape>,
    /// It is on the far side of the skull.
    pub behind: bool,
}

/// The ear on one side, -1 left and 1 right in the picture of a face seen from the front.
pub fn build(g: &Gaze, breed: &Breed, cat: bool, side: f32) -> EarShape {
    let (s, f) = (breed.ear_size, breed.face);
    let behind = g.facing(side, 0.1) < -0.3;
    // an upright ear on the base from `inner` to `outer`, its sides bulging
    let up = |inner: f32, outer: f32, tip: Place, bulge: f32| -> (Shape, Option<Shape>) {
        let at = |x: f32, y: f32, z: f32| g.at([side * x * f, y, z]);
        let (a, b, tip) = (at(inner, -0.7, 0.2), at(outer, -0.36, -0.42), at(tip[0], tip[1], tip[2]));
        // seen from its edge an ear still has some width: it turns a little by itself
        let middle = [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])];
        let mut half = [0.5 * (b[0] - a[0]), 0.5 * (b[1] - a[1])];
        let least = 0.27 * g.unit;
        let away = if half[0] == 0.0 { side } else { half[0].signum() };
        half[0] = away * half[0].abs().max(least);
        let (a, b) = ([middle[0] - half[0], middle[1] - half[1]], [middle[0] + half[0], middle[1] + half[1]]);
        let between = |p: Point, q: Point, t: f32| [p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t];
        let out = |p: Point, by: f32| [p[0] + by * bulge * half[0], p[1] - 0.06 * bulge * g.unit];
        let mut sides = bend(a, out(between(a, tip, 0.5), -0.45), between(a, tip, 0.94), 4);
        sides.extend(bend(between(b, tip, 0.94), out(between(b, tip, 0.5), 0.45), b, 4));
        sides.push([middle[0], middle[1] + 0.3 * g.unit]);
        let mut outline = Shape::new();
        outline.polygon(&sides);
        let lining = (g.facing(side * 0.35, 1.0) > 0.25).then(|| {
            let (a, b) = (between(a, b, 0.2), between(a, b, 0.8));
            let (a, b, tip) = (between(a, tip, 0.08), between(b, tip, 0.08), between(middle, tip, 0.84));
            let mut points = bend(a, out(between(a, tip, 0.5), -0.25), tip, 4);
            points.extend(bend(tip, out(between(b, tip, 0.5), 0.25), b, 4));
            let mut shape = Shape::new();
            shape.polygon(&points);
            shape
        });
        (outline, lining)
    };
    let drop = |places: &[(Place, f32)]| {
        let discs: Vec<Disc> = places.iter().map(|&([x, y, z], r)| g.ball([side * x * f, y, z], r * s)).collect();
        let mut shape = Shape::new();
        shape.tube(&discs);
        shape
    };
    let upright = |(outer, inner): (Shape, Option<Shape>)| EarShape { outer: Some(outer), inner, flap: None, behind };
    let hanging = |flap: Shape| EarShape { outer: None, inner: None, flap: Some(flap), behind };
    // a cat's ears stand upright and broad, a dog's farther apart
    let (inner, tip) = if cat { (0.18, 0.78) } else { (0.34, 0.9) };
    match breed.ear {
        Ear::Pricked => upright(up(inner, 0.92, [tip, -0.72 - 0.72 * s, -0.1], 0.5)),
        Ear::Tufted => {
            let tip = [0.82, -0.72 - 0.74 * s, -0.1];
            let (mut outer, inner) = up(0.2, 0.92, tip, 0.5);
            outer.polygon(&g.line(&[
                [side * (tip[0] - 0.1) * f, tip[1] + 0.16, tip[2]],
                [side * (tip[0] + 0.05) * f, tip[1] - 0.24, tip[2]],
                [side * (tip[0] + 0.06) * f, tip[1] + 0.16, tip[2]],
            ]));
            upright((outer, inner))
        }
        Ear::Curled => upright(up(0.25, 0.98, [0.55, -0.72 - 0.68 * s, -0.25], 1.3)),
        Ear::Bat => upright(up(0.3, 0.9, [0.86, -0.72 - 0.76 * s, -0.1], 1.6)),
        Ear::Folded => {
            let mut flap = Shape::new();
            flap.blob(&g.line(&[
                [side * 0.3 * f, -0.78, 0.15],
                [side * 0.62 * f, -0.98, 0.0],
                [side * 0.92 * f, -0.62, -0.05],
                [side * 0.78 * f, -0.42, 0.35],
            ]));
            hanging(flap)
        }
        Ear::Drop => hanging(drop(&[
            ([0.58, -0.66, 0.0], 0.16),
            ([0.86, -0.42, 0.02], 0.23),
            ([0.95, 0.02, 0.06], 0.25),
            ([0.9, 0.34, 0.1], 0.17),
        ])),
        Ear::Long => hanging(drop(&[
            ([0.58, -0.5, 0.0], 0.15),
            ([0.86, -0.22, 0.0], 0.22),
            ([0.98, 0.3, 0.05], 0.28),
            ([0.95, 0.66, 0.1], 0.23),
        ])),
        Ear::Button => {
            let (outer, _) = up(0.2, 0.86, [0.72, -0.72 - 0.3 * s, 0.0], 0.8);
            let mut flap = Shape::new();
            flap.blob(&g.line(&[
                [side * 0.3 * f, -0.84, 0.12],
                [side * 0.74 * f, -0.76 - 0.26 * s, 0.0],
                [side * 0.96 * f, -0.52, 0.0],
                [side * 0.86 * f, -0.1 + 0.1 * s, 0.35],
                [side * 0.64 * f, -0.36, 0.4],
            ]));
            EarShape { outer: Some(outer), inner: None, flap: Some(flap), behind }
        }
        Ear::Rose => hanging(drop(&[([0.5, -0.7, 0.0], 0.18), ([0.8, -0.82, -0.1], 0.16), ([0.98, -0.58, -0.2], 0.1)])),
    }
}
