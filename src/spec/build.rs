//! A checked network as nodes of a graph: what training, answering and exporting have in common.

use super::{Network, Source, Spec};
use crate::{
    graph::{Graph, Id},
    nn::layer::Build,
    tensor::random::purpose,
};

/// The nodes of a network.
#[derive(Clone, Debug)]
pub struct Built {
    /// The result of each layer, in the order of the document; the last is the output.
    pub results: Vec<Id>,
    /// What layers make of their own parameters, as moving averages do: (layer, parameter, new value).
    pub moved: Vec<(usize, usize, Id)>,
}

impl Network {
    /// Appends the network's nodes. x: [n, sample…]; `parameters`: those of each layer, in the order of its piece.
    ///
    /// `spec` is the document that the network was checked from.
    pub fn build(&self, spec: &Spec, graph: &mut Graph, x: Id, parameters: &[Vec<Id>], training: bool) -> Built {
        let mut results = vec![x; self.pieces.len()];
        let mut moved = Vec::new();
        for &place in &self.order {
            let (layer, piece) = (&spec.layers[place], &self.pieces[place]);
            let source = |source: &Source| match source {
                Source::Input => x,
                Source::Layer(other) => results[*other],
            };
            let inputs: Vec<Id> = piece.inputs.iter().map(source).collect();
            let mut build = Build { graph, training, purpose: purpose(&piece.name), moved: Vec::new() };
            results[place] = (layer.kind.work.build)(&mut build, &layer.values, &inputs, &parameters[place]);
            moved.extend(build.moved.into_iter().map(|(parameter, value)| (place, parameter, value)));
            assert_eq!(graph.shape(results[place])[1..], piece.shape[..], "{} makes what was checked", piece.name);
        }
        Built { results, moved }
    }
}
