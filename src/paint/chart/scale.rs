//! A range of numbers onto a range of pixels, and the round numbers in it.

/// The least range that an axis of values shows, so that a flat curve is not noise blown up.
const LEAST: f32 = 1e-6;

/// Maps `domain` onto `pixels`, linearly or by logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Lowest and highest number.
    pub domain: [f32; 2],
    /// Where these lie.
    pub pixels: [f32; 2],
    pub log: bool,
}

impl Scale {
    pub fn linear(domain: [f32; 2], pixels: [f32; 2]) -> Scale {
        let [low, high] = domain;
        Scale { domain: [low, high.max(low + LEAST)], pixels, log: false }
    }

    /// From zero, or from below it where there are such values, to a little above the highest.
    pub fn from_zero(values: impl Iterator<Item = f32>, pixels: [f32; 2]) -> Scale {
        let (low, high) = span(values).unwrap_or((0.0, 1.0));
        let (low, high) = (low.min(0.0), high.max(0.0));
        let air = 0.04 * (high - low);
        let high = if high > 0.0 { high + air } else { high };
        Scale::linear([if low < 0.0 { low - air } else { low }, high], pixels)
    }

    /// From the lowest to the highest positive value, or to `high`; at least a factor of two.
    pub fn log(values: impl Iterator<Item = f32>, high: Option<f32>, pixels: [f32; 2]) -> Scale {
        let (low, most) = span(values.filter(|value| *value > 0.0)).unwrap_or((0.1, 1.0));
        let high = high.unwrap_or(most).max(low);
        let middle = (low * high).sqrt();
        let domain = if high < 2.0 * low { [middle / 1.5, middle * 1.5] } else { [low, high] };
        Scale { domain, pixels, log: true }
    }

    /// The pixel of a number; beyond the range it stays at the end.
    pub fn at(&self, value: f32) -> f32 {
        let [low, high] = self.domain.map(|end| self.line(end));
        let share = (self.line(value) - low) / (high - low);
        self.pixels[0] + (self.pixels[1] - self.pixels[0]) * share.clamp(0.0, 1.0)
    }

    /// The number at a pixel.
    pub fn back(&self, pixel: f32) -> f32 {
        let [low, high] = self.domain.map(|end| self.line(end));
        let share = ((pixel - self.pixels[0]) / (self.pixels[1] - self.pixels[0])).clamp(0.0, 1.0);
        let line = low + (high - low) * share;
        if self.log { libm::powf(10.0, line) } else { line }
    }

    /// Round numbers within the range, four or so.
    pub fn ticks(&self) -> Vec<f32> {
        let [low, high] = self.domain;
        if !self.log {
            return nice(low, high, 4);
        }
        let (first, last) = (libm::log10f(low).floor() as i32, libm::log10f(high).ceil() as i32);
        // Many decades: every so many of them. Few: 1, 2, 5 in each.
        let stride = ((last - first) as usize).div_ceil(5).max(1);
        let parts: &[f32] = if last - first <= 2 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let decades = (first..=last).step_by(stride).map(|decade| libm::powf(10.0, decade as f32));
        let ticks = decades.flat_map(|decade| parts.iter().map(move |part| part * decade));
        ticks.filter(|tick| (low * 0.999..=high * 1.001).contains(tick)).collect()
    }

    fn line(&self, value: f32) -> f32 {
        if self.log { libm::log10f(value) } else { value }
    }
}

/// The multiples of 1, 2 or 5 times a power of ten that part [low, high] into about `count` pieces.
pub fn nice(low: f32, high: f32, count: usize) -> Vec<f32> {
    let (low, high) = (f64::from(low), f64::from(high));
    let rough = (high - low) / count.max(1) as f64;
    if rough.is_nan() || rough <= 0.0 || rough.is_infinite() {
        return vec![low as f32];
    }
    let power = libm::pow(10.0, libm::log10(rough).floor());
    let part = rough / power;
    let step = power
        * if part < 1.5 {
            1.0
        } else if part < 3.5 {
            2.0
        } else if part < 7.5 {
            5.0
        } else {
            10.0
        };
    let (first, last) = ((low / step - 1e-6).ceil() as i64, (high / step + 1e-6).floor() as i64);
    (first..=last).map(|i| (i as f64 * step) as f32).collect()
}

fn span(values: impl Iterator<Item = f32>) -> Option<(f32, f32)> {
    values.filter(|value| value.is_finite()).fold(None, |span, value| match span {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}
