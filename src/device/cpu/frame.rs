//! Pictures with their padding, and where the taps of a convolution lie in them.

use crate::graph::op::Conv;
use crate::tensor::sorted::sort_by_key;

/// How a picture is laid into a larger or smaller frame: frame pixel (y, x) is picture pixel (y + low, x + low), zero outside.
pub struct Frame {
    pub picture: [usize; 2],
    pub channels: usize,
    pub low: [isize; 2],
    pub size: [usize; 2],
}

impl Frame {
    /// Numbers of a framed picture.
    pub fn count(&self) -> usize {
        self.size[0] * self.size[1] * self.channels
    }

    /// Whether a picture is its own frame.
    pub fn is_bare(&self) -> bool {
        self.low == [0, 0] && self.size == self.picture
    }

    /// Copies a picture into a frame whose edges are zero already.
    pub fn fill(&self, picture: &[f32], frame: &mut [f32]) {
        let [low, left] = self.low;
        let from = left.max(0) as usize;
        let to = (self.size[1] as isize + left).min(self.picture[1] as isize) as usize;
        if from >= to {
            return;
        }
        for (y, row) in frame.chunks_mut(self.size[1] * self.channels).enumerate() {
            let y = y as isize + low;
            if (0..self.picture[0] as isize).contains(&y) {
                let source = y as usize * self.picture[1];
                let source = &picture[(source + from) * self.channels..(source + to) * self.channels];
                let start = (from as isize - left) as usize * self.channels;
                row[start..start + source.len()].copy_from_slice(source);
            }
        }
    }
}

/// One axis of the pixels that [`Picture`] computes.
pub struct Axis {
    pub low: isize,
    pub size: usize,
    pub phases: Vec<Line>,
}

/// The pixels start, start + every, … along an axis: the t-th reads the frame from t · step on, tap (k, o) at o from there.
pub struct Line {
    pub start: usize,
    pub every: usize,
    pub count: usize,
    pub step: usize,
    pub taps: Vec<(usize, usize)>,
}

impl Axis {
    /// For the output's pixels.
    #[inline]
    pub fn new(conv: &Conv, axis: usize) -> Axis {
        let (stride, dilation, padding) = (conv.stride[axis], conv.dilation[axis], conv.padding[axis]);
        let kernel = conv.kernel[axis];
        let count = conv.output[axis];
        let taps = (0..kernel).map(|k| (k, k * dilation)).collect();
        let size = (count.max(1) - 1) * stride + (kernel - 1) * dilation + 1;
        // Without padding, what no window reaches is simply never read.
        let size = if padding == 0 && size <= conv.input[axis] { conv.input[axis] } else { size };
        let line = Line { start: 0, every: 1, count, step: stride, taps };
        Axis { low: -(padding as isize), size, phases: vec![line] }
    }

    /// For the input's pixels.
    #[inline]
    pub fn turned(conv: &Conv, axis: usize) -> Axis {
        let (stride, dilation, padding) = (conv.stride[axis], conv.dilation[axis], conv.padding[axis]);
        let kernel = conv.kernel[axis];
        // Input pixel h = start + stride · t takes output pixel t + e with e = (start + padding − k · dilation) / stride.
        let reach = |start: usize, k: usize| {
            let e = (start + padding) as isize - (k * dilation) as isize;
            (e % stride as isize == 0).then_some(e / stride as isize)
        };
        let count = |start: usize| conv.input[axis].saturating_sub(start).div_ceil(stride);
        let all = || (0..stride).flat_map(|start| (0..kernel).map(move |k| (start, k)));
        let low = all().filter_map(|(start, k)| reach(start, k)).min().unwrap_or(0);
        let high = all().filter_map(|(start, k)| reach(start, k).map(|e| e + count(start).max(1) as isize)).max();
        let phases = (0..stride)
            .map(|start| {
                let mut taps: Vec<(usize, usize)> =
                    (0..kernel).filter_map(|k| reach(start, k).map(|e| (k, (e - low) as usize))).collect();
                sort_by_key(&mut taps, |&(_, place)| place);
                Line { start, every: stride, count: count(start), step: 1, taps }
            })
            .collect();
        Axis { low, size: (high.unwrap_or(1) - low) as usize, phases }
    }
}
