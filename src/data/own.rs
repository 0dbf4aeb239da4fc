//! The user's own pictures: an empty set until files are brought, then whatever [`assemble`] makes of them.
//!
//! files → [`super::files::plan`] → the caller decodes → [`assemble`] → a set to learn from, and pictures without a
//! class to look at.

use std::collections::BTreeMap;
use std::fmt;

use super::files::Split;
use super::{Dataset, Request, Source, Values};
use crate::tensor::random::{Stream, purpose};

pub const SOURCE: Source = Source {
    id: "own",
    label: words!("Your own"),
    help: words!("Pictures from your device: files, a folder or a zip with one folder a class. Nothing is uploaded."),
    pictures: true,
    make: empty,
};

/// One picture in five is kept for testing where the files do not say which.
const TEST_SHARE: f32 = 0.2;

/// A picture cut to size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pub name: String,
    pub class: Option<String>,
    pub split: Option<Split>,
    /// size × size × 3 bytes, as [`super::resize::square`] makes them.
    pub pixels: Vec<u8>,
}

/// What the files amount to.
#[derive(Clone, Debug)]
pub struct Own {
    /// The set, or why there is none.
    pub dataset: Result<Dataset, Problem>,
    /// The name of each sample's file, in the order of the set.
    pub names: Vec<String>,
    /// How many pictures each class has.
    pub counts: Vec<(String, usize)>,
    /// Pictures to look at: those without a class; all of them where there is no set.
    pub loose: Vec<Decoded>,
}

/// Why pictures are not enough to learn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    NoPictures,
    NoClasses,
    OneClass(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Problem::NoPictures => f.write_str("There are no pictures yet. Drop some, or a folder or a zip of them."),
            Problem::NoClasses => f.write_str(
                "To learn, the network needs to know what is what: put the pictures of each class into a folder of its own.",
            ),
            Problem::OneClass(class) => {
                write!(f, "All pictures are of one class ({class}); learning needs two or more. Bring another folder.")
            }
        }
    }
}

/// Makes a set of the pictures that have a class.
///
/// If their folders say which are for testing, that is kept (pictures for validation are tested on as well); else one
/// in five of each class is. Which, and their order, is a function of the seed and the names alone.
pub fn assemble(pictures: Vec<Decoded>, size: usize, seed: u32) -> Own {
    let mut classes: BTreeMap<String, Vec<Decoded>> = BTreeMap::new();
    let mut loose = Vec::new();
    for picture in pictures {
        assert_eq!(picture.pixels.len(), size * size * 3, "{} is not cut to size", picture.name);
        match picture.class.clone() {
            Some(class) => classes.entry(class).or_default().push(picture),
            None => loose.push(picture),
        }
    }
    let mut order: Vec<(String, Vec<Decoded>)> = classes.into_iter().collect();
    order.sort_by_key(|(class, _)| class.to_lowercase());
    let counts: Vec<_> = order.iter().map(|(class, pictures)| (class.clone(), pictures.len())).collect();
    if counts.len() < 2 {
        let problem = match counts.first() {
            Some((class, _)) => Problem::OneClass(class.clone()),
            None if loose.is_empty() => Problem::NoPictures,
            None => Problem::NoClasses,
        };
        loose.extend(order.into_iter().flat_map(|(_, pictures)| pictures));
        return Own { dataset: Err(problem), names: Vec::new(), counts, loose };
    }
    let [train, test] = split(order, seed);
    let samples = || train.iter().chain(&test);
    let dataset = Dataset {
        shape: vec![size, size, 3],
        classes: counts.iter().map(|(class, _)| class.clone()).collect(),
        train: train.len(),
        labels: samples().map(|(label, _)| *label).collect(),
        values: Values::Bytes(samples().flat_map(|(_, picture)| &picture.pixels).copied().collect()),
        pending: None,
    };
    let names = train.into_iter().chain(test).map(|(_, picture)| picture.name).collect();
    Own { dataset: Ok(dataset), names, counts, loose }
}

/// Those to learn from and those to test on, each with its label, both in a random order.
fn split(classes: Vec<(String, Vec<Decoded>)>, seed: u32) -> [Vec<(u32, Decoded)>; 2] {
    let kept_back = |picture: &Decoded| matches!(picture.split, Some(Split::Valid | Split::Test));
    let all = || classes.iter().flat_map(|(_, pictures)| pictures);
    let told = all().any(kept_back) && all().any(|picture| !kept_back(picture));
    let mut stream = Stream::new(seed, purpose("own pictures"));
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (label, (_, mut pictures)) in classes.into_iter().enumerate() {
        // Files come in any order: sorted first, the same files give the same set.
        pictures.sort_by(|a, b| a.name.cmp(&b.name));
        stream.shuffle(&mut pictures);
        let most = pictures.len().saturating_sub(1);
        let share = ((pictures.len() as f32 * TEST_SHARE).round() as usize).max(1).min(most);
        for (place, picture) in pictures.into_iter().enumerate() {
            let back = if told { kept_back(&picture) } else { place < share };
            if back { &mut test } else { &mut train }.push((label as u32, picture));
        }
    }
    stream.shuffle(&mut train);
    stream.shuffle(&mut test);
    [train, test]
}

fn empty(request: &Request) -> Dataset {
    Dataset {
        shape: vec![request.size, request.size, 3],
        classes: Vec::new(),
        train: 0,
        labels: Vec::new(),
        values: Values::Bytes(Vec::new()),
        pending: None,
    }
}
