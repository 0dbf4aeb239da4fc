//! What changes nothing in use, and what looks up or picks out.

use super::{
    super::{
        array::Kind,
        build::axis_of,
        flow::{Flow, Source},
        graph::Node,
        lift::{Draft, Lift},
    },
    Done, decimal, function,
};
use crate::nn::Value;

pub fn identity(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    if lift.hint(node, "activation").is_some() {
        return function::linear(lift, node);
    }
    let Some(told) = lift.hint(node, "gaussian-noise") else {
        lift.put(node, x, false);
        return Ok(());
    };
    let fields = vec![("stddev", told.get("stddev").clone())];
    let place = lift.add(node, "gaussian-noise", fields, vec![x.source], vec![])?;
    lift.put(node, Flow { source: Source::Layer(place), ..x }, true);
    Ok(())
}

pub fn cast(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let to = Kind::read(node.int("to", 0)).ok_or("it asks for a kind of number that is not read here")?;
    // what is looked up is whole; elsewhere a fraction would be lost
    if !to.is_float() && x.source != Source::Input {
        return Err("it cuts off fractions within the network".into());
    }
    lift.put(node, x, false);
    Ok(())
}

pub fn dropout(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    if node.outputs.get(1).is_some_and(|name| lift.reads(name) > 0) {
        return Err("it also gives which numbers were dropped, which no layer reads".into());
    }
    let rate = match lift.known(node, 1)? {
        Some(rate) => rate.floats().first().copied().unwrap_or(0.5),
        None => node.float("ratio", 0.5),
    };
    let told = lift.hint(node, "dropout").map(|told| told.number("rate"));
    let fields = vec![("rate", Value::Number(decimal(rate, told)))];
    let place = lift.add(node, "dropout", fields, vec![x.source], vec![])?;
    lift.put(node, Flow { source: Source::Layer(place), ..x }, true);
    Ok(())
}

pub fn gather(lift: &mut Lift, node: &Node) -> Done {
    if lift.is_known(node, 0) {
        return embedding(lift, node);
    }
    let (x, indices) = (lift.x(node, 0)?, lift.need(node, 1)?);
    let axis = axis_of(node.int("axis", 0), x.axes.len())?;
    let place = indices.single().filter(|_| indices.shape.len() < 2).ok_or("it picks out more than one place")?;
    one(lift, node, x, axis, place as i64, !indices.shape.is_empty())
}

pub fn slice(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let sizes = x.shape();
    let starts = lift.list(node, 1, "starts")?.ok_or("its starts are missing")?;
    let ends = lift.list(node, 2, "ends")?.ok_or("its ends are missing")?;
    let axes = lift.list(node, 3, "axes")?.unwrap_or((0..starts.len() as i64).collect());
    let steps = lift.list(node, 4, "steps")?.unwrap_or(vec![1; starts.len()]);
    let mut cut = None;
    for (i, axis) in axes.iter().enumerate() {
        let axis = axis_of(*axis, sizes.len())?;
        let (Some(start), Some(end), Some(step)) = (starts.get(i), ends.get(i), steps.get(i)) else {
            return Err("its lists are of different lengths".into());
        };
        let size = sizes[axis];
        let places = super::super::op::place::places(*start, *end, *step, size)?;
        match places[..] {
            _ if places.len() == size && places.is_sorted() => {}
            [place] if cut.is_none() => cut = Some((axis, place)),
            _ => return Err("it cuts out a part, for which there is no layer".into()),
        }
    }
    match cut {
        None => {
            lift.put(node, x, false);
            Ok(())
        }
        Some((axis, place)) => one(lift, node, x, axis, place as i64, true),
    }
}

/// One place of an axis: the last step of a recurrent layer, or the only one.
fn one(lift: &mut Lift, node: &Node, mut x: Flow, axis: usize, place: i64, kept: bool) -> Done {
    let size = x.shape()[axis];
    if x.axes[axis].contains(&0) {
        return Err("it picks out samples".into());
    }
    let batch = lift.batch;
    let last = place == -1 || place == size as i64 - 1;
    let atoms = x.axes[axis].clone();
    let steps = |draft: &&mut Draft| {
        let values = &draft.spec.values;
        values.has("return-sequences") && values.flag("return-sequences") && draft.shape[0] == size
    };
    if let Some(draft) = lift.own(&x).filter(|_| last && atoms == [1]).filter(steps) {
        draft.spec.values.set("return-sequences", Value::Flag(false)).expect("a flag");
        let units = draft.shape[1];
        draft.shape = [units].into();
        // time is gone, and the units are the next atom
        let moved = |atom: &usize| [Some(0), None, Some(1)].get(*atom).copied().flatten();
        x.axes = x.axes.iter().map(|list| list.iter().filter_map(moved).collect()).collect();
        x.fine = vec![batch, units];
        if !kept {
            x.axes.remove(axis);
        }
        lift.put(node, x, false);
        return Ok(());
    }
    if size != 1 || !(place == 0 || place == -1) {
        return Err("it picks out one place, where only the last step of a recurrent layer can be taken".into());
    }
    x.axes[axis] = Vec::new();
    if !kept {
        x.axes.remove(axis);
    }
    lift.put(node, x, false);
    Ok(())
}

fn embedding(lift: &mut Lift, node: &Node) -> Done {
    let (table, x) = (lift.need(node, 0)?, lift.x(node, 1)?);
    let [rows, units] = table.shape[..] else { return Err("its table is no list of vectors".into()) };
    if node.int("axis", 0) != 0 {
        return Err("it looks up along another axis than the first".into());
    }
    let fields = vec![("vocabulary", Value::Count(rows as i64)), ("units", Value::Count(units as i64))];
    let weights = vec![("embeddings", table.floats())];
    let place = lift.add(node, "embedding", fields, vec![x.source], weights)?;
    let mut flow = Flow { source: Source::Layer(place), ..x };
    flow.axes.push(vec![flow.fine.len()]);
    flow.fine.push(units);
    lift.put(node, flow, true);
    Ok(())
}
