//! The WebGPU device. Kernels become WGSL around the files of `shaders/`; pipelines and bind groups are made when a plan is
//! loaded, and a run records nothing but dispatches.
//!
//! [`write`] turns each kernel into pieces of shaders; [`schedule`] decides which pieces share a launch; [`launch`] joins them;
//! [`share`] finds launches that can use one shader. All that is plain data, made and tested natively; only `open` and what
//! it holds touch the machine: in a browser, or natively with the feature `native`. To add a core: a file in `shaders/` named in [`template`], and an arm
//! in [`write`].

#[cfg(target_arch = "wasm32")]
mod bridge;
#[cfg(all(not(target_arch = "wasm32"), feature = "native"))]
#[path = "native.rs"]
mod bridge;
mod contract;
pub mod index;
pub mod launch;
pub mod layout;
#[cfg(any(target_arch = "wasm32", feature = "native"))]
mod machine;
#[cfg(any(target_arch = "wasm32", feature = "native"))]
mod make;
#[cfg(not(any(target_arch = "wasm32", feature = "native")))]
mod none;
#[cfg(any(target_arch = "wasm32", feature = "native"))]
mod open;
#[cfg(any(target_arch = "wasm32", feature = "native"))]
mod results;
pub mod schedule;
pub mod shader;
pub mod share;
pub mod template;
pub mod write;

#[cfg(any(target_arch = "wasm32", feature = "native"))]
pub use machine::Gpu;
#[cfg(not(any(target_arch = "wasm32", feature = "native")))]
pub use none::Gpu;

/// What was done since the device was opened; after loading, a run adds to the first, second and last alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub dispatches: usize,
    pub submissions: usize,
    pub buffers: usize,
    pub bind_groups: usize,
    pub pipelines: usize,
    pub uploads: usize,
    /// Buffers that are not freed, and their bytes.
    pub living: usize,
    pub bytes: usize,
}
