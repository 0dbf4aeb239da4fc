//! The settings that are asked for less: the optimizer's own, the schedule, penalties, when to end, how many samples.

use yew::prelude::*;

use super::{
    rate::{NumberRow, Range},
    training::Select,
};
use crate::{
    nn::SCHEDULES,
    spec::{self, Data, Spec, Stop},
    ui::{
        app::use_page,
        model::{Action, Edit},
        part::{Knob, Row},
        shared::Shared,
    },
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub spec: Shared<Spec>,
    pub pictures: bool,
}

const WHOLE: Range = Range { low: 1.0, high: 1_000_000.0, whole: true, decades: None };
const PENALTY: Range = Range { low: 0.0, high: 1.0, whole: false, decades: Some((-6, 0)) };

#[component]
pub fn Rest(props: &Props) -> Html {
    let page = use_page();
    let (words, spec) = (page.words, &props.spec);
    let put = |edit: fn(f64) -> Edit| page.act.reform(move |number| Action::Edit(edit(number)));
    let on_schedule = page.act.reform(|id: String| {
        let row = SCHEDULES.iter().find(|row| row.about.id == id).unwrap_or(&SCHEDULES[0]);
        Action::Edit(Edit::Plain(spec::Edit::Schedule(row)))
    });
    let schedules = SCHEDULES.iter().map(|row| (row.about.id, row.about.label, row.about.help)).collect::<Vec<_>>();
    let optimizer = spec.optimizer.values.fields().iter().filter(|field| field.id != "learning-rate");
    let set = match &spec.data {
        Data::Set(set) => Some(set.clone()),
        Data::Given { .. } => None,
    };
    html! {
        <>
            { for optimizer.map(|field| draw!(field.id =>
                <Knob field={Row(field)} value={spec.optimizer.values.get(field.id).clone()}
                    on_change={page.act.reform(move |value| Action::Edit(Edit::Tune(field.id, value)))} />
            )) }
            { draw!(<Select label={words.schedule} chosen={spec.schedule.row.about.id} options={schedules} on_choose={on_schedule} />) }
            { for spec.schedule.values.fields().iter().map(|field| draw!(field.id =>
                <Knob field={Row(field)} value={spec.schedule.values.get(field.id).clone()}
                    on_change={page.act.reform(move |value| Action::Edit(Edit::Pace(field.id, value)))} />
            )) }
            { draw!(<NumberRow label={words.penalty_l1} value={spec.penalty.l1} range={PENALTY} on_change={put(Edit::L1)} />) }
            { draw!(<NumberRow label={words.penalty_l2} value={spec.penalty.l2} range={PENALTY} on_change={put(Edit::L2)} />) }
            { draw!(<Clip clip={spec.clip_norm} />) }
            { draw!(<NumberRow label={words.epochs_of} value={spec.epochs as f64} range={WHOLE} on_change={put(|n| Edit::Epochs(n as usize))} />) }
            { draw!(<StopRow stop={spec.stop} />) }
            { draw!(<NumberRow label={words.seed} value={f64::from(spec.seed)} on_change={put(|seed| Edit::Seed(seed as u32))}
                range={Range { low: 0.0, high: f64::from(u32::MAX), ..WHOLE }} />) }
            if let Some(set) = set {
                if props.pictures {
                    { draw!(<NumberRow label={words.size} value={set.size as f64} on_change={put(|size| Edit::Size(size as usize))}
                        range={Range { low: 24.0, high: 256.0, ..WHOLE }} />) }
                } else {
                    { draw!(<NumberRow label={words.noise} value={set.noise.unwrap_or(f64::from(crate::data::points::NOISE))} on_change={put(Edit::Noise)}
                        range={Range { low: 0.0, high: 1.0, whole: false, decades: None }} />) }
                }
                if set.set != "own" {
                    { draw!(<NumberRow label={words.train_count} value={set.train as f64} range={WHOLE}
                        on_change={put(|count| Edit::Plain(spec::Edit::Train(count as usize)))} />) }
                    { draw!(<NumberRow label={words.test_count} value={set.test as f64} range={WHOLE} on_change={put(|count| Edit::Test(count as usize))} />) }
                }
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct ClipProps {
    clip: Option<f64>,
}

/// Clipping is off until it is given a length.
#[component]
fn Clip(props: &ClipProps) -> Html {
    let page = use_page();
    let words = page.words;
    let put = |edit: fn(f64) -> Edit| page.act.reform(move |number| Action::Edit(edit(number)));
    let onchange = page.act.reform(|event: Event| {
        let on = event.target_unchecked_into::<web_sys::HtmlInputElement>().checked();
        Action::Edit(Edit::Clip(on.then_some(1.0)))
    });
    html! {
        <>
            <label class="knob">
                <span class="knob-label">{ words.clip }</span>
                <input class="switch" type="checkbox" role="switch" aria-label={words.clip} checked={props.clip.is_some()} {onchange} />
            </label>
            if let Some(clip) = props.clip {
                { draw!(<NumberRow label={words.clip_at} value={clip} on_change={put(|clip| Edit::Clip(Some(clip)))}
                    range={Range { low: 1e-6, high: 1e6, whole: false, decades: Some((-3, 3)) }} />) }
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct StopProps {
    stop: Option<Stop>,
}

/// Training may end before its last epoch.
#[component]
fn StopRow(props: &StopProps) -> Html {
    let page = use_page();
    let words = page.words;
    let put = |edit: fn(f64) -> Edit| page.act.reform(move |number| Action::Edit(edit(number)));
    let chosen = match props.stop {
        None => "never",
        Some(Stop::Accuracy(_)) => "accuracy",
        Some(Stop::Patience(_)) => "patience",
    };
    let on_choose = page.act.reform(|id: String| {
        Action::Edit(Edit::Stop(match id.as_str() {
            "accuracy" => Some(Stop::Accuracy(0.95)),
            "patience" => Some(Stop::Patience(5)),
            _ => None,
        }))
    });
    let options = vec![
        ("never", words.stop_never, ""),
        ("accuracy", words.stop_accuracy, ""),
        ("patience", words.stop_patience, ""),
    ];
    html! {
        <>
            { draw!(<Select label={words.stop} {chosen} {options} {on_choose} />) }
            { match props.stop {
                None => html! {},
                Some(Stop::Accuracy(share)) => draw!(<NumberRow label={words.stop_share} value={share} on_change={put(|share| Edit::Stop(Some(Stop::Accuracy(share))))}
                        range={Range { low: 0.0, high: 1.0, whole: false, decades: None }} />),
                Some(Stop::Patience(epochs)) => draw!(<NumberRow label={words.stop_epochs} value={epochs as f64}
                        on_change={put(|epochs| Edit::Stop(Some(Stop::Patience(epochs as usize))))} range={WHOLE} />),
            } }
        </>
    }
}
