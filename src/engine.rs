//! The engine, floor 3 of the house: devices.
//!
//! Floors 0 to 3 are packages of their own because some of them are compiled for speed and all else for size; each sees the
//! modules of those below it as its own.

pub use whisker_plan::{graph, plan, tensor};

// floor 3: who computes
pub mod device;
