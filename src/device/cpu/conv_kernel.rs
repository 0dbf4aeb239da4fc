//! The kernel of a convolution from the pictures of both ends: one matrix product, whose rows are the kernel's numbers for
//! all filters and whose steps are the pixels, in order.

use super::depthwise;
use super::frame::{Axis, Frame};
use super::tile::{self, COLUMNS, Left, Out, Right};
use super::{Need, Scratch, Sink, Work};
use crate::graph::op::Conv;
use crate::plan::Region;

/// Pixels that are added up in registers at a time: their numbers stay in the nearest cache.
const PIXELS: usize = 128;
/// Filters from which on their pixels are packed, since their rows would evict each other from the cache.
const PACKED: usize = 16;

/// `Side::Kernel` made ready.
pub struct Kernel {
    x: Region,
    y: Region,
    frame: Frame,
    conv: Conv,
    /// Where each row of the kernel lies in the frame, and in the result.
    bases: Vec<u32>,
    outs: Vec<u32>,
    /// Pictures that are added up at a time.
    group: usize,
    /// Where each row of their output pixels begins in their frames.
    lines: Vec<u32>,
    /// Rows of pixels that are added up at a time.
    depth: usize,
}

impl Kernel {
    #[inline]
    pub fn new(conv: &Conv, x: Region, y: Region) -> Kernel {
        let axes = [0, 1].map(|axis| Axis::new(conv, axis));
        let frame = Frame {
            picture: conv.input,
            channels: conv.channels,
            low: [axes[0].low, axes[1].low],
            size: [axes[0].size, axes[1].size],
        };
        let inside = conv.channels / conv.groups;
        let (mut bases, mut outs) = (Vec::new(), Vec::new());
        for &(_, y) in &axes[0].phases[0].taps {
            for &(_, x) in &axes[1].phases[0].taps {
                for channel in 0..inside {
                    bases.push(((y * frame.size[1] + x) * conv.channels + channel) as u32);
                    outs.push((outs.len() * conv.filters) as u32);
                }
            }
        }
        let pitch = conv.stride[0] * frame.size[1] * conv.channels;
        let group = (PIXELS / (conv.output[0] * conv.output[1]).max(1)).clamp(1, conv.batch.max(1));
        let line = &|picture: usize, row: usize| (picture * frame.count() + row * pitch) as u32;
        let lines = (0..group).flat_map(|n| (0..conv.output[0]).map(move |row| line(n, row))).collect();
        let depth = (PIXELS / conv.output[1].max(1)).max(1);
        Kernel { x, y, frame, conv: *conv, bases, outs, group, lines, depth }
    }
}

impl Work for Kernel {
    fn need(&self) -> Need {
        let side = if self.frame.is_bare() { 0 } else { self.frame.count() * self.group };
        let filters = self.conv.filters / self.conv.groups;
        let pixels = if filters > PACKED { self.depth * self.conv.output[1] } else { 0 };
        let pack = pixels * filters.next_multiple_of(COLUMNS);
        Need { core: self.bases.len() * self.conv.filters, side, pack }
    }

    fn align(&self) -> usize {
        self.conv.filters
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let conv = &self.conv;
        let core = &mut scratch.core[..self.bases.len() * conv.filters];
        core.fill(0.0);
        let side = &mut scratch.side[..if self.frame.is_bare() { 0 } else { self.frame.count() * self.group }];
        side.fill(0.0);
        let picture = conv.input[0] * conv.input[1] * conv.channels;
        let (inside, filters) = (conv.channels / conv.groups, conv.filters / conv.groups);
        let line = conv.output[1] * conv.filters;
        for n in (0..conv.batch).step_by(self.group) {
            let pictures = self.group.min(conv.batch - n);
            let source = &sink.memory.region(self.x)[n * picture..][..pictures * picture];
            if !side.is_empty() {
                for (source, frame) in source.chunks(picture).zip(side.chunks_mut(self.frame.count())) {
                    self.frame.fill(source, frame);
                }
            }
            let numbers = if side.is_empty() { source } else { &*side };
            let y = &sink.memory.region_and_slack(self.y)[n * conv.output[0] * line..];
            let lines = &self.lines[..pictures * conv.output[0]];
            for (chunk, lines) in lines.chunks(self.depth).enumerate() {
                let y = &y[chunk * self.depth * line..];
                if inside == 1 && filters == 1 && conv.groups > 1 {
                    for (&base, sums) in self.bases.iter().zip(core.chunks_exact_mut(conv.filters)) {
                        let step = conv.stride[1] * conv.channels;
                        depthwise::tap(&numbers[base as usize..], lines, step, y, conv.output[1], sums);
                    }
                    continue;
                }
                for group in 0..conv.groups {
                    let left = Left {
                        numbers: &numbers[group * inside..],
                        segments: lines,
                        length: conv.output[1],
                        step: conv.stride[1] * conv.channels,
                    };
                    let y = &y[group * filters..];
                    let right = if filters > PACKED {
                        let steps = lines.len() * conv.output[1];
                        let packed = &mut scratch.pack[..steps * filters.next_multiple_of(COLUMNS)];
                        tile::pack(y, steps, filters, conv.filters, 1, packed);
                        Right { numbers: packed, panel: steps * COLUMNS, step: COLUMNS }
                    } else {
                        Right { numbers: y, panel: COLUMNS, step: conv.filters }
                    };
                    let mut out =
                        Out { numbers: core, rows: &self.outs, origin: 0, column: group * filters, add: true };
                    tile::product(left, &self.bases, right, filters, &mut out);
                }
            }
        }
        sink.take(0, core);
    }
}
