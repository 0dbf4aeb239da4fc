//! The camera: what part of the animal fills the picture, then light, blur, exposure and noise of the sensor.

use super::canvas::Canvas;
use crate::tensor::random::{Stream, pcg4d};

/// How close the camera is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shot {
    Head,
    Half,
    Whole,
}

/// The day's light and the sensor's temper; the same chances for both species.
#[derive(Clone, Copy, Debug)]
pub struct Exposure {
    /// Factors on red, green and blue.
    pub gain: [f32; 3],
    pub contrast: f32,
    /// Width of the blur in thousandths of the picture.
    pub blur: f32,
    /// Standard deviation of the noise, 0 to 1.
    pub noise: f32,
    pub seed: u32,
}

impl Exposure {
    pub fn draw(dark: bool, chance: &mut Stream) -> Exposure {
        let light = if dark { chance.range(0.86, 1.02) } else { chance.range(0.86, 1.1) };
        let warm = if dark { chance.range(-0.08, 0.02) } else { chance.range(-0.05, 0.07) };
        Exposure {
            gain: [light * (1.0 + warm), light, light * (1.0 - warm)],
            contrast: chance.range(0.92, 1.1),
            blur: if chance.unit() < 0.25 { chance.range(3.0, 9.0) } else { 0.0 },
            noise: chance.range(0.003, 0.016),
            seed: chance.below(1 << 30) as u32,
        }
    }

    /// The picture as bytes, and the mask.
    pub fn develop(&self, canvas: &mut Canvas) -> (Vec<u8>, Vec<u8>) {
        let size = canvas.size;
        let mut pixels = vec![0; size * size * 3];
        let mask = canvas.pixels.iter().map(|p| if p[3] >= 0.5 { 1 } else { 0 }).collect();
        let share = self.blur * 0.001 * size as f32;
        if share > 0.02 {
            // three taps, twice across and twice down
            let side = (0.5 * share).min(0.33);
            for _ in 0..1 + (share as usize).min(3) {
                soften(&mut canvas.pixels, size, size, 1, side);
                soften(&mut canvas.pixels, size, 1, size, side);
            }
        }
        for (i, (pixel, out)) in canvas.pixels.iter().zip(pixels.chunks_exact_mut(3)).enumerate() {
            let words = pcg4d([i as u32, size as u32, 77, self.seed]);
            for c in 0..3 {
                // the sum of four bytes is close to normal: mean 510, deviation 148
                let bytes = words[c].to_le_bytes();
                let sum: u32 = bytes.iter().map(|&b| u32::from(b)).sum();
                let noise = (sum as f32 - 510.0) / 148.0 * self.noise;
                let value = (pixel[c] * self.gain[c] - 0.5) * self.contrast + 0.5 + noise;
                out[c] = (value * 255.0 + 0.5).clamp(0.0, 255.0) as u8;
            }
        }
        (pixels, mask)
    }
}

/// One pass of (side, 1 − 2·side, side) along the axis of step `step`.
fn soften(pixels: &mut [[f32; 4]], size: usize, step: usize, other: usize, side: f32) {
    for line in 0..size {
        let mut before = pixels[line * other];
        for k in 0..size {
            let i = line * other + k * step;
            let now = pixels[i];
            let after = if k + 1 < size { pixels[i + step] } else { now };
            for c in 0..3 {
                pixels[i][c] = now[c] + (before[c] + after[c] - 2.0 * now[c]) * side;
            }
            before = now;
        }
    }
}
