//! The breeds: what an animal of each looks like under its coat, one row each.
//!
//! Lengths are in head radii, the rest are factors around 1; a drawing varies every number a little. Row k of [`CATS`]
//! and row k of [`DOGS`] wear the coats of row k of [`super::coat::COATS`], so that colours and patterns are met equally
//! often in both classes and tell nothing.

use crate::tensor::random::Stream;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ear {
    Pricked,
    /// Pricked with hairs beyond the tip.
    Tufted,
    /// Pricked, the tip turned back.
    Curled,
    /// Small, bent forward over the skull.
    Folded,
    /// Upright, large and round.
    Bat,
    /// Hanging beside the cheeks.
    Drop,
    /// Hanging low and wide.
    Long,
    /// Upright at the base, the tip fallen forward.
    Button,
    /// Small, turned back and down.
    Rose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Long, even, the tip turned.
    Slender,
    /// Long, thick with hair.
    Brush,
    Bob,
    /// Thin towards the end.
    Whip,
    /// Rolled over the back.
    Curl,
    /// Raised, with hanging hair.
    Plume,
    /// Thick at the base, straight.
    Otter,
}

/// What the hair of the head does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trim {
    None,
    /// Hanging from the muzzle.
    Beard,
    /// Standing round on the skull.
    Topknot,
}

/// One row: the middle of each distribution.
#[derive(Clone, Copy, Debug)]
pub struct Breed {
    pub name: &'static str,
    pub ear: Ear,
    pub ear_size: f32,
    /// Width of the face to its height.
    pub face: f32,
    /// Hair beside the cheeks, 0 to 1.
    pub cheek: f32,
    /// How far the muzzle reaches out.
    pub muzzle: f32,
    pub muzzle_width: f32,
    pub eye: f32,
    /// Thickness of body and legs.
    pub build: f32,
    pub legs: f32,
    pub tail: Tail,
    /// Length of the hair on body and tail, 0 to 1.
    pub fur: f32,
    pub trim: Trim,
}

type Head = (Ear, f32, f32, f32, f32, f32, f32);
type Body = (f32, f32, Tail, f32);

const fn row(name: &'static str, head: Head, body: Body) -> Breed {
    let (ear, ear_size, face, cheek, muzzle, muzzle_width, eye) = head;
    let (build, legs, tail, fur) = body;
    Breed { name, ear, ear_size, face, cheek, muzzle, muzzle_width, eye, build, legs, tail, fur, trim: Trim::None }
}

const fn trimmed(breed: Breed, trim: Trim) -> Breed {
    Breed { trim, ..breed }
}

use Ear::*;
use Tail::*;

// name                     ear      size  face cheek muzzle width eye      build legs tail     fur
#[rustfmt::skip]
pub const CATS: [Breed; 24] = [
    row("siamese",            (Pricked, 1.25, 0.92, 0.00, 0.30, 0.85, 1.00), (0.85, 1.15, Slender, 0.0)),
    row("bombay",             (Pricked, 1.00, 1.02, 0.15, 0.20, 1.00, 1.10), (1.00, 1.00, Slender, 0.1)),
    row("russian blue",       (Pricked, 1.10, 0.98, 0.15, 0.22, 0.95, 1.00), (0.90, 1.10, Slender, 0.1)),
    row("bengal",             (Pricked, 0.95, 0.98, 0.10, 0.26, 1.05, 1.00), (1.00, 1.05, Slender, 0.0)),
    row("abyssinian",         (Pricked, 1.25, 0.95, 0.05, 0.26, 0.90, 1.05), (0.88, 1.10, Slender, 0.1)),
    row("turkish van",        (Pricked, 1.05, 1.02, 0.50, 0.24, 1.00, 1.00), (1.05, 1.00, Brush,   0.7)),
    row("maine coon",         (Tufted,  1.20, 1.02, 0.80, 0.30, 1.10, 0.95), (1.15, 1.00, Brush,   1.0)),
    row("persian",            (Pricked, 0.75, 1.15, 0.90, 0.10, 1.10, 1.20), (1.15, 0.75, Brush,   1.0)),
    row("sphynx",             (Pricked, 1.45, 0.92, 0.00, 0.22, 0.95, 1.10), (0.88, 1.05, Slender, 0.0)),
    row("british shorthair",  (Pricked, 0.82, 1.15, 0.45, 0.16, 1.10, 1.15), (1.20, 0.85, Slender, 0.3)),
    row("ragdoll",            (Pricked, 0.95, 1.05, 0.65, 0.22, 1.00, 1.05), (1.10, 0.95, Brush,   0.8)),
    row("japanese bobtail",   (Pricked, 1.15, 0.98, 0.20, 0.24, 0.95, 1.00), (0.92, 1.10, Bob,     0.2)),
    row("selkirk rex",        (Pricked, 0.90, 1.10, 0.60, 0.18, 1.05, 1.10), (1.10, 0.90, Brush,   0.6)),
    row("manx",               (Pricked, 0.90, 1.08, 0.35, 0.18, 1.05, 1.10), (1.10, 0.95, Bob,     0.3)),
    row("american shorthair", (Pricked, 0.95, 1.05, 0.30, 0.22, 1.05, 1.05), (1.05, 1.00, Slender, 0.2)),
    row("burmese",            (Pricked, 0.92, 1.06, 0.20, 0.16, 1.05, 1.15), (1.05, 0.95, Slender, 0.0)),
    row("norwegian forest",   (Tufted,  1.10, 1.00, 0.80, 0.28, 1.00, 0.98), (1.12, 1.00, Brush,   1.0)),
    row("somali",             (Tufted,  1.20, 0.95, 0.50, 0.26, 0.90, 1.02), (0.92, 1.05, Brush,   0.7)),
    row("turkish angora",     (Pricked, 1.20, 0.95, 0.40, 0.24, 0.90, 1.00), (0.90, 1.08, Brush,   0.7)),
    row("european shorthair", (Pricked, 1.00, 1.04, 0.25, 0.22, 1.00, 1.05), (1.05, 1.00, Slender, 0.2)),
    row("american curl",      (Curled,  1.05, 0.98, 0.30, 0.22, 0.95, 1.05), (0.95, 1.00, Brush,   0.5)),
    row("scottish fold",      (Folded,  0.95, 1.16, 0.45, 0.14, 1.10, 1.25), (1.12, 0.88, Slender, 0.3)),
    row("oriental",           (Pricked, 1.45, 0.88, 0.00, 0.32, 0.82, 0.98), (0.80, 1.20, Slender, 0.0)),
    row("devon rex",          (Pricked, 1.40, 0.98, 0.05, 0.16, 0.90, 1.20), (0.85, 1.10, Slender, 0.1)),
];

// name                     ear      size  face cheek muzzle width eye      build legs tail     fur
#[rustfmt::skip]
pub const DOGS: [Breed; 24] = [
    row("pug",                (Button,  0.90, 1.12, 0.00, 0.32, 1.30, 1.25), (1.10, 0.85, Curl,    0.0)),
    row("labrador",           (Drop,    0.95, 0.98, 0.00, 0.75, 1.15, 0.95), (1.05, 1.05, Otter,   0.1)),
    row("weimaraner",         (Long,    0.95, 0.90, 0.00, 0.90, 1.05, 0.92), (0.92, 1.25, Whip,    0.0)),
    row("dalmatian",          (Drop,    0.95, 0.92, 0.00, 0.80, 1.05, 0.95), (0.95, 1.20, Whip,    0.0)),
    row("vizsla",             (Long,    0.92, 0.90, 0.00, 0.85, 1.02, 0.95), (0.90, 1.20, Whip,    0.0)),
    row("jack russell",       (Button,  1.00, 0.95, 0.05, 0.65, 0.98, 1.05), (0.92, 0.95, Whip,    0.1)),
    row("great dane",         (Drop,    0.85, 0.90, 0.00, 0.90, 1.25, 0.88), (1.00, 1.30, Whip,    0.0)),
    row("pomeranian",         (Pricked, 0.62, 1.05, 1.00, 0.42, 0.82, 1.10), (1.15, 0.75, Plume,   1.0)),
    trimmed(row("chinese crested",    (Bat,     1.05, 0.90, 0.10, 0.62, 0.85, 1.05), (0.82, 1.05, Plume,   0.2)), Trim::Topknot),
    row("french bulldog",     (Bat,     1.10, 1.15, 0.00, 0.30, 1.40, 1.10), (1.20, 0.80, Bob,     0.0)),
    row("husky",              (Pricked, 0.82, 1.00, 0.55, 0.70, 1.00, 0.92), (1.05, 1.10, Plume,   0.7)),
    row("beagle",             (Long,    1.00, 0.95, 0.00, 0.72, 1.10, 1.10), (1.00, 0.95, Whip,    0.1)),
    row("australian shepherd",(Button,  1.05, 0.98, 0.35, 0.72, 1.00, 0.98), (1.05, 1.00, Plume,   0.8)),
    row("border collie",      (Button,  1.05, 0.95, 0.35, 0.78, 0.95, 0.98), (0.98, 1.05, Plume,   0.7)),
    trimmed(row("schnauzer",          (Rose,    0.95, 0.92, 0.10, 0.75, 1.35, 0.92), (1.00, 1.05, Otter,   0.4)), Trim::Beard),
    row("cocker spaniel",     (Long,    1.20, 0.95, 0.10, 0.70, 1.12, 1.15), (1.00, 0.90, Otter,   0.5)),
    row("saint bernard",      (Drop,    0.95, 1.10, 0.30, 0.65, 1.45, 0.90), (1.20, 1.00, Brush,   0.7)),
    row("irish setter",       (Long,    1.15, 0.90, 0.10, 0.92, 1.05, 0.95), (0.95, 1.15, Plume,   0.8)),
    row("samoyed",            (Pricked, 0.72, 1.08, 0.90, 0.62, 1.00, 0.95), (1.20, 1.00, Curl,    1.0)),
    row("corgi",              (Bat,     1.00, 1.00, 0.30, 0.70, 0.98, 1.00), (1.08, 0.60, Bob,     0.5)),
    row("german shepherd",    (Pricked, 0.98, 0.95, 0.20, 0.92, 1.05, 0.90), (1.02, 1.12, Brush,   0.5)),
    row("boston terrier",     (Bat,     0.95, 1.08, 0.00, 0.34, 1.28, 1.20), (0.95, 1.00, Bob,     0.0)),
    row("dachshund",          (Long,    1.05, 0.88, 0.00, 0.95, 0.92, 1.00), (0.92, 0.52, Whip,    0.0)),
    trimmed(row("poodle",             (Long,    1.15, 0.95, 0.55, 0.75, 0.82, 1.02), (0.95, 1.15, Bob,     0.9)), Trim::Topknot),
];

/// How often each row is met, to the others: pairs whose dog pricks its ears like a cat are rarer.
const OFTEN: [u8; 24] = [3, 4, 3, 4, 4, 4, 3, 2, 1, 1, 2, 4, 4, 4, 4, 4, 4, 3, 2, 2, 2, 1, 3, 3];

/// The row at `at`, 0 to 1, of the cumulated frequencies.
pub fn pick(at: f32) -> usize {
    let total: u32 = OFTEN.iter().map(|&n| u32::from(n)).sum();
    let mut left = (at * total as f32) as u32;
    OFTEN
        .iter()
        .position(|&n| {
            let found = left < u32::from(n);
            left = left.saturating_sub(u32::from(n));
            found
        })
        .unwrap_or(0)
}

impl Breed {
    /// One animal of the breed: every measure varied by a few per cent.
    pub fn one(&self, stream: &mut Stream) -> Breed {
        let mut vary = |middle: f32, spread: f32| middle * (1.0 + spread * stream.range(-1.0, 1.0));
        Breed {
            ear_size: vary(self.ear_size, 0.1),
            face: vary(self.face, 0.05),
            cheek: vary(self.cheek, 0.25).min(1.0),
            muzzle: vary(self.muzzle, 0.12),
            muzzle_width: vary(self.muzzle_width, 0.08),
            eye: vary(self.eye, 0.1),
            build: vary(self.build, 0.08),
            legs: vary(self.legs, 0.08),
            fur: vary(self.fur, 0.2).min(1.0),
            ..*self
        }
    }
}
