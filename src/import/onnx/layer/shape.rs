//! Axes that are turned, joined and cut. Most of it costs no layer: the value is seen in another way.

use super::{
    super::{
        flow::{Flow, Source},
        graph::Node,
        lift::Lift,
        op::{place::turn, shape as sizes},
    },
    Done,
};
use crate::nn::Value;

pub fn transpose(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let order = turn(node.ints("perm"), x.axes.len())?;
    lift.put(node, x.transposed(&order), false);
    Ok(())
}

/// The value as a view of this shape, else after a layer that reshapes it.
fn shaped(lift: &mut Lift, node: &Node, x: Flow, shape: &[usize]) -> Done {
    if let Some(flow) = x.reshaped(shape) {
        lift.put(node, flow, false);
        return Ok(());
    }
    if !x.batch_first() || shape.first() != Some(&x.fine[0]) {
        return Err("it joins or cuts the batch, which stays as it is here".into());
    }
    let order: Vec<usize> = (1..x.axes.len()).collect();
    let source = lift.arranged(node, &x, &order)?;
    let fields = vec![("shape", Value::Shape(shape[1..].to_vec().into()))];
    let place = lift.add(node, "reshape", fields, vec![source], vec![])?;
    lift.put(node, Flow::plain(Source::Layer(place), lift.batch, &shape[1..]), true);
    Ok(())
}

pub fn reshape(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let wanted = lift.list(node, 1, "shape")?.ok_or("its shape is missing")?;
    let shape = sizes::reshaped(&x.shape(), &wanted, node.int("allowzero", 0) != 0)?;
    if lift.hint(node, "reshape").is_some() && x.batch_first() && shape.first() == Some(&x.fine[0]) {
        let order: Vec<usize> = (1..x.axes.len()).collect();
        if x.atoms(&order) == x.all() {
            let fields = vec![("shape", Value::Shape(shape[1..].to_vec().into()))];
            let place = lift.add(node, "reshape", fields, vec![x.source], vec![])?;
            lift.put(node, Flow::plain(Source::Layer(place), lift.batch, &shape[1..]), true);
            return Ok(());
        }
    }
    if shape.len() == 2 && x.batch_first() && shape[0] == x.fine[0] {
        return flat(lift, node, x, shape);
    }
    shaped(lift, node, x, &shape)
}

pub fn flatten(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let own = x.shape();
    let axis = sizes::flat_axis(node.int("axis", 1), own.len())?;
    let shape = vec![own[..axis].iter().product(), own[axis..].iter().product()];
    if axis == 1 && x.batch_first() { flat(lift, node, x, shape) } else { shaped(lift, node, x, &shape) }
}

/// Everything of a sample in one row. The layer is left out where it was a row before, unless the file names it.
fn flat(lift: &mut Lift, node: &Node, x: Flow, shape: Vec<usize>) -> Done {
    let flow = x.reshaped(&shape).ok_or("its numbers do not come to a row")?;
    if lift.shape(x.source).len() == 1 && lift.hint(node, "flatten").is_none() {
        lift.put(node, flow, false);
        return Ok(());
    }
    let place = lift.add(node, "flatten", vec![], vec![x.source], vec![])?;
    lift.put(node, Flow { source: Source::Layer(place), ..flow }, true);
    Ok(())
}

pub fn squeeze(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let axes = lift.list(node, 1, "axes")?;
    let own = x.shape();
    let stays = |axis: &usize| own[*axis] != 1 || x.axes[*axis].contains(&0);
    let off: Vec<i64> = match axes {
        Some(axes) => axes,
        None => (0..own.len()).filter(|axis| !stays(axis)).map(|axis| axis as i64).collect(),
    };
    sizes::squeezed(&own, Some(&off))?;
    let off = off.iter().map(|axis| super::super::build::axis_of(*axis, own.len())).collect::<Result<Vec<_>, _>>()?;
    if off.iter().any(|axis| x.axes[*axis].contains(&0)) {
        return Err("it takes off the batch".into());
    }
    let kept = (0..own.len()).filter(|axis| !off.contains(axis)).map(|axis| x.axes[axis].clone()).collect();
    lift.put(node, Flow { axes: kept, ..x }, false);
    Ok(())
}

pub fn unsqueeze(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let axes = lift.list(node, 1, "axes")?.ok_or("its axes are missing")?;
    let own = x.shape();
    sizes::unsqueezed(&own, &axes)?;
    let rank = own.len() + axes.len();
    let mut added = axes.iter().map(|a| super::super::build::axis_of(*a, rank)).collect::<Result<Vec<_>, _>>()?;
    added.sort_unstable();
    let mut kept = x.axes.clone();
    added.into_iter().for_each(|axis| kept.insert(axis, Vec::new()));
    lift.put(node, Flow { axes: kept, ..x }, false);
    Ok(())
}
