//! A kernel of the plan as launches: which shader file it takes, with which numbers, in how many workgroups.

use super::shader::{BUFFERS, BYTES, Launch, Shader, WORKGROUP};
use crate::graph::op::{Fold, Pool, PoolStep};
use crate::plan::{Core, Kernel, Plan, Program, Region, Step};
use std::collections::BTreeSet;

/// What differs between machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// How many invocations keep it busy: fewer make the tiles of a product smaller or split its sums.
    pub lanes: usize,
    /// Whether invocations of a workgroup can wait for each other cheaply.
    pub barriers: bool,
}

/// Thousands of lanes, as in any graphics card.
pub const HARDWARE: Machine = Machine { lanes: 8192, barriers: true };
/// A graphics card imitated by a few processor cores.
pub const SOFTWARE: Machine = Machine { lanes: 256, barriers: false };

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
    let kernels: Vec<&Kernel> = plan.kernels.iter().filter(|kernel| !kernel.dims.contains(&0)).collect();
    let mut all = Vec::new();
    let mut at = 0;
    while at < kernels.len() {
        let chain = chain(&kernels[at..]);
        if chain > 1 {
            all.push(chained(plan, machine, &kernels[at..at + chain])?);
        } else {
            all.extend(Job { plan, kernel: kernels[at], machine }.launches()?);
        }
        at += chain.max(1);
    }
    Ok(all)
}

/// How many of the first kernels can be stages of one launch.
fn chain(kernels: &[&Kernel]) -> usize {
    let mut places = BTreeSet::new();
    let fits = |kernel: &&&Kernel| {
        places.extend(places_of(kernel));
        is_small(kernel) && places.len() <= BUFFERS
    };
    kernels.iter().take_while(fits).count()
}

/// The places that a kernel reads or writes.
fn places_of(kernel: &Kernel) -> Vec<usize> {
    let loads = |program: &Program| -> Vec<usize> {
        let load = |step: &Step| match step {
            Step::Load(view) => Some(view.place),
            _ => None,
        };
        program.steps.iter().filter_map(load).collect()
    };
    let mut places = loads(&kernel.program);
    if let Core::Reduce { program, .. } = &kernel.core {
        places.extend(loads(program));
    }
    places.extend(kernel.core.reads().iter().map(|region| region.place));
    places.extend(kernel.stores.iter().map(|store| store.view.place));
    places
}

/// Whether one workgroup computes it in the time that a launch takes.
fn is_small(kernel: &Kernel) -> bool {
    let terms = match &kernel.core {
        Core::Map => 1,
        Core::Reduce { over, folded, .. } => {
            over.iter().zip(folded).filter(|(_, folded)| **folded).map(|(size, _)| *size).product()
        }
        Core::Matmul { k, .. } => *k,
        Core::ArgMax { length, .. } => *length,
        Core::Gather { .. } => 1,
        Core::ScatterAdd { count, .. } => *count,
        Core::Conv { .. } | Core::Pool { .. } | Core::MaxPool { .. } | Core::Resample { .. } => return false,
    };
    let count: usize = kernel.dims.iter().product();
    terms <= 64 && count <= 4096 && count * terms <= 1 << 14
}

/// One launch for all these kernels.
fn chained(plan: &Plan, machine: Machine, kernels: &[&Kernel]) -> Result<Launch, String> {
    let mut shader = Shader::new(plan);
    for kernel in kernels {
        let template = Job { plan, kernel, machine }.each(&mut shader);
        shader.close(template);
    }
    let names: Vec<&str> = kernels.iter().map(|kernel| kernel.name.as_str()).collect();
    shader.chain(&names.join(", "))
}

/// A kernel to be written.
pub struct Job<'a> {
    pub plan: &'a Plan,
    pub kernel: &'a Kernel,
    pub machine: Machine,
}

impl Job<'_> {
    fn launches(&self) -> Result<Vec<Launch>, String> {
        match &self.kernel.core {
            Core::Reduce { fold, over, folded, program } => self.reduce(*fold, over, folded, program),
            Core::Matmul { .. } => self.matmul(),
            Core::Conv { side, conv, a, b } => self.conv(*side, conv, *a, *b),
            Core::Map
            | Core::Pool { .. }
            | Core::MaxPool { .. }
            | Core::ArgMax { .. }
            | Core::Gather { .. }
            | Core::ScatterAdd { .. }
            | Core::Resample { .. } => {
                let mut shader = Shader::new(self.plan);
                let template = self.each(&mut shader);
                Ok(vec![shader.launch(&self.kernel.name, template, self.count().div_ceil(WORKGROUP))?])
            }
        }
    }

    /// Sets up a template that computes each index by itself, and names it.
    fn each(&self, shader: &mut Shader) -> &'static str {
        self.set(shader);
        let Kernel { dims, program, stores, .. } = self.kernel;
        let mut flat = false;
        let template = match &self.kernel.core {
            Core::Map => {
                flat = true;
                "map"
            }
            Core::Reduce { fold, over, folded, program } => {
                flat = true;
                self.terms(shader, *fold, over, folded, program);
                "small_fold"
            }
            Core::Matmul { .. } => {
                self.factors(shader);
                "small_matmul"
            }
            Core::Pool { step, pool, a, places } => self.pool(shader, Some(*step), pool, *a, *places),
            Core::MaxPool { pool, x, places } => self.pool(shader, None, pool, *x, Some(*places)),
            Core::ArgMax { length, x } => {
                shader.set("LENGTH", *length);
                shader.source("x", *x);
                "argmax"
            }
            Core::Gather { rows, table, indices } => {
                shader.set("ROWS", *rows);
                shader.source("table", *table);
                shader.source("indices", *indices);
                "gather"
            }
            Core::ScatterAdd { count, indices, values } => {
                shader.set("INDICES", *count);
                shader.source("indices", *indices);
                shader.source("values", *values);
                "scatter_add"
            }
            Core::Resample { x, theta } => {
                shader.set("H", dims[1]);
                shader.set("W", dims[2]);
                shader.source("x", *x);
                shader.source("theta", *theta);
                "resample"
            }
            Core::Conv { .. } => unreachable!("convolutions are made in tiles"),
        };
        if flat {
            shader.set("COLS", self.count());
        }
        shader.finish(dims, program, stores, flat);
        template
    }

    fn terms(&self, shader: &mut Shader, fold: Fold, over: &[usize], folded: &[bool], program: &Program) -> usize {
        let length: usize = over.iter().zip(folded).filter(|(_, folded)| **folded).map(|(size, _)| size).product();
        shader.set("COLS", self.count());
        shader.set("FOLDED", length);
        shader.set("MAX", usize::from(fold == Fold::Max));
        shader.term(over, folded, program);
        length
    }

    fn reduce(&self, fold: Fold, over: &[usize], folded: &[bool], program: &Program) -> Result<Vec<Launch>, String> {
        let count = self.count();
        let mut shader = self.shader();
        let length = self.terms(&mut shader, fold, over, folded, program);
        let work = length * count;
        let alone = length <= 32 || count >= self.machine.lanes && length <= 1024;
        if alone || !self.machine.barriers {
            let parts =
                if alone || work < 1 << 14 { 1 } else { (4 * self.machine.lanes).div_ceil(count).min(length / 32) };
            let chunk = length.div_ceil(parts.max(1));
            let parts = length.div_ceil(chunk);
            shader.set("PARTS", parts);
            shader.set("CHUNK", chunk);
            shader.set("INVOCATIONS", count * parts);
            return self.split(shader, fold, true, "fold", count * parts, parts);
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
        self.split(shader, fold, true, "reduce", blocks * parts * WORKGROUP, parts)
    }

    /// `step` is none for the maximum together with its place.
    fn pool(
        &self,
        shader: &mut Shader,
        step: Option<PoolStep>,
        pool: &Pool,
        a: Region,
        places: Option<Region>,
    ) -> &'static str {
        {
            let numbers = [
                [("H", pool.input[0]), ("W", pool.input[1]), ("OH", pool.output[0]), ("OW", pool.output[1])],
                [("KH", pool.size[0]), ("KW", pool.size[1]), ("SH", pool.stride[0]), ("SW", pool.stride[1])],
                [("PH", pool.padding[0]), ("PW", pool.padding[1]), ("PUT", 0), ("TAKE", 0)],
            ];
            numbers.iter().flatten().for_each(|(name, value)| shader.set(name, *value));
            // Every window lies inside the picture; no two windows share a pixel.
            let inside = |i: usize| {
                pool.padding[i] == 0 && (pool.output[i] - 1) * pool.stride[i] + pool.size[i] <= pool.input[i]
            };
            shader.set("INSIDE", usize::from(inside(0) && inside(1) && pool.size[0] * pool.size[1] <= 25));
            shader.set("APART", usize::from(pool.padding == [0, 0] && pool.size == pool.stride));
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
        }
        "pool"
    }

    pub fn shader(&self) -> Shader<'_> {
        let mut shader = Shader::new(self.plan);
        self.set(&mut shader);
        shader
    }

    pub fn set(&self, shader: &mut Shader) {
        shader.set("COUNT", self.count());
        shader.set("COLS", self.kernel.dims.last().copied().unwrap_or(1));
    }

    pub fn count(&self) -> usize {
        self.kernel.dims.iter().product()
    }

    /// A launch of `invocations` in workgroups of 64; if its sums are split, into memory between, and a second launch.
    pub fn split(
        &self,
        mut shader: Shader,
        fold: Fold,
        flat: bool,
        template: &str,
        invocations: usize,
        parts: usize,
    ) -> Result<Vec<Launch>, String> {
        let Kernel { name, dims, program, stores, .. } = self.kernel;
        let groups = invocations.div_ceil(WORKGROUP);
        if parts == 1 {
            shader.finish(dims, program, stores, flat);
            return Ok(vec![shader.launch(name, template, groups)?]);
        }
        shader.keep_part(parts * self.count());
        Ok(vec![shader.launch(name, template, groups)?, self.add_parts(parts, fold, flat)?])
    }

    fn add_parts(&self, parts: usize, fold: Fold, flat: bool) -> Result<Launch, String> {
        let count = self.count();
        let mut shader = self.shader();
        shader.set("PARTS", parts);
        shader.set("MAX", usize::from(fold == Fold::Max));
        if flat {
            shader.set("COLS", count);
        }
        shader.read_parts(parts * count);
        let Kernel { name, dims, program, stores, .. } = self.kernel;
        shader.finish(dims, program, stores, flat);
        shader.launch(&format!("{name} · sum of parts"), "partials", count.div_ceil(WORKGROUP))
    }
}
