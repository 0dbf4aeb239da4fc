//! Whether the page is dark: as chosen, or as the system is.

use wasm_bindgen::JsCast;
use web_sys::MediaQueryListEvent;
use yew::prelude::*;

use super::{Listener, window};
use crate::{paint::Theme, ui::model::ThemeChoice};

#[hook]
pub fn use_dark(choice: ThemeChoice) -> Theme {
    let system = use_state_eq(system_is_dark);
    {
        let system = system.clone();
        use_effect_with((), move |()| {
            let query = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
            let listener = query.map(|query| {
                Listener::new(query, "change", move |event| {
                    system.set(event.unchecked_into::<MediaQueryListEvent>().matches());
                })
            });
            move || drop(listener)
        });
    }
    match choice {
        ThemeChoice::Light => Theme::Light,
        ThemeChoice::Dark => Theme::Dark,
        ThemeChoice::Auto if *system => Theme::Dark,
        ThemeChoice::Auto => Theme::Light,
    }
}

fn system_is_dark() -> bool {
    window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches())
}
