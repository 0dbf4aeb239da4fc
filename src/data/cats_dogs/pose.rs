//! Poses: where limbs, trunk, tail and head are, seen from the camera.
//!
//! A body is built from balls in a frame of its own, forward, up and to the side, in head radii; it is turned about the
//! vertical and seen from slightly above. Both species take the same poses.

use super::breed::{Breed, Tail};
use super::shape::{Disc, Point};
use crate::tensor::random::Stream;
use crate::tensor::sorted::{order, sort_by_key};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pose {
    Sit,
    Stand,
    Walk,
    Lie,
    /// Front low, hips high: a dog's play bow, a cat's stretch.
    Bow,
}

pub const POSES: [Pose; 5] = [Pose::Sit, Pose::Stand, Pose::Walk, Pose::Lie, Pose::Bow];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Tail,
    HindLeg,
    Haunch,
    Trunk,
    FrontLeg,
    Neck,
}

#[derive(Clone, Debug)]
pub struct Part {
    pub kind: Kind,
    /// From root to end, in units of the head radius, as seen.
    pub discs: Vec<Disc>,
    /// Later parts are nearer.
    depth: f32,
    /// On the side turned away.
    pub far: bool,
}

pub struct Figure {
    /// In the order of drawing.
    pub parts: Vec<Part>,
    pub head: Point,
    /// Where the feet stand.
    pub ground: f32,
}

/// The camera's height over the animal: sine and cosine of 9°.
const TILT: (f32, f32) = (0.156, 0.988);

/// Bodies are drawn smaller than life to their heads, as in picture books.
const SMALL: f32 = 0.81;

struct View {
    sin: f32,
    cos: f32,
}

/// A ball: forward, up, side, radius.
type Ball = (f32, f32, f32, f32);

impl View {
    fn place(&self, (forward, up, side, radius): Ball) -> Disc {
        let x = forward * self.sin + side * self.cos;
        let z = forward * self.cos - side * self.sin;
        ([x * SMALL, (z * TILT.0 - up * TILT.1) * SMALL], radius * SMALL)
    }

    fn part(&self, kind: Kind, balls: &[Ball], depth: f32) -> Part {
        let (_, _, side, _) = balls[0];
        Part { kind, discs: balls.iter().map(|&b| self.place(b)).collect(), depth, far: -side * self.sin < -0.15 }
    }
}

/// Builds an animal that faces `yaw` (0 towards the camera, positive to the right of the picture).
pub fn figure(breed: &Breed, cat: bool, pose: Pose, yaw: f32, stream: &mut Stream) -> Figure {
    let view = View { sin: libm::sinf(yaw), cos: libm::cosf(yaw) };
    let b = breed.build;
    let (chest, hip, limb, length) = if cat { (0.68, 0.68, 0.9, 1.95) } else { (0.78, 0.64, 1.1, 1.95) };
    let coat = 1.0 + 0.16 * breed.fur;
    let (chest, hip, limb) = (chest * b * coat, hip * b * coat, limb * b * (1.0 + 0.1 * breed.fur));
    let legs = breed.legs * if cat { 0.95 } else { 1.1 };
    let half = length * 0.5;
    let swing = if pose == Pose::Walk { stream.range(0.25, 0.42) } else { stream.range(-0.06, 0.06) };
    let mut parts = Vec::with_capacity(8);

    // trunk: (forward, up) of hips and chest, and of the head
    let (hips, breast, head) = match pose {
        Pose::Stand | Pose::Walk => {
            let up = legs + 0.55 * chest;
            ([-half, up], [half, up], [half + 0.72, up + 1.0 + 0.12 * legs])
        }
        Pose::Sit => ([-0.5, 0.7 * b], [0.3, 1.2 + 0.25 * legs], [0.52, 2.25 + 0.28 * legs]),
        Pose::Lie => ([-0.95, 0.66 * b], [0.7, 0.78 * b], [1.05, 1.62 + 0.1 * legs]),
        Pose::Bow => ([-half, legs + 0.5], [half - 0.2, 0.5 + 0.45 * b], [half + 0.45, 1.45]),
    };
    let waist = if cat { 0.96 } else { 0.88 };
    let middle = [0.5 * (hips[0] + breast[0]), 0.5 * (hips[1] + breast[1]) - if pose == Pose::Sit { 0.1 } else { 0.0 }];
    parts.push(view.part(
        Kind::Trunk,
        &[
            (hips[0], hips[1], 0.0, hip),
            (middle[0], middle[1], 0.0, 0.5 * (hip + chest) * waist),
            (breast[0], breast[1], 0.0, chest),
        ],
        0.0,
    ));
    parts.push(view.part(
        Kind::Neck,
        &[
            (breast[0] + 0.05, breast[1] + 0.15, 0.0, chest * 0.86),
            (0.45 * breast[0] + 0.55 * head[0], 0.4 * breast[1] + 0.6 * head[1], 0.0, 0.56 * coat),
        ],
        0.9 * view.cos,
    ));

    for side in [-1.0, 1.0f32] {
        let out = side * 0.37 * b;
        let depth = |forward: f32| 0.6 * forward * view.cos - 1.6 * out * view.sin;
        let step = swing * side;
        let r = limb;
        // front leg
        let f = breast[0];
        let balls: Vec<Ball> = match pose {
            Pose::Stand | Pose::Walk => vec![
                (f, breast[1] - 0.15, out, 0.36 * r),
                (f + 0.4 * step, 0.5 * legs, out, 0.25 * r),
                (f + step, 0.17, out, 0.2 * r),
                (f + step + 0.13, 0.15, out, 0.2 * r),
            ],
            Pose::Sit => vec![
                (f + 0.1, breast[1] - 0.25, 0.8 * out, 0.34 * r),
                (f + 0.26, 0.65, 0.85 * out, 0.23 * r),
                (f + 0.26, 0.18, 0.85 * out, 0.2 * r),
                (f + 0.4, 0.15, 0.85 * out, 0.21 * r),
            ],
            Pose::Lie => vec![
                (f + 0.15, 0.45, out, 0.32 * r),
                (f + 0.6, 0.2, 1.05 * out, 0.22 * r),
                (f + 1.0, 0.17, out, 0.2 * r),
            ],
            Pose::Bow => vec![
                (f + 0.05, breast[1] - 0.1, out, 0.34 * r),
                (f + 0.5, 0.24, 1.05 * out, 0.23 * r),
                (f + 1.1, 0.17, out, 0.2 * r),
            ],
        };
        parts.push(view.part(Kind::FrontLeg, &balls, depth(f) + 0.1));
        // hind leg
        let f = hips[0];
        let (kind, balls): (Kind, Vec<Ball>) = match pose {
            Pose::Sit => (
                Kind::Haunch,
                vec![
                    (f + 0.18, 0.6 * b, 1.35 * out, 0.52 * b * coat),
                    (f + 0.5, 0.3 * b, 1.5 * out, 0.3 * b),
                    (f + 0.85, 0.16, 1.6 * out, 0.19 * r),
                    (f + 1.0, 0.15, 1.6 * out, 0.19 * r),
                ],
            ),
            Pose::Lie => (
                Kind::Haunch,
                vec![
                    (f + 0.2, 0.52 * b, 1.3 * out, 0.5 * b * coat),
                    (f + 0.5, 0.26 * b, 1.55 * out, 0.28 * b),
                    (f + 0.85, 0.16, 1.6 * out, 0.19 * r),
                ],
            ),
            Pose::Stand | Pose::Walk | Pose::Bow => (
                Kind::HindLeg,
                vec![
                    (f + 0.02, hips[1] - 0.08, out, 0.5 * r),
                    (f + 0.18 - 0.3 * step, 0.58 * legs, out, 0.3 * r),
                    (f - 0.14 - 0.8 * step, 0.34 * legs, out, 0.19 * r),
                    (f - 0.04 - step, 0.17, out, 0.19 * r),
                    (f + 0.1 - step, 0.15, out, 0.19 * r),
                ],
            ),
        };
        parts.push(view.part(kind, &balls, depth(f) + 0.12));
    }
    parts.push(view.part(Kind::Tail, &tail(breed, pose, hips, hip, stream), -2.0));
    sort_by_key(&mut parts, |part| order(part.depth));
    let (head, _) = view.place((head[0], head[1] + 0.18, 0.0, 1.0));
    Figure { parts, head, ground: 0.0 }
}

/// The tail from its root outwards.
fn tail(breed: &Breed, pose: Pose, hips: [f32; 2], hip: f32, stream: &mut Stream) -> Vec<Ball> {
    let low = matches!(pose, Pose::Sit | Pose::Lie);
    let side = if stream.unit() < 0.5 { -1.0 } else { 1.0 };
    let thick = 1.0 + 0.5 * breed.fur;
    let root = (hips[0] - 0.7 * hip, hips[1] + if low { -0.25 } else { 0.22 });
    // offsets from the root: (forward, up, side, radius)
    let path: &[Ball] = match (breed.tail, low) {
        (Tail::Bob, _) => &[(0.1, 0.0, 0.0, 0.16), (-0.12, 0.1, 0.05, 0.16)],
        (Tail::Slender, false) => {
            if stream.unit() < 0.6 {
                &[
                    (0.15, -0.1, 0.0, 0.16),
                    (-0.35, 0.2, 0.1, 0.13),
                    (-0.62, 0.75, 0.2, 0.12),
                    (-0.55, 1.25, 0.25, 0.12),
                    (-0.25, 1.5, 0.3, 0.11),
                ]
            } else {
                &[
                    (0.15, -0.1, 0.0, 0.16),
                    (-0.45, -0.1, 0.1, 0.13),
                    (-0.85, -0.45, 0.2, 0.12),
                    (-1.3, -0.5, 0.25, 0.12),
                    (-1.6, -0.2, 0.3, 0.11),
                ]
            }
        }
        (Tail::Slender, true) => &[
            (0.3, -0.1, 0.3, 0.16),
            (-0.2, -0.3, 0.8, 0.14),
            (0.1, -0.32, 1.25, 0.13),
            (0.5, -0.3, 1.45, 0.12),
            (0.8, -0.12, 1.5, 0.12),
        ],
        (Tail::Brush, false) => &[
            (0.15, -0.1, 0.0, 0.17),
            (-0.4, 0.1, 0.1, 0.22),
            (-0.85, 0.35, 0.2, 0.27),
            (-1.1, 0.85, 0.25, 0.24),
            (-1.05, 1.2, 0.3, 0.1),
        ],
        (Tail::Brush, true) => &[
            (0.3, -0.1, 0.3, 0.2),
            (-0.15, -0.2, 0.85, 0.24),
            (0.15, -0.22, 1.3, 0.25),
            (0.6, -0.2, 1.45, 0.2),
            (0.85, -0.1, 1.45, 0.1),
        ],
        (Tail::Whip, false) => {
            &[(0.15, -0.1, 0.0, 0.18), (-0.4, 0.1, 0.1, 0.13), (-0.85, 0.45, 0.15, 0.1), (-1.1, 0.9, 0.2, 0.06)]
        }
        (Tail::Whip, true) => {
            &[(0.3, 0.0, 0.3, 0.18), (-0.2, -0.1, 0.9, 0.14), (-0.1, 0.1, 1.35, 0.11), (0.0, 0.4, 1.6, 0.07)]
        }
        (Tail::Curl, _) => &[
            (0.2, 0.0, 0.0, 0.2),
            (-0.1, 0.42, 0.1, 0.22),
            (0.15, 0.75, 0.15, 0.23),
            (0.45, 0.7, 0.2, 0.2),
            (0.45, 0.45, 0.25, 0.15),
        ],
        (Tail::Plume, false) => &[
            (0.15, -0.05, 0.0, 0.16),
            (-0.3, 0.3, 0.1, 0.22),
            (-0.45, 0.8, 0.15, 0.27),
            (-0.25, 1.2, 0.2, 0.2),
            (0.0, 1.35, 0.2, 0.07),
        ],
        (Tail::Plume, true) => &[
            (0.3, -0.05, 0.3, 0.16),
            (-0.2, 0.0, 0.9, 0.22),
            (-0.1, 0.25, 1.35, 0.25),
            (0.0, 0.6, 1.55, 0.18),
            (0.05, 0.8, 1.6, 0.07),
        ],
        (Tail::Otter, false) => {
            &[(0.2, -0.05, 0.0, 0.24), (-0.4, 0.05, 0.1, 0.2), (-0.9, 0.2, 0.15, 0.16), (-1.25, 0.45, 0.2, 0.08)]
        }
        (Tail::Otter, true) => {
            &[(0.3, 0.0, 0.3, 0.22), (-0.2, -0.15, 0.9, 0.19), (-0.1, 0.0, 1.35, 0.15), (0.05, 0.25, 1.6, 0.08)]
        }
    };
    path.iter()
        .map(|&(f, u, s, r)| {
            (root.0 + f, (root.1 + u).max(r * thick), side * s, r * thick * (0.85 + 0.15 * breed.build))
        })
        .collect()
}
