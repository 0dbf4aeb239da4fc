//! The network as a drawing: a box for each layer from top to bottom, lines between them, arcs around.

use std::fmt::Write;

use super::html::escape;
use crate::{
    export::{Layer, Network, Source},
    paint::format,
};

const WIDTH: usize = 300;
const HEIGHT: usize = 44;
const STEP: usize = 64;
const EDGE: usize = 24;

/// The drawing, its width and its height, in light colours on white.
pub fn svg(network: &Network) -> (String, u32, u32) {
    let far = |layer: usize, source: &Source| match source {
        Source::Input => layer > 0,
        Source::Layer(other) => other + 1 < layer,
    };
    let lanes = (network.layers.iter().enumerate())
        .flat_map(|(place, layer)| layer.inputs.iter().filter(move |source| far(place, source)))
        .count();
    let (width, height) = (WIDTH + 2 * EDGE + 14 * lanes.min(12), EDGE * 2 + HEIGHT + STEP * network.layers.len());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"system-ui, sans-serif\"><title>{}</title><rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>",
        escape(&network.title)
    );
    let top = |row: usize| EDGE + row * STEP;
    let mut lane = 0;
    for (place, layer) in network.layers.iter().enumerate() {
        for source in &layer.inputs {
            let from = match source {
                Source::Input => 0,
                Source::Layer(other) => other + 1,
            };
            let to = place + 1;
            let written = if from + 1 == to {
                let x = EDGE + WIDTH / 2;
                write!(out, "<path d=\"M{x} {}V{}\" stroke=\"#8b8f98\" fill=\"none\"/>", top(from) + HEIGHT, top(to))
            } else {
                let (x, right) = (EDGE + WIDTH, EDGE + WIDTH + 14 * (lane % 12 + 1));
                lane += 1;
                let (a, b) = (top(from) + HEIGHT / 2, top(to) + HEIGHT / 2);
                write!(
                    out,
                    "<path d=\"M{x} {a}C{right} {a} {right} {a} {right} {}V{}C{right} {b} {right} {b} {x} {b}\" stroke=\"#8b8f98\" fill=\"none\"/>",
                    a + 12,
                    b - 12
                )
            };
            written.expect("a string takes every text");
        }
    }
    let shape = |sizes: &[usize]| format::shape(sizes);
    draw(&mut out, top(0), "Input", "", &shape(&network.input), "#e8871e");
    for (place, layer) in network.layers.iter().enumerate() {
        let colour = if place == network.output { "#1671b8" } else { "#8b8f98" };
        draw(&mut out, top(place + 1), &layer.name, &count(layer), &shape(&layer.shape), colour);
    }
    out += "</svg>";
    (out, width as u32, height as u32)
}

fn count(layer: &Layer) -> String {
    match layer.parameters.iter().map(|one| one.shape.count()).sum::<usize>() {
        0 => String::new(),
        count => format!("{} parameters", format::count(count as u64)),
    }
}

fn draw(out: &mut String, y: usize, name: &str, count: &str, shape: &str, colour: &str) {
    let (right, name) = (EDGE + WIDTH - 12, escape(name));
    write!(
        out,
        "<rect x=\"{EDGE}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"10\" fill=\"#faf9f6\" stroke=\"{colour}\"/>\
         <text x=\"{}\" y=\"{}\" font-size=\"14\" font-weight=\"600\" fill=\"#1d2330\">{name}</text>\
         <text x=\"{right}\" y=\"{}\" font-size=\"13\" text-anchor=\"end\" fill=\"#1d2330\">{shape}</text>\
         <text x=\"{right}\" y=\"{}\" font-size=\"11\" text-anchor=\"end\" fill=\"#5f6777\">{count}</text>",
        EDGE + 12,
        y + 27,
        y + if count.is_empty() { 27 } else { 19 },
        y + 35
    )
    .expect("a string takes every text");
}
