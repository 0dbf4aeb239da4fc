//! How large an experiment may be, so that no document freezes the page or fills the memory.

/// A document's text, in bytes.
pub const TEXT: usize = 1 << 20;
pub const LAYERS: usize = 400;
/// A name's letters.
pub const NAME: usize = 64;
/// The title's letters.
pub const TITLE: usize = 200;
/// Inputs of one layer.
pub const INPUTS: usize = 32;
/// Numbers in one sample, or in one layer's result for it.
pub const SAMPLE: usize = 1 << 24;
/// All parameters together.
pub const PARAMETERS: usize = 64 << 20;
/// All layers' results for one batch.
pub const ACTIVATIONS: usize = 64 << 20;
/// Steps of all layers that read step by step; each is a part of the plan of its own.
pub const UNROLLED: usize = 512;
/// All samples of a set, in numbers.
pub const SET: usize = 512 << 20;
pub const BATCH: usize = 1 << 16;
pub const EPOCHS: usize = 1_000_000;
pub const SAMPLES: usize = 1_000_000;
/// The height and width of a picture.
pub const PICTURE: std::ops::RangeInclusive<usize> = 24..=256;
