//! Normalisations.

use super::{
    super::{
        build::axis_of,
        flow::{Flow, Source},
        graph::Node,
        lift::Lift,
    },
    Done, decimal,
};
use crate::nn::Value;

pub fn batch(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let told = lift.hint(node, "batch-norm");
    let number = |name: &str, usual: f32| {
        Value::Number(decimal(node.float(name, usual), told.as_ref().map(|told| told.number(name))))
    };
    let fields = vec![("momentum", number("momentum", 0.9)), ("epsilon", number("epsilon", 1e-5))];
    let (x, atoms) = channels(lift, node, x, 1)?;
    let mut weights = Vec::new();
    for (place, name) in ["gamma", "beta", "moving-mean", "moving-variance"].into_iter().enumerate() {
        let row = lift.need(node, place + 1)?.floats();
        weights.push((name, ordered(&x, &atoms, row)?));
    }
    let place = lift.add(node, "batch-norm", fields, vec![x.source], weights)?;
    lift.put(node, Flow { source: Source::Layer(place), ..x }, true);
    Ok(())
}

pub fn layer(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let axis = axis_of(node.int("axis", -1), x.axes.len())?;
    if axis + 1 != x.axes.len() {
        return Err("it normalises over several axes, where a layer here takes the last alone".into());
    }
    if node.outputs.iter().skip(1).any(|name| lift.reads(name) > 0) {
        return Err("it also gives the mean, which no layer reads".into());
    }
    let told = lift.hint(node, "layer-norm").map(|told| told.number("epsilon"));
    let (x, atoms) = channels(lift, node, x, axis)?;
    let count = x.shape()[axis];
    let gamma = ordered(&x, &atoms, lift.need(node, 1)?.floats())?;
    let beta = match lift.known(node, 2)? {
        Some(beta) => ordered(&x, &atoms, beta.floats())?,
        None => vec![0.0; count],
    };
    let epsilon = Value::Number(decimal(node.float("epsilon", 1e-5), told));
    let weights = vec![("gamma", gamma), ("beta", beta)];
    let place = lift.add(node, "layer-norm", vec![("epsilon", epsilon)], vec![x.source], weights)?;
    lift.put(node, Flow { source: Source::Layer(place), ..x }, true);
    Ok(())
}

fn ordered(x: &Flow, atoms: &[usize], row: Vec<f32>) -> Result<Vec<f32>, String> {
    let count: usize = atoms.iter().map(|atom| x.fine[*atom]).product();
    if row.len() != count {
        return Err(format!("it has {} numbers for {count} channels", row.len()));
    }
    Ok(x.ordered(atoms, &row, 1))
}

/// The value with this axis of ONNX's as the last of ours, after a reshape where it must be, and the atoms of that axis.
fn channels(lift: &mut Lift, node: &Node, x: Flow, axis: usize) -> Result<(Flow, Vec<usize>), String> {
    if axis >= x.axes.len() || x.axes[axis].contains(&0) {
        return Err("it has no axis of channels".into());
    }
    let (atoms, count) = (x.atoms(&[axis]), x.shape()[axis]);
    let mut sorted = atoms.clone();
    sorted.sort_unstable();
    let own = lift.shape(x.source).last().copied();
    if own == Some(count) && x.last(count).is_some_and(|last| last == sorted) {
        return Ok((x, atoms));
    }
    if !x.batch_first() {
        return Err("the batch is not its first axis".into());
    }
    let order: Vec<usize> = (1..x.axes.len()).filter(|other| *other != axis).chain([axis]).collect();
    let source = lift.arranged(node, &x, &order)?;
    let plain = Flow::plain(source, lift.batch, &lift.shape(source).clone());
    let mut back = vec![0; x.axes.len()];
    order.iter().enumerate().for_each(|(ours, theirs)| back[*theirs] = ours + 1);
    let flow = Flow { sole: x.sole && source == x.source, ..plain.transposed(&back) };
    let atoms = flow.atoms(&[axis]);
    Ok((flow, atoms))
}
