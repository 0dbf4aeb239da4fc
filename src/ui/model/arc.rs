//! Skip connections as arcs beside the stack, in lanes so that none runs over another.

use crate::spec::{Source, Survey};
use crate::tensor::sorted::sort_by_key;

/// A connection that passes over layers: from the card at `from` to the card at `to`, cards counted with the input as 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arc {
    pub from: usize,
    pub to: usize,
    /// How far from the cards, from 1.
    pub lane: usize,
}

/// Every connection that is not simply from one card to the next.
pub fn arcs(survey: &Survey) -> Vec<Arc> {
    let mut arcs = Vec::new();
    for (place, piece) in survey.pieces.iter().enumerate() {
        for source in piece.iter().flat_map(|piece| &piece.inputs) {
            let from = match source {
                Source::Input => 0,
                Source::Layer(layer) => layer + 1,
            };
            if from < place {
                arcs.push(Arc { from, to: place + 1, lane: 0 });
            }
        }
    }
    // Short ones stay close to the cards.
    sort_by_key(&mut arcs, |arc| (arc.to - arc.from, arc.from));
    for place in 0..arcs.len() {
        let Arc { from, to, .. } = arcs[place];
        let taken =
            |lane: usize| arcs[..place].iter().any(|other| other.lane == lane && other.from < to && from < other.to);
        arcs[place].lane = (1..).find(|lane| !taken(*lane)).expect("lanes do not end");
    }
    arcs
}

/// Whether the card at `place` reads from the card right above it.
pub fn linked(survey: &Survey, place: usize) -> bool {
    let above = place.checked_sub(1).map_or(Source::Input, Source::Layer);
    survey.pieces[place].as_ref().is_none_or(|piece| piece.inputs.contains(&above))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Sample, Spec, survey};

    #[test]
    fn arcs_that_overlap_take_lanes_of_their_own() {
        let text = r#"{ "version": 1, "data": { "set": "spiral" }, "layers": [
            { "type": "dense", "units": 4 },
            { "type": "dense", "units": 4 },
            { "type": "add", "inputs": ["dense-1", "dense-2"] },
            { "type": "dense", "units": 4 },
            { "type": "add", "inputs": ["dense-1", "dense-3"] },
            { "type": "dense", "units": 2 } ] }"#;
        let spec = Spec::parse(text).unwrap();
        let survey = survey(&spec, &Sample::of(&spec));
        assert_eq!(survey.mistakes, []);
        let found: Vec<(usize, usize, usize)> = arcs(&survey).iter().map(|arc| (arc.from, arc.to, arc.lane)).collect();
        assert_eq!(found, [(1, 3, 1), (1, 5, 2)]);
        assert!(linked(&survey, 4));
    }
}
