//! The face: muzzle, nose, mouth, eyes and whiskers.

use super::canvas::{Canvas, Rgb, hex, luminance, mix, scale};
use super::coat::PINK;
use super::head::Head;
use super::shape::{Point, Shape, bend};

impl Head<'_> {
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

    pub fn face(&self, canvas: &mut Canvas) {
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
            canvas.fill_inside(&muzzle.grown(0.05 * u), scale(tone, 0.62), 0.25);
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
                let (a, b) = (g.at([0.0, low + 0.02, z - 0.2]), g.at([0.0, low + 0.26, z - 0.25]));
                open.hull(&[(a, 0.13 * u), (b, 0.13 * u)]);
                canvas.fill(&open.grown(thin * 0.6), hex(0x6e2f35), 0.9);
                canvas.fill(&open, PINK, 1.0);
            }
            canvas.fill(&mouth, dark, 0.9);
            let mut nose = Shape::new();
            let n = 0.18 + 0.06 * w;
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
            (0.41 * self.breed.face, -0.03, 0.72, 0.235)
        } else {
            (0.35 * self.breed.face, -0.13, 0.58, 0.165)
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
                // a round almond, the outer corner higher
                let corners = [(-1.1, 0.24), (-0.42, -0.74), (0.45, -0.9), (1.12, -0.28), (0.55, 0.66), (-0.42, 0.8)];
                eye.blob(&corners.map(|(dx, dy)| along(side * dx * r, dy * r)));
            } else {
                eye.ellipse(centre, [r * squeeze * u, r * u], [g.roll[1], g.roll[0]]);
            }
            canvas.fill_inside(&eye.grown(thin * if self.cat { 0.75 } else { 0.9 }), rim, 1.0);
            canvas.fill_inside(&eye, if self.cat { c.eye } else { mix(c.eye, rim, 0.12) }, 1.0);
            let mut pupil = Shape::new();
            let wide = if self.cat { r * (0.34 + 0.34 * self.mood.pupil) } else { r * 0.7 };
            let high = if self.cat { r * 0.9 } else { r * 0.7 };
            pupil.ellipse(along(0.0, -0.02), [(wide * squeeze * u).max(0.3), high * u], [g.roll[1], g.roll[0]]);
            canvas.fill_inside(&pupil, hex(0x1d171c), 1.0);
            let mut shine = Shape::new();
            shine.disc(along(self.light[0].signum() * 0.32 * r, -0.38 * r), (0.26 * r * u).max(0.32));
            canvas.fill_inside(&shine, [1.0; 3], 0.95);
        }
    }

    pub fn whiskers(&self, canvas: &mut Canvas) {
        let (g, u) = (&self.gaze, self.gaze.unit);
        let colour = if luminance(self.coat.ground) > 0.62 { hex(0x5b4a46) } else { hex(0xfbf7f0) };
        let width = (0.035 * u).max(0.018 * canvas.size as f32);
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
                        g.at([side * 1.35, y + rise + 0.1, z - 0.35]),
                        3,
                    ),
                    width,
                    width * 0.5,
                );
            }
            canvas.fill(&hair, colour, 0.8);
        }
    }
}
