//! A kernel of the plan as launches: which shader file it takes, with which numbers, in how many workgroups.

use super::shader::{BYTES, Launch, Shader, WORKGROUP};
use crate::graph::op::{Conv, Fold, Pool, PoolStep, Side};
use crate::plan::{Core, Kernel, Plan, Program, Region};

/// What differs between machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// How many invocations keep it busy: fewer make the tiles of a product smaller or split its sums.
    pub lanes: usize,
}

/// Thousands of lanes, as in any graphics card.
pub const HARDWARE: Machine = Machine { lanes: 8192 };
/// A graphics card imitated by a few processor cores.
pub const SOFTWARE: Machine = Machine { lanes: 256 };

/// All launches of a plan, in order.
pub fn launches(plan: &Plan, machine: Machine) -> Result<Vec<Launch>, String> {
    for place in &plan.places {
        if place.count.saturating_mul(4) > BYTES {
            return Err(format!(
                "This network needs {} MB in one piece where WebGPU gives {} MB. Make a layer, the pictures or the batch smaller.",
                place.count >> 18,
                BYTES >> 20
            ));
        }
    }
    let mut all = Vec::new();
    for kernel in plan.kernels.iter().filter(|kernel| !kernel.dims.contains(&0)) {
        all.extend(Job { plan, kernel, machine }.launches()?);
    }
    Ok(all)
}

struct Job<'a> {
    plan: &'a Plan,
    kernel: &'a Kernel,
    machine: Machine,
}

impl Job<'_> {
    fn launches(&self) -> Result<Vec<Launch>, String> {
        match &self.kernel.core {
            Core::Map => self.each("map", true, |_| {}),
            Core::Reduce { fold, over, folded, program } => self.reduce(*fold, over, folded, program),
            Core::Matmul { .. } => self.matmul(),
            Core::Conv { side, conv, a, b } => self.conv(*side, conv, *a, *b),
            Core::Pool { step, pool, a, places } => self.pool(Some(*step), pool, *a, *places),
            Core::MaxPool { pool, x, places } => self.pool(None, pool, *x, Some(*places)),
            Core::ArgMax { length, x } => self.each("argmax", false, |shader| {
                shader.set("LENGTH", *length);
                shader.source("x", *x);
            }),
            Core::Gather { rows, table, indices } => self.each("gather", false, |shader| {
                shader.set("ROWS", *rows);
                shader.source("table", *table);
                shader.source("indices", *indices);
            }),
            Core::ScatterAdd { count, indices, values } => self.each("scatter_add", false, |shader| {
                shader.set("INDICES", *count);
                shader.source("indices", *indices);
                shader.source("values", *values);
            }),
            Core::Resample { x, theta } => {
                let (h, w) = (self.kernel.dims[1], self.kernel.dims[2]);
                self.each("resample", false, |shader| {
                    shader.set("H", h);
                    shader.set("W", w);
                    shader.source("x", *x);
                    shader.source("theta", *theta);
                })
            }
        }
    }

    /// One invocation for each index of the kernel; `flat` where the core does not ask for row and column.
    fn each(&self, template: &str, flat: bool, set: impl FnOnce(&mut Shader)) -> Result<Vec<Launch>, String> {
        let mut shader = self.shader();
        set(&mut shader);
        let count = self.count();
        if flat {
            shader.set("COLS", count);
        }
        shader.finish(&self.kernel.dims, &self.kernel.program, &self.kernel.stores, flat);
        Ok(vec![shader.launch(&self.kernel.name, template, count.div_ceil(WORKGROUP))?])
    }

    fn reduce(&self, fold: Fold, over: &[usize], folded: &[bool], program: &Program) -> Result<Vec<Launch>, String> {
        let count = self.count();
        let length: usize = over.iter().zip(folded).filter(|(_, folded)| **folded).map(|(size, _)| size).product();
        let mut shader = self.shader();
        shader.set("COLS", count);
        shader.set("FOLDED", length);
        shader.set("MAX", usize::from(fold == Fold::Max));
        shader.term(over, folded, program);
        let Kernel { name, dims, program, stores, .. } = self.kernel;
        if length <= 32 || (count >= self.machine.lanes && length <= 1024) {
            shader.finish(dims, program, stores, true);
            return Ok(vec![shader.launch(name, "fold", count.div_ceil(WORKGROUP))?]);
        }
        // Neighbours in memory are read by neighbouring invocations: results if the innermost axis stays, else terms.
        let x = if folded.last() == Some(&true) { 1 } else { count.next_power_of_two().min(16) };
        let y = (256 / x).min(length.next_power_of_two());
        let blocks = count.div_ceil(x);
        let parts = if length * count >= 1 << 17 { (64 / blocks).min(length / (y * 8)).max(1) } else { 1 };
        let chunk = length.div_ceil(parts);
        shader.set("WG", x * y);
        shader.set("X", x);
        shader.set("Y", y);
        shader.set("PARTS", parts);
        shader.set("CHUNK", chunk);
        if parts == 1 {
            shader.finish(dims, program, stores, true);
            return Ok(vec![shader.launch(name, "reduce", blocks)?]);
        }
        shader.keep_part();
        Ok(vec![shader.launch(name, "reduce", blocks * parts)?, self.add_parts(parts, fold, true)?])
    }

    fn matmul(&self) -> Result<Vec<Launch>, String> {
        let Core::Matmul { batch, m, n, k, a, b, transpose_a, transpose_b, shared_b } = self.kernel.core else {
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
        let flags =
            [("TRANSPOSE_A", transpose_a), ("TRANSPOSE_B", transpose_b), ("SHARED_B", shared_b), ("TAIL", k % 4 != 0)];
        flags.iter().for_each(|(name, on)| shader.set(name, usize::from(*on)));
        let numbers = [
            ("M", m),
            ("N", n),
            ("K", k),
            ("TILES_M", tiles_m),
            ("TILES_N", tiles_n),
            ("PARTS", parts),
            ("CHUNK", chunk),
        ];
        numbers.iter().for_each(|(name, value)| shader.set(name, *value));
        shader.operand("a", a, (if transpose_a { m } else { k }) % 4 == 0);
        shader.operand("b", b, (if transpose_b { k } else { n }) % 4 == 0);
        self.split(shader, "matmul", tiles * parts, parts)
    }

    fn conv(&self, side: Side, conv: &Conv, a: Region, b: Region) -> Result<Vec<Launch>, String> {
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
                self.split(shader, template, tiles, 1)
            }
            Side::Kernel => {
                let lines = batch * output[0];
                let (tm, tn) = (if cg <= 4 { 4 } else { 8 }, if fg <= 4 { 4 } else { 8 });
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
                self.split(shader, "conv_kernel", tiles * parts, parts)
            }
        }
    }

    /// `step` is none for the maximum together with its place.
    fn pool(
        &self,
        step: Option<PoolStep>,
        pool: &Pool,
        a: Region,
        places: Option<Region>,
    ) -> Result<Vec<Launch>, String> {
        self.each("pool", false, |shader| {
            let numbers = [
                [("H", pool.input[0]), ("W", pool.input[1]), ("OH", pool.output[0]), ("OW", pool.output[1])],
                [("KH", pool.size[0]), ("KW", pool.size[1]), ("SH", pool.stride[0]), ("SW", pool.stride[1])],
                [("PH", pool.padding[0]), ("PW", pool.padding[1]), ("PUT", 0), ("TAKE", 0)],
            ];
            numbers.iter().flatten().for_each(|(name, value)| shader.set(name, *value));
            shader.set("WINDOW", usize::from(!matches!(step, Some(PoolStep::Put | PoolStep::Spread))));
            shader.set("TAKE", usize::from(step == Some(PoolStep::Take)));
            shader.set("SUM", usize::from(step == Some(PoolStep::Sum)));
            shader.set("PUT", usize::from(step == Some(PoolStep::Put)));
            shader.set("PLACES", usize::from(step.is_none()));
            shader.source("a", a);
            match (step, places) {
                (None, Some(places)) => shader.target("places", places),
                (Some(_), Some(places)) => shader.source("places", places),
                (_, None) => {}
            }
        })
    }

    fn shader(&self) -> Shader<'_> {
        let mut shader = Shader::new(self.plan);
        shader.set("COUNT", self.count());
        shader.set("COLS", self.kernel.dims.last().copied().unwrap_or(1));
        shader
    }

    fn count(&self) -> usize {
        self.kernel.dims.iter().product()
    }

    /// Rows and columns of a register tile: as large as leaves the machine busy and wastes little.
    fn tile(&self, m: usize, n: usize, times: usize) -> (usize, usize) {
        let tn = if n <= 4 { 4 } else { 8 };
        let busy = |tm: usize, tn: usize| m.div_ceil(tm) * n.div_ceil(tn) * times >= self.machine.lanes;
        if m > 4 && busy(8, tn) || m > 4 && self.machine.lanes <= SOFTWARE.lanes {
            (8, tn)
        } else if busy(4, tn) {
            (4, tn)
        } else {
            (4, 4)
        }
    }

    fn tiles(&self, shader: &mut Shader, tm: usize, tn: usize, tiles: usize) {
        let numbers = [("TM", tm), ("TN", tn), ("MJ", tm / 4), ("NJ", tn / 4), ("TILE", tm * tn / 4), ("TILES", tiles)];
        numbers.iter().for_each(|(name, value)| shader.set(name, *value));
    }

    /// A launch of `invocations`; if its sums are split, into memory between, and a second launch.
    fn split(
        &self,
        mut shader: Shader,
        template: &str,
        invocations: usize,
        parts: usize,
    ) -> Result<Vec<Launch>, String> {
        let Kernel { name, dims, program, stores, .. } = self.kernel;
        let groups = invocations.div_ceil(WORKGROUP);
        if parts == 1 {
            shader.finish(dims, program, stores, false);
            return Ok(vec![shader.launch(name, template, groups)?]);
        }
        shader.keep_part();
        Ok(vec![shader.launch(name, template, groups)?, self.add_parts(parts, Fold::Sum, false)?])
    }

    fn add_parts(&self, parts: usize, fold: Fold, flat: bool) -> Result<Launch, String> {
        let count = self.count();
        let mut shader = self.shader();
        shader.set("PARTS", parts);
        shader.set("MAX", usize::from(fold == Fold::Max));
        if flat {
            shader.set("COLS", count);
        }
        shader.read_parts();
        let Kernel { name, dims, program, stores, .. } = self.kernel;
        shader.finish(dims, program, stores, flat);
        let launch = shader.launch(&format!("{name} · sum of parts"), "partials", count.div_ceil(WORKGROUP))?;
        Ok(Launch { parts: parts * count, ..launch })
    }
}
