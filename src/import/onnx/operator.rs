//! Every operator of ONNX that is read: a row each, with its meaning in our own operations and, where there is one, the layer
//! that it becomes.
//!
//! The meaning folds what is known before the network runs, and is what ONNX's own tests are held against. To add an
//! operator: its row in a file of `op/`; the `layer` of a row is in `layer/`.

use super::{
    array::{AXES, Array, Kind},
    build::{Build, Made},
    graph::Node,
    lift::Lift,
    op,
};
use crate::{
    device::reference::{self, Feed},
    graph::{Graph, Id, Op, op::Fold},
};

/// Every operator, by what it is about.
pub static OPERATORS: &[&[Operator]] = &[
    op::elementwise::ROWS,
    op::reduce::ROWS,
    op::shape::ROWS,
    op::place::ROWS,
    op::window::ROWS,
    op::normal::ROWS,
    op::sequence::ROWS,
];

/// One row of [`OPERATORS`].
pub struct Operator {
    /// As the files spell it.
    pub name: &'static str,
    /// The first operator set that has it; those before 7 count as 7.
    pub since: i64,
    pub meaning: Meaning,
    /// The layer that a node becomes whose first input flows through the network; an error is the end of a sentence.
    pub layer: Option<Layer>,
}

/// Makes a layer of a node.
pub type Layer = fn(&mut Lift, &Node) -> Result<(), String>;

/// What an operator computes.
pub enum Meaning {
    /// The same function of every number.
    Each(fn(&mut Graph, Id) -> Id),
    Build(fn(&mut Build) -> Made),
    /// Nothing that a file could fold: it is recognised in `pattern.rs`, and has a layer alone.
    Layer,
}

impl Operator {
    pub const fn each(name: &'static str, since: i64, function: fn(&mut Graph, Id) -> Id) -> Operator {
        Operator { name, since, meaning: Meaning::Each(function), layer: None }
    }

    pub const fn new(name: &'static str, since: i64, build: fn(&mut Build) -> Made) -> Operator {
        Operator { name, since, meaning: Meaning::Build(build), layer: None }
    }

    pub const fn pattern(name: &'static str, layer: Layer) -> Operator {
        Operator { name, since: 7, meaning: Meaning::Layer, layer: Some(layer) }
    }

    /// The same with the layer that it becomes.
    pub const fn layer(self, layer: Layer) -> Operator {
        Operator { layer: Some(layer), ..self }
    }
}

/// The row of an operator in this set; the error is the end of a sentence.
pub fn find(name: &str, opset: i64) -> Result<&'static Operator, String> {
    let row = OPERATORS.iter().flat_map(|rows| rows.iter()).find(|row| row.name == name);
    let row = row.ok_or("an operator that is not read here")?;
    if opset < row.since {
        return Err(format!("an operator that set {opset} does not have yet"));
    }
    Ok(row)
}

/// How much is computed for one file at most, in numbers that are made or added up.
pub const WORK: usize = 16 << 20;

/// Computes a node of arrays that are known; the error is the end of a sentence. `work` is what is left of [`WORK`].
pub fn compute<'a>(
    node: &Node,
    opset: i64,
    inputs: &[Option<Array<'a>>],
    work: &mut usize,
) -> Result<Vec<Array<'a>>, String> {
    let row = find(&node.op, opset)?;
    if let Some(array) = moved(node, inputs)? {
        *work = work.checked_sub(array.count() / 8).ok_or(LONG)?;
        return Ok(vec![array]);
    }
    let mut feed = Feed::default();
    let mut graph = Graph::new();
    let mut given = Vec::new();
    for (place, array) in inputs.iter().enumerate() {
        given.push(array.as_ref().map(|array| {
            let name = place.to_string();
            let id = graph.input(&name, &array.shape[..]);
            feed.arrays.insert(name, Vec::new());
            (id, array.clone())
        }));
    }
    let mut b = Build { graph, node, opset, inputs: given };
    let made = match row.meaning {
        Meaning::Each(function) => {
            let x = b.x(0)?;
            let y = function(&mut b.graph, x);
            b.like(y)?
        }
        Meaning::Build(build) => build(&mut b)?,
        Meaning::Layer => return Err("an operator that is not computed here".into()),
    };
    let short = made.iter().any(|(_, kind)| matches!(kind, Kind::Half | Kind::Brain));
    let sums = |node: &crate::graph::Node| {
        matches!(node.op, Op::Matmul { .. } | Op::Conv { .. } | Op::Reduce { fold: Fold::Sum, .. })
    };
    if short && b.graph.nodes.iter().any(sums) {
        return Err("sums in 16 bits, which depend on how they are added up".into());
    }
    let needed = effort(&b.graph);
    *work = work.checked_sub(needed).ok_or(LONG)?;
    for (place, array) in inputs.iter().enumerate() {
        if let Some(array) = array {
            feed.arrays.insert(place.to_string(), array.numbers());
        }
    }
    let graph = b.graph;
    let values = reference::values(&graph, &feed);
    made.into_iter()
        .map(|(id, kind)| {
            let held = values[id.index()].iter().map(|value| kind.hold(*value)).collect::<Option<Vec<f64>>>();
            let data = held.ok_or("a result that its kind of number does not hold")?;
            Ok(Array::made(kind, graph.shape(id).to_vec(), data))
        })
        .collect()
}

const LONG: &str = "computing it, with what came before, takes too long";

/// What only moves the numbers of one array, which may be all weights of a layer: the same as the row's meaning, in `f32`.
fn moved<'a>(node: &Node, inputs: &[Option<Array<'a>>]) -> Result<Option<Array<'a>>, String> {
    let Some(Some(array)) = inputs.first() else { return Ok(None) };
    Ok(match (node.op.as_str(), inputs.get(1)) {
        ("Identity", None) => Some(array.clone()),
        ("Transpose", None) if array.kind == Kind::Float => {
            Some(array.turned(&op::place::turn(node.ints("perm"), array.shape.len())?))
        }
        ("Reshape", Some(Some(shape))) if !shape.kind.is_float() && shape.count() <= AXES => {
            let shape = op::shape::reshaped(&array.shape, &shape.wholes(), node.int("allowzero", 0) != 0)?;
            Some(array.reshaped(shape))
        }
        _ => None,
    })
}

/// How many numbers a graph makes and adds up.
fn effort(graph: &Graph) -> usize {
    let node = |node: &crate::graph::Node| {
        let count = node.shape.count();
        let read = || node.inputs.iter().map(|input| graph.shape(*input).count()).sum::<usize>();
        match &node.op {
            Op::Matmul { transpose_a, .. } => {
                let a = graph.shape(node.inputs[0]);
                count.saturating_mul(a[a.len() - if *transpose_a { 2 } else { 1 }])
            }
            Op::Conv { conv, .. } => {
                let taps = conv.kernel[0] * conv.kernel[1] * (conv.channels / conv.groups);
                let places = conv.batch * conv.output[0] * conv.output[1] * conv.filters;
                taps.saturating_mul(places)
            }
            Op::Pool { pool, .. } => {
                let places = pool.batch * pool.channels * pool.output[0] * pool.output[1];
                places.saturating_mul(pool.size[0].saturating_mul(pool.size[1]))
            }
            _ => count.saturating_add(read()),
        }
    };
    graph.nodes.iter().map(node).fold(0, usize::saturating_add)
}
