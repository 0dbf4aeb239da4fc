//! Everything that can be tested without a browser and without a GPU, in one binary.

mod data;
mod gradient;
mod paint;
mod share;
mod spec;
