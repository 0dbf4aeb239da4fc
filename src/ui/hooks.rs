//! Effects: everything that reaches beyond the page's own state, each undone when its part of the page goes.

pub mod files;
mod keys;
mod store;
mod theme;
mod width;

pub use keys::use_keys;
pub use store::{Remote, Store, use_store};
pub use theme::use_dark;
pub use width::use_width;

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::EventTarget;

/// Hears an event for as long as this value lives.
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn Fn(web_sys::Event)>,
}

impl Listener {
    pub fn new(
        target: impl Into<EventTarget>,
        name: &'static str,
        hear: impl Fn(web_sys::Event) + 'static,
    ) -> Listener {
        let (target, closure) = (target.into(), Closure::<dyn Fn(web_sys::Event)>::new(hear));
        target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref()).expect("an event can be heard");
        Listener { target, name, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref());
    }
}

/// The window that the page is in.
pub fn window() -> web_sys::Window {
    web_sys::window().expect("the page is in a window")
}
