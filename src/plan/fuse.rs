//! The second stage: which nodes share a kernel.
//!
//! Each node that computes is put into a group: one core at most, and the elementwise nodes after it; a reduction also takes
//! in the elementwise nodes before it that nobody else reads. Groups merge greedily, in the order of the nodes, as long as
//! they have one index space, no circle arises between groups, and a kernel stays within WebGPU's eight storage buffers.

use super::access::{Access, Accesses, Source};
use crate::graph::op::{Op, PoolStep};
use crate::graph::{Graph, Id};
use crate::tensor::Shape;
use crate::tensor::sorted::sort_by_key;

/// Storage buffers that one kernel may bind (WebGPU's default limit).
pub const BUFFERS: usize = 8;

/// The most numbers that are worth computing twice.
const SMALL: usize = 8192;
/// The longest chain that is computed twice.
const LONG: usize = 12;

/// How a node is computed, if it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A source, movement, or the host's work: it has no kernel.
    None,
    Map,
    /// Movement that is laid out in memory.
    Copy,
    Core,
    /// A whole made of parts written one by one: pad, concat.
    Parts,
    /// Written by the kernel of another node: the places of a maximum pool.
    Beside(Id),
}

/// Nodes that become one kernel.
#[derive(Clone, Debug, Default)]
pub struct Group {
    pub core: Option<Id>,
    /// Elementwise nodes after the core, in order.
    pub members: Vec<Id>,
    /// Elementwise nodes before a reduction, in order; the last is what is reduced. Others may compute them as well.
    pub prologue: Vec<Id>,
    /// The index space of core and members.
    pub dims: Shape,
    /// A pad or concat, which nothing joins.
    pub whole: Option<Id>,
}

/// What the stages after simplification know of the graph.
pub struct Fused<'g> {
    pub graph: &'g Graph,
    pub access: Accesses,
    pub kind: Vec<Kind>,
    pub groups: Vec<Group>,
    /// For each node its group.
    pub group: Vec<Option<usize>>,
    /// Nodes that read each node's own numbers, through movement too.
    readers: Vec<Vec<Id>>,
    /// The nodes in memory that each node reads.
    sources: Vec<Vec<Id>>,
    /// Nodes whose numbers must be in memory when the step ends.
    pub rooted: Vec<bool>,
}

/// The kind of each node, before movement that must be laid out is known.
#[inline(never)]
pub fn kinds(graph: &Graph, knob: &[Option<usize>]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = graph
        .nodes
        .iter()
        .zip(knob)
        .map(|(node, knob)| match &node.op {
            _ if knob.is_some() => Kind::None,
            Op::Map(_) => Kind::Map,
            Op::Reduce { .. }
            | Op::ArgMax { .. }
            | Op::LogSoftmax
            | Op::Matmul { .. }
            | Op::Conv { .. }
            | Op::Pool { .. }
            | Op::Gather
            | Op::ScatterAdd
            | Op::Resample => Kind::Core,
            Op::Pad { .. } | Op::Concat { .. } => Kind::Parts,
            _ => Kind::None,
        })
        .collect();
    for (index, node) in graph.nodes.iter().enumerate() {
        if let Op::Pool { step: PoolStep::Take, .. } = node.op {
            let places = node.inputs[1];
            let argmax = graph.node(places);
            if matches!(argmax.op, Op::Pool { step: PoolStep::ArgMax, .. })
                && argmax.inputs[0] == node.inputs[0]
                && kinds[places.index()] == Kind::Core
            {
                kinds[places.index()] = Kind::Beside(Id(index as u32));
            }
        }
    }
    kinds
}

/// The operands that a core reads as regions, and so needs laid out.
pub fn operands(graph: &Graph, id: Id) -> &[Id] {
    let node = graph.node(id);
    match node.op {
        Op::Reduce { .. } | Op::Map(_) | Op::Pad { .. } | Op::Concat { .. } => &[],
        _ => &node.inputs,
    }
}

/// The index space of a core's kernel: see [`super::Core`].
fn core_dims(graph: &Graph, id: Id) -> Shape {
    let node = graph.node(id);
    let shape = &node.shape;
    let of = |input: usize| graph.shape(node.inputs[input]);
    let dims = match &node.op {
        Op::Matmul { transpose_a, .. } => {
            let (batch, rank) = (shape.count() / (shape[shape.len() - 2] * shape[shape.len() - 1]), shape.len());
            if of(1).len() == 2 && !transpose_a {
                vec![1, batch * shape[rank - 2], shape[rank - 1]]
            } else {
                vec![batch, shape[rank - 2], shape[rank - 1]]
            }
        }
        Op::Reduce { axes, .. } => shape.without(axes).0,
        Op::ArgMax { axis } => vec![shape[..*axis].iter().product(), shape[axis + 1..].iter().product()],
        Op::Gather => vec![of(1).count(), of(0)[1..].iter().product()],
        Op::ScatterAdd => vec![shape[0], shape[1..].iter().product()],
        _ => shape.0.clone(),
    };
    Shape(dims)
}

impl<'g> Fused<'g> {
    /// Groups all nodes.
    #[inline(never)]
    pub fn new(graph: &'g Graph, access: Accesses, kind: Vec<Kind>) -> Fused<'g> {
        let count = graph.nodes.len();
        let mut readers = vec![Vec::new(); count];
        let mut rooted = vec![false; count];
        let mut reads = vec![Vec::new(); count];
        for index in 0..count {
            if kind[index] != Kind::None {
                reads[index] = sources(graph, &access, &kind, Id(index as u32));
                for source in &reads[index] {
                    readers[source.index()].push(Id(index as u32));
                }
            }
        }
        let roots = graph.outputs.iter().map(|(_, id)| *id).chain(graph.updates.iter().map(|&(_, value)| value));
        for root in roots {
            if let Source::Node(source) = access.of[root.index()].source {
                rooted[source.index()] = true;
            }
        }
        let group = vec![None; count];
        let mut fused = Fused { graph, access, kind, groups: Vec::new(), group, readers, sources: reads, rooted };
        for index in 0..count {
            fused.place(Id(index as u32));
        }
        for index in (0..count).rev() {
            fused.sink(Id(index as u32));
        }
        fused
    }

    fn place(&mut self, id: Id) {
        let index = self.groups.len();
        match self.kind[id.index()] {
            Kind::None | Kind::Beside(_) => return,
            Kind::Parts => {
                self.groups.push(Group { whole: Some(id), dims: self.graph.shape(id).clone(), ..Group::default() });
            }
            Kind::Core => {
                self.groups.push(Group { core: Some(id), dims: core_dims(self.graph, id), ..Group::default() });
            }
            Kind::Map | Kind::Copy => {
                let dims = self.graph.shape(id).clone();
                self.groups.push(Group { members: vec![id], dims, ..Group::default() });
            }
        }
        self.group[id.index()] = Some(index);
        match self.kind[id.index()] {
            Kind::Map => self.join(id),
            Kind::Core => self.absorb(id),
            _ => {}
        }
    }

    /// Merges the group of an elementwise node with those of its inputs, cores first.
    fn join(&mut self, id: Id) {
        let mut wanted: Vec<usize> = Vec::new();
        for read in self.reads(id) {
            if let Some(source) = self.direct(&read)
                && let Some(group) = self.group[source.index()]
                && !wanted.contains(&group)
            {
                wanted.push(group);
            }
        }
        sort_by_key(&mut wanted, |&group| self.groups[group].core.is_none());
        for other in wanted {
            let own = self.group[id.index()].expect("a node was placed");
            if own != other {
                self.merge(own, other);
            }
        }
    }

    /// What a node reads, in the order of its inputs; a copy reads through the movement it lays out.
    pub fn reads(&self, id: Id) -> Vec<Read<'_>> {
        reads(self.graph, &self.access, self.kind[id.index()], id)
    }

    /// The node whose numbers a read is, one for one, if nothing but reshapes lies between.
    pub fn direct(&self, read: &Read) -> Option<Id> {
        match read.access.source {
            Source::Node(source)
                if read.access.is_plain(read.shape) && self.graph.shape(source).count() == read.shape.count() =>
            {
                Some(source)
            }
            _ => None,
        }
    }

    /// Puts `other` before `own` in one group, if that is allowed.
    fn merge(&mut self, own: usize, other: usize) {
        let (a, b) = (&self.groups[other], &self.groups[own]);
        if a.whole.is_some() || b.whole.is_some() || (a.core.is_some() && b.core.is_some()) {
            return;
        }
        let dims = if b.core.is_some() { b.dims.clone() } else { a.dims.clone() };
        let mut members: Vec<Id> = a.members.iter().chain(&b.members).copied().collect();
        sort_by_key(&mut members, |&member| member);
        let merged = Group {
            core: a.core.or(b.core),
            members,
            prologue: if a.core.is_some() { a.prologue.clone() } else { b.prologue.clone() },
            dims,
            whole: None,
        };
        if !self.fits(&merged) || self.circles(&merged, [own, other]) {
            return;
        }
        for id in merged.members.iter().chain(&merged.prologue).chain(&merged.core) {
            self.group[id.index()] = Some(other);
        }
        self.groups[other] = merged;
        self.groups[own] = Group::default();
    }

    /// Whether every load can be said by strides over the group's dims, and the buffers are few enough.
    fn fits(&self, group: &Group) -> bool {
        let inside = |id: Id| group.core == Some(id) || group.members.contains(&id);
        let mut buffers: Vec<Id> = Vec::new();
        for &member in &group.members {
            for read in self.reads(member) {
                if self.direct(&read).is_some_and(inside) {
                    continue;
                }
                if read.access.reshape(read.shape, &group.dims).is_none() {
                    return false;
                }
                if let Source::Node(source) = read.access.source {
                    if inside(source) {
                        return false;
                    }
                    buffers.push(source);
                }
            }
        }
        if group.core.is_some() {
            // What a core reads is there before it starts.
            let before = self.needs(&Group { members: vec![], ..group.clone() });
            if before.iter().any(|source| group.members.contains(source)) {
                return false;
            }
            buffers.extend(before);
        }
        buffers.extend(group.members.iter().chain(&group.core).filter(|&&id| self.is_stored(id, &inside)));
        sort_by_key(&mut buffers, |&buffer| buffer);
        buffers.dedup();
        buffers.len() <= BUFFERS
    }

    /// Whether a node's numbers must be in memory: someone outside reads them.
    pub fn is_stored(&self, id: Id, inside: &dyn Fn(Id) -> bool) -> bool {
        self.rooted[id.index()]
            || self.readers[id.index()].iter().any(|&reader| {
                !inside(reader)
                    // Inside, but not number by number.
                    || self.reads(reader).iter().any(|read| {
                        read.access.source == Source::Node(id) && self.direct(read) != Some(id)
                    })
            })
    }

    /// The nodes in memory that a group reads, those that it computes itself included where its members read each other.
    pub fn needs(&self, group: &Group) -> Vec<Id> {
        let mut needs = Vec::new();
        self.each_need(group, |id| needs.push(id));
        needs
    }

    fn each_need(&self, group: &Group, mut visit: impl FnMut(Id)) {
        for &id in group.core.iter().chain(&group.prologue) {
            self.sources(id).iter().filter(|id| !group.prologue.contains(id)).for_each(|&id| visit(id));
        }
        for &id in group.members.iter().chain(&group.whole) {
            self.sources(id).iter().for_each(|&id| visit(id));
        }
    }

    /// The nodes that read a node's own numbers, in order; one that reads them twice is there twice.
    pub fn read_by(&self, id: Id) -> &[Id] {
        &self.readers[id.index()]
    }

    /// The nodes in memory that a node reads.
    pub fn sources(&self, id: Id) -> &[Id] {
        &self.sources[id.index()]
    }

    /// Whether something outside a merged group both needs it and is needed by it.
    fn circles(&self, merged: &Group, parts: [usize; 2]) -> bool {
        let mut seen = vec![false; self.groups.len()];
        let mut next: Vec<usize> = Vec::new();
        let inside = |group: usize| parts.contains(&group);
        let visit = |group: &Group, next: &mut Vec<usize>, seen: &mut Vec<bool>| {
            self.each_need(group, |source| {
                let source = match self.kind[source.index()] {
                    Kind::Beside(main) => main,
                    _ => source,
                };
                if let Some(group) = self.group[source.index()]
                    && !seen[group]
                {
                    seen[group] = true;
                    next.push(group);
                }
            });
        };
        visit(merged, &mut next, &mut seen);
        // What the parts read of each other is no circle; everything else that leads back is.
        next.retain(|&group| !inside(group));
        parts.iter().for_each(|&part| seen[part] = false);
        while let Some(group) = next.pop() {
            visit(&self.groups[group], &mut next, &mut seen);
            if parts.iter().any(|&part| seen[part]) {
                return true;
            }
        }
        false
    }

    /// Takes the elementwise nodes that a reduction reads into it: all of their group where nobody else reads them, or
    /// a copy where they are few.
    fn absorb(&mut self, id: Id) {
        let Op::Reduce { .. } = self.graph.node(id).op else { return };
        let read = self.reads(id)[0];
        let Some(source) = self.direct(&read) else { return };
        let Some(other) = self.group[source.index()] else { return };
        let group = &self.groups[other];
        if group.core.is_some() || group.whole.is_some() {
            return;
        }
        let over = read.shape;
        let chain = self.chain(group, source);
        let inside = |node: Id| chain.contains(&node);
        let sayable = chain.iter().all(|&member| {
            self.reads(member)
                .iter()
                .all(|read| self.direct(read).is_some_and(inside) || read.access.reshape(read.shape, over).is_some())
        });
        if !sayable {
            return;
        }
        let alone = chain.len() == group.members.len()
            && chain.iter().all(|&member| {
                !self.rooted[member.index()]
                    && self.readers[member.index()].iter().all(|&reader| reader == id || inside(reader))
            });
        if !alone && (self.graph.shape(source).count() > SMALL || chain.len() > LONG) {
            return;
        }
        let own = self.group[id.index()].expect("a node was placed");
        if alone {
            self.groups[other] = Group::default();
            for &member in &chain {
                self.group[member.index()] = Some(own);
            }
        } else {
            // It reads what the chain reads, and no longer the chain's result.
            self.readers[source.index()].retain(|&reader| reader != id);
            for &member in &chain {
                for outer in &self.sources[member.index()] {
                    if !chain.contains(outer) {
                        self.readers[outer.index()].push(id);
                    }
                }
            }
        }
        self.groups[own].prologue = chain;
    }

    /// The members of a group that lead to one of them, in order.
    fn chain(&self, group: &Group, last: Id) -> Vec<Id> {
        let mut wanted = vec![last];
        for &member in group.members.iter().rev() {
            if wanted.contains(&member) {
                wanted.extend(self.sources(member).iter().filter(|source| group.members.contains(source)));
            }
        }
        group.members.iter().copied().filter(|member| wanted.contains(member)).collect()
    }

    /// Moves an elementwise node from the kernel that makes its inputs to the one kernel that reads it, where that saves
    /// its numbers from memory and costs no others a place there: a mask, say, from the forward pass to the backward pass.
    fn sink(&mut self, id: Id) {
        let Some(from) = self.group[id.index()] else { return };
        if self.kind[id.index()] != Kind::Map || self.rooted[id.index()] {
            return;
        }
        let group = &self.groups[from];
        let rest =
            Group { members: group.members.iter().copied().filter(|&member| member != id).collect(), ..group.clone() };
        if !group.members.contains(&id) || (rest.members.is_empty() && rest.core.is_none()) {
            return;
        }
        let mut to = self.readers[id.index()].iter().map(|reader| self.group[reader.index()]);
        let Some(Some(target)) = to.next() else { return };
        let reads_it = |group: &Group| self.readers[id.index()].iter().all(|reader| group.members.contains(reader));
        if target == from || to.any(|other| other != Some(target)) || !reads_it(&self.groups[target]) {
            return;
        }
        let stays = |id: Id| rest.core == Some(id) || rest.members.contains(&id);
        let free =
            self.reads(id).iter().filter_map(|read| self.direct(read)).filter(|&source| stays(source)).all(|source| {
                let inside = |node: Id| node == id || stays(node);
                self.is_stored(source, &inside)
            });
        let mut members: Vec<Id> = self.groups[target].members.iter().copied().chain([id]).collect();
        sort_by_key(&mut members, |&member| member);
        let merged = Group { members, ..self.groups[target].clone() };
        if free && self.fits(&merged) {
            self.groups[target] = merged;
            self.groups[from] = rest;
            self.group[id.index()] = Some(target);
        }
    }
}

/// One array that a node reads: how its numbers are found, over which shape.
#[derive(Clone, Copy)]
pub struct Read<'a> {
    pub access: &'a Access,
    pub shape: &'a Shape,
}

fn reads<'a>(graph: &'a Graph, access: &'a Accesses, kind: Kind, id: Id) -> Vec<Read<'a>> {
    if kind == Kind::Copy {
        let access = access.laid[id.index()].as_ref().expect("a copy is laid out");
        return vec![Read { access, shape: graph.shape(id) }];
    }
    let inputs = &graph.node(id).inputs;
    inputs.iter().map(|input| Read { access: &access.of[input.index()], shape: graph.shape(*input) }).collect()
}

/// The nodes in memory that a node reads, but for the places that its own kernel writes.
fn sources(graph: &Graph, access: &Accesses, kind: &[Kind], id: Id) -> Vec<Id> {
    let found = reads(graph, access, kind[id.index()], id).into_iter().filter_map(|read| match read.access.source {
        Source::Node(source) if kind[source.index()] != Kind::Beside(id) => Some(source),
        _ => None,
    });
    found.collect()
}
