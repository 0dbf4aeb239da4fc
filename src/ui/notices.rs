//! Short messages at the foot of the page. They go by themselves, good news soon and sentences to be read later; lists
//! stay until they are put away.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::{
    app::use_page,
    model::{Action, Notice, Tone},
    part::icon,
    shared::Shared,
};

/// How long a message stays, in milliseconds.
const SOON: u32 = 4500;
const LATER: u32 = 20_000;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub notices: Shared<Vec<Notice>>,
}

#[component]
pub fn Notices(props: &Props) -> Html {
    let label = use_page().words.messages;
    html! {
        <div class="notices" role="region" aria-label={label}>
            { for props.notices.iter().map(|notice| draw!(notice.id => <Message notice={notice.clone()} />)) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct MessageProps {
    notice: Notice,
}

#[component]
fn Message(props: &MessageProps) -> Html {
    let page = use_page();
    let (id, tone) = (props.notice.id, props.notice.tone);
    {
        let act = page.act.clone();
        let plain = props.notice.lines.is_empty();
        use_effect_with((), move |()| {
            let stay = match tone {
                Tone::Done => Some(SOON),
                Tone::Trouble => plain.then_some(LATER),
            };
            let timer = stay.map(|stay| Timeout::new(stay, move || act.emit(Action::Dismiss(id))));
            move || drop(timer)
        });
    }
    let (tone, sign) = match tone {
        Tone::Done => ("done", "check"),
        Tone::Trouble => ("trouble", "warning"),
    };
    let lines = &props.notice.lines;
    html! {
        <div class="notice" data-tone={tone}>
            { icon(sign) }
            <div>
                <p>{ &props.notice.sentence }</p>
                if !lines.is_empty() {
                    <ul class="notice-list">{ for lines.iter().map(|line| html! { <li>{ line }</li> }) }</ul>
                }
            </div>
            <button type="button" class="tool" data-plain="" title={page.words.dismiss} aria-label={page.words.dismiss}
                onclick={page.act.reform(move |_| Action::Dismiss(id))}>{ icon("close") }</button>
        </div>
    }
}
