//! Products with fixed weights.

use super::{
    super::{
        flow::{Flow, Source},
        graph::Node,
        lift::Lift,
    },
    Done,
};
use crate::{import::matching::permuted, nn::Value};

pub fn gemm(lift: &mut Lift, node: &Node) -> Done {
    if node.int("transA", 0) != 0 {
        return Err("it turns what flows through the network".into());
    }
    let (x, w) = (lift.x(node, 0)?, lift.need(node, 1)?);
    let [rows, columns] = w.shape[..] else { return Err("its weights are no matrix".into()) };
    let turned = node.int("transB", 0) != 0;
    let mut kernel = w.floats();
    if turned {
        kernel = permuted(&kernel, &[rows, columns], &[1, 0]);
    }
    scale(&mut kernel, node.float("alpha", 1.0));
    let units = if turned { rows } else { columns };
    let bias = match lift.known(node, 2)? {
        Some(bias) => {
            let mut own = bias.floats();
            if own.len() == 1 {
                own = vec![own[0]; units];
            }
            if own.len() != units || bias.shape.last().is_some_and(|last| *last != units && *last != 1) {
                return Err("its bias is not one row".into());
            }
            scale(&mut own, node.float("beta", 1.0));
            Some(own)
        }
        None => None,
    };
    if x.axes.len() != 2 || !x.batch_first() {
        return Err("it reads no batch of rows".into());
    }
    dense(lift, node, x, kernel, units, bias)
}

fn scale(numbers: &mut [f32], factor: f32) {
    if factor != 1.0 {
        numbers.iter_mut().for_each(|number| *number *= factor);
    }
}

pub fn matmul(lift: &mut Lift, node: &Node) -> Done {
    if lift.is_known(node, 0) {
        return Err("its weights stand first, where a layer here has them second".into());
    }
    if !lift.is_known(node, 1) {
        return Err("both its factors flow through the network; attention is read as Whisker writes it alone".into());
    }
    let (x, w) = (lift.x(node, 0)?, lift.need(node, 1)?);
    let [_, units] = w.shape[..] else { return Err("its weights are no matrix".into()) };
    dense(lift, node, x, w.floats(), units, None)
}

/// A dense layer on the last axis of what is read. `kernel`: [in, units].
fn dense(lift: &mut Lift, node: &Node, mut x: Flow, kernel: Vec<f32>, units: usize, bias: Option<Vec<f32>>) -> Done {
    let axis = x.axes.len() - 1;
    let mut atoms = x.atoms(&[axis]);
    let count: usize = x.shape()[axis];
    if units == 0 || x.axes[axis].contains(&0) || kernel.len() != count * units {
        return Err(format!("its weights are {} numbers, where {count} × {units} are needed", kernel.len()));
    }
    let mut sorted = atoms.clone();
    sorted.sort_unstable();
    let own = lift.shape(x.source).clone();
    if own.last() != Some(&count) || x.last(count).is_none_or(|last| last != sorted) {
        if x.axes.len() == 2 && sorted == x.all() {
            // everything in one row, in whatever order
            let plain = Node { doc: String::new(), name: String::new(), inputs: vec![], ..node.clone() };
            x.source = Source::Layer(lift.add(&plain, "flatten", vec![], vec![x.source], vec![])?);
        } else {
            if !x.batch_first() {
                return Err("the batch is not its first axis".into());
            }
            let order: Vec<usize> = (1..x.axes.len()).collect();
            let source = lift.arranged(node, &x, &order)?;
            x = Flow::plain(source, lift.batch, &lift.shape(source).clone());
            atoms = x.atoms(&[axis]);
        }
    }
    let kernel = x.ordered(&atoms, &kernel, units);
    let has_bias = bias.is_some();
    let weights: Vec<(&'static str, Vec<f32>)> =
        [("kernel", kernel)].into_iter().chain(bias.map(|bias| ("bias", bias))).collect();
    let fields = |bias: bool| vec![("units", Value::Count(units as i64)), ("bias", Value::Flag(bias))];
    let place = match lift.hint(node, "rbm") {
        Some(told) => {
            let visible = ("visible-bias", vec![0.0; count]);
            let fields = vec![("units", Value::Count(units as i64)), ("cd-steps", told.get("cd-steps").clone())];
            // on more axes than one the bias is a node of its own, still to come
            let none = (!has_bias).then(|| ("bias", vec![0.0; units]));
            let weights = weights.into_iter().chain(none).chain([visible]).collect();
            let place = lift.add(node, "rbm", fields, vec![x.source], weights)?;
            lift.drafts[place].waits = true;
            lift.note(node, "The file has no visible bias; it is 0 now, which matters for pre-training alone.");
            place
        }
        None => lift.add(node, "dense", fields(has_bias), vec![x.source], weights)?,
    };
    // the last atoms are now the units
    let gone = atoms;
    let mut fine = Vec::new();
    let mut moved = vec![None; x.fine.len()];
    for (atom, size) in x.fine.iter().enumerate().filter(|(atom, _)| !gone.contains(atom)) {
        moved[atom] = Some(fine.len());
        fine.push(*size);
    }
    fine.push(units);
    let keep = |list: &Vec<usize>| list.iter().filter_map(|atom| moved[*atom]).collect();
    let mut axes: Vec<Vec<usize>> = x.axes.iter().map(keep).collect();
    axes[axis] = vec![fine.len() - 1];
    lift.put(node, Flow { source: Source::Layer(place), fine, axes, ..x }, true);
    Ok(())
}
