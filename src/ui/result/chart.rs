//! The curves: train and test, loss or accuracy, with axes and what lies under the pointer.

use web_sys::{Element, PointerEvent};
use yew::prelude::*;

use crate::{
    paint::{
        chart::{self, Options, Series},
        format::{self, pixels},
    },
    ui::{
        app::use_page,
        hooks::use_width,
        language::fill,
        model::{Chart, Curves},
        shared::Shared,
    },
    worker::protocol::Point,
};

#[derive(Properties, PartialEq)]
pub struct Props {
    pub curves: Shared<Curves>,
    pub chart: Chart,
}

const HEIGHT: u16 = 172;
/// How much of the value before is kept when the curve is smoothed.
const SMOOTHING: f32 = 0.85;

#[component]
pub fn ChartView(props: &Props) -> Html {
    let page = use_page();
    let words = page.words;
    let node = use_node_ref();
    let width = use_width(&node).unwrap_or(368.0);
    let pointer = use_state_eq(|| None::<f32>);

    let accuracy = props.chart.accuracy;
    let (train, test) = (columns(&props.curves.train, accuracy), columns(&props.curves.test, accuracy));
    let series = [
        Series { steps: &train.0, values: &train.1, smoothed: true },
        Series { steps: &test.0, values: &test.1, smoothed: false },
    ];
    let options = Options {
        width,
        height: f32::from(HEIGHT),
        left: 32.0,
        right: 8.0,
        top: 8.0,
        bottom: 22.0,
        log: props.chart.log,
        smoothing: if props.chart.smooth { SMOOTHING } else { 0.0 },
        range: accuracy.then_some([0.0, 1.0]),
    };
    let layout = chart::layout(&series, &options);
    let under = pointer.and_then(|x| chart::hover(&layout, &series, x));
    let value = |value: f32| if accuracy { format::percent(value) } else { format::number(value) };
    let told = |place: usize, values: &[f32]| match &under {
        Some(hover) => hover.points[place].map(|(_, number, _)| value(number)),
        None => values.last().copied().map(value),
    };
    let (train_told, test_told) = (told(0, &train.1), told(1, &test.1));
    let name = if accuracy { words.accuracy_chart } else { words.loss_chart };
    let none = words.no_figure.to_string();
    let label = fill(
        words.chart_help,
        &[
            ("name", name),
            ("train", train_told.as_ref().unwrap_or(&none)),
            ("test", test_told.as_ref().unwrap_or(&none)),
        ],
    );

    let onpointermove = {
        let (pointer, node) = (pointer.clone(), node.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some(frame) = node.cast::<Element>().map(|svg| svg.get_bounding_client_rect()) {
                pointer.set(Some((f64::from(event.client_x()) - frame.left()) as f32));
            }
        })
    };
    let onpointerleave = {
        let pointer = pointer.clone();
        Callback::from(move |_: PointerEvent| pointer.set(None))
    };
    let foot = options.height - options.bottom;
    html! {
        <figure class="chart">
            <div ref={node} {onpointermove} {onpointerleave}>
                <svg viewBox={format!("0 0 {} {HEIGHT}", pixels(width))} height={HEIGHT.to_string()} role="img" aria-label={label}>
                    { for layout.values.iter().map(|tick| html! {
                        <>
                            <line class="chart-grid" x1={pixels(options.left)} x2={pixels(width - options.right)}
                                y1={pixels(tick.at)} y2={pixels(tick.at)} />
                            <text class="chart-mark" x={pixels(options.left - 6.0)} y={pixels(tick.at + 3.5)}
                                text-anchor="end">{ &tick.label }</text>
                        </>
                    }) }
                    { for layout.steps.iter().map(|tick| html! {
                        <text class="chart-mark" x={pixels(tick.at)} y={pixels(foot + 16.0)} text-anchor={anchor(tick.at, width)}>{ &tick.label }</text>
                    }) }
                    if !layout.lines[0].raw.is_empty() { <path class="chart-line" data-line="raw" d={layout.lines[0].raw.clone()} /> }
                    <path class="chart-line" data-line="train" d={layout.lines[0].path.clone()} />
                    <path class="chart-line" data-line="test" d={layout.lines[1].path.clone()} />
                    if let (None, Some([x, y])) = (&under, layout.lines[0].end) {
                        <circle class="chart-end" cx={pixels(x)} cy={pixels(y)} r="4.5" />
                    }
                    if let Some(hover) = &under {
                        <line class="chart-cursor" x1={pixels(hover.x)} x2={pixels(hover.x)} y1={pixels(options.top)} y2={pixels(foot)} />
                        { for hover.points.iter().flatten().map(|(step, _, y)| html! {
                            <circle class="chart-end" cx={pixels(layout.x.at(*step))} cy={pixels(*y)} r="4" />
                        }) }
                    }
                </svg>
            </div>
            <figcaption class="legend">
                <span><i class="legend-line" data-line="train"></i>{ words.train }<b>{ under.as_ref().and(train_told.clone()) }</b></span>
                <span><i class="legend-line" data-line="test"></i>{ words.test }<b>{ under.as_ref().and(test_told.clone()) }</b></span>
                if let Some(hover) = &under {
                    <span class="legend-end">{ fill(words.at_step, &[("n", &format::count(hover.step as u64))]) }</span>
                }
            </figcaption>
        </figure>
    }
}

/// Steps and values, as charts take them.
fn columns(points: &[Point], accuracy: bool) -> (Vec<f32>, Vec<f32>) {
    let value = |point: &Point| if accuracy { point.accuracy.unwrap_or(f32::NAN) } else { point.loss };
    points.iter().map(|point| (point.step as f32, value(point))).unzip()
}

/// A mark at the edge must not stick out.
fn anchor(x: f32, width: f32) -> &'static str {
    if x > width - 20.0 { "end" } else { "middle" }
}
