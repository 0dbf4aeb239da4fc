//! Which pieces share a launch: those that need nothing of each other stand side by side, small ones that do follow each
//! other in one workgroup. A launch costs microseconds whatever it computes, so fewer are better.

use super::layout::Memory;
use super::shader::{BUFFERS, Piece, SHARED};
use crate::plan::View;

/// Pieces of a launch at most: a shader of many takes long to compile.
const PIECES: usize = 8;
/// Stages of a chain at most.
const STAGES: usize = 24;

/// A piece with what it touches.
pub struct Task {
    pub piece: Piece,
    /// Whether one workgroup makes it in the time that a launch takes.
    pub small: bool,
    pub reads: Vec<Span>,
    pub writes: Vec<Span>,
    /// Where it touches memory, if it makes each number by itself.
    pub map: Option<Map>,
}

/// What each index of a map touches.
pub struct Map {
    pub dims: Vec<usize>,
    pub touches: Vec<Touch>,
}

/// Numbers that a map reads or writes: one at each index.
pub struct Touch {
    pub span: Span,
    pub view: View,
    pub writes: bool,
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
    let (Some(a), Some(b)) = (&a.map, &b.map) else { return false };
    let fits = |one: &Touch, other: &Touch| {
        let free = !(one.writes || other.writes) || !one.span.meets(&other.span);
        free || one.view == other.view || apart(&a.dims, one, other)
    };
    a.dims == b.dims && a.touches.iter().all(|own| b.touches.iter().all(|other| fits(own, other)))
}

/// Whether two views of the same strides have no number in common, as two columns of a matrix.
fn apart(dims: &[usize], a: &Touch, b: &Touch) -> bool {
    let mut axes: Vec<(isize, isize)> =
        dims.iter().zip(&a.view.strides).map(|(size, stride)| (*size as isize - 1, stride.abs())).collect();
    axes.retain(|(last, stride)| last * stride > 0);
    axes.sort_by_key(|(_, stride)| -stride);
    a.view.strides == b.view.strides && !reached(&axes, a.view.offset as isize - b.view.offset as isize)
}

/// Whether steps along axes, at most so many of that stride either way and the longest stride first, lead so far.
fn reached(axes: &[(isize, isize)], far: isize) -> bool {
    let [(most, stride), inner @ ..] = axes else { return far == 0 };
    let rest: isize = inner.iter().map(|(last, stride)| last * stride).sum();
    // Axes that overlap are not looked into: they might.
    rest >= *stride
        || [far.div_euclid(*stride), far.div_euclid(*stride) + 1]
            .into_iter()
            .any(|steps| steps.abs() <= *most && reached(inner, far - steps * stride))
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
