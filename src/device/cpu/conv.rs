//! Convolutions as matrix products whose left operand is read from a padded picture, so that no patch is ever copied.
//!
//! A row of the product is a pixel, and its steps are runs of numbers beside it in the padded picture: the taps of the kernel.
//! This file computes the pictures of either end: the output from the input, or the input from the output, which for a stride of s is
//! s² products, one for each place of a pixel within the stride. The kernel is computed in `conv_kernel.rs`.

use super::depthwise::{self, Taps};
use super::frame::{Axis, Frame, Line};
use super::tile::{self, COLUMNS, Left, Out, Right};
use super::{Need, Scratch, Sink, Work};
use crate::graph::op::Conv;
use crate::plan::Region;

/// Numbers of the output that are computed before the program runs on them.
const BLOCK: usize = 8_192;
/// Pixels that make a product worth its start: small pictures are taken several at a time.
const PIXELS: usize = 64;

/// Pixels that share their taps.
struct Phase {
    /// Where each tap's run begins, relative to a pixel.
    segments: Vec<u32>,
    length: usize,
    /// (place in w of the tap's first number) for each tap, in the order of the steps.
    taps: Vec<usize>,
    /// Rows of the block grid that it covers, and its pixels in one.
    rows: usize,
    columns: usize,
    bases: Vec<u32>,
    outs: Vec<u32>,
    /// Where its packed weights lie, for each group after the other.
    packed: usize,
}

/// The pictures of either end.
pub struct Picture {
    source: Region,
    weights: Region,
    frame: Frame,
    phases: Vec<Phase>,
    batch: usize,
    /// Pictures that are computed at a time.
    group: usize,
    groups: usize,
    /// Channels of a group: in the source, in the result.
    from: usize,
    to: usize,
    /// Whether w is read the other way round, [.., to, from].
    turned: bool,
    /// Numbers of a row of w: the filters of all groups.
    filters: usize,
    height: usize,
    /// Numbers of a row of the result, for all groups.
    row: usize,
    /// Rows of the result that belong to one row of the grid, and grid rows of a block.
    stride: usize,
    block: usize,
}

impl Picture {
    /// From the output's pictures and w if `turned`, else from the input's.
    #[inline]
    pub fn new(turned: bool, conv: &Conv, a: Region, b: Region) -> Picture {
        let (inside, filters) = (conv.channels / conv.groups, conv.filters / conv.groups);
        let (from, to, [height, width]) =
            if turned { (filters, inside, conv.input) } else { (inside, filters, conv.output) };
        let axes = [0, 1].map(|axis| if turned { Axis::turned(conv, axis) } else { Axis::new(conv, axis) });
        let size = if turned { conv.output } else { conv.input };
        let channels = from * conv.groups;
        let frame = Frame {
            picture: size,
            channels,
            low: [axes[0].low, axes[1].low],
            size: [axes[0].size.max(1), axes[1].size.max(1)],
        };
        let group = if height * width >= PIXELS { 1 } else { PIXELS.div_ceil(height * width).min(conv.batch) };
        let mut phases = Vec::new();
        let mut packed = 0;
        for rows in &axes[0].phases {
            for columns in &axes[1].phases {
                let mut phase = Phase::new(rows, columns, &frame, conv);
                phase.packed = packed;
                packed += phase.taps.len() * from * to.next_multiple_of(COLUMNS) * conv.groups;
                for picture in 0..group {
                    phase.place(rows, columns, &frame, picture, [height, width], to * conv.groups);
                }
                phases.push(phase);
            }
        }
        let row = width * to * conv.groups;
        let stride = if turned { conv.stride[0] } else { 1 };
        let grid = height.div_ceil(stride);
        let block = if group > 1 { grid } else { (BLOCK / (row * stride).max(1)).clamp(1, grid.max(1)) };
        Picture {
            source: a,
            weights: b,
            frame,
            phases,
            batch: conv.batch,
            group,
            groups: conv.groups,
            from,
            to,
            turned,
            filters: conv.filters,
            height,
            row,
            stride,
            block,
        }
    }

    /// Computes the pixels in `rows` of a phase's grid.
    fn block(
        &self,
        phase: &Phase,
        rows: std::ops::Range<usize>,
        numbers: &[f32],
        weights: &[f32],
        low: usize,
        core: &mut [f32],
    ) {
        let pixels = rows.start * phase.columns..rows.end * phase.columns;
        if pixels.is_empty() {
            return;
        }
        if self.is_depthwise() {
            let taps = Taps { numbers, segments: &phase.segments, weights, places: &phase.taps };
            for (&base, &to) in phase.bases[pixels.clone()].iter().zip(&phase.outs[pixels]) {
                let to = to as usize - low * self.row;
                depthwise::pixel(taps, base as usize, &mut core[to..to + self.groups]);
            }
            return;
        }
        let steps = phase.taps.len() * self.from;
        let packed = steps * self.to.next_multiple_of(COLUMNS);
        for group in 0..self.groups {
            let left = Left {
                numbers: &numbers[group * self.from..],
                segments: &phase.segments,
                length: phase.length,
                step: 1,
            };
            let right = Right {
                numbers: &weights[phase.packed + group * packed..][..packed],
                panel: steps * COLUMNS,
                step: COLUMNS,
            };
            let mut out = Out {
                numbers: core,
                rows: &phase.outs[pixels.clone()],
                origin: low * self.row,
                column: group * self.to,
                add: false,
            };
            tile::product(left, &phase.bases[pixels.clone()], right, self.to, &mut out);
        }
    }

    /// Whether each channel has a filter of its own, and no more.
    fn is_depthwise(&self) -> bool {
        self.from == 1 && self.to == 1 && self.groups > 1
    }

    /// Packs the weights into panels, in the order of each phase's taps.
    fn pack(&self, weights: &[f32], pack: &mut [f32]) {
        for phase in &self.phases {
            let steps = phase.taps.len() * self.from;
            let packed = steps * self.to.next_multiple_of(COLUMNS);
            for group in 0..self.groups {
                let pack = &mut pack[phase.packed + group * packed..][..packed];
                for (panel, pack) in pack.chunks_mut((steps * COLUMNS).max(1)).enumerate() {
                    let column = panel * COLUMNS;
                    let width = (self.to - column).min(COLUMNS);
                    for (&tap, pack) in phase.taps.iter().zip(pack.chunks_mut(self.from * COLUMNS)) {
                        // w: [kh, kw, channels, filters]; a step is a channel, or a filter where it is turned.
                        let (start, across, along) = if self.turned {
                            (tap + column * self.filters + group * self.from, 1, self.filters)
                        } else {
                            (tap + column + group * self.to, self.filters, 1)
                        };
                        for (step, pack) in pack.as_chunks_mut::<COLUMNS>().0.iter_mut().enumerate() {
                            pack[width..].fill(0.0);
                            for (j, pack) in pack[..width].iter_mut().enumerate() {
                                *pack = weights[start + step * across + j * along];
                            }
                        }
                    }
                }
            }
        }
    }
}

impl Work for Picture {
    fn need(&self) -> Need {
        let pack = self.phases.iter().map(|phase| phase.taps.len()).sum::<usize>();
        Need {
            core: (self.block * self.stride).min(self.height) * self.row * self.group,
            side: if self.frame.is_bare() { 0 } else { self.frame.count() * self.group },
            pack: pack * self.from * self.to.next_multiple_of(COLUMNS) * self.groups,
        }
    }

    fn align(&self) -> usize {
        self.to * self.groups
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let Scratch { core, side, pack, .. } = scratch;
        let weights = sink.memory.region(self.weights);
        if self.is_depthwise() {
            pack[..weights.len()].copy_from_slice(weights);
        } else {
            self.pack(weights, pack);
        }
        let picture = self.frame.picture[0] * self.frame.picture[1] * self.frame.channels;
        let side = &mut side[..if self.frame.is_bare() { 0 } else { self.frame.count() * self.group }];
        side.fill(0.0);
        for first in (0..self.batch).step_by(self.group) {
            let pictures = self.group.min(self.batch - first);
            let source = &sink.memory.region(self.source)[first * picture..][..pictures * picture];
            if !side.is_empty() {
                for (source, frame) in source.chunks(picture).zip(side.chunks_mut(self.frame.count())) {
                    self.frame.fill(source, frame);
                }
            }
            let grid = self.height.div_ceil(self.stride);
            for start in (0..grid).step_by(self.block) {
                let source = &sink.memory.region(self.source)[first * picture..][..pictures * picture];
                let numbers = if side.is_empty() { source } else { &*side };
                let (low, high) = (start * self.stride, ((start + self.block) * self.stride).min(self.height));
                let core = &mut core[..if self.group > 1 { pictures * self.height } else { high - low } * self.row];
                for phase in &self.phases {
                    let rows = if self.group > 1 {
                        0..pictures * phase.rows
                    } else {
                        start.min(phase.rows)..(start + self.block).min(phase.rows)
                    };
                    self.block(phase, rows, numbers, pack, low, core);
                }
                sink.take((first * self.height + low) * self.row, core);
            }
        }
    }
}

impl Phase {
    #[inline]
    fn new(rows: &Line, columns: &Line, frame: &Frame, conv: &Conv) -> Phase {
        let (channels, inside) = (frame.channels, conv.channels / conv.groups);
        let mut taps = Vec::new();
        let mut places = Vec::new();
        for &(kh, y) in &rows.taps {
            for &(kw, x) in &columns.taps {
                taps.push((kh * conv.kernel[1] + kw) * inside * conv.filters);
                places.push(((y * frame.size[1] + x) * channels) as u32);
            }
        }
        // Taps that lie side by side in every row are one run.
        let beside = columns.taps.windows(2).all(|pair| pair[1].1 == pair[0].1 + 1);
        let (segments, length) = if conv.groups == 1 && beside && !columns.taps.is_empty() {
            (places.iter().copied().step_by(columns.taps.len()).collect(), columns.taps.len() * channels)
        } else {
            (places, channels / conv.groups)
        };
        Phase {
            segments,
            length,
            taps,
            rows: rows.count,
            columns: columns.count,
            bases: vec![],
            outs: vec![],
            packed: 0,
        }
    }

    /// Adds the pixels of the `picture`-th picture of a group.
    #[inline]
    fn place(
        &mut self,
        rows: &Line,
        columns: &Line,
        frame: &Frame,
        picture: usize,
        [height, width]: [usize; 2],
        to: usize,
    ) {
        for t in 0..rows.count {
            for u in 0..columns.count {
                let pixel = (picture * frame.size[0] + t * rows.step) * frame.size[1] + u * columns.step;
                self.bases.push((pixel * frame.channels) as u32);
                let row = picture * height + rows.start + t * rows.every;
                let out = row * width + columns.start + u * columns.every;
                self.outs.push((out * to) as u32);
            }
        }
    }
}
