//! A training step as one graph: forward, loss, gradients, optimizer and moving averages of a checked network.
//!
//! All parameters that the optimizer changes lie in one vector, in the order of the document; those that layers move
//! themselves lie in another. So an optimizer is one kernel and a checkpoint one copy.

use super::{Built, Network, Spec};
use crate::{
    graph::{Graph, Id, backward},
    nn::{init, optimizer, penalty},
    tensor::Shape,
};

/// The state that holds every trainable parameter: [`Layout::trained`] numbers.
pub const TRAINED: &str = "trained";
/// The state that holds every other parameter: [`Layout::moving`] numbers.
pub const MOVING: &str = "moving";
/// The knob for the scheduled learning rate.
pub const RATE: &str = "rate";
/// The knob for the number of steps made before this one.
pub const COUNT: &str = "count";

/// Where each parameter lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub trained: usize,
    pub moving: usize,
    /// In the order of the document.
    pub parameters: Vec<Laid>,
}

/// One parameter's place in its vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// `LAYER/PARAMETER`.
    pub name: String,
    /// The layer's place in the document, and the parameter's in the layer.
    pub layer: usize,
    pub place: usize,
    pub shape: Shape,
    /// In [`TRAINED`], or else in [`MOVING`].
    pub trainable: bool,
    pub offset: usize,
}

/// The parameters as nodes.
#[derive(Clone, Debug)]
pub struct Weights {
    /// The state [`TRAINED`].
    pub trained: Id,
    /// The state [`MOVING`], where a layer has such parameters.
    pub moving: Option<Id>,
    /// The parameters of each layer, in the order of its piece.
    pub parts: Vec<Vec<Id>>,
}

/// The nodes of a training step that somebody may want to see.
#[derive(Clone, Debug)]
pub struct StepNodes {
    /// What is minimised, penalty included: one number.
    pub loss: Id,
    pub built: Built,
    /// The gradient of every trainable parameter, as in [`TRAINED`], before it is clipped.
    pub gradient: Id,
}

impl Network {
    pub fn layout(&self) -> Layout {
        let (mut trained, mut moving) = (0, 0);
        let mut parameters = Vec::new();
        for (layer, piece) in self.pieces.iter().enumerate() {
            for (place, one) in piece.parameters.iter().enumerate() {
                let end = if one.trainable { &mut trained } else { &mut moving };
                parameters.push(Laid {
                    name: format!("{}/{}", piece.name, one.name),
                    layer,
                    place,
                    shape: one.shape.clone(),
                    trainable: one.trainable,
                    offset: *end,
                });
                *end += one.shape.count();
            }
        }
        Layout { trained, moving, parameters }
    }

    /// What [`TRAINED`] and [`MOVING`] hold before the first step.
    pub fn start(&self, seed: u32) -> [Vec<f32>; 2] {
        let mut start = [Vec::new(), Vec::new()];
        for (name, one) in self.parameters() {
            start[usize::from(!one.trainable)].extend(init::values(one.init, &one.shape, seed, &name));
        }
        start
    }

    /// Appends the states and gives each layer its parameters as parts of them.
    pub fn weights(&self, graph: &mut Graph) -> Weights {
        let layout = self.layout();
        let trained = graph.state(TRAINED, [layout.trained]);
        let moving = (layout.moving > 0).then(|| graph.state(MOVING, [layout.moving]));
        let mut parts = vec![Vec::new(); self.pieces.len()];
        for laid in &layout.parameters {
            let whole = if laid.trainable { trained } else { moving.expect("a place for what moves") };
            let part = graph.slice(whole, &[laid.offset], &[laid.shape.count()], &[1]);
            parts[laid.layer].push(graph.reshape(part, laid.shape.clone()));
        }
        Weights { trained, moving, parts }
    }

    /// Appends a whole training step on the batch x, y and assigns the new state.
    pub fn step(&self, spec: &Spec, graph: &mut Graph, x: Id, y: Id) -> StepNodes {
        let layout = self.layout();
        let weights = self.weights(graph);
        let built = self.build(spec, graph, x, &weights.parts, true);
        let output = *built.results.last().expect("a network has layers");
        let mut loss = spec.loss.build(graph, output, y);
        if let Some(more) = self.penalty(spec, graph, &weights) {
            loss = graph.add(loss, more);
        }
        let gradient = self.slope(graph, loss, &weights);
        descend(spec, graph, weights.trained, gradient);
        if let Some(moving) = weights.moving {
            let flat: Vec<Id> = (layout.parameters.iter().filter(|laid| !laid.trainable))
                .map(|laid| {
                    let moved =
                        built.moved.iter().find(|(layer, place, _)| (*layer, *place) == (laid.layer, laid.place));
                    let value = moved.map_or(weights.parts[laid.layer][laid.place], |(_, _, value)| *value);
                    graph.reshape(value, [laid.shape.count()])
                })
                .collect();
            let moved = graph.concat(&flat, 0);
            graph.assign(moving, moved);
        }
        StepNodes { loss, built, gradient }
    }

    /// Appends the gradient of the mean loss of x, y times `share`, without the penalty: nodes of a part of a step.
    pub fn part(&self, spec: &Spec, graph: &mut Graph, x: Id, y: Id, share: f32) -> StepNodes {
        let weights = self.weights(graph);
        let built = self.build(spec, graph, x, &weights.parts, true);
        let output = *built.results.last().expect("a network has layers");
        let loss = spec.loss.build(graph, output, y);
        let loss = graph.scale(loss, share);
        let gradient = self.slope(graph, loss, &weights);
        StepNodes { loss, built, gradient }
    }

    /// Appends the rest of a step whose parts were summed, from their loss and gradient; the loss with the penalty.
    pub fn whole(&self, spec: &Spec, graph: &mut Graph, loss: Id, gradient: Id) -> Id {
        let weights = self.weights(graph);
        let (mut loss, mut gradient) = (loss, gradient);
        if let Some(more) = self.penalty(spec, graph, &weights) {
            let slope = self.slope(graph, more, &weights);
            gradient = graph.add(gradient, slope);
            loss = graph.add(loss, more);
        }
        descend(spec, graph, weights.trained, gradient);
        loss
    }

    /// What the document adds to the loss for large weights.
    fn penalty(&self, spec: &Spec, graph: &mut Graph, weights: &Weights) -> Option<Id> {
        if spec.penalty == super::Penalty::default() {
            return None;
        }
        let penalised: Vec<Id> = (self.layout().parameters.iter())
            .filter(|laid| laid.trainable && penalty::applies(&self.pieces[laid.layer].parameters[laid.place].name))
            .map(|laid| weights.parts[laid.layer][laid.place])
            .collect();
        Some(penalty::penalty(graph, &penalised, spec.penalty.l1, spec.penalty.l2))
    }

    /// The gradient of `loss` for every trainable parameter, as in [`TRAINED`].
    fn slope(&self, graph: &mut Graph, loss: Id, weights: &Weights) -> Id {
        let layout = self.layout();
        let trainable: Vec<&Laid> = layout.parameters.iter().filter(|laid| laid.trainable).collect();
        let wrt: Vec<Id> = trainable.iter().map(|laid| weights.parts[laid.layer][laid.place]).collect();
        let parts = backward(graph, loss, &wrt);
        let flat: Vec<Id> =
            (parts.iter().zip(&trainable)).map(|(part, laid)| graph.reshape(*part, [laid.shape.count()])).collect();
        graph.concat(&flat, 0)
    }
}

/// Appends the optimizer's step from a state of weights along a gradient of its length, and assigns the new state.
pub fn descend(spec: &Spec, graph: &mut Graph, w: Id, gradient: Id) {
    let g = match spec.clip_norm {
        Some(most) => penalty::clip(graph, gradient, most),
        None => gradient,
    };
    let count = graph.shape(w).clone();
    let row = spec.optimizer.row;
    let states: Vec<Id> = row.states.iter().map(|state| graph.state(&optimizer_state(state), count.clone())).collect();
    let (rate, t) = (graph.knob(RATE), graph.knob(COUNT));
    let updated = (row.build)(graph, &spec.optimizer.values, optimizer::Step { w, g, states: &states, rate, t });
    graph.assign(w, updated.w);
    for (state, value) in states.into_iter().zip(updated.states) {
        graph.assign(state, value);
    }
}

/// The state in which the optimizer keeps what it calls `state`; it starts at 0.
pub fn optimizer_state(state: &str) -> String {
    format!("{TRAINED}/{state}")
}
