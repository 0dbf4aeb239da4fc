//! The engine, floors 0 to 3 of the house: tensors, graphs, plans and devices.
//!
//! It is a package of its own because it is compiled for speed and the floors above for size; they see its modules as
//! their own.

// floor 0: host arrays
pub mod tensor;
// floor 1: what is computed
pub mod graph;
// floor 2: how it is computed
pub mod plan;
// floor 3: who computes
pub mod device;
