//! Floor 2: how a graph is computed. simplify → fuse → order → place in memory; a [`Plan`] is plain data.
//!
//! A plan is a list of kernels over places in memory. Each kernel has a [`Core`] that computes one number for every index
//! of `dims` (or, for [`Core::Map`], none) and a [`Program`] that turns this number and others into what is stored: so bias,
//! activation, masks and the optimizer run inside the kernel that makes their input. Devices add nothing to the meaning.

pub mod access;
pub mod collapse;
pub mod fuse;
pub mod knob;
pub mod lower;
pub mod memory;
pub mod simplify;

use crate::graph::function::Function;
use crate::graph::op::{Conv, Fold, Pool, PoolStep, Side};
use crate::graph::{Graph, Id, Node, Op};
use std::sync::Arc;

/// A graph ready for a device: what to keep in memory, what to run, in this order.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub places: Vec<Place>,
    pub kernels: Vec<Kernel>,
    /// Numbers worked out on the host before each step; kernels read them by their place in this list.
    pub knobs: Vec<Knob>,
    /// Results to read back, by name.
    pub outputs: Vec<(String, Region)>,
}

/// One buffer of `f32`.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// How many numbers it holds (bytes for [`Holds::Bytes`]).
    pub count: usize,
    pub holds: Holds,
}

/// What a place is for, and who fills it.
#[derive(Clone, Debug, PartialEq)]
pub enum Holds {
    /// Values within one step of this plan, shared by those that do not live at the same time.
    Scratch,
    /// Given from outside before a step, by name; shared by all plans of a device.
    Input(String),
    /// Kept from step to step, by name; shared by all plans of a device.
    State(String),
    /// Pictures, one byte a number, by name; shared by all plans of a device.
    Bytes(String),
    Constant(Arc<Vec<f32>>),
}

/// Consecutive numbers of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    pub place: usize,
    pub offset: usize,
    pub count: usize,
}

/// Where each index of a kernel's `dims` lies in a place: offset + Σ index[d] · strides[d].
///
/// A stride is 0 along an axis that is broadcast, negative along one that is flipped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct View {
    pub place: usize,
    pub offset: usize,
    /// One for each of the dims.
    pub strides: Vec<isize>,
}

/// A number worked out on the host, in f32, once a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Knob {
    /// Set by whoever runs the plan.
    Named(String),
    Scalar(f32),
    /// A function of earlier knobs.
    Apply(Function, Vec<usize>),
}

/// One launch: a core, and a program run for every index of `dims`.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// For people: the nodes that it covers, "conv2d · add · relu".
    pub name: String,
    /// The index space, outermost first; never empty, [1] for a scalar.
    pub dims: Vec<usize>,
    pub core: Core,
    pub program: Program,
    pub stores: Vec<Store>,
}

/// A value of the program written to memory, at every index of `dims`; no two stores of a kernel overlap.
///
/// A kernel may read a place it also writes only at the very same offset and strides (an update in place).
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// Which step's value.
    pub value: usize,
    pub view: View,
}

/// A straight list of steps; step i gives value i. Every index of the kernel runs it independently.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    pub steps: Vec<Step>,
}

/// One step of a program.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The number that the kernel's core computed for this index.
    Core,
    Load(View),
    Scalar(f32),
    /// `Plan::knobs[..]` of this step.
    Knob(usize),
    /// start + Σ index[d] · strides[d], as a number.
    Index {
        start: usize,
        strides: Vec<isize>,
    },
    /// `random::uniform(seed, purpose, step, start + Σ index[d] · strides[d])`.
    Uniform {
        purpose: u32,
        start: usize,
        strides: Vec<isize>,
    },
    /// A function of earlier values.
    Apply(Function, [usize; 3]),
}

/// What a kernel computes before its program runs. Operands are contiguous regions in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub enum Core {
    /// Nothing: an elementwise kernel, which has no [`Step::Core`].
    Map,
    /// `program` runs over `over` (all axes), and its last value is folded over the axes marked in `folded`. The kernel's
    /// `dims` are the axes that are not marked ([1] if none is left).
    Reduce { fold: Fold, over: Vec<usize>, folded: Vec<bool>, program: Program },
    /// dims [batch, m, n]: Σ over k of a · b. a is [batch, m, k] ([batch, k, m] if transposed), b [batch, k, n] ([batch, n, k]).
    /// `shared_b`: b has no batch axis.
    Matmul {
        batch: usize,
        m: usize,
        n: usize,
        k: usize,
        a: Region,
        b: Region,
        transpose_a: bool,
        transpose_b: bool,
        shared_b: bool,
    },
    /// dims: the four axes of the side it computes; a and b are the other two, in the order of [`Side`].
    Conv { side: Side, conv: Conv, a: Region, b: Region },
    /// dims: the four axes of its result. `places` for Take and Put. Never [`PoolStep::ArgMax`] followed by Take: that is `MaxPool`.
    Pool { step: PoolStep, pool: Pool, a: Region, places: Option<Region> },
    /// dims [n, out.., channels]: the maximum of each window; writes its place (see [`PoolStep::ArgMax`]) to `places` in the same order.
    MaxPool { pool: Pool, x: Region, places: Region },
    /// dims [outer, inner]: the first index of the maximum over the middle axis of x [outer, length, inner].
    ArgMax { length: usize, x: Region },
    /// x − ln Σ exp(x) over the last axis of dims, which is x's shape.
    LogSoftmax { x: Region },
    /// dims [count, width]: row `indices[i]` of `table` [rows, width]; a Bytes table is read as value / 255. Indices outside are clamped.
    Gather { rows: usize, table: Region, indices: Region },
    /// dims [rows, width]: the sum of those rows of `values` [count, width] whose index is this row, in order.
    ScatterAdd { count: usize, indices: Region, values: Region },
    /// dims [n, h, w, c]: see `Op::Resample`; `theta` is [n, 6].
    Resample { x: Region, theta: Region },
}

/// What changes from step to step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tick {
    pub seed: u32,
    pub step: u32,
    /// One for each of `Plan::knobs`.
    pub knobs: Vec<f32>,
}

/// Turns a graph into a plan. It does not fail: what a user could get wrong is found before a graph exists.
///
/// Its stages are `#[inline(never)]`: a browser that finds their loops in one function takes that for much called and compiles
/// it once more in the background, for 60 to 100 ms when a second worker starts and needs that core.
pub fn compile(graph: &Graph) -> Plan {
    let mut graph = simplify::simplify(graph);
    copy_states(&mut graph);
    let graph = graph;
    let (knobs, knob) = knob::knobs(&graph);
    let mut kind = fuse::kinds(&graph, &knob);
    let access = access::accesses(&graph, &knob, &laid_out(&graph, &knob, &kind));
    for (kind, laid) in kind.iter_mut().zip(&access.laid) {
        if laid.is_some() {
            *kind = fuse::Kind::Copy;
        }
    }
    let fused = fuse::Fused::new(&graph, access, kind);
    let mut lowered = lower::lower(&fused, true)
        .or_else(|| lower::lower(&fused, false))
        .expect("a graph without circles has an order once state is renewed last");
    let mut regions: Vec<Region> =
        graph.outputs.iter().map(|(_, id)| lower::region(&fused, &lowered.home, *id)).collect();
    let places = memory::place(&graph, &mut lowered, &mut regions);
    lowered.kernels.iter_mut().for_each(collapse::collapse);
    let outputs = graph.outputs.iter().map(|(name, _)| name.clone()).zip(regions).collect();
    Plan { places, kernels: lowered.kernels, knobs, outputs }
}

/// Makes one state's old numbers a copy where they are another's new ones, so that nothing is written over too early.
fn copy_states(graph: &mut Graph) {
    for place in 0..graph.updates.len() {
        let (_, value) = graph.updates[place];
        let mut source = value;
        while matches!(
            graph.node(source).op,
            Op::Reshape | Op::Permute { .. } | Op::Broadcast | Op::Slice { .. } | Op::Flip { .. }
        ) {
            source = graph.node(source).inputs[0];
        }
        if matches!(graph.node(source).op, Op::State(_)) {
            let shape = graph.shape(value).clone();
            let copy = Id(graph.nodes.len() as u32);
            graph.nodes.push(Node { op: Op::Reshape, inputs: vec![value], shape });
            graph.updates[place].1 = copy;
        }
    }
}

/// Movement that must be laid out in memory: operands of cores and results, where they are not so by themselves.
fn laid_out(graph: &Graph, knob: &[Option<usize>], kind: &[fuse::Kind]) -> Vec<bool> {
    let mut kept = vec![false; graph.nodes.len()];
    let access = access::accesses(graph, knob, &kept);
    let wanted = (0..graph.nodes.len())
        .filter(|&index| kind[index] == fuse::Kind::Core)
        .flat_map(|index| fuse::operands(graph, Id(index as u32)))
        .chain(graph.outputs.iter().map(|(_, id)| id));
    for id in wanted {
        let own = &access.of[id.index()];
        kept[id.index()] |= !matches!(own.source, access::Source::Node(_)) || !own.is_consecutive(graph.shape(*id));
    }
    for (_, value) in &graph.updates {
        kept[value.index()] |= graph.node(*value).op == Op::Reshape;
    }
    kept
}

impl Core {
    /// The regions that it reads; a reduction's program reads by views instead.
    pub fn reads(&self) -> Vec<Region> {
        match self {
            Core::Map | Core::Reduce { .. } => vec![],
            Core::Matmul { a, b, .. } | Core::Conv { a, b, .. } => vec![*a, *b],
            Core::Pool { a, places, .. } => std::iter::once(*a).chain(*places).collect(),
            Core::MaxPool { x, .. } | Core::ArgMax { x, .. } | Core::LogSoftmax { x } => vec![*x],
            Core::Gather { table, indices, .. } => vec![*table, *indices],
            Core::ScatterAdd { indices, values, .. } => vec![*indices, *values],
            Core::Resample { x, theta } => vec![*x, *theta],
        }
    }
}

impl Kernel {
    /// Whether it reads any of the numbers `span.0..span.1` of a place.
    pub fn touches(&self, place: usize, span: (usize, usize)) -> bool {
        let meets = |(low, high): (usize, usize)| low < span.1 && span.0 < high;
        let loads = |program: &Program, dims: &[usize]| {
            program.steps.iter().any(|step| match step {
                Step::Load(view) => view.place == place && meets(view.span(dims)),
                _ => false,
            })
        };
        loads(&self.program, &self.dims)
            || match &self.core {
                Core::Reduce { program, over, .. } => loads(program, over),
                core => core
                    .reads()
                    .iter()
                    .any(|region| region.place == place && meets((region.offset, region.offset + region.count))),
            }
    }

    /// Whether it writes any of these numbers.
    pub fn writes(&self, region: Region) -> bool {
        let meets = |place: usize, (low, high): (usize, usize)| {
            place == region.place && low < region.offset + region.count && region.offset < high
        };
        let beside = match &self.core {
            Core::MaxPool { places, .. } => meets(places.place, (places.offset, places.offset + places.count)),
            _ => false,
        };
        beside || self.stores.iter().any(|store| meets(store.view.place, store.view.span(&self.dims)))
    }
}

impl View {
    /// The first number it touches over `dims`, and the one after the last.
    pub fn span(&self, dims: &[usize]) -> (usize, usize) {
        let (mut low, mut high) = (self.offset as isize, self.offset as isize);
        for (&size, &stride) in dims.iter().zip(&self.strides) {
            let reach = (size as isize - 1) * stride;
            if reach < 0 { low += reach } else { high += reach }
        }
        (low as usize, high as usize + 1)
    }
}

impl Plan {
    /// The result of this name.
    pub fn output(&self, name: &str) -> Option<Region> {
        self.outputs.iter().find(|(own, _)| own == name).map(|(_, region)| *region)
    }

    /// Works out all knobs from those that are set by name; an unset one is 0.
    pub fn turn(&self, seed: u32, step: u32, named: &[(&str, f32)]) -> Tick {
        let mut knobs: Vec<f32> = Vec::with_capacity(self.knobs.len());
        for knob in &self.knobs {
            knobs.push(match knob {
                Knob::Named(name) => named.iter().find(|(own, _)| own == name).map_or(0.0, |(_, value)| *value),
                Knob::Scalar(value) => *value,
                Knob::Apply(function, from) => {
                    let at = |i: usize| from.get(i).map_or(0.0, |&k| f64::from(knobs[k]));
                    (function.0.eval)(at(0), at(1), at(2)) as f32
                }
            });
        }
        Tick { seed, step, knobs }
    }
}
