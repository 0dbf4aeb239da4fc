//! What a layer is: a row that knows its fields, the shape it makes, its parameters and the nodes it builds.
//!
//! Shapes here are those of one sample; the batch axis comes in front when nodes are built. To add a layer: write
//! `layer/NAME.rs` with a `pub static` of type [`Layer`], and put it into [`LAYERS`].

use std::fmt;

use super::{
    field::{About, Value, Values},
    init::Init,
};
use crate::{
    graph::{Graph, Id},
    tensor::Shape,
};

mod activation;
mod attention;
mod avg_pool2d;
mod batch_norm;
mod concat;
mod conv2d;
mod conv2d_transpose;
mod dense;
mod depthwise_conv2d;
mod dropout;
mod embedding;
mod flatten;
mod gaussian_noise;
mod global_pool2d;
mod gru;
mod join;
mod layer_norm;
mod lstm;
mod max_pool2d;
mod position;
mod rbm;
pub mod recurrent;
mod reshape;
mod simple_rnn;
mod upsample2d;
pub mod window;

/// Every layer that a document may name, in the order of the palette.
pub static LAYERS: &[&Layer] = &[
    &dense::DENSE,
    &conv2d::CONV2D,
    &conv2d_transpose::CONV2D_TRANSPOSE,
    &depthwise_conv2d::DEPTHWISE_CONV2D,
    &max_pool2d::MAX_POOL2D,
    &avg_pool2d::AVG_POOL2D,
    &global_pool2d::GLOBAL_MAX_POOL2D,
    &global_pool2d::GLOBAL_AVG_POOL2D,
    &upsample2d::UPSAMPLE2D,
    &flatten::FLATTEN,
    &reshape::RESHAPE,
    &activation::ACTIVATION,
    &dropout::DROPOUT,
    &gaussian_noise::GAUSSIAN_NOISE,
    &batch_norm::BATCH_NORM,
    &layer_norm::LAYER_NORM,
    &join::ADD,
    &join::MULTIPLY,
    &concat::CONCAT,
    &embedding::EMBEDDING,
    &position::POSITION,
    &simple_rnn::SIMPLE_RNN,
    &lstm::LSTM,
    &gru::GRU,
    &attention::ATTENTION,
    &rbm::RBM,
];

/// The row of this name.
pub fn find(id: &str) -> Option<&'static Layer> {
    LAYERS.iter().copied().find(|layer| layer.about.id == id)
}

/// One row of [`LAYERS`].
pub struct Layer {
    pub about: About,
    pub group: Group,
    /// Whether it takes two inputs or more; all others take one.
    pub joins: bool,
    pub work: Work,
}

/// Where a layer stands in the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Weights,
    Pictures,
    Shapes,
    Functions,
    Regularisers,
    Joins,
    Sequences,
}

/// What a layer does.
pub struct Work {
    /// (values, shapes of the inputs) → the shape of the output.
    pub shape: fn(&Values, &[Shape]) -> Result<Shape, Trouble>,
    /// (values, shapes of the inputs, which `shape` has accepted) → the parameters, in the order that `build` takes.
    pub parameters: fn(&Values, &[Shape]) -> Vec<Parameter>,
    /// (what is being built, values, inputs with the batch in front, parameters) → the output.
    pub build: fn(&mut Build, &Values, &[Id], &[Id]) -> Id,
    /// (values, shapes of the inputs) → how many numbers it keeps for one sample beside its result: what a layer that
    /// does more than its shape shows takes of the memory.
    pub held: fn(&Values, &[Shape]) -> usize,
}

impl Work {
    /// What a layer does that keeps nothing but its result.
    pub const fn new(
        shape: fn(&Values, &[Shape]) -> Result<Shape, Trouble>,
        parameters: fn(&Values, &[Shape]) -> Vec<Parameter>,
        build: fn(&mut Build, &Values, &[Id], &[Id]) -> Id,
    ) -> Work {
        Work { shape, parameters, build: nodes!(|_, _, _, _| build), held: |_, _| 0 }
    }
}

/// Where a layer appends its nodes.
pub struct Build<'a> {
    pub graph: &'a mut Graph,
    /// Whether the layer learns; in use there is no noise, and statistics stand still.
    pub training: bool,
    /// The layer's own stream of random numbers.
    pub purpose: u32,
    /// What the layer's own parameters are after the step, where the layer and not the optimizer moves them: (place in
    /// its list of parameters, new value).
    pub moved: Vec<(usize, Id)>,
}

impl Build<'_> {
    /// The sizes of a node's axes, the batch first.
    pub fn sizes(&self, x: Id) -> Vec<usize> {
        self.graph.shape(x).to_vec()
    }
}

/// One parameter of a layer: its full name is `LAYER/NAME`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub name: &'static str,
    pub shape: Shape,
    pub init: Init,
    /// Whether the optimizer changes it; a moving average is no business of its.
    pub trainable: bool,
}

impl Parameter {
    pub fn trained(name: &'static str, shape: impl Into<Shape>, init: Init) -> Parameter {
        Parameter { name, shape: shape.into(), init, trainable: true }
    }

    pub fn moving(name: &'static str, shape: impl Into<Shape>, start: f32) -> Parameter {
        Parameter { name, shape: shape.into(), init: Init::Full(start), trainable: false }
    }
}

/// Why a layer cannot work on what it gets: a sentence, and what would help.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub message: String,
    /// The field that is at fault, where one is.
    pub field: Option<&'static str>,
    pub remedy: Option<Remedy>,
}

/// A change around one layer that makes it work.
#[derive(Clone, Debug, PartialEq)]
pub enum Remedy {
    /// Set a field of this layer.
    Set(&'static str, Value),
    /// Put a layer before this one, on the way from the input of this place.
    Before { input: usize, layer: &'static str, values: Vec<(&'static str, Value)> },
    /// Take this layer out.
    Remove,
}

impl Remedy {
    /// A Reshape to these sizes before this layer, which has one input.
    fn reshape(sizes: Vec<usize>) -> Remedy {
        Remedy::Before { input: 0, layer: "reshape", values: vec![("shape", Value::Shape(sizes.into()))] }
    }
}

impl Trouble {
    pub fn new(message: impl Into<String>) -> Trouble {
        Trouble { message: message.into(), field: None, remedy: None }
    }

    pub fn at(self, field: &'static str) -> Trouble {
        Trouble { field: Some(field), ..self }
    }

    /// What would help, where anything would; an engine has no button for it and does not ask.
    pub fn mend<R: Into<Option<Remedy>>>(self, remedy: impl FnOnce() -> R) -> Trouble {
        let remedy = if cfg!(feature = "mute") { None } else { remedy().into() };
        Trouble { remedy, ..self }
    }
}

impl Layer {
    /// Its values when it is put in afresh.
    pub fn fresh(&self) -> Values {
        Values::fresh(self.about.fields)
    }
}

impl PartialEq for Layer {
    fn eq(&self, other: &Layer) -> bool {
        self.about.id == other.about.id
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.about.id)
    }
}

/// The height, width and channels of a picture, or what to do where there is none.
fn picture(label: &str, input: &Shape) -> Result<[usize; 3], Trouble> {
    if let [h, w, c] = input[..] {
        return Ok([h, w, c]);
    }
    let trouble = Trouble::new(format!("{label} needs a picture, height × width × channels, but gets {input}."));
    Err(trouble.mend(|| match input[..] {
        [count] => square(count).map_or(Remedy::Remove, |sides| Remedy::reshape(sides.to_vec())),
        [h, w] => Remedy::reshape(vec![h, w, 1]),
        _ => Remedy::Remove,
    }))
}

/// The places and the numbers at each of a sequence, or what to do where there is none.
fn sequence(label: &str, input: &Shape) -> Result<[usize; 2], Trouble> {
    if let [time, width] = input[..] {
        return Ok([time, width]);
    }
    let trouble = Trouble::new(format!("{label} needs a sequence, places × numbers at each, but gets {input}."));
    Err(trouble.mend(|| match input[..] {
        // one number at each place
        [time] => Remedy::reshape(vec![time, 1]),
        // a picture is read row by row
        [h, w, c] => Remedy::reshape(vec![h, w * c]),
        _ => Remedy::Remove,
    }))
}

/// [side, side, channels] with 1 or 3 channels for as many numbers.
fn square(count: usize) -> Option<[usize; 3]> {
    [1, 3].into_iter().find_map(|channels| {
        let side = (count / channels).isqrt();
        (side > 3 && side * side * channels == count).then_some([side, side, channels])
    })
}

/// x + bias, where there is one, put through the field `activation`.
fn finish(b: &mut Build, values: &Values, x: Id, bias: Option<Id>) -> Id {
    let x = bias.map_or(x, |bias| b.graph.add(x, bias));
    (super::activation::find(values.choice("activation")).apply)(b.graph, x)
}

/// A layer without parameters.
fn none(_: &Values, _: &[Shape]) -> Vec<Parameter> {
    Vec::new()
}

/// A layer that leaves the shape as it is.
fn same(_: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    Ok(inputs[0].clone())
}
