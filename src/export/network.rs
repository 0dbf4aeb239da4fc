//! The one description that every exporter reads: a checked document with all defaults filled in.
//!
//! [`Network::new`] is pure and small; it knows no framework. Shapes are those of one sample, pictures [h, w, c].

use super::{
    kind::{Function, Kind},
    name,
};
use crate::{
    data::Request,
    nn::{
        Target, Values,
        json::{Json, Map},
        penalty,
    },
    spec::{self, Penalty, Spec, Stop},
    tensor::Shape,
};

/// An experiment, ready to be written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// The experiment's title, or "Whisker".
    pub title: String,
    /// The document itself.
    pub document: Json,
    pub seed: u32,
    pub input: Shape,
    pub target: Target,
    pub data: Data,
    /// Ids of augmentations; none where the samples are no pictures.
    pub augment: Vec<&'static str>,
    /// In an order in which each comes after what it reads.
    pub layers: Vec<Layer>,
    /// Which of them makes the output.
    pub output: usize,
    pub loss: Loss,
    pub penalty: Penalty,
    pub optimizer: Optimizer,
    pub rate: f64,
    pub schedule: Schedule,
    /// Over how many steps the rate rises; 0 for none.
    pub warmup: usize,
    pub clip_norm: Option<f64>,
    pub batch: usize,
    pub epochs: usize,
    pub stop: Option<Stop>,
}

/// What the network learns from.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// The set's id; `None` where the caller brings the samples.
    pub set: Option<&'static str>,
    /// How many samples are learnt from; the rest is the test split. A guess where the caller brings them.
    pub train: usize,
    pub test: usize,
    /// Steps in an epoch, by which the schedule counts.
    pub steps: usize,
    /// Whether samples are whole numbers below this, to be looked up.
    pub vocabulary: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Its place in the document.
    pub place: usize,
    /// Its name in the document and in weights' names.
    pub name: String,
    /// Its name in code: snake case, unique.
    pub id: String,
    pub kind: Kind,
    /// What its result goes through; [`Function::Linear`] where nothing.
    pub function: Function,
    pub inputs: Vec<Source>,
    pub shapes: Vec<Shape>,
    pub shape: Shape,
    pub parameters: Vec<Parameter>,
    /// Whether the output depends on it.
    pub used: bool,
}

/// Where a layer reads from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Input,
    /// The layer at this place of [`Network::layers`].
    Layer(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// `LAYER/PARAMETER`, as in files of weights.
    pub full: String,
    pub name: &'static str,
    pub shape: Shape,
    /// What each axis counts.
    pub axes: &'static [&'static str],
    pub trainable: bool,
    /// Whether the document's penalty is on it.
    pub penalised: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    CrossEntropy,
    BinaryCrossEntropy,
    MeanSquaredError,
    MeanAbsoluteError,
    Huber,
    Hinge,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Optimizer {
    Sgd {
        momentum: f64,
        nesterov: bool,
    },
    Rmsprop {
        rho: f64,
        epsilon: f64,
    },
    Adagrad {
        epsilon: f64,
    },
    /// AdamW where `decay` is given.
    Adam {
        beta_1: f64,
        beta_2: f64,
        epsilon: f64,
        decay: Option<f64>,
    },
}

/// The share of the rate by epochs e: 1, factor^⌊e/every⌋, factor^e, ½(1 + cos(π·min(1, e/epochs))).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Schedule {
    Constant,
    Step { every: f64, factor: f64 },
    Exponential { factor: f64 },
    Cosine { epochs: f64 },
    Linear { epochs: f64 },
}

impl Network {
    /// The description of a document and of the network that it was checked to be. An error names what has none yet.
    pub fn new(spec: &Spec, checked: &spec::Network) -> Result<Network, String> {
        let lacking = |what: &str, id: &str| format!("{what} \"{id}\" cannot be written as code or as a file yet.");
        let ids = name::identifiers(&spec::names(&spec.layers));
        let mut at = vec![0; checked.order.len()];
        checked.order.iter().enumerate().for_each(|(own, place)| at[*place] = own);
        let mut layers = Vec::with_capacity(checked.order.len());
        for &place in &checked.order {
            let (row, piece) = (&spec.layers[place], &checked.pieces[place]);
            let shapes: Vec<Shape> = (piece.inputs.iter())
                .map(|source| match source {
                    spec::Source::Input => checked.sample.shape.clone(),
                    spec::Source::Layer(other) => checked.pieces[*other].shape.clone(),
                })
                .collect();
            let type_id = row.kind.about.id;
            let kind = Kind::read(type_id, &row.values, &shapes, &piece.shape).ok_or(lacking("The layer", type_id))?;
            let word = ["activation", "function"].into_iter().find(|field| row.values.has(field));
            let word = word.map_or("linear", |field| row.values.choice(field));
            layers.push(Layer {
                place,
                name: piece.name.clone(),
                id: ids[place].clone(),
                function: Function::read(word).ok_or(lacking("The activation", word))?,
                inputs: (piece.inputs.iter())
                    .map(|source| match source {
                        spec::Source::Input => Source::Input,
                        spec::Source::Layer(other) => Source::Layer(at[*other]),
                    })
                    .collect(),
                shapes,
                shape: piece.shape.clone(),
                parameters: (piece.parameters.iter())
                    .map(|one| Parameter {
                        full: format!("{}/{}", piece.name, one.name),
                        name: one.name,
                        shape: one.shape.clone(),
                        axes: axes(&kind, one.name),
                        trainable: one.trainable,
                        penalised: one.trainable && penalty::applies(one.name),
                    })
                    .collect(),
                kind,
                used: false,
            });
        }
        let output = *at.last().ok_or("The network has no layers: add one.")?;
        mark(&mut layers, output);
        let (optimizer, schedule) = (&spec.optimizer, &spec.schedule);
        let values = &schedule.values;
        Ok(Network {
            title: if spec.name.is_empty() { "Whisker".into() } else { spec.name.clone() },
            document: spec.to_json(),
            seed: spec.seed,
            input: checked.sample.shape.clone(),
            target: checked.sample.target,
            data: described(spec),
            augment: match checked.sample.shape.len() {
                3 => spec.augment.iter().map(|row| row.about.id).collect(),
                _ => Vec::new(),
            },
            layers,
            output,
            loss: Loss::read(spec.loss.about.id).ok_or(lacking("The loss", spec.loss.about.id))?,
            penalty: spec.penalty,
            optimizer: Optimizer::read(optimizer.row.about.id, &optimizer.values)
                .ok_or(lacking("The optimizer", optimizer.row.about.id))?,
            rate: spec.learning_rate(),
            schedule: Schedule::read(schedule.row.about.id, values)
                .ok_or(lacking("The schedule", schedule.row.about.id))?,
            warmup: values.count("warmup"),
            clip_norm: spec.clip_norm,
            batch: spec.batch,
            epochs: spec.epochs,
            stop: spec.stop,
        })
    }

    /// The document without its layers: what files of networks keep for Whisker beside the layers themselves.
    pub fn settings(&self) -> Json {
        let Json::Object(all) = &self.document else { unreachable!("a document is an object") };
        let mut rest = Map::new();
        for key in all.keys().filter(|key| *key != "layers") {
            rest.insert(key, all.get(key).expect("its own field").clone());
        }
        rest.into()
    }

    /// The layers that the output depends on.
    pub fn used(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter().filter(|layer| layer.used)
    }

    /// The layer that makes the output.
    pub fn last(&self) -> &Layer {
        &self.layers[self.output]
    }

    /// The variable that holds a source: `x` where the very next layer alone reads it, else a name of its own.
    pub fn variable(&self, source: Source) -> &str {
        let first = match source {
            Source::Input => 0,
            Source::Layer(place) => place + 1,
        };
        let reads = |layer: &Layer| layer.used && layer.inputs.contains(&source);
        let next = (first..self.layers.len()).find(|place| self.layers[*place].used);
        let readers = self.layers.iter().filter(|layer| reads(layer)).count();
        let passed_on = match next {
            Some(next) => readers == 1 && reads(&self.layers[next]),
            None => true,
        };
        match source {
            _ if passed_on => "x",
            Source::Input => "inputs",
            Source::Layer(place) => &self.layers[place].id,
        }
    }

    /// The variables that a layer reads.
    pub fn reads(&self, layer: &Layer) -> Vec<&str> {
        layer.inputs.iter().map(|source| self.variable(*source)).collect()
    }

    /// The variable that a layer writes.
    pub fn writes(&self, layer: &Layer) -> &str {
        let place = self.layers.iter().position(|other| other.place == layer.place).expect("a layer of this network");
        self.variable(Source::Layer(place))
    }

    /// Whether every layer reads the one before it alone, the first one the data.
    pub fn is_chain(&self) -> bool {
        let used: Vec<usize> = (0..self.layers.len()).filter(|place| self.layers[*place].used).collect();
        let before = |i: usize| if i == 0 { Source::Input } else { Source::Layer(used[i - 1]) };
        (0..used.len()).all(|i| self.layers[used[i]].inputs == [before(i)])
    }

    /// Whether anything is added to the loss.
    pub fn has_penalty(&self) -> bool {
        self.penalty != Penalty::default()
    }

    /// Whether some layer is of such a kind.
    pub fn any(&self, test: impl Fn(&Layer) -> bool) -> bool {
        self.used().any(test)
    }

    /// The shape of one sample's target.
    pub fn target_shape(&self) -> &[usize] {
        let output = &self.last().shape;
        match self.target {
            Target::Class => &output[..output.len() - 1],
            Target::Value => output,
        }
    }
}

/// Marks the layers that the output depends on.
fn mark(layers: &mut [Layer], output: usize) {
    let mut stack = vec![output];
    while let Some(place) = stack.pop() {
        if !std::mem::replace(&mut layers[place].used, true) {
            stack.extend(layers[place].inputs.iter().filter_map(|source| match source {
                Source::Input => None,
                Source::Layer(other) => Some(*other),
            }));
        }
    }
}

fn described(spec: &Spec) -> Data {
    let (steps, vocabulary) = (spec.steps_per_epoch(), spec.vocabulary());
    match &spec.data {
        spec::Data::Set(set) => Data { set: Some(set.set), train: set.train, test: set.test, steps, vocabulary },
        spec::Data::Given { .. } => {
            let usual = Request::default();
            Data { set: None, train: usual.train, test: usual.test, steps, vocabulary }
        }
    }
}

/// What the axes of a parameter count, in our order.
fn axes(kind: &Kind, parameter: &str) -> &'static [&'static str] {
    match (kind, parameter) {
        (Kind::Conv2d { .. }, "kernel") => &["height", "width", "in / groups", "out"],
        (Kind::Conv2dTranspose { .. }, "kernel") => &["height", "width", "out", "in"],
        (Kind::DepthwiseConv2d { .. }, "kernel") => &["height", "width", "in", "multiplier"],
        (Kind::Embedding { .. }, _) => &["vocabulary", "units"],
        (Kind::Position { .. }, _) => &["place", "units"],
        (Kind::Recurrent { cell: super::Cell::Gru, .. }, "bias") => &["input or state", "gate and unit"],
        (Kind::Recurrent { .. }, "kernel") => &["in", "gate and unit"],
        (Kind::Recurrent { .. }, "recurrent-kernel") => &["unit", "gate and unit"],
        (_, "kernel" | "query" | "key" | "value" | "output") => &["in", "out"],
        _ => &["out"],
    }
}

impl Loss {
    fn read(id: &str) -> Option<Loss> {
        Some(match id {
            "cross-entropy" => Loss::CrossEntropy,
            "binary-cross-entropy" => Loss::BinaryCrossEntropy,
            "mean-squared-error" => Loss::MeanSquaredError,
            "mean-absolute-error" => Loss::MeanAbsoluteError,
            "huber" => Loss::Huber,
            "hinge" => Loss::Hinge,
            _ => return None,
        })
    }
}

impl Optimizer {
    fn read(id: &str, values: &Values) -> Option<Optimizer> {
        let number = |field| values.number(field);
        let adam = |decay| Optimizer::Adam {
            beta_1: number("beta-1"),
            beta_2: number("beta-2"),
            epsilon: number("epsilon"),
            decay,
        };
        Some(match id {
            "sgd" => Optimizer::Sgd { momentum: number("momentum"), nesterov: values.flag("nesterov") },
            "rmsprop" => Optimizer::Rmsprop { rho: number("rho"), epsilon: number("epsilon") },
            "adagrad" => Optimizer::Adagrad { epsilon: number("epsilon") },
            "adam" => adam(None),
            "adamw" => adam(Some(number("weight-decay"))),
            _ => return None,
        })
    }
}

impl Schedule {
    fn read(id: &str, values: &Values) -> Option<Schedule> {
        let number = |field| values.number(field);
        Some(match id {
            "constant" => Schedule::Constant,
            "step" => Schedule::Step { every: number("every"), factor: number("factor") },
            "exponential" => Schedule::Exponential { factor: number("factor") },
            "cosine" => Schedule::Cosine { epochs: number("epochs") },
            "linear" => Schedule::Linear { epochs: number("epochs") },
            _ => return None,
        })
    }
}
