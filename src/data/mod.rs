//! Floor 3: what a network learns from. One file and one row in [`DATASETS`] each; knows only `tensor`.
//!
//! A set is made from a [`Request`] and read by sample number; the first `train` samples are learnt from, the rest is
//! the test split. Pictures are kept as bytes, everything else as floats. To add a set: write a file with a [`Source`]
//! constant, add its `mod` line and its row in [`DATASETS`].

use std::sync::OnceLock;

use crate::tensor::random::{Stream, pcg4d, purpose};

pub mod cats_dogs;
mod circle;
pub mod files;
mod gauss;
mod moons;
pub mod own;
pub mod points;
pub mod resize;
mod spiral;
mod xor;

/// Every set that comes with the page, in the order in which it is offered.
pub const DATASETS: &[&Source] =
    &[&cats_dogs::SOURCE, &circle::SOURCE, &xor::SOURCE, &gauss::SOURCE, &moons::SOURCE, &spiral::SOURCE, &own::SOURCE];

/// The row with this name, where there is one.
pub fn find(id: &str) -> Option<&'static Source> {
    DATASETS.iter().find(|source| source.id == id).copied()
}

/// One row of [`DATASETS`].
pub struct Source {
    /// Its name in documents, kebab-case.
    pub id: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    /// Pictures have a size and can be augmented; points have a decision boundary.
    pub pictures: bool,
    pub make: fn(&Request) -> Dataset,
}

/// The numbers of a data set, sample after sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Pictures: NHWC, 0 to 255, read as value / 255.
    Bytes(Vec<u8>),
    /// Anything else.
    Floats(Vec<f32>),
}

/// What the page asks a [`Source`] for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub seed: u32,
    /// Height and width of a picture, in pixels; sets of points have no use for it.
    pub size: usize,
    pub train: usize,
    pub test: usize,
    /// How far points are jittered, in units of the plane that [`points::EXTENT`] bounds; `None` takes
    /// [`points::NOISE`]. Pictures have no use for it.
    pub noise: Option<f32>,
}

impl Default for Request {
    /// The defaults of a document that names nothing but a set.
    fn default() -> Request {
        Request { seed: 7, size: 32, train: 2000, test: 400, noise: None }
    }
}

/// Fills in sample `index` when it is first needed: (request, index, its pixels, NHWC bytes) → its class.
pub type Draw = fn(&Request, usize, &mut [u8]) -> u32;

/// Who draws the set that is drawn, `cats-dogs`: apart from its row, since in a browser the artist is a program of its own.
static ARTIST: OnceLock<Draw> = OnceLock::new();

/// Engages the artist for this program; natively the one of `cats_dogs` is there without it.
pub fn engage(artist: Draw) {
    ARTIST.get_or_init(|| artist);
}

/// Whether a set of pictures can be drawn already.
pub fn has_artist() -> bool {
    cfg!(not(target_arch = "wasm32")) || ARTIST.get().is_some()
}

/// A labelled set: the first `train` samples are learnt from, the rest is kept for testing.
///
/// A drawn set is filled lazily: ask [`Dataset::ensure`] for the samples that are needed next. What a sample looks
/// like depends on the request and its index alone, never on the order of asking.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The shape of one sample: [height, width, channels], or [2] for points.
    pub shape: Vec<usize>,
    /// The classes by name; a label is a place in this list.
    pub classes: Vec<String>,
    pub train: usize,
    /// One label a sample; those of samples not yet drawn are 0.
    pub labels: Vec<u32>,
    pub values: Values,
    /// What is still to be drawn, where anything is.
    pub pending: Option<Pending>,
}

/// The undrawn part of a set.
#[derive(Clone, Debug)]
pub struct Pending {
    pub request: Request,
    /// For each sample whether it is there.
    pub done: Vec<bool>,
    pub left: usize,
}

impl Pending {
    /// Draws sample `index` into its pixels, NHWC bytes, and says its class.
    pub fn draw(&self, index: usize, pixels: &mut [u8]) -> u32 {
        #[cfg(not(target_arch = "wasm32"))]
        let artist = ARTIST.get_or_init(|| cats_dogs::fill);
        #[cfg(target_arch = "wasm32")]
        let artist = ARTIST.get().expect("the artist is engaged before a set is made");
        artist(&self.request, index, pixels)
    }
}

impl Dataset {
    /// A set of `train` + `test` pictures of size × size × 3 bytes, all still to be drawn.
    pub fn drawn(request: &Request, classes: &[&str]) -> Dataset {
        let count = request.train + request.test;
        let shape = vec![request.size, request.size, 3];
        Dataset {
            classes: classes.iter().map(|class| class.to_string()).collect(),
            train: request.train,
            labels: vec![0; count],
            values: Values::Bytes(vec![0; count * shape.iter().product::<usize>()]),
            pending: Some(Pending { request: request.clone(), done: vec![false; count], left: count }),
            shape,
        }
    }

    /// How many samples there are, train and test together.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// How many numbers one sample has.
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }

    /// The numbers of the test samples.
    pub fn test(&self) -> std::ops::Range<usize> {
        self.train..self.len()
    }

    /// Draws those of `indices` that are not there yet and says which they were, so that a device can be sent just them.
    pub fn ensure(&mut self, indices: &[usize]) -> Vec<usize> {
        let mut drawn = Vec::new();
        for &index in indices {
            if self.draw(index) {
                drawn.push(index);
            }
        }
        drawn
    }

    /// Draws up to `budget` of the samples that are still missing, first ones first; for idle moments.
    pub fn fill(&mut self, budget: usize) -> Vec<usize> {
        let Some(pending) = &self.pending else { return Vec::new() };
        let missing = pending.done.iter().enumerate().filter(|(_, done)| !**done).map(|(index, _)| index);
        let next: Vec<usize> = missing.take(budget).collect();
        self.ensure(&next)
    }

    /// Whether this sample can be read.
    pub fn has(&self, index: usize) -> bool {
        self.pending.as_ref().is_none_or(|pending| pending.done[index])
    }

    fn draw(&mut self, index: usize) -> bool {
        let width = self.width();
        let Some(pending) = &mut self.pending else { return false };
        if pending.done[index] {
            return false;
        }
        let Values::Bytes(bytes) = &mut self.values else { unreachable!("only pictures are drawn") };
        let pixels = &mut bytes[index * width..][..width];
        self.labels[index] = pending.draw(index, pixels);
        pending.done[index] = true;
        pending.left -= 1;
        if pending.left == 0 {
            self.pending = None;
        }
        true
    }

    /// Writes sample `index` as the network reads it: NHWC, pictures 0 to 1. It must be there: see [`Dataset::ensure`].
    pub fn read(&self, index: usize, into: &mut [f32]) {
        assert!(self.has(index), "sample {index} is asked for before it is drawn");
        let width = self.width();
        match &self.values {
            Values::Bytes(bytes) => {
                for (value, byte) in into.iter_mut().zip(&bytes[index * width..][..width]) {
                    *value = f32::from(*byte) / 255.0;
                }
            }
            Values::Floats(floats) => into.copy_from_slice(&floats[index * width..][..width]),
        }
    }

    /// Sample `index` as the network reads it.
    pub fn sample(&self, index: usize) -> Vec<f32> {
        let mut values = vec![0.0; self.width()];
        self.read(index, &mut values);
        values
    }

    /// The RGB bytes of a picture, row by row; `None` for points and for what is not drawn yet.
    pub fn pixels(&self, index: usize) -> Option<&[u8]> {
        let width = self.width();
        match &self.values {
            Values::Bytes(bytes) if self.has(index) => Some(&bytes[index * width..][..width]),
            Values::Bytes(_) | Values::Floats(_) => None,
        }
    }

    /// A picture as size × size RGBA bytes for the screen; `None` for points and for what is not drawn yet.
    pub fn thumbnail(&self, index: usize, size: usize) -> Option<Vec<u8>> {
        let rgb = resize::square(self.pixels(index)?, self.shape[1], self.shape[0], size);
        Some(rgb.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect())
    }
}

/// The order in which an epoch visits the training samples; a batch is a slice of it.
///
/// A function of (seed, epoch, train) alone: any epoch can be had without those before it.
pub fn order(seed: u32, epoch: u32, train: usize) -> Vec<u32> {
    let key = pcg4d([epoch, 0, purpose("order"), seed])[0];
    let mut order: Vec<u32> = (0..train as u32).collect();
    Stream::new(seed, key).shuffle(&mut order);
    order
}
