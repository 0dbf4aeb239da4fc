//! A picture before it is painted: everything that was chosen for it, and where it stands in the frame.
//!
//! The same at every size: lengths are parts of the picture's width. What is chosen for shape depends on the class; what
//! is chosen for colour, place, light, pose and frame does not. The frame is set so that the animal covers a share of the
//! picture that was drawn without knowing the class, since otherwise the amount of coat colour would tell.

use super::body::{self, Frame};
use super::breed::{self, Breed};
use super::camera::{Exposure, Shot};
use super::canvas::{Canvas, luminance};
use super::coat::Coat;
use super::gaze::Gaze;
use super::head::{Head, Mood};
use super::pose::{self, Figure, POSES, Pose};
use super::scene::{self, Place, Site};
use super::shape::Point;
use super::{Box, Picture};
use crate::tensor::random::{Stream, pcg4d, purpose};

pub struct Sketch {
    class: u32,
    animal: Breed,
    coat: Coat,
    place: &'static Place,
    exposure: Exposure,
    shot: Shot,
    pose: Pose,
    mood: Mood,
    light: Point,
    /// Turn, nod and tilt of the head.
    look: [f32; 3],
    figure: Figure,
    /// From head radii to parts of the picture.
    frame: Frame,
    /// What head and body span, in head radii.
    head_box: (Point, Point),
    body_box: (Point, Point),
    scenery: Stream,
}

/// How finely the animal's share of the picture is measured.
const COARSE: usize = 24;

impl Sketch {
    pub fn new(seed: u32, index: usize, class: u32) -> Sketch {
        let words = pcg4d([index as u32, 0, purpose("cats-dogs"), seed]);
        let stream = |topic: u32| Stream::new(words[0], words[1] ^ topic);
        let mut chance = stream(1);
        let row = breed::pick(chance.unit());
        let place = &scene::PLACES[chance.below(scene::PLACES.len())];
        let shot = match chance.unit() {
            u if u < 0.58 => Shot::Head,
            u if u < 0.86 => Shot::Half,
            _ => Shot::Whole,
        };
        let light: Point = {
            let x = chance.range(-1.0, 1.0);
            [x, -(1.0 - 0.5 * x * x).sqrt()]
        };
        let mood = Mood::draw(place.dark, &mut chance);
        let turn = if chance.unit() < 0.5 { -1.0 } else { 1.0 };
        let pose = match shot {
            Shot::Head | Shot::Half => Pose::Sit,
            Shot::Whole => POSES[[0, 0, 0, 1, 1, 2, 3, 3, 4][chance.below(9)]],
        };
        let yaw = turn * if pose == Pose::Sit { chance.range(0.1, 1.1) } else { chance.range(0.75, 1.45) };
        let turned = match chance.unit() {
            u if u < 0.55 => chance.range(-0.35, 0.35),
            u if u < 0.88 => turn * chance.range(0.35, 0.8),
            _ => turn * chance.range(0.8, 1.15),
        };
        let tilt = chance.range(-1.0, 1.0);
        let look = [turned, chance.range(-0.1, 0.16), 0.26 * tilt * tilt.abs()];
        let aim = [chance.unit(), chance.unit(), chance.unit()];

        let breed = if class == 0 { &breed::CATS[row] } else { &breed::DOGS[row] };
        let mut shape = stream(4);
        let animal = breed.one(&mut shape);
        let mut sketch = Sketch {
            class,
            figure: pose::figure(&animal, class == 0, pose, yaw, &mut shape),
            animal,
            coat: Coat::one(row, &mut stream(2)),
            place,
            exposure: Exposure::draw(place.dark, &mut stream(3)),
            shot,
            pose,
            mood,
            light,
            look,
            frame: Frame { unit: 1.0, origin: [0.0; 2] },
            head_box: ([0.0; 2], [0.0; 2]),
            body_box: ([0.0; 2], [0.0; 2]),
            scenery: stream(5),
        };
        sketch.head_box = sketch.head(&sketch.frame).corners();
        sketch.body_box = sketch.figure.corners(sketch.head_box);
        sketch.aim(aim);
        sketch
    }

    fn head(&self, frame: &Frame) -> Head<'_> {
        let [yaw, pitch, roll] = self.look;
        Head {
            gaze: Gaze::new(frame.at(self.figure.head), frame.unit, yaw, pitch, roll),
            breed: &self.animal,
            coat: &self.coat,
            cat: self.class == 0,
            mood: self.mood,
            light: self.light,
        }
    }

    /// What the shot is about, in head radii.
    fn subject(&self) -> (Point, Point) {
        let (head, body, middle) = (self.head_box, self.body_box, self.figure.head[0]);
        match self.shot {
            Shot::Head => (head.0, [head.1[0], head.1[1] + 0.2]),
            Shot::Half => ([body.0[0].max(middle - 1.6), head.0[1]], [body.1[0].min(middle + 1.6), head.1[1] + 0.9]),
            Shot::Whole => body,
        }
    }

    /// Sets the frame so that the animal covers the wanted share of the picture, at a place drawn at random.
    fn aim(&mut self, [share, across, down]: [f32; 3]) {
        let (low, high) = self.subject();
        let (wide, tall) = (high[0] - low[0], high[1] - low[1]);
        let (least, most, tightest) = match self.shot {
            Shot::Head => (0.36, 0.58, 1.0),
            Shot::Half => (0.34, 0.5, 1.0),
            Shot::Whole => (0.28, 0.4, 1.06),
        };
        let wanted = least + (most - least) * share;
        let mut unit = 0.85 / wide.max(tall);
        for _ in 0..3 {
            let slack = |extent: f32, at: f32| (0.5 * (1.0 - extent * unit)).max(0.04) * (2.0 * at - 1.0) * 0.95;
            self.frame = Frame {
                unit,
                origin: [
                    0.5 + slack(wide, across) - 0.5 * (low[0] + high[0]) * unit,
                    0.5 + slack(tall, down) - 0.5 * (low[1] + high[1]) * unit,
                ],
            };
            let better = unit * (wanted / self.share().max(0.05)).sqrt();
            unit = better.clamp(0.6 / wide.max(tall), tightest / wide.max(tall));
        }
    }

    /// The share of the picture that the animal covers.
    fn share(&self) -> f32 {
        let mut canvas = Canvas::new(COARSE);
        canvas.animal = 1.0;
        let frame = self.frame.scaled(COARSE as f32);
        body::silhouette(&mut canvas, &self.figure, &frame);
        for shape in self.head(&frame).outlines() {
            canvas.fill(&shape, [0.0; 3], 1.0);
        }
        canvas.pixels.iter().map(|p| p[3]).sum::<f32>() / (COARSE * COARSE) as f32
    }

    pub fn paint(&self, size: usize) -> Picture {
        let width = size as f32;
        let frame = self.frame.scaled(width);
        let head = self.head(&frame);
        let mut canvas = Canvas::new(size);
        let mut chance = self.scenery.clone();
        let ground = frame.at([0.0, self.figure.ground])[1];
        let horizon = match self.shot {
            Shot::Whole => ground - width * chance.range(0.08, 0.3),
            Shot::Half | Shot::Head => width * chance.range(0.55, 0.85),
        };
        let colours = scene::colours(self.place, luminance(self.coat.body()), &mut chance);
        let mut site = Site { chance: &mut chance, horizon, ground, unit: frame.unit, colours };
        scene::draw(self.place, &mut canvas, &mut site);
        let (low, high) = (frame.at(self.body_box.0), frame.at(self.body_box.1));
        let middle = 0.5 * (low[0] + high[0]) - self.light[0] * 0.3 * frame.unit;
        canvas.glow([middle, ground], [0.62 * (high[0] - low[0]), 0.42 * frame.unit], [0.08, 0.07, 0.1], 0.45);

        canvas.animal = 1.0;
        body::draw(&mut canvas, &self.figure, &self.animal, &self.coat, &frame, self.light);
        head.draw(&mut canvas);
        canvas.animal = 0.0;
        canvas.shade = Default::default();
        if self.shot == Shot::Whole && self.pose == Pose::Sit {
            scene::before(self.place, &mut canvas, &mut site, head.gaze.centre[0]);
        }
        let (pixels, mask) = self.exposure.develop(&mut canvas);
        let face = head.corners();
        let seen = |(low, high): (Point, Point)| {
            let keep = |v: f32| v.clamp(0.0, width);
            Box { left: keep(low[0]), top: keep(low[1]), right: keep(high[0]), bottom: keep(high[1]) }
        };
        Picture {
            pixels,
            class: self.class,
            breed: self.animal.name,
            mask,
            head: seen(face),
            body: seen(union((low, high), face)),
        }
    }
}

/// The smallest box around two.
fn union(a: (Point, Point), b: (Point, Point)) -> (Point, Point) {
    ([a.0[0].min(b.0[0]), a.0[1].min(b.0[1])], [a.1[0].max(b.1[0]), a.1[1].max(b.1[1])])
}

impl Figure {
    /// What body and head span together.
    fn corners(&self, head: (Point, Point)) -> (Point, Point) {
        let discs = self.parts.iter().flat_map(|part| &part.discs);
        discs.fold(head, |all, &(c, r)| union(all, ([c[0] - r, c[1] - r], [c[0] + r, c[1] + r])))
    }
}
