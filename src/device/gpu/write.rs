//! A plan as launches: which shader file each kernel takes, with which numbers, in how many workgroups.

use super::launch::{Launch, launch};
use super::layout::{Layout, Memory};
use super::schedule::{Span, Task, schedule};
use super::shader::{BYTES, Piece, Shader, Size, WORKGROUP};
use super::share::share;
use crate::graph::op::{Fold, Pool, PoolStep};
use crate::plan::{Core, Kernel, Plan, Program, Region, Step};

/// What differs between machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// How many invocations keep it busy: fewer make the tiles of a product smaller or split its sums.
    pub lanes: usize,
    /// Whether invocations of a workgroup can wait for each other cheaply.
    pub barriers: bool,
    /// Whether a workgroup that shares what it fetches is faster than invocations that each fetch for themselves.
    pub blocks: bool,
    /// Whether four numbers are got for little more than one.
    pub fours: bool,
    /// Rows and columns of register tiles, the best first.
    pub tiles: &'static [(usize, usize)],
    /// Neighbouring pixels and filters of register tiles of a convolution, the best first.
    pub strips: &'static [(usize, usize)],
}

/// Thousands of lanes, as in any graphics card.
pub const HARDWARE: Machine = Machine {
    lanes: 8192,
    barriers: true,
    blocks: true,
    fours: true,
    tiles: &[(8, 8), (4, 8), (8, 4)],
    strips: &[(8, 8), (8, 4), (4, 8), (4, 4)],
};
/// Smaller tiles, for cards that give an invocation few registers and would rather run more of them at a time.
const NARROW: Machine =
    Machine { lanes: 16_384, blocks: false, tiles: &[(4, 8), (8, 4)], strips: &[(4, 8), (8, 4), (4, 4)], ..HARDWARE };
/// Everything cut small, for cards that small products leave idle.
const VAST: Machine = Machine { lanes: 131_072, ..HARDWARE };

/// What is tried on a card that is none of imitation: makers differ, and a race finds out. (On an NVIDIA H200 the third is the
/// fastest for convolutions and sequences, the first for small dense networks: `examples/card.rs`.)
pub const CARDS: [Machine; 3] = [HARDWARE, NARROW, VAST];

/// A graphics card imitated by a few processor cores.
pub const SOFTWARE: Machine = Machine {
    lanes: 256,
    barriers: false,
    blocks: false,
    fours: false,
    tiles: &[(8, 8), (4, 8), (8, 4)],
    strips: &[(8, 8), (8, 4), (4, 4)],
};

/// A plan written for a machine.
#[derive(Clone, Debug)]
pub struct Written {
    /// In order.
    pub launches: Vec<Launch>,
    pub layout: Layout,
}

/// All launches of a plan.
pub fn write(plan: &Plan, machine: Machine) -> Result<Written, String> {
    for place in &plan.places {
        if place.count.saturating_mul(4) > BYTES {
            return Err(format!(
                "This network needs {} MB in one piece where WebGPU gives {} MB. Make a layer, the pictures or the batch smaller.",
                place.count >> 18,
                BYTES >> 20
            ));
        }
    }
    let layout = Layout::new(plan);
    let kernels = plan.kernels.iter().filter(|kernel| !kernel.dims.contains(&0));
    let tasks: Vec<Task> = kernels.flat_map(|kernel| Job { plan, layout: &layout, kernel, machine }.tasks()).collect();
    let pick = |numbers: &[usize]| -> Vec<&Piece> { numbers.iter().map(|&number| &tasks[number].piece).collect() };
    let all = schedule(&tasks);
    let mut launches: Vec<Launch> = all
        .iter()
        .map(|together| {
            let runs: Vec<Vec<&Piece>> = together.runs.iter().map(|run| pick(run)).collect();
            launch(plan, &layout, &pick(&together.wide), &runs)
        })
        .collect::<Result<_, _>>()?;
    share(&mut launches);
    Ok(Written { launches, layout })
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
        // Each number of a row asks for the whole row, twice.
        Core::LogSoftmax { .. } => 2 * kernel.dims.last().copied().unwrap_or(1),
        Core::Gather { .. } => 1,
        Core::ScatterAdd { count, .. } => *count,
        Core::Conv { .. } | Core::Pool { .. } | Core::MaxPool { .. } | Core::Resample { .. } => return false,
    };
    let count: usize = kernel.dims.iter().product();
    terms <= 64 && count <= 4096 && count * terms <= 1 << 14
}

/// A kernel to be written.
pub struct Job<'a> {
    pub plan: &'a Plan,
    pub layout: &'a Layout,
    pub kernel: &'a Kernel,
    pub machine: Machine,
}

impl<'a> Job<'a> {
    fn tasks(&self) -> Vec<Task<'a>> {
        match &self.kernel.core {
            Core::Reduce { fold, over, folded, program } if !is_small(self.kernel) => {
                self.reduce(*fold, over, folded, program)
            }
            Core::Matmul { .. } if !is_small(self.kernel) => self.matmul(),
            Core::ScatterAdd { count, indices, values } if !is_small(self.kernel) => {
                self.scatter_add(*count, *indices, *values)
            }
            Core::Conv { side, conv, a, b } => self.conv(*side, conv, *a, *b),
            _ => {
                let mut shader = Shader::new(self.plan, self.layout);
                let template = self.each(&mut shader);
                // A workgroup takes a while to begin, and to wait for one number as long as for four.
                let small = is_small(self.kernel);
                let each = match self.machine.barriers {
                    _ if small => 1,
                    true if self.count() < 4 * self.machine.lanes => 1,
                    true => 4,
                    false => (self.count() >> 14).clamp(1, 64),
                };
                shader.set("EACH", each);
                let rows = matches!(self.kernel.core, Core::LogSoftmax { .. }) && !small;
                let size = Size::Invocations(if rows { self.rows() } else { self.count().div_ceil(each) });
                let piece = shader.piece(&self.kernel.name, template, size);
                let reads = [self.before(), self.beside()].concat();
                vec![Task {
                    piece,
                    small,
                    reads,
                    writes: self.after(),
                    map: matches!(self.kernel.core, Core::Map).then_some(self.kernel),
                }]
            }
        }
    }

    /// What the core reads.
    fn before(&self) -> Vec<Span> {
        let regions = self.kernel.core.reads().into_iter();
        let mut spans: Vec<Span> =
            regions.map(|region| self.span(region.place, (region.offset, region.offset + region.count))).collect();
        if let Core::Reduce { program, over, .. } = &self.kernel.core {
            spans.extend(self.loads(program, over));
        }
        spans
    }

    /// What the program reads.
    fn beside(&self) -> Vec<Span> {
        self.loads(&self.kernel.program, &self.kernel.dims)
    }

    /// What is stored.
    fn after(&self) -> Vec<Span> {
        let stores = self.kernel.stores.iter();
        let mut spans: Vec<Span> =
            stores.map(|store| self.span(store.view.place, store.view.span(&self.kernel.dims))).collect();
        if let Core::MaxPool { places, .. } = &self.kernel.core {
            spans.push(self.span(places.place, (places.offset, places.offset + places.count)));
        }
        spans
    }

    fn loads(&self, program: &Program, dims: &[usize]) -> Vec<Span> {
        let load = |step: &Step| match step {
            Step::Load(view) => Some(self.span(view.place, view.span(dims))),
            _ => None,
        };
        program.steps.iter().filter_map(load).collect()
    }

    fn span(&self, place: usize, (low, high): (usize, usize)) -> Span {
        let (memory, start) = self.layout.home(place);
        Span { memory, low: start + low, high: start + high }
    }

    /// Sets up a template that computes each index by itself, and names it.
    pub fn each(&self, shader: &mut Shader) -> &'static str {
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
            Core::LogSoftmax { x } => {
                shader.set("ROWS", self.rows());
                shader.source("x", *x);
                "log_softmax"
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
                "small_scatter_add"
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

    fn reduce(&self, fold: Fold, over: &[usize], folded: &[bool], program: &Program) -> Vec<Task<'a>> {
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
            return self.split(shader, fold, true, "fold", Size::Invocations(count * parts), parts);
        }
        // Neighbours in memory are read by neighbouring invocations: results if the innermost axis stays, else terms.
        let x = if folded.last() == Some(&true) { 1 } else { count.next_power_of_two().min(16) };
        let y = WORKGROUP / x;
        let blocks = count.div_ceil(x);
        let parts = if length * count >= 1 << 17 { (256 / blocks).min(length / (y * 8)).max(1) } else { 1 };
        self.workgroups(&mut shader, fold, length, (x, y), parts);
        self.split(shader, fold, true, "reduce", Size::Workgroups(blocks * parts), parts)
    }

    fn scatter_add(&self, count: usize, indices: Region, values: Region) -> Vec<Task<'a>> {
        let [rows, cols] = self.kernel.dims[..] else { unreachable!("rows of a table") };
        let wide = cols.div_ceil(4);
        let y = if self.machine.barriers { (count / 8).next_power_of_two().clamp(1, 16) } else { 1 };
        let x = WORKGROUP / y;
        let mut shader = self.shader();
        let numbers = [("ROWS", rows), ("FOURS_WIDE", wide), ("INDICES", count), ("X", x), ("Y", y)];
        shader.set_all(&numbers);
        shader.set("SLICED", usize::from(y > 1));
        shader.share(WORKGROUP * 16);
        shader.source("indices", indices);
        shader.operand("values", values, cols % 4 == 0);
        self.split(shader, Fold::Sum, false, "scatter_add", Size::Workgroups((rows * wide).div_ceil(x)), 1)
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
            shader.set_all(numbers.as_flattened());
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
        let mut shader = Shader::new(self.plan, self.layout);
        self.set(&mut shader);
        shader
    }

    pub fn set(&self, shader: &mut Shader) {
        shader.set("COUNT", self.count());
        shader.set("EACH", 1);
        shader.set("COLS", self.kernel.dims.last().copied().unwrap_or(1));
    }

    pub fn count(&self) -> usize {
        self.kernel.dims.iter().product()
    }

    /// How many indices there are but for the last axis.
    fn rows(&self) -> usize {
        self.count() / self.kernel.dims.last().copied().unwrap_or(1)
    }

    /// One task; if its sums are split, into memory between, and a second one that adds them up.
    pub fn split(
        &self,
        mut shader: Shader,
        fold: Fold,
        flat: bool,
        template: &'static str,
        size: Size,
        parts: usize,
    ) -> Vec<Task<'a>> {
        let Kernel { name, dims, program, stores, .. } = self.kernel;
        if parts == 1 {
            shader.finish(dims, program, stores, flat);
            let reads = [self.before(), self.beside()].concat();
            let piece = shader.piece(name, template, size);
            return vec![Task { piece, small: false, reads, writes: self.after(), map: None }];
        }
        let count = self.count();
        let start = self.layout.take_parts(parts * count);
        let between = vec![Span { memory: Memory::Parts, low: start, high: start + parts * count }];
        shader.keep_part(start);
        let piece = shader.piece(name, template, size);
        let first = Task { piece, small: false, reads: self.before(), writes: between.clone(), map: None };
        let mut shader = self.shader();
        let count_parts = count * parts;
        let small = count <= 4096 && count_parts <= 1 << 14;
        let (template, size) = if self.machine.barriers && !small && parts >= 16 {
            shader.fold_parts(start);
            shader.set("COLS", count);
            self.workgroups(&mut shader, fold, parts, (8, WORKGROUP / 8), 1);
            ("reduce", Size::Workgroups(count.div_ceil(8)))
        } else {
            shader.set("PARTS", parts);
            shader.set("MAX", usize::from(fold == Fold::Max));
            if flat {
                shader.set("COLS", count);
            }
            shader.read_parts(start);
            ("partials", Size::Invocations(count))
        };
        shader.finish(dims, program, stores, flat || template == "reduce");
        let piece = shader.piece(&format!("{name} · sum of parts"), template, size);
        let reads = [between, self.beside()].concat();
        vec![first, Task { piece, small, reads, writes: self.after(), map: None }]
    }

    /// Sets up a fold of long axes by workgroups of x results times y slices.
    fn workgroups(&self, shader: &mut Shader, fold: Fold, length: usize, (x, y): (usize, usize), parts: usize) {
        shader.share(WORKGROUP * 4);
        shader.set("MAX", usize::from(fold == Fold::Max));
        let numbers = [("X", x), ("Y", y), ("FOLDED", length), ("PARTS", parts), ("CHUNK", length.div_ceil(parts))];
        shader.set_all(&numbers);
    }
}
