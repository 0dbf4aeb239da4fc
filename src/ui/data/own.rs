//! The user's own pictures: dropped anywhere on the page, pasted, or chosen here.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::camera::Camera;
use crate::ui::{app::use_page, hooks::files, part::icon};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Files are being held over the page.
    pub dropping: bool,
}

#[component]
pub fn Own(props: &Props) -> Html {
    let page = use_page();
    let words = page.words;
    let onchange = {
        let act = page.act.clone();
        Callback::from(move |event: Event| {
            let input = event.target_unchecked_into::<HtmlInputElement>();
            files::read_list(input.files(), act.clone());
        })
    };
    html! {
        <div class="drop" role="group" aria-label={words.own} data-over={props.dropping.to_string()}>
            <span>{ words.drop_label }</span>
            { draw!(<Camera />) }
            <label class="tool" data-plain="" title={words.choose_files}>
                { icon("picture") }<span class="unseen">{ words.choose_files }</span>
                <input class="unseen" type="file" multiple=true accept="image/*,.zip,.bin,application/zip" onchange={&onchange} />
            </label>
            <label class="tool" data-plain="" title={words.choose_folder}>
                { icon("folder") }<span class="unseen">{ words.choose_folder }</span>
                <input class="unseen" type="file" multiple=true webkitdirectory={true} {onchange} />
            </label>
        </div>
    }
}
