//! The head: the part that says cat or dog.
//!
//! Features stand at places in three dimensions, in head radii: x to the side, y down, z out of the face. A [`Gaze`] turns,
//! nods and tilts them onto the sheet, so that one description serves fronts, three-quarter views and profiles.

use super::breed::{Breed, Trim};
use super::canvas::{Canvas, Rgb, mix, scale};
use super::coat::Coat;
use super::ear;
use super::gaze::{Gaze, Place};
use super::shape::{Point, Shape};
use crate::tensor::random::Stream;

/// A mood that is drawn the same way for both.
#[derive(Clone, Copy, Debug)]
pub struct Mood {
    /// How wide the pupil is, 0 to 1.
    pub pupil: f32,
    pub asleep: bool,
    pub tongue: bool,
}

impl Mood {
    /// The same chances for both species.
    pub fn draw(dark: bool, stream: &mut Stream) -> Mood {
        Mood {
            pupil: if dark { stream.range(0.6, 1.0) } else { stream.range(0.0, 0.6) },
            asleep: stream.unit() < 0.03,
            tongue: stream.unit() < 0.55,
        }
    }
}

/// What draws one head.
pub struct Head<'a> {
    pub gaze: Gaze,
    pub breed: &'a Breed,
    pub coat: &'a Coat,
    pub cat: bool,
    pub mood: Mood,
    /// Direction to the light.
    pub light: Point,
}

impl Head<'_> {
    /// Skull, cheeks and muzzle as one shape.
    pub fn skull(&self) -> Shape {
        let (g, b) = (&self.gaze, self.breed);
        let mut shape = Shape::new();
        let f = b.face;
        if self.cat {
            shape.hull(&[
                g.ball([-0.16 * f, -0.08, 0.0], 0.74),
                g.ball([0.16 * f, -0.08, 0.0], 0.74),
                g.ball([-0.5 * f, 0.16, 0.12], 0.42),
                g.ball([0.5 * f, 0.16, 0.12], 0.42),
                g.ball([0.0, 0.36, 0.25], 0.38),
            ]);
        } else {
            shape.hull(&[
                g.ball([-0.22 * f, -0.2, -0.05], 0.64),
                g.ball([0.22 * f, -0.2, -0.05], 0.64),
                g.ball([-0.38 * f, 0.16, 0.1], 0.42),
                g.ball([0.38 * f, 0.16, 0.1], 0.42),
            ]);
        }
        self.muzzle(&mut shape);
        self.tufts(&mut shape);
        if b.trim == Trim::Topknot {
            for (x, y, r) in [(-0.36, -0.72, 0.3), (0.0, -0.92, 0.36), (0.36, -0.72, 0.3), (0.0, -0.7, 0.4)] {
                shape.hull(&[g.ball([x, y, 0.1], r)]);
            }
        }
        shape
    }

    pub fn tip(&self) -> Place {
        let m = self.breed.muzzle;
        if self.cat { [0.0, 0.36, 0.62 + m] } else { [0.0, 0.4 + 0.06 * m, 0.6 + 0.9 * m] }
    }

    pub fn muzzle(&self, shape: &mut Shape) {
        let (g, w, tip) = (&self.gaze, self.breed.muzzle_width, self.tip());
        if self.cat {
            shape.hull(&[g.ball([0.0, 0.26, 0.45], 0.36 * w), g.ball(tip, 0.24 * w)]);
        } else {
            let side = 0.18 * w;
            shape.hull(&[
                g.ball([0.0, 0.16, 0.42], 0.3 * w),
                g.ball([0.0, tip[1] - 0.02, tip[2]], 0.29 * w),
                g.ball([-side, tip[1] + 0.15, tip[2] - 0.22], 0.3 * w),
                g.ball([side, tip[1] + 0.15, tip[2] - 0.22], 0.3 * w),
            ]);
            if self.breed.trim == Trim::Beard {
                let (y, z) = (tip[1] + 0.2, tip[2] - 0.2);
                for (x, long) in [(-0.36, 0.5), (-0.12, 0.66), (0.12, 0.66), (0.36, 0.5)] {
                    shape.polygon(&g.line(&[[x - 0.2, y, z], [x + 0.2, y, z], [x * 1.15, y + long, z - 0.1]]));
                }
            }
        }
    }

    /// Hair that stands off the cheeks.
    fn tufts(&self, shape: &mut Shape) {
        let long = self.breed.cheek;
        if long < 0.12 {
            return;
        }
        let edge = self.breed.face * if self.cat { 0.86 } else { 0.7 };
        for side in [-1.0, 1.0] {
            for (y, reach) in [(0.0, 0.6), (0.2, 1.0), (0.42, 0.85)] {
                let shrink = if y > 0.3 { 0.8 } else { 1.0 };
                let x = edge * shrink;
                shape.polygon(&self.gaze.line(&[
                    [side * (x - 0.15), y - 0.22, 0.1],
                    [side * (x + 0.3 * long * reach), y + 0.2 + 0.12 * long, 0.05],
                    [side * (x - 0.3), y + 0.26, 0.1],
                ]));
            }
        }
    }

    /// Every outline of the head: skull and ears.
    pub fn outlines(&self) -> Vec<Shape> {
        let ears = [-1.0, 1.0].map(|side| ear::build(&self.gaze, self.breed, self.cat, side));
        let mut all = vec![self.skull()];
        all.extend(ears.into_iter().flat_map(|ear| [ear.outer, ear.flap]).flatten());
        all
    }

    /// The corners of the box around the head.
    pub fn corners(&self) -> (Point, Point) {
        self.outlines()
            .iter()
            .map(Shape::corners)
            .reduce(|(a, b), (c, d)| ([a[0].min(c[0]), a[1].min(c[1])], [b[0].max(d[0]), b[1].max(d[1])]))
            .expect("a head has a skull")
    }

    pub fn draw(&self, canvas: &mut Canvas) {
        let (c, u) = (self.coat, self.gaze.unit);
        let rim = c.rim * canvas.size as f32;
        canvas.shade.centre = self.gaze.centre;
        canvas.shade.slope = [self.light[0] * 0.13 / u, self.light[1] * 0.13 / u];
        let ears =
            [ear::build(&self.gaze, self.breed, self.cat, -1.0), ear::build(&self.gaze, self.breed, self.cat, 1.0)];
        let colour = self.ear_colour();
        for ear in ears.iter().filter(|ear| ear.behind) {
            if let Some(flap) = &ear.flap {
                canvas.fill(&flap.grown(rim), c.outline, 1.0);
                canvas.form(flap, scale(colour, 0.92));
            }
        }
        for ear in &ears {
            if let Some(outer) = &ear.outer {
                canvas.fill(&outer.grown(rim), c.outline, 1.0);
                canvas.form(outer, colour);
                if let Some(inner) = &ear.inner {
                    canvas.fill_inside(inner, mix(c.lining, colour, 0.15), 0.9);
                }
            }
        }
        let skull = self.skull();
        canvas.fill_upon(&skull.moved([-0.08 * self.light[0] * u, 0.2 * u]), c.outline, 0.35);
        canvas.fill(&skull.grown(rim), c.outline, 1.0);
        canvas.form(&skull, self.ground());
        self.marks(canvas);
        self.face(canvas);
        for ear in ears.iter().filter(|ear| !ear.behind) {
            if let Some(flap) = &ear.flap {
                canvas.fill(&flap.grown(rim), c.outline, 0.9);
                canvas.form(flap, scale(colour, 0.96));
            }
        }
        if self.cat {
            self.whiskers(canvas);
        }
    }

    fn ground(&self) -> Rgb {
        self.coat.body()
    }

    fn ear_colour(&self) -> Rgb {
        let (c, p) = (self.coat, &self.coat.pattern);
        if p.points > 0.0 {
            mix(c.ground, c.second, 0.9 * p.points)
        } else if p.mask || p.patches > 0.0 && p.white < 4 {
            c.second
        } else {
            c.ground
        }
    }

    /// The pattern's marks on the face.
    fn marks(&self, canvas: &mut Canvas) {
        let (c, g) = (self.coat, &self.gaze);
        let p = &c.pattern;
        let mut chance = c.marks(1);
        let spot = |canvas: &mut Canvas, place: Place, radii: Point, colour: Rgb, alpha: f32| {
            if let Some(shape) = g.spot(place, radii) {
                canvas.fill_inside(&shape, colour, alpha);
            }
        };
        if p.flakes > 0.0 {
            for k in 0..7 {
                let place = [chance.range(-0.9, 0.9), chance.range(-0.9, 0.7), 0.6];
                let r = chance.range(0.14, 0.32);
                let colour = if k % 2 == 0 { c.second } else { c.third };
                spot(canvas, place, [r * 1.3, r], colour, 0.85);
            }
        }
        if p.patches > 0.0 {
            let side = if chance.unit() < 0.5 { -1.0 } else { 1.0 };
            spot(canvas, [side * 0.5, -0.35, 0.6], [0.5, 0.6], c.second, 1.0);
        }
        if p.spots > 0.0 {
            for k in 0..7 {
                let angle = k as f32 * 0.9 + chance.range(-0.2, 0.2);
                let place = [0.72 * libm::sinf(angle), -0.15 - 0.55 * libm::cosf(angle), 0.5];
                let r = chance.range(0.07, 0.11);
                spot(canvas, place, [r, r], c.second, 0.9);
            }
        }
        if p.stripes > 0.0 {
            let width = (0.06 + 0.035 * p.stripes) * g.unit;
            for x in [-0.42, -0.15, 0.15, 0.42f32] {
                let line = g.line(&[[x * 1.15, -0.95, 0.35], [x, -0.66, 0.6], [x * 0.8, -0.4, 0.72]]);
                let mut shape = Shape::new();
                shape.stroke(&line, width * 1.3, width * 0.6);
                canvas.fill_inside(&shape, c.second, 0.8);
            }
            for side in [-1.0, 1.0] {
                for y in [0.02, 0.26] {
                    let line = g.line(&[
                        [side * 1.05, y - 0.02, 0.0],
                        [side * 0.85, y + 0.06, 0.35],
                        [side * 0.62, y + 0.04, 0.55],
                    ]);
                    let mut shape = Shape::new();
                    shape.stroke(&line, width * 1.2, width * 0.5);
                    canvas.fill_inside(&shape, c.second, 0.75);
                }
            }
        }
        if p.points > 0.0 {
            spot(canvas, [0.0, 0.18, 0.8], [0.66, 0.66], c.second, 0.5 * p.points);
            spot(canvas, [0.0, 0.26, 0.85], [0.46, 0.52], c.second, 0.75 * p.points);
        }
        if p.white == 4 {
            for side in [-1.0, 1.0] {
                spot(canvas, [side * 0.52, -0.7, 0.5], [0.42, 0.46], c.ground, 1.0);
            }
        }
        if (2..4).contains(&p.white) {
            let w = if p.white == 3 { 1.0 } else { 0.0 };
            let mut blaze = Shape::new();
            blaze.polygon(&g.line(&[
                [-0.07, -0.9, 0.6],
                [0.07, -0.9, 0.6],
                [0.14, -0.2, 0.85],
                [0.3 + 0.2 * w, 0.16, 0.75],
                [0.45 + 0.6 * w, 0.3, 0.5],
                [0.5 + 0.5 * w, 1.1, 0.3],
                [-0.5 - 0.5 * w, 1.1, 0.3],
                [-0.45 - 0.6 * w, 0.3, 0.5],
                [-0.3 - 0.2 * w, 0.16, 0.75],
                [-0.14, -0.2, 0.85],
            ]));
            canvas.fill_inside(&blaze, c.third, 1.0);
        }
        if p.tan {
            for side in [-1.0, 1.0] {
                spot(canvas, [side * 0.36, -0.4, 0.7], [0.13, 0.1], c.third, 0.95);
            }
        }
    }
}
