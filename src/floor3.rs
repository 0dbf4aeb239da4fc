//! The half of floor 3 that is compiled for size: the graphics card, and what all devices share.

pub use whisker_plan::{graph, plan, tensor};

pub mod device {
    pub mod gpu;
    mod loaded;

    pub use loaded::{Loaded, Pending};
}
