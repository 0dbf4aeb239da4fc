//! The third stage: groups become kernels over logical buffers, in an order that respects who needs whom.

use super::access::{Access, Source};
use super::fuse::{Fused, Group, Kind, Read};
use super::{Core, Kernel, Program, Region, Step, Store, View};
use crate::graph::Id;
use crate::graph::op::{Op, PoolStep};
use crate::tensor::Shape;
use crate::tensor::sorted::sort_by_key;
use std::collections::HashMap;

/// Where a node's numbers lie, in row-major order: a logical buffer and an offset. Buffers are numbered by the node
/// that owns them; [`super::memory`] gives them places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Home {
    pub buffer: Id,
    pub offset: usize,
}

/// Kernels whose `place` fields still are node numbers.
pub struct Lowered {
    pub kernels: Vec<Kernel>,
    pub home: HashMap<Id, Home>,
}

/// Writes all kernels of a fused graph, in order. With `direct`, new state is written where the old one was as soon as all
/// who read the old one are done; `None` if that leads to a circle.
pub fn lower(fused: &Fused, direct: bool) -> Option<Lowered> {
    let mut lowering = Lowering { fused, home: HashMap::new(), inlaid: HashMap::new(), units: Vec::new() };
    lowering.settle(direct);
    for index in 0..fused.groups.len() {
        lowering.group(&fused.groups[index]);
    }
    lowering.renew();
    let order = lowering.order()?;
    let mut units: Vec<Option<Kernel>> = lowering.units.into_iter().map(|unit| Some(unit.kernel)).collect();
    let kernels = order.into_iter().map(|index| units[index].take().expect("each unit runs once")).collect();
    Some(Lowered { kernels, home: lowering.home })
}

/// A kernel to be ordered.
struct Unit {
    kernel: Kernel,
    /// Nodes that it computes, wholly or in part.
    makes: Vec<Id>,
    /// Nodes whose numbers it reads.
    needs: Vec<Id>,
    /// Units that come before it for another reason.
    after: Vec<usize>,
    /// It renews state from a copy, and so comes after all who read the old state.
    last: bool,
}

/// Where all numbers of a node lie that are laid out.
pub fn region(fused: &Fused, home: &HashMap<Id, Home>, id: Id) -> Region {
    let access = &fused.access.of[id.index()];
    let shape = fused.graph.shape(id);
    let Source::Node(source) = access.source else { unreachable!("an operand is laid out") };
    assert!(access.is_consecutive(shape), "an operand is laid out");
    let home = home.get(&source).copied().unwrap_or(Home { buffer: source, offset: 0 });
    Region { place: home.buffer.index(), offset: home.offset + access.start as usize, count: shape.count() }
}

struct Lowering<'f, 'g> {
    fused: &'f Fused<'g>,
    home: HashMap<Id, Home>,
    /// Nodes that are written straight into rows of a larger whole, and how, over the node's own shape.
    inlaid: HashMap<Id, Access>,
    units: Vec<Unit>,
}

impl Lowering<'_, '_> {
    fn shape(&self, id: Id) -> &Shape {
        self.fused.graph.shape(id)
    }

    fn home(&self, id: Id) -> Home {
        self.home.get(&id).copied().unwrap_or(Home { buffer: id, offset: 0 })
    }

    /// Decides which nodes are written into a part of a larger whole: parts of a concat, new values of a state.
    fn settle(&mut self, direct: bool) {
        if direct {
            for &(state, value) in &self.fused.graph.updates {
                let Op::State(_) = self.fused.graph.node(state).op else { unreachable!("only a state is assigned") };
                self.claim(value, Home { buffer: state, offset: 0 });
            }
        }
        // A whole may be part of a later one, which then says where it lies.
        for group in self.fused.groups.iter().rev() {
            let Some(whole) = group.whole else { continue };
            let node = self.fused.graph.node(whole);
            let Op::Concat { axis } = node.op else { continue };
            if node.shape[..axis].iter().any(|&size| size != 1) {
                self.inlay(whole, axis);
                continue;
            }
            let home = self.home(whole);
            let mut offset = home.offset;
            for &part in &node.inputs {
                self.claim(part, Home { buffer: home.buffer, offset });
                offset += self.shape(part).count();
            }
        }
    }

    /// Lets elementwise kernels write the parts of a whole that lie in it row by row, where nobody else reads them.
    fn inlay(&mut self, whole: Id, axis: usize) {
        let fused = self.fused;
        let node = fused.graph.node(whole);
        let own = Access::own(Source::Node(whole), &node.shape);
        let mut start = 0;
        for &part in &node.inputs {
            let shape = self.shape(part);
            let access = Access { start, ..own.clone() };
            start += shape[axis] as isize * own.strides[axis];
            let read = Read { access: &fused.access.of[part.index()], shape };
            let Some(source) = fused.direct(&read) else { continue };
            let Some(group) = fused.group[source.index()] else { continue };
            let alone = fused.read_by(source) == [whole] && !fused.rooted[source.index()];
            if !alone || fused.groups[group].core.is_some() || fused.kind[source.index()] != Kind::Map {
                continue;
            }
            let sayable = access.reshape(shape, &fused.groups[group].dims);
            if let Some(access) = sayable.filter(|_| !self.home.contains_key(&source)) {
                self.inlaid.entry(source).or_insert(access);
            }
        }
    }

    /// Gives the node behind `part` a home, if it is computed as it stands and has none yet.
    fn claim(&mut self, part: Id, home: Home) {
        let read = Read { access: &self.fused.access.of[part.index()], shape: self.shape(part) };
        let Some(source) = self.fused.direct(&read) else { return };
        let kind = self.fused.kind[source.index()];
        let computed = matches!(kind, Kind::Map | Kind::Core | Kind::Copy | Kind::Parts);
        if computed && !self.home.contains_key(&source) {
            self.home.insert(source, home);
        }
    }

    /// An access to memory over `dims`; axes of 1 get stride 0, so that equal views look equal.
    fn view(&self, access: &Access, dims: &[usize]) -> View {
        let Source::Node(source) = access.source else { unreachable!("only memory has a view") };
        let home = self.home(source);
        let still = |(stride, &size): (&isize, &usize)| if size == 1 { 0 } else { *stride };
        View {
            place: home.buffer.index(),
            offset: (home.offset as isize + access.start) as usize,
            strides: access.strides.iter().zip(dims).map(still).collect(),
        }
    }

    /// Where all numbers of `id` lie, for a core that reads them as they are.
    fn region(&self, id: Id) -> Region {
        region(self.fused, &self.home, id)
    }

    /// A view that walks a node number by number over some dims.
    fn plain(&self, id: Id, dims: &Shape) -> View {
        self.view(&Access::own(Source::Node(id), dims), dims)
    }

    /// The step that loads what a read says, over `dims`.
    fn load(&self, read: &Read, dims: &Shape) -> Step {
        let access = read.access.reshape(read.shape, dims).expect("fusing checked the strides");
        let start = access.start as usize;
        match access.source {
            Source::Scalar(value) => Step::Scalar(value),
            Source::Knob(knob) => Step::Knob(knob),
            Source::Index => Step::Index { start, strides: access.strides },
            Source::Uniform(purpose) => Step::Uniform { purpose, start, strides: access.strides },
            Source::Node(_) => Step::Load(self.view(&access, dims)),
        }
    }

    /// Appends the members to a program in which `values` are known already.
    fn program(&self, members: &[Id], dims: &Shape, program: &mut Program, values: &mut HashMap<Id, usize>) {
        for &member in members {
            let reads = self.fused.reads(member);
            let mut from = [0; 3];
            for (place, read) in reads.iter().enumerate() {
                let inside = self.fused.direct(read).and_then(|source| values.get(&source).copied());
                from[place] = inside.unwrap_or_else(|| {
                    let step = self.load(read, dims);
                    let known = program.steps.iter().position(|other| *other == step);
                    known.unwrap_or_else(|| {
                        program.steps.push(step);
                        program.steps.len() - 1
                    })
                });
            }
            let value = match &self.fused.graph.node(member).op {
                Op::Map(function) if self.fused.kind[member.index()] == Kind::Map => {
                    program.steps.push(Step::Apply(*function, from));
                    program.steps.len() - 1
                }
                _ => from[0],
            };
            values.insert(member, value);
        }
    }

    fn group(&mut self, group: &Group) {
        if let Some(whole) = group.whole {
            return self.parts(whole);
        }
        if group.core.is_none() && group.members.is_empty() {
            return;
        }
        let fused = self.fused;
        let mut dims = group.dims.clone();
        if dims.is_empty() {
            dims.push(1);
        }
        let mut program = Program::default();
        let mut values = HashMap::new();
        let mut makes: Vec<Id> = group.members.clone();
        let core = match group.core {
            Some(core) => {
                program.steps.push(Step::Core);
                values.insert(core, 0);
                makes.push(core);
                self.core(core, group, &mut makes)
            }
            None => Core::Map,
        };
        self.program(&group.members, &dims, &mut program, &mut values);
        let inside = |id: Id| group.core == Some(id) || group.members.contains(&id);
        let mut stores: Vec<Store> = Vec::new();
        for &id in group.core.iter().chain(&group.members) {
            if fused.is_stored(id, &inside) {
                let view = match self.inlaid.get(&id) {
                    Some(access) => self.view(access, &dims),
                    None => self.plain(id, &dims),
                };
                stores.push(Store { value: values[&id], view });
            }
        }
        let needs = fused.needs(group).into_iter().filter(|id| !makes.contains(id)).collect();
        let all = group.prologue.iter().chain(&group.core).chain(&group.members);
        let mut names: Vec<&str> = all.map(|&id| name(&fused.graph.node(id).op)).collect();
        names.dedup();
        let kernel = Kernel { name: names.join(" · "), dims: dims.0, core, program, stores };
        self.units.push(Unit { kernel, makes, needs, after: vec![], last: false });
    }

    fn core(&self, id: Id, group: &Group, makes: &mut Vec<Id>) -> Core {
        let node = self.fused.graph.node(id);
        let region = |input: usize| self.region(node.inputs[input]);
        match &node.op {
            Op::Reduce { fold, axes } => {
                let read = self.fused.reads(id)[0];
                let mut over = read.shape.clone();
                let mut program = Program::default();
                let mut values = HashMap::new();
                if group.prologue.is_empty() {
                    program.steps.push(self.load(&read, &over));
                } else {
                    self.program(&group.prologue, &over, &mut program, &mut values);
                }
                let mut folded: Vec<bool> = (0..over.len()).map(|axis| axes.contains(&axis)).collect();
                if axes.len() == over.len() && over.is_empty() {
                    over.push(1);
                    folded.push(true);
                }
                Core::Reduce { fold: *fold, over: over.0, folded, program }
            }
            Op::Matmul { transpose_a, transpose_b } => {
                let of = self.shape(node.inputs[0]);
                let k = of[of.len() - if *transpose_a { 2 } else { 1 }];
                let [batch, m, n] = group.dims[..] else { unreachable!("a product has three dims") };
                Core::Matmul {
                    batch,
                    m,
                    n,
                    k,
                    a: region(0),
                    b: region(1),
                    transpose_a: *transpose_a,
                    transpose_b: *transpose_b,
                    shared_b: self.shape(node.inputs[1]).len() == 2,
                }
            }
            Op::Conv { side, conv } => Core::Conv { side: *side, conv: *conv, a: region(0), b: region(1) },
            Op::Pool { step, pool } => {
                let places = node.inputs.get(1).copied();
                match places.filter(|places| self.fused.kind[places.index()] == Kind::Beside(id)) {
                    Some(places) => {
                        makes.push(places);
                        Core::MaxPool { pool: *pool, x: region(0), places: self.region(places) }
                    }
                    None => {
                        let places = places.filter(|_| matches!(step, PoolStep::Take | PoolStep::Put));
                        Core::Pool { step: *step, pool: *pool, a: region(0), places: places.map(|p| self.region(p)) }
                    }
                }
            }
            Op::ArgMax { axis } => Core::ArgMax { length: self.shape(node.inputs[0])[*axis], x: region(0) },
            Op::LogSoftmax => Core::LogSoftmax { x: region(0) },
            Op::Gather => Core::Gather { rows: self.shape(node.inputs[0])[0], table: region(0), indices: region(1) },
            Op::ScatterAdd => {
                let count = self.shape(node.inputs[0]).count();
                Core::ScatterAdd { count, indices: region(0), values: region(1) }
            }
            Op::Resample => Core::Resample { x: region(0), theta: region(1) },
            op => unreachable!("{} is no core", name(op)),
        }
    }

    /// A pad is filled and then written into; a concat is written part by part.
    fn parts(&mut self, whole: Id) {
        let node = self.fused.graph.node(whole);
        let strides = Access::own(Source::Node(whole), &node.shape);
        match &node.op {
            Op::Pad { before, value } => {
                let fill = Program { steps: vec![Step::Scalar(*value)] };
                let view = self.plain(whole, &node.shape);
                self.elementwise("pad", node.shape.clone(), fill, view, whole, vec![]);
                let filled = self.units.len() - 1;
                let start = before.iter().zip(&strides.strides).map(|(&at, stride)| at as isize * stride).sum();
                self.put(node.inputs[0], whole, Access { start, ..strides });
                self.units.last_mut().expect("a unit was just added").after.push(filled);
            }
            Op::Concat { axis } => {
                let mut at = 0;
                for &part in &node.inputs {
                    let start = at as isize * strides.strides[*axis];
                    let own = Access { start, ..strides.clone() };
                    let target = self.view(&own, self.shape(part));
                    let read = Read { access: &self.fused.access.of[part.index()], shape: self.shape(part) };
                    let there = self.fused.direct(&read).is_some_and(|source| {
                        let home = self.home(source);
                        self.inlaid.contains_key(&source)
                            || home.buffer.index() == target.place
                                && home.offset == target.offset
                                && source != home.buffer
                    });
                    at += self.shape(part)[*axis];
                    if there {
                        // Its own kernel writes it where it belongs.
                        let source = self.fused.direct(&read).expect("it is there");
                        self.units
                            .iter_mut()
                            .filter(|unit| unit.makes.contains(&source))
                            .for_each(|unit| unit.makes.push(whole));
                    } else {
                        self.put(part, whole, own);
                    }
                }
            }
            op => unreachable!("{} has no parts", name(op)),
        }
    }

    /// Writes all numbers of `part` into `whole`, where `access` says over the part's shape.
    fn put(&mut self, part: Id, whole: Id, access: Access) {
        let shape = self.shape(part).clone();
        let read = Read { access: &self.fused.access.of[part.index()], shape: &shape };
        let step = self.load(&read, &shape);
        let needs = match read.access.source {
            Source::Node(source) => vec![source],
            _ => vec![],
        };
        let view = self.view(&access, &shape);
        let name = name(&self.fused.graph.node(whole).op);
        self.elementwise(name, shape, Program { steps: vec![step] }, view, whole, needs);
    }

    fn elementwise(&mut self, name: &str, shape: Shape, program: Program, view: View, makes: Id, needs: Vec<Id>) {
        let (mut dims, mut view, mut program) = (shape.0, view, program);
        if dims.is_empty() {
            dims.push(1);
            view.strides.push(0);
            for step in &mut program.steps {
                match step {
                    Step::Load(view) => view.strides.push(0),
                    Step::Index { strides, .. } | Step::Uniform { strides, .. } => strides.push(0),
                    Step::Core | Step::Scalar(_) | Step::Knob(_) | Step::Apply(..) => {}
                }
            }
        }
        let value = program.steps.len() - 1;
        let kernel = Kernel { name: name.into(), dims, core: Core::Map, program, stores: vec![Store { value, view }] };
        self.units.push(Unit { kernel, makes: vec![makes], needs, after: vec![], last: false });
    }

    /// Writes new state that was computed elsewhere to its place.
    fn renew(&mut self) {
        for &(state, value) in &self.fused.graph.updates {
            let read = Read { access: &self.fused.access.of[value.index()], shape: self.shape(value) };
            let there =
                self.fused.direct(&read).is_some_and(|source| self.home(source).buffer == state && source != state);
            if there || read.access == &Access::own(Source::Node(state), read.shape) {
                continue;
            }
            let target = Access::own(Source::Node(state), self.shape(state));
            self.put(value, state, target);
            let unit = self.units.last_mut().expect("a unit was just added");
            unit.makes.clear();
            unit.last = true;
        }
    }

    /// An order in which everyone comes after those they need, and renewed state after those who read the old; `None` for
    /// a circle.
    fn order(&self) -> Option<Vec<usize>> {
        let mut makers: HashMap<Id, Vec<usize>> = HashMap::new();
        for (index, unit) in self.units.iter().enumerate() {
            unit.makes.iter().for_each(|&id| makers.entry(id).or_default().push(index));
        }
        let mut before: Vec<Vec<usize>> = self.units.iter().map(|unit| unit.after.clone()).collect();
        for (index, unit) in self.units.iter().enumerate() {
            for need in &unit.needs {
                before[index].extend(makers.get(need).into_iter().flatten());
            }
        }
        self.hazards(&mut before)?;
        let mut after: Vec<Vec<usize>> = vec![vec![]; self.units.len()];
        let mut missing: Vec<usize> = vec![0; self.units.len()];
        for (index, list) in before.iter_mut().enumerate() {
            sort_by_key(list, |&other| other);
            list.dedup();
            list.retain(|&other| other != index);
            missing[index] = list.len();
            list.iter().for_each(|&other| after[other].push(index));
        }
        let mut ready: Vec<usize> = (0..self.units.len()).filter(|&index| missing[index] == 0).collect();
        let mut order = Vec::new();
        while !ready.is_empty() {
            let index = ready.remove(0);
            order.push(index);
            for &next in &after[index] {
                missing[next] -= 1;
                if missing[next] == 0 {
                    ready.insert(ready.partition_point(|&other| other < next), next);
                }
            }
        }
        (order.len() == self.units.len()).then_some(order)
    }

    /// Whoever reads old state comes before whoever writes over it.
    fn hazards(&self, before: &mut [Vec<usize>]) -> Option<()> {
        let state = |place: usize| matches!(self.fused.graph.nodes[place].op, Op::State(_));
        for (writer, unit) in self.units.iter().enumerate() {
            for store in unit.kernel.stores.iter().filter(|store| state(store.view.place)) {
                let id = Id(store.view.place as u32);
                let written = store.view.span(&unit.kernel.dims);
                for (reader, other) in self.units.iter().enumerate() {
                    // New state is read under the name of the node that makes it.
                    if !other.needs.contains(&id) || !other.kernel.touches(store.view.place, written) {
                        continue;
                    }
                    if reader != writer {
                        if !(unit.last && other.last) {
                            before[writer].push(reader);
                        }
                    } else if !in_place(&unit.kernel, &store.view) {
                        return None;
                    }
                }
            }
        }
        Some(())
    }
}

/// Whether a kernel reads what it writes only number for number.
fn in_place(kernel: &Kernel, written: &View) -> bool {
    let span = written.span(&kernel.dims);
    let own = kernel.program.steps.iter().filter(|step| **step != Step::Load(written.clone())).cloned().collect();
    let rest = Kernel { program: Program { steps: own }, ..kernel.clone() };
    !rest.touches(written.place, span)
}

/// The short name of an operation.
fn name(op: &Op) -> &'static str {
    match op {
        Op::Map(function) => function.0.name,
        Op::Input(_) => "input",
        Op::Bytes(_) => "bytes",
        Op::State(_) => "state",
        Op::Constant(_) => "constant",
        Op::Scalar(_) => "scalar",
        Op::Knob(_) => "knob",
        Op::Iota { .. } => "iota",
        Op::Uniform { .. } => "uniform",
        Op::Reduce { .. } => "reduce",
        Op::ArgMax { .. } => "argmax",
        Op::LogSoftmax => "log-softmax",
        Op::Matmul { .. } => "matmul",
        Op::Conv { .. } => "conv2d",
        Op::Pool { .. } => "pool",
        Op::Reshape => "reshape",
        Op::Permute { .. } => "permute",
        Op::Broadcast => "broadcast",
        Op::Slice { .. } => "slice",
        Op::Pad { .. } => "pad",
        Op::Flip { .. } => "flip",
        Op::Concat { .. } => "concat",
        Op::Gather => "gather",
        Op::ScatterAdd => "scatter-add",
        Op::Resample => "resample",
        Op::Stop => "stop",
        Op::CustomGradient => "custom-gradient",
    }
}
