//! The body under its coat: every part with its rim, its colour and the pattern's marks.

use super::breed::Breed;
use super::canvas::{Canvas, Rgb, hex, mix, scale};
use super::coat::Coat;
use super::pose::{Figure, Kind, Part};
use super::shape::{Disc, Point, Shape, bend};

/// From head radii to pixels.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub unit: f32,
    pub origin: Point,
}

impl Frame {
    /// The same frame on a sheet that is `by` times as wide.
    pub fn scaled(&self, by: f32) -> Frame {
        Frame { unit: self.unit * by, origin: [self.origin[0] * by, self.origin[1] * by] }
    }

    pub fn at(&self, p: Point) -> Point {
        [p[0] * self.unit + self.origin[0], p[1] * self.unit + self.origin[1]]
    }
}

pub fn draw(canvas: &mut Canvas, figure: &Figure, breed: &Breed, coat: &Coat, frame: &Frame, light: Point) {
    let rim = coat.rim * canvas.size as f32;
    for (index, part) in figure.parts.iter().enumerate() {
        let discs = placed(part, frame);
        let mut shape = Shape::new();
        shape.tube(&discs);
        if part.kind == Kind::Neck {
            ruff(&mut shape, &discs, breed.fur);
        }
        let (low, high) = shape.corners();
        let size = canvas.size as f32;
        if high[0] < 0.0 || high[1] < 0.0 || low[0] > size || low[1] > size {
            continue;
        }
        let reach = (0.5 * (high[0] - low[0] + high[1] - low[1]) * 0.5).max(1.0);
        canvas.shade.centre = [0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1])];
        canvas.shade.slope = [light[0] * 0.15 / reach, light[1] * 0.15 / reach];
        let mut colour = ground(part, coat);
        if part.far {
            colour = scale(colour, 0.86);
        }
        if part.kind != Kind::Neck {
            let alpha = if part.kind == Kind::Trunk || part.kind == Kind::Tail { 1.0 } else { 0.45 };
            canvas.fill_rim(&shape.grown(rim), coat.outline, alpha);
        }
        canvas.form(&shape, colour);
        marks(canvas, part, &discs, coat, index as u32);
        toes(canvas, part, &discs, coat);
        if part.kind == Kind::Neck {
            collar(canvas, &discs, coat, frame.unit);
        }
    }
}

/// Paints every part's outline in one colour, to measure with.
pub fn silhouette(canvas: &mut Canvas, figure: &Figure, frame: &Frame) {
    for part in &figure.parts {
        let mut shape = Shape::new();
        shape.tube(&placed(part, frame));
        canvas.fill(&shape, [0.0; 3], 1.0);
    }
}

fn placed(part: &Part, frame: &Frame) -> Vec<Disc> {
    part.discs.iter().map(|&(c, r)| (frame.at(c), r * frame.unit)).collect()
}

/// Two lines on a paw, where it is large enough to have toes.
fn toes(canvas: &mut Canvas, part: &Part, discs: &[Disc], coat: &Coat) {
    let (c, r) = discs[discs.len() - 1];
    if r < 3.0 || !matches!(part.kind, Kind::FrontLeg | Kind::Haunch | Kind::HindLeg) {
        return;
    }
    let mut lines = Shape::new();
    for x in [-0.3, 0.3] {
        lines.stroke(&[[c[0] + x * r, c[1] + 0.15 * r], [c[0] + 1.15 * x * r, c[1] + 0.9 * r]], 0.16 * r, 0.16 * r);
    }
    canvas.fill_inside(&lines, coat.outline, 0.7);
}

/// A band around the neck with a tag.
fn collar(canvas: &mut Canvas, discs: &[Disc], coat: &Coat, unit: f32) {
    let Some(colour) = coat.collar else { return };
    let ((low, _), (high, r)) = (discs[0], discs[1]);
    let c = [high[0] + 0.3 * (low[0] - high[0]), high[1] + 0.3 * (low[1] - high[1])];
    let mut band = Shape::new();
    band.stroke(
        &bend([c[0] - 1.3 * r, c[1] - 0.1 * r], [c[0], c[1] + 0.5 * r], [c[0] + 1.3 * r, c[1] - 0.1 * r], 8),
        0.2 * unit,
        0.2 * unit,
    );
    canvas.fill_inside(&band, colour, 1.0);
    let mut tag = Shape::new();
    tag.disc([c[0], c[1] + 0.4 * r], 0.12 * unit);
    canvas.fill_inside(&tag, hex(0xf0cf6a), 1.0);
}

/// Tufts of a long-haired chest.
fn ruff(shape: &mut Shape, discs: &[Disc], fur: f32) {
    if fur < 0.4 {
        return;
    }
    let (c, r) = discs[0];
    for k in -1..=1 {
        let x = c[0] + k as f32 * 0.5 * r;
        shape.polygon(&[
            [x - 0.4 * r, c[1] + 0.4 * r],
            [x + 0.4 * r, c[1] + 0.4 * r],
            [x, c[1] + (1.0 + 0.25 * fur - 0.12 * (k * k) as f32) * r],
        ]);
    }
}

fn ground(part: &Part, coat: &Coat) -> Rgb {
    let p = &coat.pattern;
    match part.kind {
        Kind::Tail if p.points > 0.0 => mix(coat.ground, coat.second, 0.9 * p.points),
        Kind::Tail if p.saddle || p.patches > 0.0 => coat.second,
        Kind::Tail => coat.ground,
        Kind::Neck if (2..5).contains(&p.white) => coat.third,
        _ if p.white == 4 => coat.third,
        Kind::FrontLeg if p.white == 3 => coat.third,
        _ => coat.ground,
    }
}

fn marks(canvas: &mut Canvas, part: &Part, discs: &[Disc], coat: &Coat, index: u32) {
    let p = &coat.pattern;
    let mut chance = coat.marks(10 + index);
    let last = discs.len() - 1;
    let legs = matches!(part.kind, Kind::FrontLeg | Kind::HindLeg | Kind::Haunch);
    let trunk = matches!(part.kind, Kind::Trunk | Kind::Neck);
    // a random place in the part, and its radius
    let mut anywhere = |low: f32, high: f32| -> (Point, f32) {
        let along = chance.unit() * last as f32;
        let k = (along as usize).min(last - 1);
        let t = along - k as f32;
        let ((a, ra), (b, rb)) = (discs[k], discs[k + 1]);
        let r = ra + (rb - ra) * t;
        let c = [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
        let place = [c[0] + chance.range(-0.9, 0.9) * r, c[1] + chance.range(-0.9, 0.9) * r];
        (place, r * chance.range(low, high))
    };
    if p.flakes > 0.0 {
        for k in 0..if trunk { 7 } else { 3 } {
            let (c, r) = anywhere(0.2, 0.45);
            let mut shape = Shape::new();
            shape.ellipse(c, [r * 1.3, r * 0.8], [0.94, 0.34]);
            canvas.fill_inside(&shape, if k % 2 == 0 { coat.second } else { coat.third }, 0.85);
        }
    }
    if p.patches > 0.0 && (trunk || part.kind == Kind::Haunch) {
        for k in 0..2 {
            let (c, r) = anywhere(0.5, 0.8);
            let mut shape = Shape::new();
            shape.ellipse(c, [r * 1.2, r], [0.94, 0.34]);
            canvas.fill_inside(&shape, if k % 2 == 0 { coat.second } else { coat.third }, 1.0);
        }
    }
    if p.spots > 0.0 {
        for _ in 0..if trunk { 9 } else { 4 } {
            let (c, r) = anywhere(0.1, 0.2);
            let mut shape = Shape::new();
            shape.ellipse(c, [r * 1.1, r * 0.9], [0.94, 0.34]);
            canvas.fill_inside(&shape, coat.second, 0.9);
        }
    }
    if p.stripes > 0.0 {
        stripes(canvas, part, discs, coat);
    }
    if p.saddle && part.kind == Kind::Trunk {
        let back: Vec<Disc> = discs.iter().map(|&(c, r)| ([c[0], c[1] - 0.5 * r], 0.75 * r)).collect();
        let mut shape = Shape::new();
        shape.tube(&back);
        canvas.fill_inside(&shape, coat.second, 0.9);
    }
    if part.kind == Kind::Trunk && (p.white >= 2 && p.white < 4 || p.tan) {
        // the belly, and the breast
        let belly: Vec<Disc> = discs.iter().map(|&(c, r)| ([c[0], c[1] + 0.75 * r], 0.5 * r)).collect();
        let mut shape = Shape::new();
        shape.tube(&belly);
        canvas.fill_inside(&shape, coat.third, if p.tan { 0.6 } else { 0.95 });
    }
    if legs {
        let from = match p.white {
            0 if p.points > 0.0 || p.tan => 1,
            1 | 2 => last.saturating_sub(1),
            3 => 1,
            _ => return,
        };
        let colour = if p.points > 0.0 && p.white == 0 { coat.second } else { coat.third };
        let foot: Vec<Disc> = discs[from..].iter().map(|&(c, r)| (c, r * 1.15)).collect();
        let mut shape = Shape::new();
        if foot.len() > 1 {
            shape.tube(&foot)
        } else {
            shape.disc(foot[0].0, foot[0].1)
        };
        canvas.fill_inside(&shape, colour, 0.9);
    }
    if part.kind == Kind::Tail && (1..4).contains(&p.white) && discs.len() > 2 {
        let (c, r) = discs[last];
        let mut shape = Shape::new();
        shape.disc(c, r * 1.8);
        canvas.fill_inside(&shape, coat.third, 1.0);
    }
}

/// Bands across the part, from the back two thirds of the way down on the trunk, all the way on limbs.
fn stripes(canvas: &mut Canvas, part: &Part, discs: &[Disc], coat: &Coat) {
    let trunk = part.kind == Kind::Trunk;
    if part.kind == Kind::Neck {
        return;
    }
    let per = if trunk { 3 } else { 2 };
    let mut shape = Shape::new();
    for pair in discs.windows(2) {
        let ((a, ra), (b, rb)) = (pair[0], pair[1]);
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = (dx * dx + dy * dy).sqrt();
        if length < 0.4 * ra.max(rb) {
            continue;
        }
        let (mut nx, mut ny) = (-dy / length, dx / length);
        if ny > 0.0 {
            (nx, ny) = (-nx, -ny);
        }
        for k in 0..per {
            let t = (k as f32 + 0.5) / per as f32;
            let r = ra + (rb - ra) * t;
            let c = [a[0] + dx * t, a[1] + dy * t];
            let (low, high) = if trunk { (-0.25, 1.15) } else { (-1.1, 1.1) };
            let width = (0.1 + 0.05 * coat.pattern.stripes) * if trunk { r * 1.2 } else { r * 2.2 };
            let point = |v: f32, lean: f32| {
                [c[0] + nx * v * r + dx / length * lean * r, c[1] + ny * v * r + dy / length * lean * r]
            };
            shape.stroke(
                &[point(high, 0.0), point(0.5 * (low + high), 0.12), point(low, 0.0)],
                width * 1.3,
                width * if trunk { 0.5 } else { 1.0 },
            );
        }
    }
    if !shape.ends.is_empty() {
        canvas.fill_inside(&shape, coat.second, 0.75);
    }
}
