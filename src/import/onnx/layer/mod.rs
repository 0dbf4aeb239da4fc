//! What each operator becomes: one function for each row of [`super::operator::OPERATORS`] that has a layer, by what it is about.

pub mod conv;
pub mod dense;
pub mod function;
pub mod join;
pub mod normal;
mod padding;
pub mod rest;
pub mod sequence;
pub mod shape;
pub mod window;

use super::{array::Array, flow::Flow};

/// What a layer's function gives.
pub type Done = Result<(), String>;

/// A number of the file as a document writes it: the shortest decimal that is this `f32`, or the one that was told where
/// that is the same.
pub fn decimal(value: f32, told: Option<f64>) -> f64 {
    match told.filter(|told| *told as f32 == value) {
        Some(told) => told,
        None => crate::nn::json::parse_number(&value.to_string()).unwrap_or(f64::from(value)),
    }
}

/// One number for each place of our last axis, out of an array that meets a value along one axis of it alone; `None` where it
/// does not.
pub fn by_channel(flow: &Flow, array: &Array, channels: usize) -> Option<Vec<f32>> {
    let sizes = flow.shape();
    let offset = sizes.len().checked_sub(array.shape.len())?;
    let long: Vec<usize> = (0..array.shape.len()).filter(|axis| array.shape[*axis] != 1).collect();
    let last = flow.last(channels)?;
    match long[..] {
        [] => Some(vec![*array.floats().first()?; channels]).filter(|_| array.count() == 1),
        [axis] => {
            let atoms = flow.atoms(&[axis + offset]);
            let mut sorted = atoms.clone();
            sorted.sort_unstable();
            (sorted == last && array.shape[axis] == channels).then(|| flow.ordered(&atoms, &array.floats(), 1))
        }
        _ => None,
    }
}
