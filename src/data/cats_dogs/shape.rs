//! Outlines as polygons: circles, hulls of circles, tubes, smooth blobs and strokes.
//!
//! A [`Shape`] is a union of polygons in pixels. Directions come from one table, so that no sine is computed while
//! drawing.

pub type Point = [f32; 2];

/// A circle: centre and radius.
pub type Disc = (Point, f32);

/// A union of polygons; polygon k ends before `ends[k]`.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    pub points: Vec<Point>,
    pub ends: Vec<usize>,
}

/// How many directions the finest circle has.
const FINE: usize = 48;

/// The unit vectors at k/48 of a turn, rounded once here so that nothing depends on a sine.
const TURN: [Point; FINE] = turn();

#[allow(clippy::approx_constant, reason = "the last bit of 45° is in every drawing")]
const fn turn() -> [Point; FINE] {
    // cosines of 0°, 7.5° … 90°
    const C: [f32; 13] = [
        1.0,
        0.991_444_9,
        0.965_925_8,
        0.923_879_5,
        0.866_025_4,
        0.793_353_34,
        0.707_106_8,
        0.608_761_43,
        0.5,
        0.382_683_43,
        0.258_819_04,
        0.130_526_19,
        0.0,
    ];
    let mut table = [[0.0; 2]; FINE];
    let mut k = 0;
    while k < 12 {
        let (c, s) = (C[k], C[12 - k]);
        table[k] = [c, s];
        table[k + 12] = [-s, c];
        table[k + 24] = [-c, -s];
        table[k + 36] = [s, -c];
        k += 1;
    }
    table
}

/// Every how many of the fine directions a circle of this radius needs.
fn stride(radius: f32) -> usize {
    match radius {
        r if r < 1.2 => 6,
        r if r < 3.5 => 4,
        r if r < 9.0 => 3,
        r if r < 24.0 => 2,
        _ => 1,
    }
}

impl Shape {
    pub fn new() -> Shape {
        Shape::default()
    }

    fn close(&mut self) {
        self.ends.push(self.points.len());
    }

    pub fn polygon(&mut self, points: &[Point]) -> &mut Shape {
        self.points.extend_from_slice(points);
        self.close();
        self
    }

    pub fn disc(&mut self, centre: Point, radius: f32) -> &mut Shape {
        self.ellipse(centre, [radius, radius], [1.0, 0.0])
    }

    /// An ellipse whose first axis points along the unit vector `along`.
    pub fn ellipse(&mut self, centre: Point, radii: Point, along: Point) -> &mut Shape {
        for k in (0..FINE).step_by(stride(radii[0].max(radii[1]))) {
            let (x, y) = (TURN[k][0] * radii[0], TURN[k][1] * radii[1]);
            self.points.push([centre[0] + x * along[0] - y * along[1], centre[1] + x * along[1] + y * along[0]]);
        }
        self.close();
        self
    }

    /// The convex hull of circles: in each direction the point of the circle that reaches farthest.
    pub fn hull(&mut self, discs: &[Disc]) -> &mut Shape {
        let widest = discs.iter().fold(0.0, |r: f32, d| r.max(d.1));
        for direction in TURN.iter().step_by(stride(widest)) {
            let mut best = f32::MIN;
            let mut point = [0.0; 2];
            for &(c, r) in discs {
                let reach = c[0] * direction[0] + c[1] * direction[1] + r;
                if reach > best {
                    best = reach;
                    point = [c[0] + r * direction[0], c[1] + r * direction[1]];
                }
            }
            self.points.push(point);
        }
        self.close();
        self
    }

    /// A chain of hulls of neighbours along a smooth line: limbs, tails, necks.
    pub fn tube(&mut self, discs: &[Disc]) -> &mut Shape {
        let widest = discs.iter().fold(0.0, |r: f32, d| r.max(d.1));
        if widest < 4.0 || discs.len() < 3 {
            for pair in discs.windows(2) {
                self.hull(pair);
            }
            return self;
        }
        let mut before = discs[0];
        for i in 0..discs.len() - 1 {
            let near = |k: usize| discs[k.min(discs.len() - 1)];
            let [(a, ra), (b, rb), (c, rc), (d, rd)] = [near(i.saturating_sub(1)), near(i), near(i + 1), near(i + 2)];
            for t in [0.25, 0.5, 0.75, 1.0] {
                let centre = [spline(a[0], b[0], c[0], d[0], t), spline(a[1], b[1], c[1], d[1], t)];
                let next = (centre, spline(ra, rb, rc, rd, t).max(0.1));
                self.hull(&[before, next]);
                before = next;
            }
        }
        self
    }

    /// A closed smooth curve through the points (Catmull–Rom).
    pub fn blob(&mut self, points: &[Point]) -> &mut Shape {
        let n = points.len();
        let steps = if extent(points) < 6.0 { 3 } else { 6 };
        for i in 0..n {
            let [a, b, c, d] = [points[(i + n - 1) % n], points[i], points[(i + 1) % n], points[(i + 2) % n]];
            for step in 0..steps {
                let t = step as f32 / steps as f32;
                self.points.push([spline(a[0], b[0], c[0], d[0], t), spline(a[1], b[1], c[1], d[1], t)]);
            }
        }
        self.close();
        self
    }

    /// A line with round turns that goes from one width to another.
    pub fn stroke(&mut self, points: &[Point], from: f32, to: f32) -> &mut Shape {
        let n = points.len();
        let side = |i: usize| -> Point {
            let (a, b) = (points[i.saturating_sub(1)], points[(i + 1).min(n - 1)]);
            let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
            let length = (dx * dx + dy * dy).sqrt().max(1e-6);
            let half = 0.5 * (from + (to - from) * i as f32 / (n - 1) as f32);
            [-dy / length * half, dx / length * half]
        };
        for i in 0..n {
            let s = side(i);
            self.points.push([points[i][0] + s[0], points[i][1] + s[1]]);
        }
        for i in (0..n).rev() {
            let s = side(i);
            self.points.push([points[i][0] - s[0], points[i][1] - s[1]]);
        }
        self.close();
        self
    }

    /// The same union, shifted.
    pub fn moved(&self, by: Point) -> Shape {
        Shape { points: self.points.iter().map(|p| [p[0] + by[0], p[1] + by[1]]).collect(), ends: self.ends.clone() }
    }

    /// The same union, every polygon moved outwards by `by` pixels.
    pub fn grown(&self, by: f32) -> Shape {
        let mut grown = Shape { points: Vec::with_capacity(self.points.len()), ends: self.ends.clone() };
        let mut start = 0;
        for &end in &self.ends {
            let points = &self.points[start..end];
            start = end;
            let n = points.len();
            let mut area = 0.0;
            for i in 0..n {
                let (a, b) = (points[i], points[(i + 1) % n]);
                area += a[0] * b[1] - b[0] * a[1];
            }
            let out = if area > 0.0 { by } else { -by };
            for i in 0..n {
                let (a, p, b) = (points[(i + n - 1) % n], points[i], points[(i + 1) % n]);
                let (u, v) = (normal(a, p), normal(p, b));
                let (mx, my) = (u[0] + v[0], u[1] + v[1]);
                let length = (mx * mx + my * my).max(0.5);
                grown.points.push([p[0] + 2.0 * mx / length * out, p[1] + 2.0 * my / length * out]);
            }
        }
        grown
    }

    /// The corners (left, top) and (right, bottom) of what the union spans.
    pub fn corners(&self) -> (Point, Point) {
        self.points.iter().fold(([f32::MAX; 2], [f32::MIN; 2]), |(low, high), p| {
            ([low[0].min(p[0]), low[1].min(p[1])], [high[0].max(p[0]), high[1].max(p[1])])
        })
    }
}

/// The unit normal of an edge, pointing out of a polygon of positive area.
fn normal(a: Point, b: Point) -> Point {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = (dx * dx + dy * dy).sqrt().max(1e-6);
    [dy / length, -dx / length]
}

fn extent(points: &[Point]) -> f32 {
    points.iter().fold(0.0, |far: f32, p| far.max((p[0] - points[0][0]).abs()).max((p[1] - points[0][1]).abs()))
}

/// Catmull–Rom between b (t = 0) and c (t = 1).
fn spline(a: f32, b: f32, c: f32, d: f32, t: f32) -> f32 {
    0.5 * (2.0 * b + (c - a) * t + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t + (3.0 * (b - c) + d - a) * t * t * t)
}

/// Points along the quadratic curve from `a` over `b` to `c`, both ends included.
pub fn bend(a: Point, b: Point, c: Point, steps: usize) -> Vec<Point> {
    (0..=steps)
        .map(|i| {
            let t = i as f32 / steps as f32;
            let (p, q, r) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t);
            [p * a[0] + q * b[0] + r * c[0], p * a[1] + q * b[1] + r * c[1]]
        })
        .collect()
}
