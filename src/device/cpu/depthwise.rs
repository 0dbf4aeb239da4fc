//! Convolutions with one filter for each channel: channels side by side instead of a matrix product.
//!
//! A pixel is the sum over taps of channels times weights; `conv.rs` says where the taps of a pixel lie.

use crate::tensor::lanes::Lanes;

/// The taps of a pixel: where each lies in the numbers, relative to the pixel, and in the weights.
#[derive(Clone, Copy)]
pub struct Taps<'a> {
    pub numbers: &'a [f32],
    pub segments: &'a [u32],
    pub weights: &'a [f32],
    pub places: &'a [usize],
}

/// out = Σ over taps of numbers[base + segment ..] · weights[place ..], channel by channel.
pub fn pixel(taps: Taps, base: usize, out: &mut [f32]) {
    let Taps { numbers, segments, weights, places } = taps;
    let (fours, rest) = out.as_chunks_mut::<4>();
    let done = fours.len() * 4;
    for (four, out) in fours.iter_mut().enumerate() {
        let mut sum = Lanes::splat(0.0);
        for (&segment, &place) in segments.iter().zip(places) {
            let x = numbers[base + segment as usize + four * 4..].first_chunk().expect("a tap lies in the picture");
            let w = weights[place + four * 4..].first_chunk().expect("a tap has its weights");
            sum = sum.mul_add(Lanes::of(x), Lanes::of(w));
        }
        sum.put(out);
    }
    for (channel, out) in (done..).zip(rest) {
        let product =
            |(&segment, &place): (&u32, &usize)| numbers[base + segment as usize + channel] * weights[place + channel];
        *out = segments.iter().zip(places).map(product).sum();
    }
}

/// sums[channel] += Σ over pixels of numbers[line + pixel · step + channel] · y[pixel · channels + channel], for all lines.
pub fn tap(numbers: &[f32], lines: &[u32], step: usize, y: &[f32], width: usize, sums: &mut [f32]) {
    let channels = sums.len();
    let (fours, rest) = sums.as_chunks_mut::<4>();
    let done = fours.len() * 4;
    let places = |channel: usize| {
        lines.iter().enumerate().flat_map(move |(row, &line)| {
            (0..width)
                .map(move |pixel| (line as usize + pixel * step + channel, (row * width + pixel) * channels + channel))
        })
    };
    for (four, sums) in fours.iter_mut().enumerate() {
        let mut sum = Lanes::of(sums);
        for (row, &line) in lines.iter().enumerate() {
            let x = numbers[line as usize + four * 4..].chunks(step);
            let y = y[row * width * channels + four * 4..].chunks(channels);
            for (x, y) in x.zip(y).take(width) {
                let x = x.first_chunk().expect("a pixel has its channels");
                let y = y.first_chunk().expect("a pixel has its channels");
                sum = sum.mul_add(Lanes::of(x), Lanes::of(y));
            }
        }
        sum.put(sums);
    }
    for (channel, sum) in (done..).zip(rest) {
        *sum += places(channel).map(|(x, y_at)| numbers[x] * y[y_at]).sum::<f32>();
    }
}
