//! What a device gives to whoever loads a plan and asks for its results.

use std::future::Future;
use std::pin::Pin;

/// A loaded plan's number on its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded(pub usize);

/// Results on their way: one list of numbers for each output asked for.
pub type Pending = Pin<Box<dyn Future<Output = Result<Vec<Vec<f32>>, String>>>>;
