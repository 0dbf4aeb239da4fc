//! Products and convolutions as launches: how their results are cut into register tiles, and long sums into parts.
//!
//! An invocation holds a tile of up to 8 × 8 sums in registers. It reads memory directly, where each number that is read is
//! used eight times; or a workgroup waits until its 64 invocations have fetched what all of them use.

use super::schedule::Task;
use super::shader::{Shader, Size, WORKGROUP};
use super::write::Job;
use crate::graph::op::{Conv, Fold, Side};
use crate::plan::{Core, Region};

/// Invocations of a workgroup along each side of a block.
const SIDE: usize = 8;
/// From so many invocations on workgroups that share what they fetch keep any machine busy.
const BLOCKS: usize = 32_768;
/// Terms of its sums that a workgroup fetches at a time.
const DEPTH: usize = 16;

impl<'a> Job<'a> {
    pub fn matmul(&self) -> Vec<Task<'a>> {
        let Core::Matmul { batch, m, n, k, .. } = self.kernel.core else {
            unreachable!("the caller matched a product");
        };
        let tiles = m.div_ceil(4) * n.div_ceil(4) * batch;
        let slices = self.slices(tiles, k / 4);
        if slices > 1 && tiles * slices <= BLOCKS {
            return self.matmul_slim(slices);
        }
        if let Some((tm, tn)) = self.block(m, n, k, batch) {
            return self.matmul_block(tm, tn);
        }
        let (tm, tn) = self.tile(m, n, batch);
        let (tiles_m, tiles_n) = (m.div_ceil(tm), n.div_ceil(tn));
        let tiles = tiles_m * tiles_n * batch;
        let parts = (self.machine.lanes / tiles).clamp(1, (k / 64).max(1));
        let chunk = k.div_ceil(parts).next_multiple_of(4);
        let parts = k.div_ceil(chunk);
        let mut shader = self.shader();
        self.tiles(&mut shader, tm, tn, tiles * parts);
        let numbers = [("TILES_M", tiles_m), ("TILES_N", tiles_n), ("PARTS", parts), ("CHUNK", chunk)];
        shader.set_all(&numbers);
        self.factors(&mut shader);
        self.split(shader, Fold::Sum, false, "matmul", Size::Invocations(tiles * parts), parts)
    }

    /// A product in which several invocations share the terms of a tile.
    fn matmul_slim(&self, slices: usize) -> Vec<Task<'a>> {
        let Core::Matmul { batch, m, n, k, .. } = self.kernel.core else {
            unreachable!("the caller matched a product");
        };
        let (tiles_m, tiles_n) = (m.div_ceil(4), n.div_ceil(4));
        let tiles = tiles_m * tiles_n * batch;
        let parts = (self.machine.lanes / (tiles * slices)).clamp(1, (k / (slices * 64)).max(1));
        let chunk = k.div_ceil(parts).next_multiple_of(4);
        let parts = k.div_ceil(chunk);
        let mut shader = self.shader();
        self.tiles(&mut shader, 4, 4, tiles * parts);
        let numbers = [("TILES_M", tiles_m), ("TILES_N", tiles_n), ("PARTS", parts), ("CHUNK", chunk)];
        shader.set_all(&numbers);
        meet(&mut shader, slices);
        self.factors(&mut shader);
        let groups = (tiles * parts).div_ceil(WORKGROUP / slices);
        self.split(shader, Fold::Sum, false, "matmul_slim", Size::Workgroups(groups), parts)
    }

    /// How many invocations share the terms of a tile of 4 × 4, if tiles alone leave the machine idle.
    fn slices(&self, tiles: usize, terms: usize) -> usize {
        let fits = |slices: usize| tiles * slices <= self.machine.lanes && terms >= slices;
        let able = self.machine.barriers && self.machine.fours;
        [16, 8, 4].into_iter().find(|&slices| able && fits(slices)).unwrap_or(1)
    }

    /// A product whose workgroups share what they fetch.
    fn matmul_block(&self, tm: usize, tn: usize) -> Vec<Task<'a>> {
        let Core::Matmul { batch, m, n, k, transpose_a, transpose_b, .. } = self.kernel.core else {
            unreachable!("the caller matched a product");
        };
        let (bm, bn) = (SIDE * tm, SIDE * tn);
        let (blocks_m, blocks_n) = (m.div_ceil(bm), n.div_ceil(bn));
        let blocks = blocks_m * blocks_n * batch;
        let parts = (self.machine.lanes / WORKGROUP / blocks).clamp(1, (k / (4 * DEPTH)).max(1));
        let chunk = k.div_ceil(parts).next_multiple_of(DEPTH);
        let parts = k.div_ceil(chunk);
        let mut shader = self.shader();
        self.tiles(&mut shader, tm, tn, blocks * parts);
        // A row more than is used keeps neighbours that are written column by column in different banks of the memory.
        let (stride_a, stride_b) = (bm / 4 + usize::from(!transpose_a), bn / 4 + usize::from(transpose_b));
        let numbers = [
            [("BM", bm), ("BN", bn), ("BK", DEPTH), ("BLOCKS_M", blocks_m), ("BLOCKS_N", blocks_n), ("PARTS", parts)],
            [
                ("CHUNK", chunk),
                ("FETCH_A", bm * DEPTH / 4 / WORKGROUP),
                ("FETCH_B", bn * DEPTH / 4 / WORKGROUP),
                ("STRIDE_A", stride_a),
                ("STRIDE_B", stride_b),
                ("LONG_A", stride_a * DEPTH),
            ],
        ];
        shader.set_all(numbers.as_flattened());
        shader.set("LONG_B", stride_b * DEPTH);
        shader.share((stride_a + stride_b) * DEPTH * 16);
        self.factors(&mut shader);
        self.split(shader, Fold::Sum, false, "matmul_block", Size::Workgroups(blocks * parts), parts)
    }

    /// Rows and columns of the register tiles of a product whose workgroups share what they fetch, if that pays.
    fn block(&self, m: usize, n: usize, k: usize, batch: usize) -> Option<(usize, usize)> {
        let Core::Matmul { transpose_a, transpose_b, .. } = self.kernel.core else { return None };
        let fours = k % 4 == 0 || transpose_a && !transpose_b;
        if !self.machine.blocks || !fours || k < DEPTH || m <= SIDE * 2 || n <= SIDE * 2 {
            return None;
        }
        let fits = |side: usize, of: usize| side == 4 || SIDE * side / 2 < of;
        let groups = |tm: usize, tn: usize| m.div_ceil(SIDE * tm) * n.div_ceil(SIDE * tn) * batch;
        let all = [(8, 8), (4, 8), (8, 4), (4, 4)].into_iter().filter(|&(tm, tn)| fits(tm, m) && fits(tn, n));
        let busy = all.clone().find(|&(tm, tn)| groups(tm, tn) * WORKGROUP >= self.machine.lanes.min(BLOCKS));
        busy.or(all.last())
    }

    /// The sizes and operands of a product.
    pub fn factors(&self, shader: &mut Shader) {
        let Core::Matmul { m, n, k, a, b, transpose_a, transpose_b, shared_b, .. } = self.kernel.core else {
            unreachable!("the caller matched a product");
        };
        let flags = [
            ("TRANSPOSE_A", transpose_a),
            ("TRANSPOSE_B", transpose_b),
            ("SHARED_B", shared_b),
            ("FOURS", self.machine.fours),
            ("TAIL", k % 4 != 0 || !self.machine.fours),
        ];
        flags.iter().for_each(|(name, on)| shader.set(name, usize::from(*on)));
        shader.set_all(&[("M", m), ("N", n), ("K", k)]);
        shader.operand("a", a, (if transpose_a { m } else { k }) % 4 == 0);
        shader.operand("b", b, (if transpose_b { k } else { n }) % 4 == 0);
    }

    pub fn conv(&self, side: Side, conv: &Conv, a: Region, b: Region) -> Vec<Task<'a>> {
        let Conv { batch, input, channels, output, filters, kernel, stride, dilation, padding, groups } = *conv;
        let (cg, fg) = (channels / groups, filters / groups);
        let mut shader = self.shader();
        let numbers = [
            [("BATCH", batch), ("C", channels), ("F", filters), ("CG", cg), ("FG", fg), ("GROUPS", groups)],
            [
                ("H", input[0]),
                ("W", input[1]),
                ("OH", output[0]),
                ("OW", output[1]),
                ("KH", kernel[0]),
                ("KW", kernel[1]),
            ],
            [
                ("SH", stride[0]),
                ("SW", stride[1]),
                ("DH", dilation[0]),
                ("DW", dilation[1]),
                ("PH", padding[0]),
                ("PW", padding[1]),
            ],
        ];
        shader.set_all(numbers.as_flattened());
        let channels_fit = cg % 4 == 0;
        let filters_fit = fg % 4 == 0;
        // Neighbouring windows share columns if they lie one pixel apart.
        let line = stride == [1, 1] && dilation[1] == 1 && (2..=5).contains(&kernel[1]);
        match side {
            Side::Output | Side::Input => {
                let back = side == Side::Input;
                let (result, cols, inner) = if back { (input, cg, fg) } else { (output, fg, cg) };
                let rows = batch * result[0] * result[1];
                let fits = if back { filters_fit } else { channels_fit };
                shader.operand("a", a, fits);
                shader.operand("b", b, filters_fit);
                let strip = if line && (!back || padding[1] < kernel[1]) {
                    self.strip(rows / result[1], result[1], cols, groups)
                } else {
                    None
                };
                shader.set("TAIL", usize::from(inner % 4 != 0));
                if let Some((tm, tn)) = strip {
                    let (strips, tiles_n) = (result[1].div_ceil(tm), cols.div_ceil(tn));
                    let tiles = rows / result[1] * strips * tiles_n * groups;
                    self.tiles(&mut shader, tm, tn, tiles);
                    let read = if back { (output, filters) } else { (input, channels) };
                    let left = if back { kernel[1] - 1 - padding[1] } else { padding[1] };
                    let fours = inner % 4 == 0 && self.machine.fours;
                    let numbers = [
                        [("BACK", usize::from(back)), ("AH", read.0[0]), ("AW", read.0[1]), ("AC", read.1)],
                        [("AG", inner), ("FOURS", usize::from(fours)), ("BG", cols), ("LEFT", left)],
                        [("RH", result[0]), ("RW", result[1]), ("STRIPS", strips), ("SPAN", tm + kernel[1] - 1)],
                    ];
                    shader.set("STEP", if fours { 4 } else { 1 });
                    shader.set_all(numbers.as_flattened());
                    shader.set("TILES_N", tiles_n);
                    let terms = kernel[0] * inner / if fours { 4 } else { 1 };
                    let slices = if (tm, tn) == (4, 4) { self.slices(tiles, terms / 2) } else { 1 };
                    meet(&mut shader, slices);
                    shader.set("FLAT", usize::from(slices > 1 || !self.machine.fours));
                    let size = Size::Workgroups(tiles.div_ceil(WORKGROUP / slices));
                    return self.split(shader, Fold::Sum, false, "conv_line", size, 1);
                }
                let template = if back { "conv_input" } else { "conv_output" };
                let (tm, tn) = self.tile(rows, cols, groups);
                let tiles_n = cols.div_ceil(tn);
                let tiles = rows.div_ceil(tm) * tiles_n * groups;
                self.tiles(&mut shader, tm, tn, tiles);
                let flags = [("CG4", cg >= 4), ("FG4", fg >= 4), ("STRIDED", stride != [1, 1])];
                flags.iter().for_each(|(name, on)| shader.set(name, usize::from(*on)));
                shader.set("ROWS", rows);
                shader.set("TILES_N", tiles_n);
                self.split(shader, Fold::Sum, false, template, Size::Invocations(tiles), 1)
            }
            Side::Kernel => {
                let lines = batch * output[0];
                let taps = if line { kernel[0] } else { kernel[0] * kernel[1] };
                // A row of taps has many sums already: three times 16 where the kernel is 3 wide.
                let sliced = line && self.machine.barriers && self.machine.fours;
                let (tm, tn) = match (sliced, line) {
                    (true, _) => (4, 4),
                    (_, true) => (4, if fg > 4 { 8 } else { 4 }),
                    _ => self.tile(cg, fg, groups * taps * lines),
                };
                let (tiles_m, tiles_n) = (cg.div_ceil(tm), fg.div_ceil(tn));
                let tiles = tiles_m * tiles_n * groups * taps;
                // So many pixels at least for each part.
                let least = if sliced { 32 } else { 64 };
                let parts =
                    self.machine.lanes.div_ceil(tiles).clamp(1, (lines * output[1]).div_ceil(least).min(lines).max(1));
                let slices = [16, 8, 4].into_iter().find(|&slices| sliced && parts >= slices).unwrap_or(1);
                let parts = parts.div_ceil(slices);
                let chunk = lines.div_ceil(parts * slices);
                let parts = lines.div_ceil(chunk * slices);
                self.tiles(&mut shader, tm, tn, tiles * parts);
                let numbers = [
                    ("CHUNK", chunk),
                    ("TILES_M", tiles_m),
                    ("TILES_N", tiles_n),
                    ("LAST", kernel[1] - 1),
                    ("TAPS", kernel[1] * tm * tn / 4),
                ];
                shader.set_all(&numbers);
                shader.operand("a", a, channels_fit);
                shader.operand("b", b, filters_fit);
                meet(&mut shader, slices);
                shader.set("FLAT", usize::from(!self.machine.fours));
                let size = Size::Workgroups((tiles * parts).div_ceil(WORKGROUP / slices));
                let template = if line { "conv_kernel_line" } else { "conv_kernel" };
                self.split(shader, Fold::Sum, false, template, size, parts)
            }
        }
    }

    /// Neighbouring pixels of a row, and filters, for one invocation: none if rows are too short.
    fn strip(&self, lines: usize, width: usize, cols: usize, groups: usize) -> Option<(usize, usize)> {
        let wastes = |tm: usize| width.div_ceil(tm) * tm * 4 > width * 5;
        let fits = |tn: usize| tn == 4 || tn / 2 < cols;
        let busy = |tm: usize, tn: usize| lines * width.div_ceil(tm) * cols.div_ceil(tn) * groups >= self.machine.lanes;
        let all: Vec<(usize, usize)> =
            self.machine.strips.iter().copied().filter(|&(tm, tn)| !wastes(tm) && fits(tn)).collect();
        all.iter().copied().find(|&(tm, tn)| busy(tm, tn)).or(all.last().copied())
    }

    /// Rows and columns of a register tile: as large as leaves the machine busy and wastes little.
    fn tile(&self, m: usize, n: usize, times: usize) -> (usize, usize) {
        let fits = |side: usize, of: usize| side == 4 || side / 2 < of;
        let busy = |tm: usize, tn: usize| m.div_ceil(tm) * n.div_ceil(tn) * times >= self.machine.lanes;
        let tiles = self.machine.tiles;
        let found = tiles.iter().copied().find(|&(tm, tn)| fits(tm, m) && fits(tn, n) && busy(tm, tn));
        found.unwrap_or(if self.machine.barriers || m <= 4 || n <= 4 { (4, 4) } else { (8, 8) })
    }

    fn tiles(&self, shader: &mut Shader, tm: usize, tn: usize, tiles: usize) {
        let numbers = [("TM", tm), ("TN", tn), ("MJ", tm / 4), ("NJ", tn / 4), ("TILE", tm * tn / 4), ("TILES", tiles)];
        shader.set_all(&numbers);
    }
}

/// Memory in which so many invocations of each tile of 4 × 4 lay their sums.
fn meet(shader: &mut Shader, slices: usize) {
    shader.set("S", slices);
    shader.set("SLICED", usize::from(slices > 1));
    shader.set("SUMS", WORKGROUP * 4);
    if slices > 1 {
        shader.share(WORKGROUP * 4 * 16);
    }
}
