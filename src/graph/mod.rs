//! Floor 1: what is computed. A [`Graph`] is a list of nodes that only grows; a node's inputs stand before it.
//!
//! Shapes are static. A shape that does not fit is a mistake of the caller and stops at once, while building; what a user
//! wrote is checked before, by `spec`. Knows nothing of layers, devices or how anything is computed.

pub mod backward;
pub mod build;
pub mod function;
pub mod math;
pub mod op;

pub use backward::backward;
pub use op::Op;

use crate::tensor::Shape;

/// A node's place in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub u32);

impl Id {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One operation on earlier nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub op: Op,
    pub inputs: Vec<Id>,
    pub shape: Shape,
}

/// Everything that one step computes: nodes, the results asked for, and the state that is renewed at its end.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    /// Results by name.
    pub outputs: Vec<(String, Id)>,
    /// (state, its new value), all at once when the step ends.
    pub updates: Vec<(Id, Id)>,
    /// Where the graph is of some rows of a batch: random numbers are then those that these rows have in the whole.
    pub rows: Option<Rows>,
}

/// Some rows of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    pub from: usize,
    pub count: usize,
    /// The rows of the batch.
    pub whole: usize,
}

impl Graph {
    pub fn new() -> Graph {
        Graph::default()
    }

    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id.index()]
    }

    pub fn shape(&self, id: Id) -> &Shape {
        &self.nodes[id.index()].shape
    }

    /// Names a result to be read.
    pub fn output(&mut self, name: &str, value: Id) {
        self.outputs.push((name.into(), value));
    }

    /// Gives a state its new value at the end of the step; shapes must agree.
    pub fn assign(&mut self, state: Id, value: Id) {
        assert!(matches!(self.node(state).op, Op::State(_)), "only a state can be assigned");
        assert_eq!(self.shape(state), self.shape(value), "a state keeps its shape");
        self.updates.push((state, value));
    }

    fn push(&mut self, op: Op, inputs: &[Id], shape: impl Into<Shape>) -> Id {
        let id = Id(self.nodes.len() as u32);
        assert!(inputs.iter().all(|input| *input < id), "a node's inputs stand before it");
        self.nodes.push(Node { op, inputs: inputs.to_vec(), shape: shape.into() });
        id
    }
}
