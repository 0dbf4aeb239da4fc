//! The head: the part that says cat or dog.
//!
//! Features stand at places in three dimensions, in head radii: x to the side, y down, z out of the face. A [`Gaze`] turns,
//! nods and tilts them onto the sheet, so that one description serves fronts, three-quarter views and profiles.

use super::breed::{Breed, Ear};
use super::canvas::{Canvas, Rgb, hex, luminance, mix, scale};
use super::coat::Coat;
use super::shape::{Disc, Point, Shape, bend};
use crate::tensor::random::Stream;

/// Where a head is on the sheet, and which way it looks.
#[derive(Clone, Copy, Debug)]
pub struct Gaze {
    pub centre: Point,
    /// Pixels in a head radius.
    pub unit: f32,
    /// (sine, cosine) of turning right, nodding down, tilting.
    pub yaw: Point,
    pub pitch: Point,
    pub roll: Point,
}

/// A place in the head.
type Place = [f32; 3];

impl Gaze {
    pub fn new(centre: Point, unit: f32, yaw: f32, pitch: f32, roll: f32) -> Gaze {
        let pair = |angle: f32| [libm::sinf(angle), libm::cosf(angle)];
        Gaze { centre, unit, yaw: pair(yaw), pitch: pair(pitch), roll: pair(roll) }
    }

    fn at(&self, [x, y, z]: Place) -> Point {
        let (x, z) = (x * self.yaw[1] + z * self.yaw[0], z * self.yaw[1] - x * self.yaw[0]);
        let y = y * self.pitch[1] + z * self.pitch[0];
        let (x, y) = (x * self.roll[1] - y * self.roll[0], x * self.roll[0] + y * self.roll[1]);
        [self.centre[0] + x * self.unit, self.centre[1] + y * self.unit]
    }

    fn ball(&self, place: Place, radius: f32) -> Disc {
        (self.at(place), radius * self.unit)
    }

    /// How much a surface whose normal leaves the face towards (x, z) is turned to the viewer, -1 to 1.
    fn facing(&self, x: f32, z: f32) -> f32 {
        (z * self.yaw[1] - x * self.yaw[0]) / (x * x + z * z).sqrt()
    }

    fn line(&self, places: &[Place]) -> Vec<Point> {
        places.iter().map(|&p| self.at(p)).collect()
    }

    /// A spot on the surface, narrowed as the surface turns away; `None` beyond the edge.
    fn spot(&self, place: Place, radii: Point) -> Option<Shape> {
        let turned = self.facing(place[0] * 0.6, place[2]);
        (turned > 0.08).then(|| {
            let mut shape = Shape::new();
            let wide = radii[0] * turned.max(0.3) * self.unit;
            shape.ellipse(self.at(place), [wide, radii[1] * self.unit], [self.roll[1], self.roll[0]]);
            shape
        })
    }
}

/// A mood that is drawn the same way for both.
#[derive(Clone, Copy, Debug)]
pub struct Mood {
    /// How wide the pupil is, 0 to 1.
    pub pupil: f32,
    pub asleep: bool,
    pub tongue: bool,
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
                g.ball([-0.3 * f, -0.12, 0.0], 0.68),
                g.ball([0.3 * f, -0.12, 0.0], 0.68),
                g.ball([-0.52 * f, 0.2, 0.12], 0.42),
                g.ball([0.52 * f, 0.2, 0.12], 0.42),
                g.ball([0.0, 0.46, 0.3], 0.3),
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
        shape
    }

    fn tip(&self) -> Place {
        let m = self.breed.muzzle;
        if self.cat { [0.0, 0.36, 0.62 + m] } else { [0.0, 0.36 + 0.06 * m, 0.6 + 0.9 * m] }
    }

    fn muzzle(&self, shape: &mut Shape) {
        let (g, w, tip) = (&self.gaze, self.breed.muzzle_width, self.tip());
        if self.cat {
            shape.hull(&[g.ball([0.0, 0.26, 0.45], 0.36 * w), g.ball(tip, 0.24 * w)]);
        } else {
            let side = 0.16 * w;
            shape.hull(&[
                g.ball([0.0, 0.18, 0.4], 0.42 * w),
                g.ball([0.0, tip[1] - 0.02, tip[2]], 0.27 * w),
                g.ball([-side, tip[1] + 0.14, tip[2] - 0.22], 0.28 * w),
                g.ball([side, tip[1] + 0.14, tip[2] - 0.22], 0.28 * w),
            ]);
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

    /// Every outline of the head, for boxes and masks.
    pub fn corners(&self) -> (Point, Point) {
        let mut all = self.skull();
        for side in [-1.0, 1.0] {
            let ear = self.ear(side);
            for part in [ear.outer, ear.flap].into_iter().flatten() {
                let offset = all.points.len();
                all.points.extend_from_slice(&part.points);
                all.ends.extend(part.ends.iter().map(|e| e + offset));
            }
        }
        all.corners()
    }

    pub fn draw(&self, canvas: &mut Canvas) {
        let rim = (0.045 * self.gaze.unit).max(0.3);
        let (c, u) = (self.coat, self.gaze.unit);
        canvas.shade.centre = self.gaze.centre;
        canvas.shade.slope = [self.light[0] * 0.13 / u, self.light[1] * 0.13 / u];
        let ears = [self.ear(-1.0), self.ear(1.0)];
        let colour = self.ear_colour();
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
        canvas.fill(&skull.grown(rim), c.outline, 1.0);
        canvas.form(&skull, self.ground());
        self.marks(canvas);
        self.face(canvas);
        for ear in &ears {
            if let Some(flap) = &ear.flap {
                canvas.fill(&flap.grown(rim), c.outline, 0.9);
                canvas.form(flap, mix(colour, scale(colour, 0.86), 0.8));
            }
        }
        if self.cat {
            self.whiskers(canvas);
        }
    }

    fn ground(&self) -> Rgb {
        if self.coat.pattern.white == 4 { self.coat.third } else { self.coat.ground }
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

    /// Colour of the muzzle and the pads.
    fn muzzle_colour(&self) -> Rgb {
        let (c, p) = (self.coat, &self.coat.pattern);
        if p.mask {
            mix(c.second, c.ground, 0.12)
        } else if p.points > 0.0 && p.white == 0 {
            mix(c.second, c.ground, 0.2)
        } else if p.white >= 1 || p.tan {
            c.third
        } else {
            c.muzzle
        }
    }

    fn face(&self, canvas: &mut Canvas) {
        let (g, u) = (&self.gaze, self.gaze.unit);
        let tone = self.muzzle_colour();
        let dark = mix(scale(tone, 0.5), hex(0x2a2028), 0.4);
        let tip = self.tip();
        let w = self.breed.muzzle_width;
        let thin = (0.05 * u).max(0.45);
        if self.cat {
            let mut pads = Shape::new();
            for side in [-1.0, 1.0] {
                pads.disc(g.at([side * 0.15 * w, 0.42, tip[2] - 0.1]), 0.2 * w * u);
            }
            pads.disc(g.at([0.0, 0.56, tip[2] - 0.2]), 0.15 * u);
            canvas.fill_inside(&pads, tone, 0.9);
            self.eyes(canvas);
            // the mouth: a stem and two arcs
            let z = tip[2] + 0.06;
            let mut mouth = Shape::new();
            mouth.stroke(&g.line(&[[0.0, 0.32, z + 0.05], [0.0, 0.46, z]]), thin, thin);
            for side in [-1.0, 1.0] {
                let arc = bend(
                    g.at([0.0, 0.45, z]),
                    g.at([side * 0.1, 0.58, z - 0.05]),
                    g.at([side * 0.25 * w, 0.48, z - 0.2]),
                    4,
                );
                mouth.stroke(&arc, thin, thin * 0.6);
            }
            canvas.fill_inside(&mouth, dark, 0.85);
            let n = 0.12 * self.breed.muzzle_width.max(0.9);
            let z = tip[2] + 0.16;
            let mut nose = Shape::new();
            nose.blob(&g.line(&[
                [-n, 0.2, z - 0.04],
                [0.0, 0.185, z],
                [n, 0.2, z - 0.04],
                [0.02, 0.335, z],
                [-0.02, 0.335, z],
            ]));
            canvas.fill(&nose, self.coat.nose, 1.0);
        } else {
            let mut muzzle = Shape::new();
            self.muzzle(&mut muzzle);
            canvas.fill_inside(&muzzle.grown(0.05 * u), scale(tone, 0.62), 0.35);
            canvas.fill_inside(&muzzle, tone, 0.85);
            self.eyes(canvas);
            let z = tip[2] + 0.12;
            let low = tip[1] + 0.2;
            let mut mouth = Shape::new();
            mouth.stroke(&g.line(&[[0.0, tip[1], z + 0.1], [0.0, low, z]]), thin, thin);
            for side in [-1.0, 1.0] {
                let arc = bend(
                    g.at([0.0, low, z]),
                    g.at([side * 0.2 * w, low + 0.16, z - 0.15]),
                    g.at([side * 0.4 * w, low - 0.04, 0.55 * z + 0.2]),
                    4,
                );
                mouth.stroke(&arc, thin * 1.1, thin * 0.7);
            }
            if self.mood.tongue {
                let mut open = Shape::new();
                let (a, b) = (g.at([0.0, low + 0.02, z - 0.1]), g.at([0.0, low + 0.28, z - 0.15]));
                open.hull(&[(a, 0.13 * u), (b, 0.13 * u)]);
                canvas.fill(&open.grown(thin * 0.6), hex(0x6e2f35), 0.9);
                canvas.fill(&open, hex(0xe58a8c), 1.0);
            }
            canvas.fill(&mouth, dark, 0.9);
            let mut nose = Shape::new();
            let n = 0.17 + 0.06 * w;
            let along = [g.roll[1], g.roll[0]];
            let wide = n * (0.65 + 0.35 * g.facing(0.0, 1.0).max(0.0)) * u;
            nose.ellipse(g.at([0.0, tip[1] - 0.16, z + 0.06]), [wide, 0.7 * n * u], along);
            canvas.fill(&nose, self.coat.nose, 1.0);
            if u > 7.0 {
                let mut shine = Shape::new();
                shine.ellipse(
                    g.at([0.3 * n * self.light[0], tip[1] - 0.22, z + 0.1]),
                    [0.35 * wide, 0.14 * n * u],
                    along,
                );
                canvas.fill(&shine, [1.0; 3], 0.4);
            }
        }
    }

    fn eyes(&self, canvas: &mut Canvas) {
        let (g, u, c) = (&self.gaze, self.gaze.unit, self.coat);
        let (x, y, z, r) = if self.cat {
            (0.4 * self.breed.face, -0.06, 0.72, 0.215)
        } else {
            (0.34 * self.breed.face, -0.13, 0.58, 0.15)
        };
        let r = r * self.breed.eye;
        for side in [-1.0, 1.0] {
            let turned = g.facing(side * 0.45, 1.0);
            if turned < 0.12 {
                continue;
            }
            let squeeze = (turned * 1.15).clamp(0.35, 1.0);
            let centre = g.at([side * x, y, z]);
            let along = |dx: f32, dy: f32| -> Point {
                let (dx, dy) = (dx * squeeze * u, dy * u);
                [centre[0] + dx * g.roll[1] - dy * g.roll[0], centre[1] + dx * g.roll[0] + dy * g.roll[1]]
            };
            let rim = hex(0x241c22);
            let thin = (0.05 * u).max(0.4);
            if self.mood.asleep {
                let mut lid = Shape::new();
                lid.stroke(&bend(along(-r, 0.0), along(0.0, r * 0.9), along(r, 0.0), 4), thin * 1.3, thin * 1.3);
                canvas.fill_inside(&lid, rim, 0.9);
                continue;
            }
            let mut eye = Shape::new();
            if self.cat {
                // an almond, the outer corner higher
                let (inner, outer) = (along(-side * r * 1.15, r * 0.35), along(side * r * 1.15, -r * 0.4));
                let mut points = bend(inner, along(side * -0.1 * r, -r * 1.75), outer, 6);
                points.extend(bend(outer, along(side * 0.2 * r, r * 1.75), inner, 6));
                eye.polygon(&points);
            } else {
                eye.ellipse(centre, [r * squeeze * u, r * u], [g.roll[1], g.roll[0]]);
            }
            canvas.fill_inside(&eye.grown(thin * 0.9), rim, 1.0);
            canvas.fill_inside(&eye, c.eye, 1.0);
            let mut pupil = Shape::new();
            let wide = if self.cat { r * (0.24 + 0.5 * self.mood.pupil) } else { r * 0.72 };
            let high = if self.cat { r * 0.9 } else { r * 0.72 };
            pupil.ellipse(along(0.0, -0.02), [(wide * squeeze * u).max(0.3), high * u], [g.roll[1], g.roll[0]]);
            canvas.fill_inside(&pupil, hex(0x1d171c), 1.0);
            let mut shine = Shape::new();
            shine.disc(along(self.light[0].signum() * 0.32 * r, -0.38 * r), (0.26 * r * u).max(0.32));
            canvas.fill_inside(&shine, [1.0; 3], 0.95);
        }
    }

    fn whiskers(&self, canvas: &mut Canvas) {
        let (g, u) = (&self.gaze, self.gaze.unit);
        let colour = if luminance(self.coat.ground) > 0.62 { hex(0x5b4a46) } else { hex(0xfbf7f0) };
        let width = (0.035 * u).max(0.42);
        for side in [-1.0, 1.0] {
            if g.facing(side, 0.75) < -0.25 {
                continue;
            }
            let mut hair = Shape::new();
            for (k, rise) in [(0, -0.14), (1, 0.02), (2, 0.18)] {
                let y = 0.36 + 0.07 * k as f32;
                let z = self.tip()[2] - 0.12;
                hair.stroke(
                    &bend(
                        g.at([side * 0.26, y, z]),
                        g.at([side * 0.75, y + rise * 0.4, z - 0.1]),
                        g.at([side * 1.25, y + rise + 0.1, z - 0.35]),
                        3,
                    ),
                    width,
                    width * 0.5,
                );
            }
            canvas.fill(&hair, colour, 0.8);
        }
    }

    fn ear(&self, side: f32) -> EarShape {
        let (g, s) = (&self.gaze, self.breed.ear_size);
        let f = self.breed.face;
        let up = |inner: f32, outer: f32, tip: Place, bulge: f32| -> (Shape, Option<Shape>) {
            let at = |x: f32, y: f32, z: f32| g.at([side * x * f, y, z]);
            let (a, b) = ((inner, -0.72, 0.1), (outer, -0.36, -0.3));
            let mut outer_shape = Shape::new();
            let tip_at = |t: f32| at(a.0 + (tip[0] - a.0) * t, a.1 + (tip[1] - a.1) * t, a.2 + (tip[2] - a.2) * t);
            let other = |t: f32| at(b.0 + (tip[0] - b.0) * t, b.1 + (tip[1] - b.1) * t, b.2 + (tip[2] - b.2) * t);
            let lift = |p: Point, dx: f32| {
                [p[0] + side * dx * bulge * g.unit * g.yaw[1].max(0.3), p[1] - 0.25 * dx.abs() * bulge * g.unit]
            };
            let mut points = bend(tip_at(0.0), lift(tip_at(0.5), -0.2), tip_at(0.93), 4);
            points.extend(bend(other(0.93), lift(other(0.5), 0.2), other(0.0), 4));
            points.push(at(0.5, -0.2, 0.0));
            outer_shape.polygon(&points);
            let open = g.facing(side * 0.35, 1.0);
            let inner_shape = (open > 0.25).then(|| {
                let mut shape = Shape::new();
                let mid = |t: f32, w: f32| {
                    let (p, q) = (tip_at(t), other(t));
                    [p[0] + (q[0] - p[0]) * w, p[1] + (q[1] - p[1]) * w]
                };
                let mut points = bend(mid(0.06, 0.24), lift(mid(0.5, 0.2), -0.12), mid(0.8, 0.4), 4);
                points.extend(bend(mid(0.8, 0.6), lift(mid(0.5, 0.8), 0.12), mid(0.06, 0.76), 4));
                shape.polygon(&points);
                shape
            });
            (outer_shape, inner_shape)
        };
        let drop = |places: &[(Place, f32)]| {
            let discs: Vec<Disc> = places.iter().map(|&([x, y, z], r)| g.ball([side * x * f, y, z], r * s)).collect();
            let mut shape = Shape::new();
            shape.tube(&discs);
            shape
        };
        let upright = |(outer, inner): (Shape, Option<Shape>)| EarShape { outer: Some(outer), inner, flap: None };
        let pointed = if self.cat { 0.95 } else { 1.0 };
        match self.breed.ear {
            Ear::Pricked => upright(up(0.2, 0.92, [0.78, -0.72 - 0.72 * s * pointed, -0.1], 0.5)),
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
            Ear::Bat => upright(up(0.22, 0.86, [0.74, -0.72 - 0.76 * s, -0.1], 1.6)),
            Ear::Folded => {
                let mut flap = Shape::new();
                flap.blob(&g.line(&[
                    [side * 0.3 * f, -0.78, 0.15],
                    [side * 0.62 * f, -0.98, 0.0],
                    [side * 0.92 * f, -0.62, -0.05],
                    [side * 0.78 * f, -0.42, 0.35],
                ]));
                EarShape { outer: None, inner: None, flap: Some(flap) }
            }
            Ear::Drop => EarShape {
                outer: None,
                inner: None,
                flap: Some(drop(&[
                    ([0.58, -0.66, 0.0], 0.16),
                    ([0.86, -0.42, 0.02], 0.23),
                    ([0.95, 0.02, 0.06], 0.25),
                    ([0.9, 0.34, 0.1], 0.17),
                ])),
            },
            Ear::Long => EarShape {
                outer: None,
                inner: None,
                flap: Some(drop(&[
                    ([0.58, -0.5, 0.0], 0.15),
                    ([0.86, -0.22, 0.0], 0.22),
                    ([0.98, 0.3, 0.05], 0.28),
                    ([0.95, 0.66, 0.1], 0.23),
                ])),
            },
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
                EarShape { outer: Some(outer), inner: None, flap: Some(flap) }
            }
            Ear::Rose => EarShape {
                outer: None,
                inner: None,
                flap: Some(drop(&[([0.5, -0.7, 0.0], 0.18), ([0.8, -0.82, -0.1], 0.16), ([0.98, -0.58, -0.2], 0.1)])),
            },
        }
    }
}

/// One ear: what lies behind the skull, its lining, and what hangs before it.
struct EarShape {
    outer: Option<Shape>,
    inner: Option<Shape>,
    flap: Option<Shape>,
}

/// A mood, the same chances for both.
pub fn mood(dark: bool, stream: &mut Stream) -> Mood {
    Mood {
        pupil: if dark { stream.range(0.6, 1.0) } else { stream.range(0.0, 0.6) },
        asleep: stream.unit() < 0.05,
        tongue: stream.unit() < 0.4,
    }
}
