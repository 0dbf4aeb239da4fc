//! Random numbers as a function: the same (seed, purpose, step, index) gives the same bits on every device.
//!
//! The function is pcg4d of Jarzynski and Olano, "Hash Functions for GPU Rendering", Journal of Computer Graphics
//! Techniques 9(3), 2020, listing 8: four words in, four well-mixed words out, 32-bit arithmetic only, so that WGSL and
//! SIMD code compute it as they are. Its twin is `shaders/shared/random.wgsl`.

/// Mixes four words into four; each word of the result may be used as an independent draw.
pub fn pcg4d(words: [u32; 4]) -> [u32; 4] {
    let [mut x, mut y, mut z, mut w] = words.map(|v| v.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let mut stir = |xor: bool| {
        x = x.wrapping_add(y.wrapping_mul(w));
        y = y.wrapping_add(z.wrapping_mul(x));
        z = z.wrapping_add(x.wrapping_mul(y));
        w = w.wrapping_add(y.wrapping_mul(z));
        if xor {
            [x, y, z, w] = [x, y, z, w].map(|v| v ^ (v >> 16));
        }
    };
    stir(true);
    stir(false);
    [x, y, z, w]
}

/// A number in [0, 1) with 24 bits, exact in `f32`.
pub fn unit(word: u32) -> f32 {
    (word >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// The uniform number in [0, 1) that every device draws for this seed, purpose, step and index.
pub fn uniform(seed: u32, purpose: u32, step: u32, index: u32) -> f32 {
    unit(pcg4d([index, step, purpose, seed])[0])
}

/// Folds a text into a purpose (FNV-1a, 32 bits), so that a parameter's name alone picks its stream.
pub fn purpose(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// A stream of numbers for use on the host: initial values, splits, drawings.
#[derive(Clone, Debug)]
pub struct Stream {
    seed: u32,
    purpose: u32,
    index: u32,
}

impl Stream {
    pub fn new(seed: u32, purpose: u32) -> Stream {
        Stream { seed, purpose, index: 0 }
    }

    fn words(&mut self) -> [u32; 4] {
        self.index += 1;
        pcg4d([self.index, 0, self.purpose, self.seed])
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f32 {
        unit(self.words()[0])
    }

    /// Uniform in [low, high).
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A whole number in 0..count.
    pub fn below(&mut self, count: usize) -> usize {
        ((u64::from(self.words()[0]) * count as u64) >> 32) as usize
    }

    /// Standard normal, by the Box–Muller transform in f64.
    pub fn normal(&mut self) -> f32 {
        let [a, b, ..] = self.words();
        let radius = (-2.0 * libm::log((f64::from(a) + 1.0) / 4_294_967_296.0)).sqrt();
        (radius * libm::cos(std::f64::consts::TAU * f64::from(b) / 4_294_967_296.0)) as f32
    }

    /// Puts `items` into a random order (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
