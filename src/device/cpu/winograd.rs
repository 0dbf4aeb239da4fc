//! Convolutions of 3×3 with stride 1 in fewer multiplications: Winograd's F(2×2, 3×3).
//!
//! Four by four pixels of the padded picture become 16 sums, the 3×3 weights too, and the 16 products of either, transformed
//! back, are two by two pixels of the output: 16 multiplications where the taps need 36. For many channels it is 16 matrix
//! products, of tiles × channels with channels × filters. The gradient of the weights is the same bilinear form read the other
//! way round: transformed inputs times transformed gradients, summed over all tiles and transformed back once.
//!
//! The transforms add and halve only, so that what is lost is a bit or two of a number's 24. (Lavin and Gray, *Fast Algorithms
//! for Convolutional Neural Networks*, 2015. Its larger tiles lose more: they are not used.)

use super::frame::{Axis, Frame};
use super::tile::{COLUMNS, ROWS, Whole};
use super::{Need, Scratch, Sink, Work};
use crate::graph::op::Conv;
use crate::plan::Region;
use crate::tensor::lanes::Lanes;

/// Sums of a tile: as many matrix products.
const PLANES: usize = 16;
/// Numbers between planes that keep their rows out of each other's places in the cache.
const GAP: usize = 16;
/// Tiles that are multiplied at a time, for the pictures and for the kernel.
const TILES: usize = 16;
/// Channels and filters from which on it is quicker than all taps.
const CHANNELS: usize = 8;

/// Whether a convolution can be computed this way, and is quicker so.
#[inline]
pub fn suits(conv: &Conv) -> bool {
    let many = |count: usize| count >= CHANNELS && count.is_multiple_of(COLUMNS);
    conv.kernel == [3, 3]
        && conv.stride == [1, 1]
        && conv.dilation == [1, 1]
        && conv.groups == 1
        && many(conv.channels)
        && many(conv.filters)
        && conv.output.iter().all(|&size| size > 0)
}

/// The tiles of a picture: where they lie in its frame and in the result.
struct Grid {
    frame: Frame,
    /// Pixels of the result, down and across.
    size: [usize; 2],
    tiles: [usize; 2],
    /// Pictures, and rows of tiles, that are computed at a time; one of the two is all there is.
    group: usize,
    rows: usize,
}

impl Grid {
    /// For a result of `size` pixels from pictures of `picture` pixels with `channels`, whose first tap lies at `low`.
    #[inline]
    fn new(size: [usize; 2], picture: [usize; 2], channels: usize, low: [isize; 2], batch: usize) -> Grid {
        let tiles = size.map(|size| size.div_ceil(2));
        let frame = Frame { picture, channels, low, size: tiles.map(|tiles| 2 * tiles + 2) };
        let group = (TILES / (tiles[0] * tiles[1])).clamp(1, batch.max(1));
        let rows = if group > 1 { tiles[0] } else { (TILES / tiles[1]).clamp(1, tiles[0]) };
        Grid { frame, size, tiles, group, rows }
    }

    /// Tiles of a block, in whole fours.
    fn count(&self) -> usize {
        (self.group * self.rows * self.tiles[1]).next_multiple_of(ROWS)
    }

    /// Calls `each` with the number of every tile in a block, its picture in the group, and its row and column.
    fn walk(&self, pictures: usize, rows: std::ops::Range<usize>, mut each: impl FnMut(usize, usize, [usize; 2])) {
        let mut tile = 0;
        for picture in 0..pictures {
            for row in rows.clone() {
                for column in 0..self.tiles[1] {
                    each(tile, picture, [row, column]);
                    tile += 1;
                }
            }
        }
    }

    /// Where a tile begins in the frames of a group.
    fn corner(&self, picture: usize, [row, column]: [usize; 2]) -> usize {
        picture * self.frame.count() + (2 * row * self.frame.size[1] + 2 * column) * self.frame.channels
    }

    /// How many of a tile's two rows and columns lie inside the result.
    fn inside(&self, [row, column]: [usize; 2]) -> [usize; 2] {
        [(self.size[0] - 2 * row).min(2), (self.size[1] - 2 * column).min(2)]
    }

    /// The padded pictures of a group, in `side` unless they need no padding.
    fn pictures<'a>(&self, source: &'a [f32], side: &'a mut [f32]) -> &'a [f32] {
        if self.frame.is_bare() {
            return source;
        }
        let picture = self.frame.picture[0] * self.frame.picture[1] * self.frame.channels;
        for (source, frame) in source.chunks(picture).zip(side.chunks_mut(self.frame.count())) {
            self.frame.fill(source, frame);
        }
        side
    }

    fn side(&self) -> usize {
        if self.frame.is_bare() { 0 } else { self.group * self.frame.count() }
    }
}

/// The pictures of either end.
pub struct Picture {
    source: Region,
    weights: Region,
    grid: Grid,
    batch: usize,
    /// Channels of the source, of the result.
    from: usize,
    to: usize,
    /// Whether w is read the other way round, [.., to, from].
    turned: bool,
    /// Where each tap begins in w.
    taps: [[usize; 3]; 3],
}

impl Picture {
    /// From the output's pictures and w if `turned`, else from the input's.
    #[inline]
    pub fn new(turned: bool, conv: &Conv, a: Region, b: Region) -> Picture {
        let (from, to) = if turned { (conv.filters, conv.channels) } else { (conv.channels, conv.filters) };
        let (picture, size) = if turned { (conv.output, conv.input) } else { (conv.input, conv.output) };
        let axes = [0, 1].map(|axis| if turned { Axis::turned(conv, axis) } else { Axis::new(conv, axis) });
        let taps = axes[0].phases[0].taps.iter().map(|&(kh, _)| {
            let row = axes[1].phases[0].taps.iter().map(|&(kw, _)| (kh * 3 + kw) * conv.channels * conv.filters);
            let mut places = [0; 3];
            places.iter_mut().zip(row).for_each(|(place, tap)| *place = tap);
            places
        });
        let mut places = [[0; 3]; 3];
        places.iter_mut().zip(taps).for_each(|(place, row)| *place = row);
        let grid = Grid::new(size, picture, from, [axes[0].low, axes[1].low], conv.batch);
        Picture { source: a, weights: b, grid, batch: conv.batch, from, to, turned, taps: places }
    }

    /// Numbers of a plane: of transformed pictures, of products.
    fn planes(&self) -> [usize; 2] {
        [self.from, self.to].map(|channels| self.grid.count() * channels + GAP)
    }

    /// Transforms the weights into panels, [plane][panel][from][8].
    fn pack(&self, weights: &[f32], pack: &mut [f32]) {
        let plane = self.from * self.to;
        let (across, along) = if self.turned { (1, self.from) } else { (self.to, 1) };
        for from in 0..self.from {
            for column in (0..self.to).step_by(4) {
                let tap = |place: usize| {
                    let at = place + from * across + column * along;
                    if along == 1 {
                        load(weights, at)
                    } else {
                        Lanes::of(&std::array::from_fn(|j| weights[at + j * along]))
                    }
                };
                let rows = self.taps.map(|row| narrow_to_wide(row.map(tap)));
                let panel = column / COLUMNS * self.from * COLUMNS + from * COLUMNS + column % COLUMNS;
                for x in 0..4 {
                    for (y, sum) in narrow_to_wide(rows.map(|row| row[x])).into_iter().enumerate() {
                        store(sum, pack, (y * 4 + x) * plane + panel);
                    }
                }
            }
        }
    }
}

impl Work for Picture {
    fn need(&self) -> Need {
        let [left, product] = self.planes();
        Need {
            core: self.grid.group * (2 * self.grid.rows).min(self.grid.size[0]) * self.grid.size[1] * self.to,
            side: self.grid.side() + PLANES * (left + product),
            pack: PLANES * self.from * self.to,
        }
    }

    fn align(&self) -> usize {
        self.to
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let Scratch { core, side, pack, .. } = scratch;
        let Picture { grid, from, to, .. } = self;
        let (from, to, [height, width]) = (*from, *to, grid.size);
        self.pack(sink.memory.region(self.weights), pack);
        let (side, rest) = side.split_at_mut(grid.side());
        side.fill(0.0);
        let [left, product] = self.planes();
        let (lefts, rest) = rest.split_at_mut(PLANES * left);
        let products = &mut rest[..PLANES * product];
        let picture = grid.frame.picture[0] * grid.frame.picture[1] * from;
        for first in (0..self.batch).step_by(grid.group) {
            let pictures = grid.group.min(self.batch - first);
            if !side.is_empty() {
                let source = &sink.memory.region(self.source)[first * picture..][..pictures * picture];
                grid.pictures(source, side);
            }
            for row in (0..grid.tiles[0]).step_by(grid.rows) {
                let rows = row..(row + grid.rows).min(grid.tiles[0]);
                let source = &sink.memory.region(self.source)[first * picture..][..pictures * picture];
                let numbers = if side.is_empty() { source } else { &*side };
                let pitch = grid.frame.size[1] * from;
                grid.walk(pictures, rows.clone(), |tile, picture, place| {
                    let corner = &numbers[grid.corner(picture, place)..];
                    spread(corner, [pitch, from], from, &mut lefts[tile * from..], left, 4);
                });
                let count = pictures * rows.len() * grid.tiles[1];
                for plane in 0..PLANES {
                    let whole = Whole {
                        rows: count.next_multiple_of(ROWS),
                        steps: from,
                        columns: to,
                        pitch: to,
                        four: ROWS * from,
                        panel: COLUMNS * from,
                    };
                    let (left, right) = (&lefts[plane * left..], &pack[plane * from * to..]);
                    whole.product::<false, false>(left, right, &mut products[plane * product..]);
                }
                let (low, high) = (2 * rows.start, (2 * rows.end).min(height));
                let core = &mut core[..pictures * (high - low) * width * to];
                grid.walk(pictures, rows, |tile, picture, place| {
                    let pixel = ((picture * height) + 2 * place[0] - low) * width + 2 * place[1];
                    let inside = grid.inside(place);
                    let core = &mut core[pixel * to..];
                    assert!(((inside[0] - 1) * width + inside[1]) * to <= core.len(), "a tile lies in its pictures");
                    for channel in (0..to).step_by(4) {
                        let pixels = collect(products, product, tile * to + channel);
                        for (y, pixels) in pixels.into_iter().enumerate() {
                            for (x, sum) in pixels.into_iter().enumerate() {
                                if y < inside[0] && x < inside[1] {
                                    // Safety: the last pixel was checked above.
                                    unsafe { sum.store(core.as_mut_ptr().add((y * width + x) * to + channel)) };
                                }
                            }
                        }
                    }
                });
                sink.take((first * height + low) * width * to, core);
            }
        }
    }
}

/// The kernel from the pictures of both ends.
pub struct Kernel {
    x: Region,
    y: Region,
    grid: Grid,
    conv: Conv,
}

impl Kernel {
    #[inline]
    pub fn new(conv: &Conv, x: Region, y: Region) -> Kernel {
        let low = conv.padding.map(|padding| -(padding as isize));
        let grid = Grid::new(conv.output, conv.input, conv.channels, low, conv.batch);
        Kernel { x, y, grid, conv: *conv }
    }

    /// Numbers of a plane: of transformed inputs, of transformed gradients, of their products.
    fn planes(&self) -> [usize; 3] {
        let Conv { channels, filters, .. } = self.conv;
        let tiles = self.grid.count();
        [tiles * channels + GAP, tiles * filters + GAP, channels * filters + GAP]
    }
}

impl Work for Kernel {
    fn need(&self) -> Need {
        let [left, right, product] = self.planes();
        Need {
            core: 9 * self.conv.channels * self.conv.filters,
            side: self.grid.side() + PLANES * left,
            pack: PLANES * (right + product),
        }
    }

    fn align(&self) -> usize {
        self.conv.filters
    }

    fn run(&self, scratch: &mut Scratch, sink: &mut Sink) {
        let Scratch { core, side, pack, .. } = scratch;
        let Kernel { grid, conv, .. } = self;
        let &Conv { channels, filters, .. } = conv;
        let [left, right, product] = self.planes();
        let (side, lefts) = side.split_at_mut(grid.side());
        let (rights, products) = pack.split_at_mut(PLANES * right);
        let products = &mut products[..PLANES * product];
        side.fill(0.0);
        products.fill(0.0);
        let picture = conv.input[0] * conv.input[1] * channels;
        let result = conv.output[0] * conv.output[1] * filters;
        let room = grid.count();
        for first in (0..conv.batch).step_by(grid.group) {
            let pictures = grid.group.min(conv.batch - first);
            let source = &sink.memory.region(self.x)[first * picture..][..pictures * picture];
            let numbers = grid.pictures(source, side);
            let y = &sink.memory.region(self.y)[first * result..][..pictures * result];
            for row in (0..grid.tiles[0]).step_by(grid.rows) {
                let rows = row..(row + grid.rows).min(grid.tiles[0]);
                let count = pictures * rows.len() * grid.tiles[1];
                let pitch = grid.frame.size[1] * channels;
                let width = grid.size[1];
                grid.walk(pictures, rows, |tile, picture, place| {
                    let corner = &numbers[grid.corner(picture, place)..];
                    spread(corner, [pitch, channels], channels, &mut lefts[tile * ROWS..], left, room * ROWS);
                    let pixel = (picture * grid.size[0] + 2 * place[0]) * width + 2 * place[1];
                    let inside = grid.inside(place);
                    for filter in (0..filters).step_by(4) {
                        let pixels: [[Lanes; 2]; 2] = std::array::from_fn(|down| {
                            std::array::from_fn(|across| {
                                if down < inside[0] && across < inside[1] {
                                    load(y, (pixel + down * width + across) * filters + filter)
                                } else {
                                    Lanes::splat(0.0)
                                }
                            })
                        });
                        let panel = filter / COLUMNS * room * COLUMNS + tile * COLUMNS + filter % COLUMNS;
                        scatter(pixels, rights, right, panel);
                    }
                });
                for plane in 0..PLANES {
                    let whole = Whole {
                        rows: channels,
                        steps: count,
                        columns: filters,
                        pitch: filters,
                        four: ROWS * room,
                        panel: COLUMNS * room,
                    };
                    let (left, right) = (&lefts[plane * left..], &rights[plane * right..]);
                    whole.product::<true, true>(left, right, &mut products[plane * product..]);
                }
            }
        }
        let core = &mut core[..9 * channels * filters];
        for at in (0..channels * filters).step_by(4) {
            let rows: [[Lanes; 3]; 4] = std::array::from_fn(|y| {
                wide_to_narrow(std::array::from_fn(|x| load(products, (y * 4 + x) * product + at)))
            });
            for x in 0..3 {
                for (y, sum) in wide_to_narrow(rows.map(|row| row[x])).into_iter().enumerate() {
                    store(sum, core, (y * 3 + x) * channels * filters + at);
                }
            }
        }
        sink.take(0, core);
    }
}

/// Transforms a tile of 4×4 pixels, which begin `across` and `down` after each other, and stores `channels` of each sum in its
/// plane: every four of them `step` after the last.
#[inline(always)]
fn spread(pixels: &[f32], [down, across]: [usize; 2], channels: usize, to: &mut [f32], plane: usize, step: usize) {
    assert!(3 * (down + across) + channels <= pixels.len(), "a tile lies in its picture");
    assert!((PLANES - 1) * plane + (channels / 4 - 1) * step + 4 <= to.len(), "a tile lies in its planes");
    for four in 0..channels / 4 {
        // Safety: the farthest pixel and the farthest sum were checked above.
        unsafe {
            let (from, to) = (pixels.as_ptr().add(four * 4), to.as_mut_ptr().add(four * step));
            let pixels = |y: usize| std::array::from_fn(|x| Lanes::load(from.add(y * down + x * across)));
            let row = |y: usize, [a, b, c, d]: [Lanes; 4]| {
                for (x, sum) in [a.sub(c), b.add(c), c.sub(b), b.sub(d)].into_iter().enumerate() {
                    sum.store(to.add((y * 4 + x) * plane));
                }
            };
            row(0, both(pixels(0), pixels(2), Lanes::sub));
            row(1, both(pixels(1), pixels(2), Lanes::add));
            row(2, both(pixels(2), pixels(1), Lanes::sub));
            row(3, both(pixels(1), pixels(3), Lanes::sub));
        }
    }
}

#[inline(always)]
fn both(a: [Lanes; 4], b: [Lanes; 4], join: impl Fn(Lanes, Lanes) -> Lanes) -> [Lanes; 4] {
    std::array::from_fn(|x| join(a[x], b[x]))
}

/// The 2×2 pixels of four channels from the sums of all planes; of all planes' sums, `at` lies inside the last.
#[inline(always)]
fn collect(planes: &[f32], plane: usize, at: usize) -> [[Lanes; 2]; 2] {
    assert!((PLANES - 1) * plane + at + 4 <= planes.len(), "a tile lies in its planes");
    // Safety: the farthest sum was checked above.
    let sum = |y: usize, x: usize| unsafe { Lanes::load(planes.as_ptr().add((y * 4 + x) * plane + at)) };
    let rows = [
        std::array::from_fn(|x| sum(0, x).add(sum(1, x)).add(sum(2, x))),
        std::array::from_fn(|x| sum(1, x).sub(sum(2, x)).sub(sum(3, x))),
    ];
    rows.map(|[a, b, c, d]: [Lanes; 4]| [a.add(b).add(c), b.sub(c).sub(d)])
}

/// Transforms 2×2 pixels of a gradient, four channels of them, the other way round than [`collect`].
#[inline(always)]
fn scatter(pixels: [[Lanes; 2]; 2], planes: &mut [f32], plane: usize, at: usize) {
    assert!((PLANES - 1) * plane + at + 4 <= planes.len(), "a tile lies in its planes");
    let to = planes.as_mut_ptr();
    let row = |y: usize, pair: [Lanes; 2]| {
        for (x, sum) in two_to_four(pair).into_iter().enumerate() {
            // Safety: the farthest sum was checked above.
            unsafe { sum.store(to.add((y * 4 + x) * plane + at)) };
        }
    };
    let [a, b] = pixels;
    let none = Lanes::splat(0.0);
    row(0, a);
    row(1, [a[0].add(b[0]), a[1].add(b[1])]);
    row(2, [a[0].sub(b[0]), a[1].sub(b[1])]);
    row(3, [none.sub(b[0]), none.sub(b[1])]);
}

/// Two pixels of a gradient, transformed: [`collect`] the other way round.
#[inline(always)]
fn two_to_four([a, b]: [Lanes; 2]) -> [Lanes; 4] {
    [a, a.add(b), a.sub(b), Lanes::splat(0.0).sub(b)]
}

/// Three weights, transformed.
#[inline(always)]
fn narrow_to_wide([a, b, c]: [Lanes; 3]) -> [Lanes; 4] {
    let half = Lanes::splat(0.5);
    let (ends, middle) = (a.add(c).mul(half), b.mul(half));
    [a, ends.add(middle), ends.sub(middle), c]
}

/// A gradient of transformed weights, as one of weights: [`narrow_to_wide`] the other way round.
#[inline(always)]
fn wide_to_narrow([a, b, c, d]: [Lanes; 4]) -> [Lanes; 3] {
    let half = Lanes::splat(0.5);
    let (ends, middle) = (b.add(c).mul(half), b.sub(c).mul(half));
    [a.add(ends), middle, ends.add(d)]
}

#[inline(always)]
fn load(numbers: &[f32], at: usize) -> Lanes {
    Lanes::of(numbers[at..].first_chunk().expect("four numbers of a tile lie in their buffer"))
}

#[inline(always)]
fn store(lanes: Lanes, numbers: &mut [f32], at: usize) {
    lanes.put(numbers[at..].first_chunk_mut().expect("four numbers of a tile lie in their buffer"));
}
