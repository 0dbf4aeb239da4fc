//! Augmentations: small changes to the training pictures, drawn anew for each picture at each step. One row each in
//! [`AUGMENTS`].
//!
//! Those that move pixels are affine maps from places of the result to places of the picture; any number of them is
//! one map and one reading of the picture. u runs along the width and v along the height, both from −1 to 1. To add
//! one: a row with its map or its change of numbers.

use std::fmt;

use super::field::About;
use crate::{
    graph::{Graph, Id},
    tensor::random::purpose,
};

/// Every augmentation that a document may name, in the order in which they are applied.
pub static AUGMENTS: &[&Augment] = &[
    &Augment {
        about: about("flip", "Flip", "Mirrors half of the pictures, left to right."),
        change: moves(|draw| {
            let u = draw.range(-1.0, 1.0);
            let zero = draw.graph.scalar(0.0);
            let right = draw.graph.less(u, zero);
            let way = draw.graph.scale(right, -2.0);
            Map { a: draw.graph.shift(way, 1.0), ..Map::none(draw.graph) }
        }),
    },
    &Augment {
        about: about("shift", "Shift", "Moves pictures by up to an eighth of their size."),
        change: moves(|draw| {
            let (x, y) = (draw.range(-0.25, 0.25), draw.range(-0.25, 0.25));
            Map { x, y, ..Map::none(draw.graph) }
        }),
    },
    &Augment {
        about: about("rotate", "Rotate", "Turns pictures by up to 15 degrees."),
        change: moves(|draw| {
            let most = 15_f32.to_radians();
            let angle = draw.range(-most, most);
            let (cos, sin) = (draw.graph.cos(angle), draw.graph.sin(angle));
            // a turn of the pixels, which are square where the picture is not
            let (wide, high) = (draw.width as f32, draw.height as f32);
            let b = draw.graph.scale(sin, -high / wide);
            let c = draw.graph.scale(sin, wide / high);
            Map { a: cos, b, c, d: cos, ..Map::none(draw.graph) }
        }),
    },
    &Augment {
        about: about("crop", "Crop", "Zooms into pictures by up to a quarter."),
        change: moves(|draw| {
            let size = draw.range(0.75, 1.0);
            let room = draw.graph.one_minus(size);
            let (x, y) = (draw.range(-1.0, 1.0), draw.range(-1.0, 1.0));
            let (x, y) = (draw.graph.mul(x, room), draw.graph.mul(y, room));
            Map { a: size, d: size, x, y, ..Map::none(draw.graph) }
        }),
    },
    &Augment {
        about: about("colour", "Colour", "Changes brightness, contrast and the strength of colours."),
        change: paints(|draw, pictures| {
            let column = |draw: &mut Draw, low, high| {
                let value = draw.range(low, high);
                draw.graph.reshape(value, [draw.count, 1, 1, 1])
            };
            let (bright, contrast) = (column(draw, -0.1, 0.1), column(draw, 0.8, 1.2));
            let strength = column(draw, 0.7, 1.3);
            let grey = draw.graph.mean(pictures, &[3]);
            let colour = draw.graph.sub(pictures, grey);
            let colour = draw.graph.mul(colour, strength);
            let x = draw.graph.add(grey, colour);
            let x = draw.graph.shift(x, -0.5);
            let x = draw.graph.mul(x, contrast);
            let x = draw.graph.shift(x, 0.5);
            let x = draw.graph.add(x, bright);
            within(draw.graph, x)
        }),
    },
    &Augment {
        about: about("noise", "Noise", "Adds a little noise to every pixel."),
        change: paints(|draw, pictures| {
            let sizes = draw.graph.shape(pictures).clone();
            let purpose = draw.next();
            let normal = draw.graph.normal(purpose, sizes);
            let noise = draw.graph.scale(normal, 0.04);
            let x = draw.graph.add(pictures, noise);
            within(draw.graph, x)
        }),
    },
];

/// One row of [`AUGMENTS`].
pub struct Augment {
    pub about: About,
    change: Change,
}

enum Change {
    /// Where each place of the result lies in the picture.
    Move(fn(&mut Draw) -> Map),
    /// What becomes of the pictures' numbers.
    Paint(fn(&mut Draw, Id) -> Id),
}

const fn moves(place: fn(&mut Draw) -> Map) -> Change {
    Change::Move(nodes!(|_| place))
}

const fn paints(paint: fn(&mut Draw, Id) -> Id) -> Change {
    Change::Paint(nodes!(|_, _| paint))
}

/// u' = a·u + b·v + x, v' = c·u + d·v + y; each is [n, 1], or one number for all.
struct Map {
    a: Id,
    b: Id,
    x: Id,
    c: Id,
    d: Id,
    y: Id,
}

/// Random numbers for a batch of pictures.
struct Draw<'a> {
    graph: &'a mut Graph,
    /// Pictures in the batch.
    count: usize,
    height: usize,
    width: usize,
    name: &'static str,
    drawn: u32,
}

impl Draw<'_> {
    /// A stream that nobody else has.
    fn next(&mut self) -> u32 {
        self.drawn += 1;
        purpose(&format!("augment/{}/{}", self.name, self.drawn))
    }

    /// One number from `low` to `high` for each picture: [n, 1].
    fn range(&mut self, low: f32, high: f32) -> Id {
        let purpose = self.next();
        let unit = self.graph.uniform(purpose, [self.count, 1]);
        let wide = self.graph.scale(unit, high - low);
        self.graph.shift(wide, low)
    }
}

impl Map {
    fn none(g: &mut Graph) -> Map {
        let (zero, one) = (g.scalar(0.0), g.scalar(1.0));
        Map { a: one, b: zero, x: zero, c: zero, d: one, y: zero }
    }

    /// The maps as rows: [n, 6]. Each column is picked by its number, so that all is one elementwise kernel.
    fn columns(&self, g: &mut Graph, count: usize) -> Id {
        let column = g.iota([count, 6], 1);
        let mut theta = self.y;
        for (place, part) in [self.a, self.b, self.x, self.c, self.d].into_iter().enumerate().rev() {
            let place = g.scalar(place as f32);
            let here = g.equal(column, place);
            theta = g.select(here, part, theta);
        }
        theta
    }

    /// This map, then `next` of what it gives.
    fn then(&self, g: &mut Graph, next: &Map) -> Map {
        let mut of = |p: Id, q: Id, r: Option<Id>, first: Id, second: Id| {
            let (left, right) = (g.mul(p, first), g.mul(q, second));
            let sum = g.add(left, right);
            r.map_or(sum, |r| g.add(sum, r))
        };
        Map {
            a: of(next.a, next.b, None, self.a, self.c),
            b: of(next.a, next.b, None, self.b, self.d),
            x: of(next.a, next.b, Some(next.x), self.x, self.y),
            c: of(next.c, next.d, None, self.a, self.c),
            d: of(next.c, next.d, None, self.b, self.d),
            y: of(next.c, next.d, Some(next.y), self.x, self.y),
        }
    }
}

/// Changes a batch of pictures [n, h, w, c] as the rows say; samples that are no pictures stay as they are.
pub fn build(graph: &mut Graph, rows: &[&Augment], pictures: Id) -> Id {
    let [count, height, width, _] = graph.shape(pictures)[..] else { return pictures };
    let mut draw = Draw { graph, count, height, width, name: "", drawn: 0 };
    let mut map: Option<Map> = None;
    let mut x = pictures;
    for row in AUGMENTS.iter().filter(|row| rows.contains(row)) {
        draw.name = row.about.id;
        draw.drawn = 0;
        if let Change::Move(place) = row.change {
            let own = place(&mut draw);
            map = Some(match map {
                Some(map) => own.then(draw.graph, &map),
                None => own,
            });
        }
    }
    if let Some(map) = map {
        let theta = map.columns(draw.graph, count);
        x = draw.graph.resample(x, theta);
    }
    for row in AUGMENTS.iter().filter(|row| rows.contains(row)) {
        draw.name = row.about.id;
        draw.drawn = 0;
        if let Change::Paint(paint) = row.change {
            x = paint(&mut draw, x);
        }
    }
    x
}

/// Numbers of a picture stay from 0 to 1.
fn within(g: &mut Graph, x: Id) -> Id {
    let (zero, one) = (g.scalar(0.0), g.scalar(1.0));
    let above = g.max(x, zero);
    g.min(above, one)
}

/// The row of this name.
pub fn find(id: &str) -> Option<&'static Augment> {
    AUGMENTS.iter().copied().find(|augment| augment.about.id == id)
}

const fn about(id: &'static str, label: &'static str, help: &'static str) -> About {
    About { id, label: words!(label), help: words!(help), fields: &[] }
}

impl PartialEq for Augment {
    fn eq(&self, other: &Augment) -> bool {
        self.about.id == other.about.id
    }
}

impl fmt::Debug for Augment {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.about.id)
    }
}
