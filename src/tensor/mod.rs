//! Floor 0: arrays on the host, their shapes, and numbers drawn at random.
//!
//! Knows nothing of graphs, devices or pages. Everything is `f32` in row-major order; images are NHWC.

pub mod lanes;
pub mod random;
pub mod shape;
pub mod sorted;

pub use shape::Shape;

/// An array of `f32` in row-major order, on the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub shape: Shape,
    pub data: Vec<f32>,
}

impl Tensor {
    /// Joins a shape and its numbers; their counts must agree.
    pub fn new(shape: impl Into<Shape>, data: Vec<f32>) -> Tensor {
        let shape = shape.into();
        assert_eq!(shape.count(), data.len(), "a tensor of {shape} needs as many numbers");
        Tensor { shape, data }
    }

    /// An array with one number in every place.
    pub fn full(shape: impl Into<Shape>, value: f32) -> Tensor {
        let shape = shape.into();
        let data = vec![value; shape.count()];
        Tensor { shape, data }
    }
}
