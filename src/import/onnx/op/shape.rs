//! Operators that tell sizes, make arrays from them, or read the same numbers under another shape.

use super::super::{
    array::{Array, I64, Kind, count},
    build::{Build, Made},
    graph::Attribute,
    layer,
    operator::Operator,
};
use crate::tensor::Tensor;

pub static ROWS: &[Operator] = &[
    Operator::new("Constant", 7, |b| {
        let array = match b.node.attributes.first() {
            Some((_, Attribute::Array(array))) => array.clone()?,
            Some((_, Attribute::Float(value))) => Array::made(Kind::Float, vec![], vec![f64::from(*value)]),
            Some((_, Attribute::Whole(value))) => Array::made(I64, vec![], vec![*value as f64]),
            Some((_, Attribute::Floats(values))) => {
                Array::made(Kind::Float, vec![values.len()], values.iter().map(|value| f64::from(*value)).collect())
            }
            Some((_, Attribute::Wholes(values))) => {
                Array::made(I64, vec![values.len()], values.iter().map(|value| *value as f64).collect())
            }
            Some((_, Attribute::Text(_) | Attribute::Texts(_) | Attribute::Other)) | None => {
                return Err("a constant that is no array of numbers".into());
            }
        };
        given(b, &array)
    }),
    Operator::new("Shape", 7, |b| {
        let shape = b.array(0)?.shape.clone();
        let rank = shape.len() as i64;
        let end = |value: i64| (if value < 0 { value.saturating_add(rank) } else { value }).clamp(0, rank) as usize;
        let (from, to) = (end(b.node.int("start", 0)), end(b.node.int("end", rank)));
        list(b, shape.get(from..to).unwrap_or_default())
    }),
    Operator::new("Size", 7, |b| {
        let count = b.array(0)?.count();
        given(b, &Array::made(I64, vec![], vec![count as f64]))
    }),
    Operator::new("ConstantOfShape", 9, |b| {
        let shape = sizes(&b.wholes(0)?)?;
        let (value, kind) = match b.node.attribute("value") {
            Some(Attribute::Array(Ok(array))) => (array.single().ok_or("a value of more than one number")?, array.kind),
            Some(_) => return Err("a value that is no number".into()),
            None => (0.0, Kind::Float),
        };
        b.room(&shape)?;
        Ok(vec![(b.graph.full(shape, value as f32), kind)])
    }),
    Operator::new("Range", 11, |b| {
        let [start, limit, step] = [b.number(0, 0.0)?, b.number(1, 0.0)?, b.number(2, 1.0)?];
        let count = ((limit - start) / step).ceil();
        if !(1.0..65_536.0).contains(&count) {
            return Err(format!("a range of {count} numbers"));
        }
        let kind = b.kind(0)?;
        let numbers: Vec<f64> = (0..count as usize).map(|i| start + i as f64 * step).collect();
        given(b, &Array::made(kind, vec![numbers.len()], numbers))
    }),
    Operator::new("Reshape", 7, |b| {
        let own = b.array(0)?.shape.clone();
        let shape = reshaped(&own, &b.wholes(1)?, b.node.int("allowzero", 0) != 0)?;
        let x = b.x(0)?;
        let y = b.reshape(x, &shape)?;
        b.like(y)
    })
    .layer(layer::shape::reshape),
    Operator::new("Flatten", 7, |b| {
        let (x, own) = (b.x(0)?, b.array(0)?.shape.clone());
        let axis = flat_axis(b.node.int("axis", 1), own.len())?;
        let y = b.reshape(x, &[own[..axis].iter().product(), own[axis..].iter().product()])?;
        b.like(y)
    })
    .layer(layer::shape::flatten),
    Operator::new("Squeeze", 7, |b| {
        let (own, axes) = (b.array(0)?.shape.clone(), b.list(1, "axes")?);
        let shape = squeezed(&own, axes.as_deref())?;
        let x = b.x(0)?;
        let y = b.reshape(x, &shape)?;
        b.like(y)
    })
    .layer(layer::shape::squeeze),
    Operator::new("Unsqueeze", 7, |b| {
        let own = b.array(0)?.shape.clone();
        let axes = b.list(1, "axes")?.ok_or("its axes are missing")?;
        let shape = unsqueezed(&own, &axes)?;
        let x = b.x(0)?;
        let y = b.reshape(x, &shape)?;
        b.like(y)
    })
    .layer(layer::shape::unsqueeze),
    Operator::new("Expand", 8, |b| {
        let (x, wanted) = (b.x(0)?, sizes(&b.wholes(1)?)?);
        let shape = b.graph.shape(x).broadcast(&wanted.into()).ok_or("its sizes do not meet")?;
        let y = b.spread(x, &shape)?;
        b.like(y)
    }),
    Operator::new("EyeLike", 9, |b| {
        let kind = match b.node.int("dtype", 0) {
            0 => b.kind(0)?,
            code => Kind::read(code).ok_or("a kind of number that is not read here")?,
        };
        let shape = b.array(0)?.shape.clone();
        if shape.len() != 2 {
            return Err("it needs a matrix".into());
        }
        b.room(&shape)?;
        let (row, column) = (b.graph.iota(shape.clone(), 0), b.graph.iota(shape, 1));
        let row = b.graph.shift(row, b.node.int("k", 0) as f32);
        Ok(vec![(b.graph.equal(row, column), kind)])
    }),
    Operator::new("Trilu", 14, |b| {
        let x = b.x(0)?;
        let rank = b.sizes(x).len();
        if rank < 2 {
            return Err("it needs a matrix".into());
        }
        let k = b.number(1, 0.0)?.clamp(-1e6, 1e6) as f32;
        let shape = b.graph.shape(x).clone();
        let (row, column) = (b.graph.iota(shape.clone(), rank - 2), b.graph.iota(shape, rank - 1));
        let row = b.graph.shift(row, k);
        let stays = match b.node.int("upper", 1) {
            0 => b.graph.less_equal(column, row),
            _ => b.graph.less_equal(row, column),
        };
        let zero = b.graph.scalar(0.0);
        let y = b.graph.select(stays, x, zero);
        b.like(y)
    }),
    Operator::new("OneHot", 9, |b| {
        let (x, depth, ends) = (b.array(0)?.clone(), b.number(1, 0.0)?, b.array(2)?.clone());
        if !(1.0..65_536.0).contains(&depth) || ends.count() != 2 {
            return Err("its depth or its values are none".into());
        }
        let (depth, ends, kind) = (depth as usize, ends.numbers(), ends.kind);
        let axis = b.axis(b.node.int("axis", -1), x.shape.len() + 1)?;
        let indices = x.numbers().iter().map(|i| if *i < 0.0 { *i as f32 + depth as f32 } else { *i as f32 }).collect();
        let mut shape = x.shape.clone();
        shape.insert(axis, depth);
        b.room(&shape)?;
        let mut column = x.shape.clone();
        column.insert(axis, 1);
        let indices = b.graph.constant(Tensor::new(column, indices));
        let places = b.graph.iota(shape, axis);
        let hot = b.graph.equal(indices, places);
        let [off, on] = [0, 1].map(|i| b.graph.scalar(ends[i] as f32));
        Ok(vec![(b.graph.select(hot, on, off), kind)])
    }),
];

/// An array that is known here.
fn given(b: &mut Build, array: &Array) -> Made {
    b.room(&array.shape).or_else(|why| if array.count() == 0 { Ok(()) } else { Err(why) })?;
    // whole numbers beyond those that f32 has are added up of two
    let numbers = array.numbers();
    let high: Vec<f32> = numbers.iter().map(|value| *value as f32).collect();
    let low: Vec<f32> = numbers.iter().zip(&high).map(|(value, high)| (*value - f64::from(*high)) as f32).collect();
    let exact = low.iter().all(|rest| *rest == 0.0 || !rest.is_finite());
    let y = b.graph.constant(Tensor::new(array.shape.clone(), high));
    if exact {
        return Ok(vec![(y, array.kind)]);
    }
    let rest = b.graph.constant(Tensor::new(array.shape.clone(), low));
    Ok(vec![(b.graph.add(y, rest), array.kind)])
}

fn list(b: &mut Build, sizes: &[usize]) -> Made {
    given(b, &Array::made(I64, vec![sizes.len()], sizes.iter().map(|size| *size as f64).collect()))
}

/// Sizes as they must be.
pub fn sizes(wholes: &[i64]) -> Result<Vec<usize>, String> {
    let sizes = wholes.iter().map(|size| usize::try_from(*size).ok()).collect::<Option<Vec<usize>>>();
    sizes.filter(|sizes| count(sizes).is_some()).ok_or_else(|| "sizes that no array has".into())
}

/// The shape that Reshape asks for: 0 keeps a size, −1 takes what is left.
pub fn reshaped(own: &[usize], wanted: &[i64], zero_counts: bool) -> Result<Vec<usize>, String> {
    if wanted.len() > super::super::array::AXES {
        return Err("a shape of more axes than are read".into());
    }
    let mut shape = Vec::with_capacity(wanted.len());
    for (place, size) in wanted.iter().enumerate() {
        shape.push(match size {
            0 if !zero_counts => *own.get(place).ok_or("it keeps the size of an axis that is not there")?,
            -1 => 1,
            size => usize::try_from(*size).map_err(|_| "a size is negative")?,
        });
    }
    let all = count(own).ok_or("sizes that no array has")?;
    if let Some(open) = wanted.iter().position(|size| *size == -1) {
        let rest = count(&shape).filter(|rest| *rest > 0 && all.is_multiple_of(*rest));
        shape[open] = all / rest.ok_or("the sizes do not divide the numbers that are there")?;
    }
    if count(&shape) != Some(all) {
        return Err(format!("{all} numbers do not come to the shape that it asks for"));
    }
    Ok(shape)
}

/// Where Flatten cuts; it may be the end.
pub fn flat_axis(axis: i64, rank: usize) -> Result<usize, String> {
    let own = if axis < 0 { axis.saturating_add(rank as i64) } else { axis };
    usize::try_from(own).ok().filter(|own| *own <= rank).ok_or_else(|| format!("there is no axis {axis}"))
}

/// The shape without these axes of 1, or without all of them.
pub fn squeezed(own: &[usize], axes: Option<&[i64]>) -> Result<Vec<usize>, String> {
    let off = match axes {
        Some(axes) => {
            axes.iter().map(|axis| super::super::build::axis_of(*axis, own.len())).collect::<Result<_, _>>()?
        }
        None => (0..own.len()).filter(|axis| own[*axis] == 1).collect::<Vec<usize>>(),
    };
    if off.iter().any(|axis| own[*axis] != 1) {
        return Err("it takes off an axis that has more than one place".into());
    }
    Ok((0..own.len()).filter(|axis| !off.contains(axis)).map(|axis| own[axis]).collect())
}

/// The shape with axes of 1 at these places of the result.
pub fn unsqueezed(own: &[usize], axes: &[i64]) -> Result<Vec<usize>, String> {
    let rank = own.len() + axes.len();
    let mut added =
        axes.iter().map(|axis| super::super::build::axis_of(*axis, rank)).collect::<Result<Vec<usize>, String>>()?;
    added.sort_unstable();
    added.dedup();
    if added.len() != axes.len() || rank > super::super::array::AXES {
        return Err("its axes are named twice, or too many".into());
    }
    let mut shape = own.to_vec();
    added.into_iter().for_each(|axis| shape.insert(axis, 1));
    Ok(shape)
}
