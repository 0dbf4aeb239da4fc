//! Pictures seen through an affine map, bilinear, edges repeated.

use super::{Need, Scratch, Sink, Work};
use crate::plan::Region;

/// `Core::Resample` made ready.
pub struct Resample {
    batch: usize,
    height: usize,
    width: usize,
    channels: usize,
    x: Region,
    theta: Region,
}

impl Resample {
    #[inline]
    pub fn new(dims: &[usize], x: Region, theta: Region) -> Resample {
        let &[batch, height, width, channels] = dims else { unreachable!("pictures have four axes") };
        Resample { batch, height, width, channels, x, theta }
    }

    fn pixel(&self, x: &[f32], t: &[f32], [row, column]: [usize; 2], out: &mut [f32]) {
        let (height, width) = (self.height as f32, self.width as f32);
        let u = (2.0 * column as f32 + 1.0) / width - 1.0;
        let v = (2.0 * row as f32 + 1.0) / height - 1.0;
        let px = ((t[0] * u + t[1] * v + t[2] + 1.0) * width - 1.0) / 2.0;
        let py = ((t[3] * u + t[4] * v + t[5] + 1.0) * height - 1.0) / 2.0;
        let (left, top) = (px.floor(), py.floor());
        let (fx, fy) = (px - left, py - top);
        let place = |y: f32, x: f32| {
            let (y, x) = (y.max(0.0).min(height - 1.0) as usize, x.max(0.0).min(width - 1.0) as usize);
            (y * self.width + x) * self.channels
        };
        let corners = [place(top, left), place(top, left + 1.0), place(top + 1.0, left), place(top + 1.0, left + 1.0)];
        let [a, b, c, d] = corners.map(|corner| &x[corner..][..self.channels]);
        for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *out = (a * (1.0 - fx) + b * fx) * (1.0 - fy) + (c * (1.0 - fx) + d * fx) * fy;
        }
    }
}

impl Work for Resample {
    fn need(&self) -> Need {
        Need { core: self.width * self.channels, side: 0, pack: 0 }
    }

    fn align(&self) -> usize {
        self.channels
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let &Resample { batch, height, width, channels, .. } = self;
        let core = &mut scratch.core[..width * channels];
        let size = height * width * channels;
        for row in 0..batch * height {
            let (n, y) = (row / height, row % height);
            let x = &sink.memory.region(self.x)[n * size..][..size];
            let theta = &sink.memory.region(self.theta)[n * 6..][..6];
            for (column, out) in core.chunks_exact_mut(channels.max(1)).enumerate() {
                self.pixel(x, theta, [y, column], out);
            }
            sink.take(row * width * channels, core);
        }
    }
}
