//! Curves of loss and accuracy: from (step, value) to ticks, SVG paths, and what lies under the pointer.
//!
//! [`layout`] does it all at once. It drops what is not a number (the line breaks there), smooths, and keeps at most
//! four points a pixel column, so that a long run costs no more to draw than a short one and no peak is lost.

mod scale;
mod thin;

pub use scale::{Scale, nice};
pub use thin::{smooth, thin};

use std::fmt::Write;

use super::format;
use crate::nn::json::number_power;

/// One curve: values over steps, steps rising.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    pub steps: &'a [f32],
    pub values: &'a [f32],
    /// Whether smoothing applies; a curve of few points (the test split) is left as it is.
    pub smoothed: bool,
}

/// The size of a chart, in the units of its view box, and how values are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    pub width: f32,
    pub height: f32,
    /// Room for the axes: left for the values, bottom for the steps, and a little for the ends of the lines.
    pub left: f32,
    pub right: f32,
    pub top: f32,
    pub bottom: f32,
    /// Values on a logarithmic scale; those that are not positive are left out.
    pub log: bool,
    /// 0 to below 1: how much of the value before is kept at each point.
    pub smoothing: f32,
    /// The range of values, where it does not come from the data: [0, 1] for accuracy.
    pub range: Option<[f32; 2]>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            width: 380.0,
            height: 180.0,
            left: 34.0,
            right: 18.0,
            top: 10.0,
            bottom: 22.0,
            log: false,
            smoothing: 0.0,
            range: None,
        }
    }
}

/// Everything that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub x: Scale,
    pub y: Scale,
    /// Marks below the chart, at their x; the last step is always among them.
    pub steps: Vec<Tick>,
    /// Lines across the chart, at their y.
    pub values: Vec<Tick>,
    /// One for each series.
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub at: f32,
    pub label: String,
}

/// A curve as SVG path data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Empty where there is nothing to draw.
    pub path: String,
    /// The curve before smoothing, to be drawn faintly; empty without smoothing.
    pub raw: String,
    /// Where the curve ends now.
    pub end: Option<[f32; 2]>,
}

/// What lies under the pointer.
#[derive(Clone, Debug, PartialEq)]
pub struct Hover {
    pub step: f32,
    pub x: f32,
    /// For each series the point nearest to this step: (its step, its value, its y); `None` where that
    /// is nothing that can be drawn.
    pub points: Vec<Option<(f32, f32, f32)>>,
}

/// Lays out a chart.
pub fn layout(series: &[Series], options: &Options) -> Layout {
    let shown: Vec<Shown> = series.iter().map(|series| Shown::new(series, options)).collect();
    let last = shown.iter().flat_map(|s| s.raw.iter().map(|p| p[0])).fold(0.0f32, f32::max);
    let first = shown.iter().filter_map(|s| s.raw.first()).map(|p| p[0]).fold(last, f32::min);
    // A run starts at step 0 even where its first point is a little later; a cut-out of a long run does not.
    let first = if first < 0.1 * last { 0.0 } else { first };
    let x = Scale::linear([first, last.max(first + 1.0)], [options.left, options.width - options.right]);
    let sides = [options.height - options.bottom, options.top];
    let values = shown.iter().flat_map(|s| s.raw.iter().chain(&s.smooth).map(|p| p[1]));
    let y = match options.range {
        Some(range) if !options.log => Scale::linear(range, sides),
        Some([_, high]) => Scale::log(values, Some(high), sides),
        None if options.log => Scale::log(values, None, sides),
        None => Scale::from_zero(values, sides),
    };
    let lines = shown.iter().map(|shown| shown.line(&x, &y)).collect();
    Layout { steps: step_ticks(&x), values: value_ticks(&y), x, y, lines }
}

/// What is nearest to `pointer`, an x of the view box; `None` while there are no points.
pub fn hover(layout: &Layout, series: &[Series], pointer: f32) -> Option<Hover> {
    let wanted = layout.x.back(pointer);
    let nearest = |series: &Series, step: f32| {
        let after = series.steps.partition_point(|s| *s < step);
        let count = series.steps.len().min(series.values.len());
        let near = [after.checked_sub(1), Some(after)].into_iter().flatten().filter(|i| *i < count);
        near.min_by(|a, b| (series.steps[*a] - step).abs().total_cmp(&(series.steps[*b] - step).abs()))
    };
    let all = series.iter().filter_map(|series| nearest(series, wanted).map(|i| series.steps[i]));
    let step = all.min_by(|a, b| (a - wanted).abs().total_cmp(&(b - wanted).abs()))?;
    let point = |series: &Series| {
        let index = nearest(series, step)?;
        let y = layout.y.at(series.values[index]);
        y.is_finite().then_some((series.steps[index], series.values[index], y))
    };
    Some(Hover { step, x: layout.x.at(step), points: series.iter().map(point).collect() })
}

/// SVG path data through `points`; a point that is not a number breaks the line.
pub fn path(points: impl IntoIterator<Item = [f32; 2]>) -> String {
    let mut path = String::new();
    let mut pen = false;
    for [x, y] in points {
        let finite = x.is_finite() && y.is_finite();
        if finite {
            path.push(if pen { 'L' } else { 'M' });
            tenths(&mut path, x);
            path.push(' ');
            tenths(&mut path, y);
        }
        pen = finite;
    }
    path
}

/// A series as it is shown: finite where it can be drawn, NaN where the line breaks.
struct Shown {
    raw: Vec<[f32; 2]>,
    smooth: Vec<[f32; 2]>,
}

impl Shown {
    fn new(series: &Series, options: &Options) -> Shown {
        let drawn = |value: f32| if value.is_finite() && (!options.log || value > 0.0) { value } else { f32::NAN };
        let pairs = series.steps.iter().zip(series.values).filter(|(step, _)| step.is_finite());
        let raw: Vec<[f32; 2]> = pairs.map(|(step, value)| [*step, drawn(*value)]).collect();
        let smooth =
            if options.smoothing > 0.0 && series.smoothed { smooth(&raw, options.smoothing) } else { Vec::new() };
        Shown { raw, smooth }
    }

    fn line(&self, x: &Scale, y: &Scale) -> Line {
        let draw = |points: &[[f32; 2]]| path(thin(points.iter().map(|[step, value]| [x.at(*step), y.at(*value)])));
        let (main, raw) = if self.smooth.is_empty() { (&self.raw, None) } else { (&self.smooth, Some(&self.raw)) };
        Line {
            path: draw(main),
            raw: raw.map(|raw| draw(raw)).unwrap_or_default(),
            end: main.iter().rev().find(|p| p[1].is_finite()).map(|[step, value]| [x.at(*step), y.at(*value)]),
        }
    }
}

/// Nice steps and the last one; a nice one that would touch the last one's label gives way.
fn step_ticks(x: &Scale) -> Vec<Tick> {
    let [first, last] = x.domain;
    let room = 0.13 * (last - first);
    let mut steps: Vec<f32> =
        nice(first, last, 4).into_iter().filter(|s| s.fract() == 0.0 && last - s > room).collect();
    steps.push(last);
    let label = |step: f32| if step >= 1e5 { short(step) } else { format::commas(f64::from(step), 0) };
    steps.into_iter().map(|step| Tick { at: x.at(step), label: label(step) }).collect()
}

fn value_ticks(y: &Scale) -> Vec<Tick> {
    let values = y.ticks();
    let gap = values.windows(2).map(|pair| pair[1] - pair[0]).fold(f32::INFINITY, f32::min);
    let decimals = if gap.is_finite() { (-libm::log10f(gap) - 1e-3).ceil().clamp(0.0, 9.0) as usize } else { 1 };
    let label = |value: f32| match value {
        0.0 => String::from("0"),
        v if v >= 1e5 => short(v),
        v if y.log && v < 1e-3 => number_power(f64::from(v), Some(0)),
        v if y.log => format::exact(f64::from((v * 1e6).round()) / 1e6),
        v => format::commas(f64::from(v), decimals),
    };
    values.into_iter().map(|value| Tick { at: y.at(value), label: label(value) }).collect()
}

/// `250k`, `1.2M`: for marks, where room is short.
fn short(value: f32) -> String {
    let (unit, name) = [(1e9, "G"), (1e6, "M")].into_iter().find(|(unit, _)| value >= *unit).unwrap_or((1e3, "k"));
    format!("{}{name}", format::pixels(value / unit))
}

/// Writes a coordinate to a tenth; by whole numbers, since a chart writes thousands of them.
fn tenths(path: &mut String, value: f32) {
    let tenths = (value * 10.0).round() as i32;
    let sign = if tenths < 0 { "-" } else { "" };
    let (whole, rest) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    let written = if rest == 0 { write!(path, "{sign}{whole}") } else { write!(path, "{sign}{whole}.{rest}") };
    written.expect("a string takes every text");
}
