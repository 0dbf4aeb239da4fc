//! Values put into our order, for the layers that must have them so: by a reshape where the numbers stand in order already, else by
//! the units of the dense layer that makes them.

use super::{
    flow::{Flow, Source},
    graph::Node,
    lift::Lift,
};
use crate::{import::matching::permuted, nn::Value};

impl Lift<'_> {
    /// The value with our axes in this order of ONNX's, the batch left out: the source, after a reshape where one is needed.
    pub fn arranged(&mut self, node: &Node, flow: &Flow, order: &[usize]) -> Result<Source, String> {
        let atoms = flow.atoms(order);
        if atoms != flow.all() {
            return match self.rearranged(flow, &atoms) {
                Some(flow) => self.arranged(node, &flow, order),
                None => Err("its numbers would have to change their order first, and no layer does that".into()),
            };
        }
        let sizes = flow.shape();
        let wanted: Vec<usize> = order.iter().map(|axis| sizes[*axis]).collect();
        if self.shape(flow.source)[..] == wanted {
            return Ok(flow.source);
        }
        let plain = Node { doc: String::new(), name: String::new(), inputs: Vec::new(), ..node.clone() };
        let place = match wanted.len() {
            1 => self.add(&plain, "flatten", vec![], vec![flow.source], vec![])?,
            _ => {
                let shape = Value::Shape(wanted.into());
                self.add(&plain, "reshape", vec![("shape", shape)], vec![flow.source], vec![])?
            }
        };
        Ok(Source::Layer(place))
    }

    /// The same value after the dense layer that makes it has put its units into the order of `atoms`; `None` where none does.
    fn rearranged(&mut self, flow: &Flow, atoms: &[usize]) -> Option<Flow> {
        let mut sorted = atoms.to_vec();
        sorted.sort_unstable();
        if sorted != flow.all() {
            return None;
        }
        let draft = self.own(flow).filter(|draft| draft.spec.kind.about.id == "dense" && draft.shape.len() == 1)?;
        if draft.spec.values.choice("activation") == "softmax" {
            return None;
        }
        let sizes: Vec<usize> = sorted.iter().map(|atom| flow.fine[*atom]).collect();
        let order: Vec<usize> = atoms.iter().filter_map(|atom| sorted.iter().position(|other| other == atom)).collect();
        for (_, shape, data) in &mut draft.weights {
            // [in, units] or [units], the units cut into atoms
            let rows = shape.count() / draft.shape.count();
            let cut = [&[rows], &sizes[..]].concat();
            let order: Vec<usize> = [0].into_iter().chain(order.iter().map(|axis| axis + 1)).collect();
            *data = permuted(data, &cut, &order);
        }
        let fine = [flow.fine[0]].into_iter().chain(atoms.iter().map(|atom| flow.fine[*atom])).collect();
        let place = |atom: &usize| match atom {
            0 => Some(0),
            atom => atoms.iter().position(|other| other == atom).map(|place| place + 1),
        };
        let axes = flow.axes.iter().map(|list| list.iter().filter_map(place).collect()).collect();
        Some(Flow { fine, axes, ..flow.clone() })
    }

    /// The value as we would have it: pictures with their channels last, everything else as it stands.
    pub fn canonical(&mut self, node: &Node, flow: &Flow) -> Result<Source, String> {
        if !flow.batch_first() {
            return Err("the batch is not its first axis".into());
        }
        let rank = flow.axes.len();
        let order: Vec<usize> = if rank == 4 { vec![2, 3, 1] } else { (1..rank).collect() };
        self.arranged(node, flow, &order)
    }

    /// The picture that a value is: its source, and height, width and channels.
    pub fn picture(&mut self, node: &Node, flow: &Flow) -> Result<(Source, [usize; 3]), String> {
        if flow.axes.len() != 4 {
            return Err(format!("it reads {} axes, where a layer for pictures reads four", flow.axes.len()));
        }
        let source = self.canonical(node, flow)?;
        let [h, w, c] = self.shape(source)[..] else { unreachable!("it was arranged as a picture") };
        Ok((source, [h, w, c]))
    }
}
