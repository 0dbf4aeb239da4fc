//! Floor 2 of the house: plans.

pub use whisker_graph::{graph, tensor};

// how it is computed
pub mod plan;
