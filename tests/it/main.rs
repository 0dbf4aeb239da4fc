//! Everything that can be tested without a browser and without a GPU, in one binary.
#![cfg(not(target_arch = "wasm32"))]

mod archive;
mod artist;
mod cpu;
mod data;
mod documents;
mod files;
mod goldens;
mod gradient;
mod nn;
mod operations;
mod paint;
mod plan;
mod samples;
mod shaders;
mod share;
mod spec;
mod steady;
mod train;
