//! Products and convolutions as launches: how their results are cut into register tiles, and long sums into parts.
//!
//! An invocation holds a tile of up to 8 × 8 sums in registers and reads memory directly: each number that is read is used
//! eight times. Tiles in workgroup memory would halve the reads again, but need waiting.

use super::shader::{Launch, Shader};
use super::write::Job;
use crate::graph::op::{Conv, Fold, Side};
use crate::plan::{Core, Region};

impl Job<'_> {
    pub fn matmul(&self) -> Result<Vec<Launch>, String> {
        let Core::Matmul { batch, m, n, k, .. } = self.kernel.core else {
            unreachable!("the caller matched a product");
        };
        let (tm, tn) = self.tile(m, n, batch);
        let (tiles_m, tiles_n) = (m.div_ceil(tm), n.div_ceil(tn));
        let tiles = tiles_m * tiles_n * batch;
        let parts = (self.machine.lanes / tiles).clamp(1, (k / 64).max(1));
        let chunk = k.div_ceil(parts).next_multiple_of(4);
        let parts = k.div_ceil(chunk);
        let mut shader = self.shader();
        self.tiles(&mut shader, tm, tn, tiles * parts);
        let numbers = [("TILES_M", tiles_m), ("TILES_N", tiles_n), ("PARTS", parts), ("CHUNK", chunk)];
        numbers.iter().for_each(|(name, value)| shader.set(name, *value));
        self.factors(&mut shader);
        self.split(shader, Fold::Sum, false, "matmul", tiles * parts, parts)
    }

    /// The sizes and operands of a product.
    pub fn factors(&self, shader: &mut Shader) {
        let Core::Matmul { m, n, k, a, b, transpose_a, transpose_b, shared_b, .. } = self.kernel.core else {
            unreachable!("the caller matched a product");
        };
        let flags =
            [("TRANSPOSE_A", transpose_a), ("TRANSPOSE_B", transpose_b), ("SHARED_B", shared_b), ("TAIL", k % 4 != 0)];
        flags.iter().for_each(|(name, on)| shader.set(name, usize::from(*on)));
        [("M", m), ("N", n), ("K", k)].iter().for_each(|(name, value)| shader.set(name, *value));
        shader.operand("a", a, (if transpose_a { m } else { k }) % 4 == 0);
        shader.operand("b", b, (if transpose_b { k } else { n }) % 4 == 0);
    }

    pub fn conv(&self, side: Side, conv: &Conv, a: Region, b: Region) -> Result<Vec<Launch>, String> {
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
        numbers.iter().flatten().for_each(|(name, value)| shader.set(name, *value));
        let channels_fit = cg % 4 == 0;
        let filters_fit = fg % 4 == 0;
        match side {
            Side::Output | Side::Input => {
                let (rows, cols, inner, template) = if side == Side::Output {
                    (batch * output[0] * output[1], fg, cg, "conv_output")
                } else {
                    (batch * input[0] * input[1], cg, fg, "conv_input")
                };
                let (tm, tn) = self.tile(rows, cols, groups);
                let tiles_n = cols.div_ceil(tn);
                let tiles = rows.div_ceil(tm) * tiles_n * groups;
                self.tiles(&mut shader, tm, tn, tiles);
                let flags =
                    [("CG4", cg >= 4), ("FG4", fg >= 4), ("TAIL", inner % 4 != 0), ("STRIDED", stride != [1, 1])];
                flags.iter().for_each(|(name, on)| shader.set(name, usize::from(*on)));
                shader.set("ROWS", rows);
                shader.set("TILES_N", tiles_n);
                shader.operand("a", a, if side == Side::Output { channels_fit } else { filters_fit });
                shader.operand("b", b, filters_fit);
                self.split(shader, Fold::Sum, false, template, tiles, 1)
            }
            Side::Kernel => {
                let lines = batch * output[0];
                let (tm, tn) = self.tile(cg, fg, groups * kernel[0] * kernel[1] * lines);
                let (tiles_m, tiles_n) = (cg.div_ceil(tm), fg.div_ceil(tn));
                let tiles = tiles_m * tiles_n * groups * kernel[0] * kernel[1];
                // At least 64 pixels for each part.
                let parts =
                    self.machine.lanes.div_ceil(tiles).clamp(1, (lines * output[1]).div_ceil(64).min(lines).max(1));
                let chunk = lines.div_ceil(parts);
                let parts = lines.div_ceil(chunk);
                self.tiles(&mut shader, tm, tn, tiles * parts);
                shader.set("CHUNK", chunk);
                shader.set("TILES_M", tiles_m);
                shader.set("TILES_N", tiles_n);
                shader.operand("a", a, channels_fit);
                shader.operand("b", b, filters_fit);
                self.split(shader, Fold::Sum, false, "conv_kernel", tiles * parts, parts)
            }
        }
    }

    /// Rows and columns of a register tile: as large as leaves the machine busy and wastes little.
    fn tile(&self, m: usize, n: usize, times: usize) -> (usize, usize) {
        let fits = |side: usize, of: usize| side == 4 || side / 2 < of;
        let busy = |tm: usize, tn: usize| m.div_ceil(tm) * n.div_ceil(tn) * times >= self.machine.lanes;
        let tiles = [(8, 8), (4, 8), (8, 4)];
        let found = tiles.into_iter().find(|&(tm, tn)| fits(tm, m) && fits(tn, n) && busy(tm, tn));
        found.unwrap_or(if self.machine.barriers || m <= 4 || n <= 4 { (4, 4) } else { (8, 8) })
    }

    fn tiles(&self, shader: &mut Shader, tm: usize, tn: usize, tiles: usize) {
        let numbers = [("TM", tm), ("TN", tn), ("MJ", tm / 4), ("NJ", tn / 4), ("TILE", tm * tn / 4), ("TILES", tiles)];
        numbers.iter().for_each(|(name, value)| shader.set(name, *value));
    }
}
