//! Everything that can be tested without a browser and without a GPU, in one binary.
#![cfg(not(target_arch = "wasm32"))]

mod allocator;
mod archive;
mod artist;
mod bundle;
mod caffe;
#[cfg(feature = "native")]
mod card;
mod cpu;
mod crew;
mod data;
mod desk;
mod dl4j;
mod documents;
mod experiment;
mod export;
mod files;
#[path = "../goldens/mod.rs"]
#[allow(dead_code, reason = "the tests in the browser use more of it")]
mod golden;
mod goldens;
mod gradient;
mod hdf5;
mod hostile;
mod keras;
mod keras_hostile;
mod maker;
mod nn;
mod onnx;
mod paint;
mod plan;
mod samples;
mod shaders;
mod share;
#[cfg(feature = "native")]
mod slow;
mod spec;
mod steady;
mod strangers;
mod train;
mod weights;
