//! Floors 0 and 1 of the house: tensors and graphs.

// floor 0: host arrays
pub mod tensor;
// floor 1: what is computed
pub mod graph;
