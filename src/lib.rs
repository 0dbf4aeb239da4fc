//! Whisker: a deep-learning playground that runs in a browser tab.
//!
//! Read the floors from the ground up; a module imports from lower floors only.

// floor 0: host arrays
pub mod tensor;
// floor 1: what is computed
pub mod graph;
// floor 2: how it is computed
pub mod plan;
// floor 3: who computes; what a network is made of; what it learns from
pub mod data;
pub mod device;
pub mod nn;
// floor 4: the experiment document
pub mod share;
pub mod spec;
// floor 5: training, and the numbers made visible
pub mod paint;
pub mod train;
// floor 6: the engine behind a message channel
pub mod worker;
// floor 7: the page
pub mod ui;
