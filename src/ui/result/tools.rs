//! How the curves are drawn: loss or accuracy, on a logarithmic scale, smoothed.

use yew::prelude::*;

use crate::ui::{
    app::use_page,
    model::{Action, Chart},
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub chart: Chart,
}

#[component]
pub fn ChartTools(props: &Props) -> Html {
    let page = use_page();
    let (words, chart) = (page.words, props.chart);
    let toggle = |label: &'static str, pressed: bool, next: Chart| {
        let onclick = page.act.reform(move |_| Action::Chart(next));
        html! { <button type="button" class="chip" aria-pressed={pressed.to_string()} {onclick}>{ label }</button> }
    };
    html! {
        <div class="column-tools" role="group" aria-label={words.chart_tools}>
            { toggle(words.accuracy_toggle, chart.accuracy, Chart { accuracy: !chart.accuracy, ..chart }) }
            { toggle(words.log_scale, chart.log, Chart { log: !chart.log, ..chart }) }
            { toggle(words.smooth, chart.smooth, Chart { smooth: !chart.smooth, ..chart }) }
        </div>
    }
}
