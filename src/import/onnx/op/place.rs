//! Operators that put numbers elsewhere: turned, cut, joined, repeated, looked up, resized.

use super::super::{
    build::{Build, Made, axis_of},
    layer,
    operator::Operator,
};
use crate::graph::Id;

pub static ROWS: &[Operator] = &[
    Operator::new("Transpose", 7, |b| {
        let x = b.x(0)?;
        let order = turn(b.node.ints("perm"), b.sizes(x).len())?;
        let y = b.graph.permute(x, &order);
        b.like(y)
    })
    .layer(layer::shape::transpose),
    Operator::new("Concat", 7, |b| {
        // parts without numbers add nothing
        let parts: Vec<usize> = (0..b.inputs.len()).filter(|i| b.array(*i).is_ok_and(|one| one.count() > 0)).collect();
        let parts = parts.into_iter().map(|place| b.x(place)).collect::<Result<Vec<Id>, String>>()?;
        let first = b.sizes(*parts.first().ok_or("an array without numbers is not computed with here")?);
        let axis = b.axis(b.node.int("axis", 1), first.len())?;
        let mut sizes = first.clone();
        sizes[axis] = 0;
        for part in &parts {
            let own = b.sizes(*part);
            let meets = own.len() == first.len() && (0..own.len()).all(|i| i == axis || own[i] == first[i]);
            if !meets {
                return Err("its sizes do not meet".into());
            }
            sizes[axis] += own[axis];
        }
        b.room(&sizes)?;
        let y = b.graph.concat(&parts, axis);
        b.like(y)
    })
    .layer(layer::join::concat),
    Operator::new("Split", 7, |b| {
        let x = b.x(0)?;
        let axis = b.axis(b.node.int("axis", 0), b.sizes(x).len())?;
        let (all, parts) = (b.sizes(x)[axis], b.node.outputs.len().max(1));
        let sizes = match b.list(1, "split")? {
            Some(sizes) => super::shape::sizes(&sizes)?,
            None => {
                let each = all.div_ceil(parts);
                (0..parts).map(|i| each.min(all.saturating_sub(i * each))).collect()
            }
        };
        let (mut at, mut made) = (0, Vec::new());
        for size in sizes {
            made.push((b.part(x, axis, at, size)?, b.kind(0)?));
            at += size;
        }
        Ok(made)
    }),
    Operator::new("Slice", 7, |b| {
        let mut y = b.x(0)?;
        for (axis, places) in cuts(b, &b.sizes(y))? {
            y = b.pick(y, axis, &places)?;
        }
        b.like(y)
    })
    .layer(layer::rest::slice),
    Operator::new("Gather", 7, |b| {
        let x = b.x(0)?;
        let axis = b.axis(b.node.int("axis", 0), b.sizes(x).len())?;
        let count = b.sizes(x)[axis];
        let (indices, own) = (b.array(1)?.clone(), b.sizes(x));
        let places = indices.wholes().iter().map(|i| axis_of(*i, count)).collect::<Result<Vec<usize>, String>>()?;
        let y = b.pick(x, axis, &places)?;
        let shape = [&own[..axis], &indices.shape, &own[axis + 1..]].concat();
        let y = b.reshape(y, &shape)?;
        b.like(y)
    })
    .layer(layer::rest::gather),
    Operator::new("Tile", 7, |b| {
        let (mut y, repeats) = (b.x(0)?, b.wholes(1)?);
        if repeats.len() != b.sizes(y).len() {
            return Err("it needs one number for each axis".into());
        }
        for (axis, times) in super::shape::sizes(&repeats)?.into_iter().enumerate() {
            let count = b.sizes(y)[axis];
            let all = times.checked_mul(count).filter(|all| *all < 1 << 22).ok_or("it repeats too often")?;
            let places: Vec<usize> = (0..all).map(|i| i % count).collect();
            y = b.pick(y, axis, &places)?;
        }
        b.like(y)
    }),
    Operator::new("Pad", 7, pad).layer(layer::window::pad),
    Operator::new("DepthToSpace", 7, |b| {
        let (x, side) = (b.x(0)?, block(b)?);
        let [n, c, h, w] = b.sizes(x)[..] else { return Err("it needs pictures".into()) };
        let part = side.checked_mul(side).filter(|s| *s > 0 && c.is_multiple_of(*s)).ok_or("blocks do not fit")?;
        let (c, crd) = (c / part, b.node.text("mode", "DCR") == "CRD");
        let (apart, order) = match crd {
            true => ([n, c, side, side, h, w], [0, 1, 4, 2, 5, 3]),
            false => ([n, side, side, c, h, w], [0, 3, 4, 1, 5, 2]),
        };
        let y = b.reshape(x, &apart)?;
        let y = b.graph.permute(y, &order);
        let y = b.reshape(y, &[n, c, h * side, w * side])?;
        b.like(y)
    }),
    Operator::new("SpaceToDepth", 7, |b| {
        let (x, side) = (b.x(0)?, block(b)?);
        let [n, c, h, w] = b.sizes(x)[..] else { return Err("it needs pictures".into()) };
        if side == 0 || !h.is_multiple_of(side) || !w.is_multiple_of(side) {
            return Err("blocks do not fit".into());
        }
        let y = b.reshape(x, &[n, c, h / side, side, w / side, side])?;
        let order = if b.node.text("mode", "DCR") == "CRD" { [0, 1, 3, 5, 2, 4] } else { [0, 3, 5, 1, 2, 4] };
        let y = b.graph.permute(y, &order);
        let y = b.reshape(y, &[n, c * side * side, h / side, w / side])?;
        b.like(y)
    }),
    Operator::new("Upsample", 7, |b| {
        let scales = match b.floats("scales") {
            Some(scales) => scales,
            None => b.array(1)?.floats(),
        };
        let nearest = b.node.text("mode", "nearest") == "nearest";
        let way = super::super::resize::Way { nearest, asymmetric: true, ..Default::default() };
        super::super::resize::resize(b, &scales, None, &way)
    })
    .layer(layer::window::resize),
    Operator::new("Resize", 10, super::super::resize::build).layer(layer::window::resize),
    Operator::new("Dropout", 7, |b| {
        if b.number(2, 0.0)? != 0.0 {
            return Err("noise while training, which is drawn anew each time".into());
        }
        let x = b.x(0)?;
        let mask = b.graph.full(b.sizes(x), 1.0);
        Ok(vec![(x, b.kind(0)?), (mask, super::super::array::Kind::Bool)])
    })
    .layer(layer::rest::dropout),
];

fn block(b: &Build) -> Result<usize, String> {
    usize::try_from(b.node.int("blocksize", 0)).ok().filter(|side| *side < 1 << 12).ok_or_else(|| "no block".into())
}

/// The order of axes that Transpose asks for; all turned round where it does not say.
pub fn turn(order: Option<Vec<i64>>, rank: usize) -> Result<Vec<usize>, String> {
    let order = match order {
        None => (0..rank).rev().collect(),
        Some(order) => order.iter().map(|axis| axis_of(*axis, rank)).collect::<Result<Vec<usize>, String>>()?,
    };
    let all = order.len() == rank && (0..rank).all(|axis| order.contains(&axis));
    all.then_some(order).ok_or_else(|| "it does not name every axis once".into())
}

/// For each axis that Slice cuts, the places that stay.
fn cuts(b: &Build, sizes: &[usize]) -> Result<Vec<(usize, Vec<usize>)>, String> {
    let starts = b.list(1, "starts")?.ok_or("its starts are missing")?;
    let ends = b.list(2, "ends")?.ok_or("its ends are missing")?;
    let axes = b.list(3, "axes")?.unwrap_or((0..starts.len() as i64).collect());
    let steps = b.list(4, "steps")?.unwrap_or(vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err("its lists are of different lengths".into());
    }
    let mut cuts = Vec::new();
    for (place, axis) in axes.iter().enumerate() {
        let axis = axis_of(*axis, sizes.len())?;
        cuts.push((axis, places(starts[place], ends[place], steps[place], sizes[axis])?));
    }
    Ok(cuts)
}

/// The places from `start` to before `end`; both may be counted from the end, and reach beyond it.
pub fn places(start: i64, end: i64, step: i64, count: usize) -> Result<Vec<usize>, String> {
    let size = count as i64;
    let own = |value: i64| if value < 0 { value.saturating_add(size) } else { value };
    if step == 0 {
        return Err("a step of 0".into());
    }
    let (mut at, end) = match step > 0 {
        true => (own(start).clamp(0, size), own(end).clamp(0, size)),
        false => (own(start).clamp(-1, size - 1), own(end).clamp(-1, size - 1)),
    };
    let mut places = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        places.push(at as usize);
        at = at.saturating_add(step);
    }
    Ok(places)
}

fn pad(b: &mut Build) -> Made {
    let mut y = b.x(0)?;
    let rank = b.sizes(y).len();
    let pads = b.list(1, "pads")?.ok_or("its pads are missing")?;
    let axes = match b.has(3) {
        true => b.axes(&b.wholes(3)?, rank)?,
        false => (0..rank).collect(),
    };
    if pads.len() != 2 * axes.len() || pads.iter().any(|pad| pad.unsigned_abs() > 1 << 22) {
        return Err("it needs two pads for each axis".into());
    }
    let value = if b.has(2) { b.number(2, 0.0)? as f32 } else { b.node.float("value", 0.0) };
    let mode = b.node.text("mode", "constant");
    for (place, axis) in axes.iter().enumerate() {
        let (before, after) = (pads[place], pads[place + axes.len()]);
        let count = b.sizes(y)[*axis] as i64;
        let places: Vec<i64> = (-before..count + after).collect();
        if mode == "constant" {
            let kept: Vec<usize> = places.iter().filter(|i| (0..count).contains(i)).map(|i| *i as usize).collect();
            y = b.pick(y, *axis, &kept)?;
            let mut ends = [vec![0; rank], vec![0; rank]];
            (ends[0][*axis], ends[1][*axis]) = (before.max(0) as usize, after.max(0) as usize);
            let mut sizes = b.sizes(y);
            sizes[*axis] += ends[0][*axis] + ends[1][*axis];
            b.room(&sizes)?;
            y = b.graph.pad(y, &ends[0], &ends[1], value);
            continue;
        }
        let from = |i: i64| match mode.as_str() {
            "edge" => Ok(i.clamp(0, count - 1)),
            "wrap" => Ok(i.rem_euclid(count)),
            "reflect" => {
                let around = (2 * count - 2).max(1);
                let i = i.rem_euclid(around);
                Ok(if i < count { i } else { around - i })
            }
            other => Err(format!("padding of the kind {other}")),
        };
        let places = places.into_iter().map(|i| Ok(from(i)? as usize)).collect::<Result<Vec<usize>, String>>()?;
        y = b.pick(y, *axis, &places)?;
    }
    b.like(y)
}
