//! Floor 3: what a network learns from. One file and one row in [`DATASETS`] each; knows only `tensor`.
//!
//! To add a set: write a file with a [`Source`] constant and put it into [`DATASETS`].

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
}

/// Fills in sample `index` when it is first needed: (request, index, its pixels, NHWC bytes) → its class.
pub type Draw = fn(&Request, usize, &mut [u8]) -> u32;

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
    pub draw: Draw,
    /// For each sample whether it is there.
    pub done: Vec<bool>,
    pub left: usize,
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

/// Every set that comes with the page.
pub const DATASETS: &[&Source] = &[];
