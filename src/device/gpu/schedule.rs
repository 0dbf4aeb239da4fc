//! Which pieces share a launch: those that need nothing of each other stand side by side, small ones that do follow each
//! other in one workgroup. A launch costs microseconds whatever it computes, so fewer are better.

use super::layout::Memory;
use super::shader::{BUFFERS, Piece, SHARED};
use crate::plan::{Kernel, Step, View};

/// Pieces of a launch at most: a shader of many takes long to compile.
const PIECES: usize = 8;
/// Stages of a chain at most.
const STAGES: usize = 24;

/// A piece with what it touches.
pub struct Task<'p> {
    pub piece: Piece,
    /// Whether one workgroup makes it in the time that a launch takes.
    pub small: bool,
    pub reads: Vec<Span>,
    pub writes: Vec<Span>,
    /// Its kernel, if that makes each number by itself.
    pub map: Option<&'p Kernel>,
}

/// Numbers of a memory, from the first to before the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub memory: Memory,
    pub low: usize,
    pub high: usize,
}

/// The tasks of one launch, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Together {
    pub wide: Vec<usize>,
    pub chain: Vec<usize>,
    /// The chain in runs: within one, each index needs of the stages before it what they made at the same index.
    pub runs: Vec<Vec<usize>>,
    memories: Vec<Memory>,
    /// Bytes of a workgroup's own memory.
    shared: usize,
}

/// All tasks in launches. A task comes after every earlier one that it conflicts with.
pub fn schedule(tasks: &[Task]) -> Vec<Together> {
    let mut all: Vec<Together> = Vec::new();
    let mut at: Vec<usize> = Vec::with_capacity(tasks.len());
    for (number, task) in tasks.iter().enumerate() {
        let before: Vec<usize> = (0..number).filter(|&other| conflict(task, &tasks[other])).collect();
        let last = before.iter().map(|&other| at[other]).max();
        // A small task may follow in the same launch those that it needs, if they are stages there.
        let follows = last.is_some_and(|last| {
            task.small && before.iter().filter(|&&other| at[other] == last).all(|other| all[last].chain.contains(other))
        });
        let first = last.map_or(0, |last| last + usize::from(!follows));
        let found = (first..all.len()).find(|&launch| {
            let together = &all[launch];
            let stage = task.small;
            let room = if stage { together.chain.len() < STAGES } else { together.wide.len() < PIECES };
            room && together.shared + task.piece.shared <= SHARED && united(&together.memories, task).len() <= BUFFERS
        });
        let launch = found.unwrap_or_else(|| {
            all.push(Together::default());
            all.len() - 1
        });
        let together = &mut all[launch];
        together.memories = united(&together.memories, task);
        together.shared += task.piece.shared;
        if task.small {
            together.chain.push(number)
        } else {
            together.wide.push(number)
        }
        at.push(launch);
    }
    for together in &mut all {
        spread(together, tasks);
        for &stage in &together.chain {
            match together.runs.last_mut() {
                Some(run) if run.iter().all(|&other| even(&tasks[other], &tasks[stage])) => run.push(stage),
                _ => together.runs.push(vec![stage]),
            }
        }
    }
    all
}

/// Whether two tasks are maps of which each index touches what the other's same index does, and nothing else of it.
fn even(a: &Task, b: &Task) -> bool {
    let (Some(a), Some(b)) = (a.map, b.map) else { return false };
    let meet = |(one, writes): (&View, bool), (other, written): (&View, bool)| {
        (writes || written) && one.place == other.place && one != other && !apart(&a.dims, one, other)
    };
    a.dims == b.dims && views(a).all(|one| !views(b).any(|other| meet(one, other)))
}

/// What each index of a map touches, and whether it writes there.
fn views(map: &Kernel) -> impl Iterator<Item = (&View, bool)> {
    let loads = map.program.steps.iter().filter_map(|step| match step {
        Step::Load(view) => Some((view, false)),
        _ => None,
    });
    loads.chain(map.stores.iter().map(|store| (&store.view, true)))
}

/// Whether two views of a place have no number in common: they lie behind each other, or are columns side by side.
fn apart(dims: &[usize], a: &View, b: &View) -> bool {
    let ((a_low, a_high), (b_low, b_high)) = (a.span(dims), b.span(dims));
    let behind = a_high <= b_low || b_high <= a_low;
    let row = a.strides.first().map_or(0, |stride| stride.unsigned_abs());
    // A column as wide as this, in rows of that length.
    let width = a_high - a_low - row * dims.first().map_or(0, |size| size - 1);
    let far = a.offset.abs_diff(b.offset);
    behind || (a.strides == b.strides && row > 0 && far % row >= width && far % row + width <= row)
}

/// Stages that neither need another stage nor are needed by one stand beside the chain, in workgroups of their own.
fn spread(together: &mut Together, tasks: &[Task]) {
    let chain = std::mem::take(&mut together.chain);
    for &stage in &chain {
        let bound = chain.iter().any(|&other| other != stage && conflict(&tasks[stage], &tasks[other]));
        if bound || together.wide.len() >= PIECES {
            together.chain.push(stage);
        } else {
            together.wide.push(stage);
        }
    }
}

/// Whether the order of two tasks matters.
fn conflict(a: &Task, b: &Task) -> bool {
    let meet = |a: &[Span], b: &[Span]| a.iter().any(|a| b.iter().any(|b| a.meets(b)));
    meet(&a.writes, &b.writes) || meet(&a.writes, &b.reads) || meet(&a.reads, &b.writes)
}

impl Span {
    fn meets(&self, other: &Span) -> bool {
        self.memory == other.memory && self.low < other.high && other.low < self.high
    }
}

fn united(memories: &[Memory], task: &Task) -> Vec<Memory> {
    let mut all = memories.to_vec();
    for own in &task.piece.uses {
        if !all.contains(&own.memory) {
            all.push(own.memory);
        }
    }
    all
}
