//! Models of the Keras family: what their kinds of files share. `graph` lists a configuration's layers, `layer` turns each into
//! ours (`made`, `config`), `network` makes a document of them (`naming`, `fit`); each kind of file brings a [`Shelf`] on which
//! the layers' arrays lie.

mod config;
mod fit;
mod graph;
mod layer;
mod made;
mod naming;
mod network;

use crate::{nn::json::Json, tensor::Shape, train::Weight};

pub use graph::{Graph, Row};
pub use network::network;

/// An array of a file, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// As the file calls it.
    pub name: String,
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

/// Where the arrays of a model lie.
pub trait Shelf {
    /// The arrays of a layer, in the order in which Keras lists them: kernels before biases, what is not trained last.
    fn arrays(&self, row: &Row) -> Result<Vec<Array>, String>;
}

/// What a file says beside its layers.
#[derive(Default)]
pub struct Beside {
    /// What Whisker wrote for itself.
    pub told: Option<Json>,
    /// How the model was to be trained: Keras's `compile_config` or `training_config`.
    pub training: Option<Json>,
}

/// Arrays by their names, in Keras's order: for attention part by part, else kernels, biases, what is not trained.
pub fn sorted(mut arrays: Vec<Array>) -> Vec<Array> {
    const PARTS: &[&str] = &["query", "key", "value", "attention_output"];
    const ROLES: &[&[&str]] = &[
        &["depthwise_kernel"],
        &["pointwise_kernel"],
        &["kernel", "gamma", "embeddings"],
        &["recurrent_kernel", "recurrent"],
        &["bias", "beta"],
        &["moving_mean"],
        &["moving_variance"],
    ];
    arrays.sort_by_key(|array| {
        let mut words = array.name.rsplit('/');
        let own = words.next().unwrap_or_default().split(':').next().unwrap_or_default();
        let part = words.next().and_then(|word| PARTS.iter().position(|part| *part == word));
        (part, ROLES.iter().position(|role| role.contains(&own)))
    });
    arrays
}

impl From<Array> for Weight {
    fn from(array: Array) -> Weight {
        Weight { name: array.name, shape: Shape(array.shape), data: array.data }
    }
}
