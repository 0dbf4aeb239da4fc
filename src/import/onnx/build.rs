//! Where an operator's meaning is built: nodes of our own graph, each held against its sizes before it is appended, so that no
//! file can ask for something that does not fit or does not end.

use super::{
    array::{Array, Kind, count},
    graph::{Attribute, Node},
};
use crate::{
    graph::{Graph, Id, function::Function},
    tensor::{Shape, Tensor},
};

/// Numbers in one array that is computed here.
const ROOM: usize = 4 << 20;

/// What an operator makes: an array and the kind of its numbers; or the end of a sentence.
pub type Made = Result<Vec<(Id, Kind)>, String>;

/// A node on its way into our graph.
pub struct Build<'a> {
    pub graph: Graph,
    pub node: &'a Node<'a>,
    pub opset: i64,
    pub inputs: Vec<Option<(Id, Array<'a>)>>,
}

impl<'a> Build<'a> {
    pub fn has(&self, place: usize) -> bool {
        self.inputs.get(place).is_some_and(Option::is_some)
    }

    pub fn array(&self, place: usize) -> Result<&Array<'a>, String> {
        let input = self.inputs.get(place).and_then(Option::as_ref);
        input.map(|(_, array)| array).ok_or_else(|| format!("its input {} is missing", place + 1))
    }

    /// An input with numbers.
    pub fn x(&self, place: usize) -> Result<Id, String> {
        let array = self.array(place)?;
        if array.count() == 0 {
            return Err("an array without numbers is not computed with here".into());
        }
        Ok(self.inputs[place].as_ref().expect("it was found").0)
    }

    pub fn kind(&self, place: usize) -> Result<Kind, String> {
        Ok(self.array(place)?.kind)
    }

    pub fn sizes(&self, x: Id) -> Vec<usize> {
        self.graph.shape(x).to_vec()
    }

    /// The result with the kind of the first input.
    pub fn like(&self, x: Id) -> Made {
        Ok(vec![(x, self.kind(0)?)])
    }

    pub fn wholes(&self, place: usize) -> Result<Vec<i64>, String> {
        let array = self.array(place)?;
        if array.count() > 1 << 16 || array.kind.is_float() {
            return Err(format!("its input {} is no list of whole numbers", place + 1));
        }
        Ok(array.wholes())
    }

    /// One number of an input, or what is usual.
    pub fn number(&self, place: usize, usual: f64) -> Result<f64, String> {
        if !self.has(place) {
            return Ok(usual);
        }
        self.array(place)?.single().ok_or_else(|| format!("its input {} is not one number", place + 1))
    }

    /// A list that newer operator sets have as an input, older ones as an attribute.
    pub fn list(&self, place: usize, name: &str) -> Result<Option<Vec<i64>>, String> {
        if self.has(place) { self.wholes(place).map(Some) } else { Ok(self.node.ints(name)) }
    }

    pub fn floats(&self, name: &str) -> Option<Vec<f32>> {
        if let Some(Attribute::Floats(values)) = self.node.attribute(name) { Some(values.clone()) } else { None }
    }

    /// An axis, which may be counted from the end.
    pub fn axis(&self, axis: i64, rank: usize) -> Result<usize, String> {
        axis_of(axis, rank)
    }

    pub fn axes(&self, axes: &[i64], rank: usize) -> Result<Vec<usize>, String> {
        axes.iter().map(|axis| axis_of(*axis, rank)).collect()
    }

    /// A shape that is not too large to be computed here.
    pub fn room(&self, shape: &[usize]) -> Result<(), String> {
        match count(shape) {
            Some(0) => Err("an array without numbers is not computed with here".into()),
            Some(count) if count <= ROOM && shape.len() <= 2 * super::array::AXES => Ok(()),
            Some(_) | None => Err(format!("{} are more numbers than are computed here", Shape::from(shape))),
        }
    }

    /// An elementwise function with numpy's rule of broadcasting.
    pub fn map(&mut self, function: Function, inputs: &[Id]) -> Result<Id, String> {
        let mut shape = self.graph.shape(inputs[0]).clone();
        for input in &inputs[1..] {
            let other = self.graph.shape(*input);
            shape = shape.broadcast(other).ok_or_else(|| format!("{shape} and {other} do not meet"))?;
        }
        self.room(&shape)?;
        Ok(self.graph.map(function, inputs))
    }

    pub fn spread(&mut self, x: Id, shape: &[usize]) -> Result<Id, String> {
        self.room(shape)?;
        let (own, wanted) = (self.graph.shape(x).clone(), Shape::from(shape));
        if own.broadcast(&wanted).as_ref() != Some(&wanted) {
            return Err(format!("{own} does not stretch to {wanted}"));
        }
        Ok(self.graph.broadcast(x, wanted))
    }

    pub fn reshape(&mut self, x: Id, shape: &[usize]) -> Result<Id, String> {
        let own = self.graph.shape(x).clone();
        if count(shape) != Some(own.count()) {
            return Err(format!("{own} does not hold as many numbers as {}", Shape::from(shape)));
        }
        Ok(self.graph.reshape(x, shape))
    }

    /// A product of matrices by numpy's rule, rows and columns alone included.
    pub fn matmul(&mut self, a: Id, b: Id) -> Result<Id, String> {
        let (mut left, mut right) = (self.sizes(a), self.sizes(b));
        if left.is_empty() || right.is_empty() {
            return Err("a product of matrices needs axes".into());
        }
        let alone = [left.len() == 1, right.len() == 1];
        if alone[0] {
            left.insert(0, 1);
        }
        if alone[1] {
            right.push(1);
        }
        let (m, k, n) = (left[left.len() - 2], left[left.len() - 1], right[right.len() - 1]);
        let batch = Shape::from(&left[..left.len() - 2]).broadcast(&Shape::from(&right[..right.len() - 2]));
        let batch = batch.filter(|_| right[right.len() - 2] == k).ok_or("its sizes do not meet")?;
        let mut shape = [&batch[..], &[m, n]].concat();
        self.room(&shape)?;
        self.room(&[&batch[..], &[m, k]].concat())?;
        self.room(&[&batch[..], &[k, n]].concat())?;
        let (a, b) = (self.graph.reshape(a, left), self.graph.reshape(b, right));
        let y = self.graph.matmul(a, b);
        if alone[1] {
            shape.pop();
        }
        if alone[0] {
            shape.remove(batch.len());
        }
        Ok(self.graph.reshape(y, shape))
    }

    /// `axis` mixed by a matrix of numbers [new, old].
    pub fn along(&mut self, x: Id, axis: usize, rows: usize, matrix: Vec<f32>) -> Result<Id, String> {
        let mut sizes = self.sizes(x);
        let old = std::mem::replace(&mut sizes[axis], rows);
        self.room(&sizes)?;
        let mut order: Vec<usize> = (0..sizes.len()).filter(|other| *other != axis).collect();
        order.push(axis);
        let moved = self.graph.permute(x, &order);
        let flat = self.graph.shape(moved).count() / old;
        let flat = self.graph.reshape(moved, [flat, old]);
        let matrix = self.graph.constant(Tensor::new([rows, old], matrix));
        let y = self.graph.matmul_with(flat, matrix, false, true);
        let apart: Vec<usize> = order.iter().map(|axis| sizes[*axis]).collect();
        let y = self.graph.reshape(y, apart);
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, from)| back[*from] = to);
        Ok(self.graph.permute(y, &back))
    }

    /// The places of `axis` in this order, some of them more than once or not at all.
    pub fn pick(&mut self, x: Id, axis: usize, places: &[usize]) -> Result<Id, String> {
        let mut sizes = self.sizes(x);
        let known = sizes[axis];
        sizes[axis] = places.len();
        self.room(&sizes)?;
        if places.iter().any(|place| *place >= known) {
            return Err(format!("there are {known} places along axis {axis}, and it asks for another"));
        }
        let places = Tensor::new([places.len()], places.iter().map(|place| *place as f32).collect());
        let places = self.graph.constant(places);
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.remove(axis);
        order.insert(0, axis);
        let moved = self.graph.permute(x, &order);
        let y = self.graph.gather(moved, places);
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, from)| back[*from] = to);
        Ok(self.graph.permute(y, &back))
    }

    /// `count` places of `axis` from `start` on.
    pub fn part(&mut self, x: Id, axis: usize, start: usize, count: usize) -> Result<Id, String> {
        let mut sizes = self.sizes(x);
        if count == 0 || start + count > sizes[axis] {
            return Err(format!("there are {} places along axis {axis}, and it asks for others", sizes[axis]));
        }
        let mut from = vec![0; sizes.len()];
        (from[axis], sizes[axis]) = (start, count);
        Ok(self.graph.slice(x, &from, &sizes, &vec![1; sizes.len()]))
    }
}

/// An axis, which may be counted from the end; or the end of a sentence.
pub fn axis_of(axis: i64, rank: usize) -> Result<usize, String> {
    let own = if axis < 0 { axis.checked_add(rank as i64) } else { Some(axis) };
    (own.and_then(|own| usize::try_from(own).ok()).filter(|own| *own < rank))
        .ok_or_else(|| format!("there is no axis {axis} in an array of {rank}"))
}
