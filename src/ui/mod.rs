//! Floor 7: the page. A pure [`model`] (State, Action, `reduce`), hooks for what reaches outside, components that draw.
//!
//! Data comes down as properties, [`model::Action`]s go up. Words come from [`language`], pictures and paths from
//! `paint`, rows and knobs from the slices of `nn` and `data`. Nothing here is global: any number of pages share a
//! window. [`model`] and [`language`] build natively, where they are tested; the rest exists in a browser only.

pub mod language;
pub mod model;
pub mod shared;

#[cfg(target_arch = "wasm32")]
#[macro_use] // before the files that say `draw!`
mod draw;

#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
mod bar;
#[cfg(target_arch = "wasm32")]
mod data;
#[cfg(target_arch = "wasm32")]
pub mod hooks;
#[cfg(target_arch = "wasm32")]
mod network;
#[cfg(target_arch = "wasm32")]
mod notices;
#[cfg(target_arch = "wasm32")]
mod panel;
#[cfg(target_arch = "wasm32")]
mod part;
#[cfg(target_arch = "wasm32")]
mod result;
