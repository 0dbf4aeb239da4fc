//! Optimizers: how the weights follow the gradient. One row each in [`OPTIMIZERS`].
//!
//! All trainable parameters lie in one vector w, their gradients in one vector g. To add one: write
//! `optimizer/NAME.rs` with a `pub static` of type [`Optimizer`], and put it into the slice.

use std::fmt;

use super::field::{About, Field, Kind, Value, Values};
use crate::graph::{Graph, Id};

mod adagrad;
mod adam;
mod adamw;
mod rmsprop;
mod sgd;

/// Every optimizer that a document may name.
pub static OPTIMIZERS: &[&Optimizer] = &[&sgd::SGD, &rmsprop::RMSPROP, &adagrad::ADAGRAD, &adam::ADAM, &adamw::ADAMW];

/// The row of this name.
pub fn find(id: &str) -> Option<&'static Optimizer> {
    OPTIMIZERS.iter().copied().find(|optimizer| optimizer.about.id == id)
}

/// The optimizer of a document that names none.
pub fn usual() -> &'static Optimizer {
    &adam::ADAM
}

/// One row of [`OPTIMIZERS`]. Every row has the field `learning-rate`.
pub struct Optimizer {
    pub about: About,
    /// What it remembers from step to step: vectors as long as w that start at 0, by name.
    pub states: &'static [&'static str],
    pub build: fn(&mut Graph, &Values, Step) -> Updated,
}

/// What an optimizer works on. All vectors have the length of w.
pub struct Step<'a> {
    pub w: Id,
    pub g: Id,
    /// In the order of [`Optimizer::states`].
    pub states: &'a [Id],
    /// The scheduled learning rate, one number.
    pub rate: Id,
    /// How many steps were made before this one, one number.
    pub t: Id,
}

/// The new w and the new states.
pub struct Updated {
    pub w: Id,
    pub states: Vec<Id>,
}

/// keep·old + (1 − keep)·new; what fades away ends as 0.
fn blend(g: &mut Graph, keep: f64, old: Id, new: Id) -> Id {
    let old = g.scale(old, keep as f32);
    let new = g.scale(new, (1.0 - keep) as f32);
    let sum = g.add(old, new);
    g.flush(sum)
}

/// w − rate·direction.
fn go(g: &mut Graph, w: Id, rate: Id, direction: Id) -> Id {
    let way = g.mul(direction, rate);
    g.sub(w, way)
}

/// direction / (√s + epsilon).
fn paced(g: &mut Graph, direction: Id, s: Id, values: &Values) -> Id {
    let root = g.sqrt(s);
    // a weight that never had a gradient has s = 0, and must stay where it is with epsilon 0 too
    let below = g.shift(root, (values.number("epsilon") as f32).max(1e-12));
    g.div(direction, below)
}

/// The field `learning-rate`, with the default that suits the optimizer.
const fn learning_rate(default: f64) -> Field {
    Field::new(
        "learning-rate",
        "Learning rate",
        "How far each step goes.",
        Kind::Number { min: 0.0, max: 100.0, log: true },
        Value::Number(default),
    )
}

/// A share from 0 to just below 1 of what is remembered.
const fn decay(id: &'static str, label: &'static str, help: &'static str, default: f64) -> Field {
    Field::new(id, label, help, Kind::Number { min: 0.0, max: 0.999_999, log: false }, Value::Number(default))
}

const fn epsilon(default: f64) -> Field {
    Field::new(
        "epsilon",
        "Epsilon",
        "A small number against dividing by 0.",
        Kind::Number { min: 0.0, max: 1.0, log: true },
        Value::Number(default),
    )
}

impl PartialEq for Optimizer {
    fn eq(&self, other: &Optimizer) -> bool {
        self.about.id == other.about.id
    }
}

impl fmt::Debug for Optimizer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.about.id)
    }
}
