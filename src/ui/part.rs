//! Small pieces that every part of the page uses.

mod dots;
mod entry;
mod icon;
mod knob;
mod menu;
pub mod pop;
pub mod raster;
mod slider;

pub use dots::Dots;
pub use entry::Entry;
pub use icon::{icon, sheet};
pub use knob::Knob;
pub use menu::MenuItem;
pub use pop::Pop;
pub use raster::Raster;
pub use slider::Slider;

/// A row of a slice as a property: two are equal when they are the same row.
#[derive(Debug)]
pub struct Row<T: 'static>(pub &'static T);

impl<T> PartialEq for Row<T> {
    fn eq(&self, other: &Row<T>) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl<T> Clone for Row<T> {
    fn clone(&self) -> Row<T> {
        *self
    }
}

impl<T> Copy for Row<T> {}
