//! What the page and the desk say to each other: [`Ask`]s go in, [`Answer`]s come out, packed as the engine's messages are.

use crate::{
    tensor::Shape,
    train::Weight,
    worker::protocol::{Bytes, File, Floats, Point},
};
use serde::{Deserialize, Serialize};

/// What the page asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// The experiment on the page, as JSON; said again whenever it changes while the panel is open. `classes`: of the user's own
    /// pictures, where they are known.
    Document { document: String, classes: Option<u32> },
    /// Something in the panel was used: its `data-do`, and after a `=` what was chosen.
    Press(String),
    /// What [`Answer::Take`] asks for: a packed [`Taken`], as the engine made it.
    Taken(Bytes),
    /// What [`Answer::Curves`] asks for.
    Curves { train: Vec<Point>, test: Vec<Point> },
    /// Files that may be a model.
    Files(Vec<File>),
}

/// What the desk answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// It is there. Sent once.
    Ready,
    /// Parts of the panel that are now other HTML, by their names.
    Parts(Vec<(String, String)>),
    /// The engine's weights are needed, and its answers for eight samples.
    Take,
    /// The curves are needed.
    Curves,
    /// A file to be kept.
    Download { name: String, bytes: Bytes },
    /// A drawing to be kept as a picture of pixels.
    Draw { name: String, svg: String, width: u32, height: u32 },
    /// A network came out of files: its document, and its weights as a packed [`Given`]. The panel says what else there is to say.
    Open { document: String, weights: Bytes },
    /// The panel has something to be read: it should open.
    Show,
    /// What went wrong, in a sentence.
    Trouble(String),
}

/// A model as the engine hands it out, packed in [`crate::worker::protocol::Event::Taken`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    pub weights: Vec<Tensor>,
    /// Eight samples, or none.
    pub x: Floats,
    /// What the network answers.
    pub expected: Floats,
    pub classes: Vec<String>,
    /// The optimizer's vectors, and how many steps were made.
    pub moments: Vec<Tensor>,
    pub step: u32,
}

/// What is put into the network that is open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Given {
    pub weights: Vec<Tensor>,
    /// Where training goes on: the step, and the optimizer's vectors.
    pub going: Option<(u32, Vec<Tensor>)>,
}

/// A parameter on its way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tensor {
    pub name: String,
    pub shape: Vec<usize>,
    pub data: Floats,
}

impl From<Weight> for Tensor {
    fn from(weight: Weight) -> Tensor {
        Tensor { name: weight.name, shape: weight.shape.0, data: Floats(weight.data) }
    }
}

impl From<Tensor> for Weight {
    fn from(tensor: Tensor) -> Weight {
        Weight { name: tensor.name, shape: Shape(tensor.shape), data: tensor.data.0 }
    }
}
