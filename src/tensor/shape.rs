//! The sizes of an array's axes, and how two arrays of different shape meet.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// The sizes of the axes, outermost first. A scalar has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape(pub Vec<usize>);

impl Shape {
    /// How many numbers an array of this shape holds.
    pub fn count(&self) -> usize {
        self.0.iter().product()
    }

    /// For each axis, how far apart neighbours lie in row-major order.
    pub fn strides(&self) -> Vec<usize> {
        let mut strides = vec![1; self.0.len()];
        for axis in (1..self.0.len()).rev() {
            strides[axis - 1] = strides[axis] * self.0[axis];
        }
        strides
    }

    /// The shape of an elementwise operation on two arrays, by numpy's rule: axes are matched from the last, a
    /// missing axis or an axis of 1 stretches. `None` where two sizes differ.
    pub fn broadcast(&self, other: &Shape) -> Option<Shape> {
        let rank = self.len().max(other.len());
        let size = |shape: &Shape, axis: usize| match (axis + shape.len()).checked_sub(rank) {
            Some(own) => shape[own],
            None => 1,
        };
        (0..rank)
            .map(|axis| match (size(self, axis), size(other, axis)) {
                (a, b) if a == b => Some(a),
                (1, b) => Some(b),
                (a, 1) => Some(a),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .map(Shape)
    }

    /// The same shape with the axes in `axes` shrunk to 1.
    pub fn keep(&self, axes: &[usize]) -> Shape {
        Shape((0..self.len()).map(|axis| if axes.contains(&axis) { 1 } else { self[axis] }).collect())
    }

    /// The same shape without the axes in `axes`.
    pub fn without(&self, axes: &[usize]) -> Shape {
        Shape((0..self.len()).filter(|axis| !axes.contains(axis)).map(|axis| self[axis]).collect())
    }
}

impl Deref for Shape {
    type Target = Vec<usize>;
    fn deref(&self) -> &Vec<usize> {
        &self.0
    }
}

impl DerefMut for Shape {
    fn deref_mut(&mut self) -> &mut Vec<usize> {
        &mut self.0
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(sizes: [usize; N]) -> Shape {
        Shape(sizes.to_vec())
    }
}

impl From<&[usize]> for Shape {
    fn from(sizes: &[usize]) -> Shape {
        Shape(sizes.to_vec())
    }
}

impl From<Vec<usize>> for Shape {
    fn from(sizes: Vec<usize>) -> Shape {
        Shape(sizes)
    }
}

impl From<&Shape> for Shape {
    fn from(shape: &Shape) -> Shape {
        shape.clone()
    }
}

/// `32 × 32 × 3`; a scalar is `1`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("1");
        }
        let sizes: Vec<String> = self.0.iter().map(usize::to_string).collect();
        f.write_str(&sizes.join(" × "))
    }
}
