//! A model as somebody takes it home: the file, a program that loads it and answers eight samples, the samples, what Whisker
//! answers, and a few words on how to run it.
//!
//! `samples.npy` and `expected.npy` hold 32-bit numbers, row by row; [`check`] writes what a Python program does with them.

use zip::CompressionMethod;

use super::{Format, Model, Written, code::Writer, npy, png::png, zipped::zipped};
use crate::nn::Target;

/// Samples, and what the network answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// [count, …input]
    pub x: Vec<f32>,
    /// [count, …output]
    pub expected: Vec<f32>,
    /// The names of the classes, where they are known.
    pub classes: Vec<String>,
}

/// The zip for one format, and what the format could not hold.
pub fn bundle(format: &Format, model: &Model, samples: &Samples) -> Result<(Vec<u8>, Written), String> {
    let written = (format.write)(model)?;
    let mut files = written.files.clone();
    let loader = format.loader.map(|loader| loader(model));
    if let Some(loader) = &loader {
        files.extend(loader.files.iter().map(|file| (file.name.to_string(), file.code.text().into_bytes())));
    }
    let network = model.network;
    let count = samples.x.len() / network.input.count().max(1);
    if count > 0 {
        let axes = |rest: &[usize]| [&[count], rest].concat();
        files.push(("samples.npy".into(), npy(&axes(&network.input), &samples.x)));
        files.push(("expected.npy".into(), npy(&axes(&network.last().shape), &samples.expected)));
        files.extend(pictures(model, samples, count));
    }
    files.push(("README.txt".into(), readme(format, model, samples, &written, loader.map(|loader| loader.run))));
    Ok((zipped(&files, CompressionMethod::Deflated)?, written))
}

/// The samples as pictures, to be looked at.
fn pictures(model: &Model, samples: &Samples, count: usize) -> Vec<(String, Vec<u8>)> {
    let [height, width, channels @ (1 | 3)] = model.network.input[..] else { return Vec::new() };
    let one = |place: usize| {
        let size = height * width * channels;
        let numbers = &samples.x[place * size..(place + 1) * size];
        let byte = |value: f32| (value * 255.0).round().clamp(0.0, 255.0) as u8;
        let rgb: Vec<u8> = match channels {
            1 => numbers.iter().flat_map(|value| [byte(*value); 3]).collect(),
            _ => numbers.iter().map(|value| byte(*value)).collect(),
        };
        (format!("pictures/{place}.png"), png(width, height, &rgb))
    };
    (0..count).map(one).collect()
}

fn readme(format: &Format, model: &Model, samples: &Samples, written: &Written, run: Option<&str>) -> Vec<u8> {
    let network = model.network;
    let mut text = format!("{}, as {}\n\n{}\n", network.title, format.label, format.help);
    if let Some((name, _)) = written.files.first() {
        text += &format!("\n{name} is the model");
        text += if written.files.len() > 1 { ", with the files that belong to it.\n" } else { ".\n" };
    }
    if let Some(run) = run {
        let lines: String = run.lines().map(|line| format!("    {line}\n")).collect();
        text += &format!(
            "To load it, answer the samples and compare with Whisker's answers:\n\n{lines}\n\
             samples.npy holds the samples, expected.npy what Whisker answers.\n"
        );
    }
    let outputs = network.last().shape.count();
    let count = samples.expected.len().checked_div(outputs).unwrap_or(0);
    if network.target == Target::Class && samples.classes.len() == outputs && count > 0 {
        text += "\nWhisker says:\n";
        for (place, numbers) in samples.expected.chunks_exact(outputs).enumerate() {
            let said = (0..outputs).max_by(|a, b| numbers[*a].total_cmp(&numbers[*b])).expect("an output has numbers");
            let numbers: Vec<String> = numbers.iter().map(|number| format!("{number:.4}")).collect();
            text += &format!("    {place}: {} ({})\n", samples.classes[said], numbers.join(", "));
        }
    }
    if !written.notes.is_empty() {
        text += "\nWhat the format cannot hold, and what was done instead:\n";
        for note in &written.notes {
            text += &format!("- {}\n", note.sentence);
        }
    }
    text.into_bytes()
}

/// Appends to a Python program, which has numpy as `np` and its answers in `answers`, the comparison with ours.
pub fn check(w: &mut Writer) {
    w.line(
        "expected = np.load(\"expected.npy\")
difference = np.abs(answers - expected).max() / max(np.abs(expected).max(), 1e-6)
for place, numbers in enumerate(answers):
    print(place, np.round(numbers, 4).tolist())
print(f\"largest difference from Whisker's answers, relative: {difference:.1e}\")
print(\"They agree.\" if difference < 1e-4 else \"They do not agree.\")
raise SystemExit(int(difference >= 1e-4))",
    );
}
