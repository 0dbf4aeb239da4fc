//! Where places lie in the memory that launches bind. Small values share one buffer, so that many kernels fit into a launch.

use crate::plan::{Holds, Plan};
use std::cell::Cell;
use std::fmt;

/// Scratch values of at most so many numbers share a buffer.
const SMALL: usize = 8192;
/// Numbers of [`Memory::Parts`] before it is used from its start again, unless one sum alone needs more.
const PARTS: usize = 4 << 20;

/// Memory that a launch binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Memory {
    Place(usize),
    /// Small scratch values of a plan.
    Small,
    /// Numbers between the two halves of a split sum.
    Parts,
}

/// The memory of a plan.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// For each place where it begins in [`Memory::Small`], if it is there.
    pub starts: Vec<Option<usize>>,
    /// How many numbers [`Memory::Small`] has.
    pub small: usize,
    /// How many numbers [`Memory::Parts`] has.
    pub parts: Cell<usize>,
    /// The next free number there.
    next: Cell<usize>,
}

impl Layout {
    pub fn new(plan: &Plan) -> Layout {
        let mut layout = Layout::default();
        for place in &plan.places {
            let small = place.holds == Holds::Scratch && place.count <= SMALL;
            layout.starts.push(small.then_some(layout.small));
            if small {
                layout.small += place.count.next_multiple_of(4);
            }
        }
        layout
    }

    /// Which memory a place lies in, and where it begins.
    pub fn home(&self, place: usize) -> (Memory, usize) {
        match self.starts[place] {
            Some(start) => (Memory::Small, start),
            None => (Memory::Place(place), 0),
        }
    }

    /// Takes numbers of [`Memory::Parts`]: where they begin.
    pub fn take_parts(&self, count: usize) -> usize {
        let fits = self.next.get() + count <= PARTS;
        let start = if fits { self.next.get() } else { 0 };
        self.next.set(start + count.next_multiple_of(4));
        self.parts.set(self.parts.get().max(start + count));
        start
    }

    /// How many numbers a memory has.
    pub fn count(&self, plan: &Plan, memory: Memory) -> usize {
        match memory {
            Memory::Place(place) => plan.places[place].count,
            Memory::Small => self.small,
            Memory::Parts => self.parts.get(),
        }
    }
}

impl fmt::Display for Memory {
    /// `@number`, as memory is spelled until it is bound.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Memory::Place(place) => write!(f, "@{}", place + 2),
            Memory::Small => write!(f, "@0"),
            Memory::Parts => write!(f, "@1"),
        }
    }
}
