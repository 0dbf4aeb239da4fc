//! Poolings, padding and resizing of pictures.

use super::{
    super::{
        flow::{Flow, Source},
        graph::Node,
        lift::Lift,
        op::window::node_stops,
    },
    Done,
};
use crate::nn::{Value, layer::window::axis};

pub fn max_pool(lift: &mut Lift, node: &Node) -> Done {
    if node.outputs.len() > 1 && lift.reads(&node.outputs[1]) > 0 {
        return Err("it also gives the places of the largest, which no layer reads".into());
    }
    pool(lift, node, "max-pool2d")
}

pub fn avg_pool(lift: &mut Lift, node: &Node) -> Done {
    pool(lift, node, "avg-pool2d")
}

fn pool(lift: &mut Lift, node: &Node, id: &str) -> Done {
    let x = lift.x(node, 0)?;
    let (source, [h, w, _]) = lift.picture(node, &x)?;
    let kernel = node.ints("kernel_shape").ok_or("its kernel_shape is missing")?;
    let kernel = super::super::op::shape::sizes(&kernel)?;
    let stops = node_stops(node, &[h, w], &kernel)?;
    if stops.iter().any(|axis| axis.dilation != 1) {
        return Err("its window has gaps, which a pooling here has not".into());
    }
    let padded = stops.iter().any(|axis| axis.before + axis.after > 0);
    if id == "avg-pool2d" && padded && node.int("count_include_pad", 0) != 0 {
        return Err("it counts the padding into the average, which is not done here".into());
    }
    let told = lift.hint(node, id);
    let fits = |padding: &&str| {
        (0..2).all(|i| {
            let ours = axis([h, w][i], stops[i].size, stops[i].stride, 1, padding);
            // what lies behind the end is never chosen or counted
            ours.is_some_and(|ours| (ours.output, ours.before) == (stops[i].output, stops[i].before))
        })
    };
    let first = told.as_ref().map_or("valid", |told| told.choice("padding"));
    let padding = [first, "valid", "same"].into_iter().find(fits).ok_or_else(|| {
        format!("its pads {} and {} are neither those of same nor of valid padding", stops[0].before, stops[1].before)
    })?;
    let fields = vec![
        ("size", Value::Size([stops[0].size, stops[1].size])),
        ("stride", Value::Size([stops[0].stride, stops[1].stride])),
        ("padding", Value::Choice(padding)),
    ];
    let place = lift.add(node, id, fields, vec![source], vec![])?;
    let values = &mut lift.drafts[place].spec.values;
    if values.size("size") == values.size("stride") && told.is_none_or(|told| told.get("stride") == told.get("size")) {
        values.reset("stride");
    }
    let shape = lift.drafts[place].shape.clone();
    lift.put(node, Flow::natural(Source::Layer(place), lift.batch, &shape), true);
    Ok(())
}

pub fn global_avg(lift: &mut Lift, node: &Node) -> Done {
    let rank = lift.x(node, 0)?.axes.len();
    away(lift, node, "global-avg-pool2d", &(2..rank).collect::<Vec<_>>(), true)
}

pub fn global_max(lift: &mut Lift, node: &Node) -> Done {
    let rank = lift.x(node, 0)?.axes.len();
    away(lift, node, "global-max-pool2d", &(2..rank).collect::<Vec<_>>(), true)
}

pub fn mean(lift: &mut Lift, node: &Node) -> Done {
    reduced(lift, node, "global-avg-pool2d")
}

pub fn maximum(lift: &mut Lift, node: &Node) -> Done {
    reduced(lift, node, "global-max-pool2d")
}

fn reduced(lift: &mut Lift, node: &Node, id: &str) -> Done {
    let rank = lift.x(node, 0)?.axes.len();
    let axes = lift.list(node, 1, "axes")?.ok_or("it runs over everything, the batch included")?;
    let mut axes =
        axes.iter().map(|axis| super::super::build::axis_of(*axis, rank)).collect::<Result<Vec<usize>, String>>()?;
    axes.sort_unstable();
    away(lift, node, id, &axes, node.int("keepdims", 1) != 0)
}

/// Pools height and width away: the two axes that are named.
fn away(lift: &mut Lift, node: &Node, id: &str, axes: &[usize], kept: bool) -> Done {
    let x = lift.x(node, 0)?;
    let rest: Vec<usize> = (1..x.axes.len()).filter(|axis| !axes.contains(axis)).collect();
    let ([_, _], [channel]) = (axes, &rest[..]) else {
        return Err("it runs over other axes than a picture's height and width".into());
    };
    if !x.batch_first() || axes.contains(&0) {
        return Err("it runs over the batch".into());
    }
    let source = lift.arranged(node, &x, &[axes, &rest].concat())?;
    let place = lift.add(node, id, vec![], vec![source], vec![])?;
    let flow = Flow::plain(Source::Layer(place), lift.batch, &lift.drafts[place].shape.clone());
    let axes = (0..x.axes.len()).filter(|axis| kept || *axis == 0 || axis == channel);
    let axes = axes
        .map(|axis| {
            if axis == 0 {
                vec![0]
            } else if axis == *channel {
                vec![1]
            } else {
                vec![]
            }
        })
        .collect();
    lift.put(node, Flow { axes, ..flow }, true);
    Ok(())
}

/// Zeros around a picture: they wait for the convolution that reads it.
pub fn pad(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let rank = x.axes.len();
    let pads = lift.list(node, 1, "pads")?.ok_or("its pads are missing")?;
    let value = match lift.known(node, 2)? {
        Some(value) => value.single().unwrap_or(1.0),
        None => f64::from(node.float("value", 0.0)),
    };
    let axes: Vec<usize> = match lift.list(node, 3, "axes")? {
        Some(axes) => axes.iter().map(|axis| super::super::build::axis_of(*axis, rank)).collect::<Result<_, _>>()?,
        None => (0..rank).collect(),
    };
    if pads.iter().all(|pad| *pad == 0) {
        lift.put(node, x, false);
        return Ok(());
    }
    let plain = value == 0.0 && node.text("mode", "constant") == "constant" && pads.len() == 2 * axes.len();
    let small = pads.iter().all(|pad| (0..1024).contains(pad));
    let outside = axes.iter().enumerate().any(|(i, axis)| *axis < 2 && (pads[i] != 0 || pads[i + axes.len()] != 0));
    if !plain || !small || rank != 4 || outside {
        return Err("it pads other than with zeros around a picture".into());
    }
    let mut flow = x;
    for (i, axis) in axes.iter().enumerate().filter(|(_, axis)| **axis >= 2) {
        flow.pads[axis - 2] = [pads[i] as usize, pads[i + axes.len()] as usize];
    }
    lift.put(node, flow, false);
    Ok(())
}

pub fn resize(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let (source, [h, w, _]) = lift.picture(node, &x)?;
    let old = node.op == "Upsample" || lift.model.opset < 11;
    let (at, none) = (if old { 1 } else { 2 }, node.attribute("axes").is_some());
    let (mode, nearest) = (node.text("mode", "nearest"), node.text("nearest_mode", "round_prefer_floor"));
    let mapping = if old { "asymmetric".into() } else { node.text("coordinate_transformation_mode", "half_pixel") };
    let scales = match (node.attribute("scales"), lift.known(node, at)?.filter(|scales| scales.count() == 4)) {
        (Some(super::super::graph::Attribute::Floats(scales)), _) => scales.clone(),
        (_, Some(scales)) => scales.floats(),
        _ => {
            let sizes = lift.list(node, 3, "sizes")?.filter(|sizes| sizes.len() == 4);
            let sizes = sizes.ok_or("its scales are not known beforehand, or not four")?;
            let own = x.shape();
            (0..4).map(|i| sizes[i] as f32 / own[i].max(1) as f32).collect()
        }
    };
    let [1.0, 1.0, factor, other] = scales[..] else { return Err("it resizes the batch or the channels".into()) };
    let whole = factor == other && factor.fract() == 0.0 && (1.0..=32.0).contains(&factor);
    if !whole || none || node.int("antialias", 0) != 0 {
        return Err(format!("it resizes by {factor} × {other}, where upsampling here takes one whole factor"));
    }
    let larger = h > 1 && w > 1;
    let halves = mapping == "half_pixel"
        || mapping == "half_pixel_symmetric"
        || (mapping == "pytorch_half_pixel" && (larger || factor > 1.0));
    let repeats = (mapping == "asymmetric" && (nearest == "floor" || old)) || (halves && nearest.starts_with("round"));
    let method = match mode.as_str() {
        "nearest" if repeats => "nearest",
        "linear" if halves => "bilinear",
        _ => {
            return Err(format!(
                "it resizes by {mode} and {mapping}, which is not how upsampling here finds its pixels"
            ));
        }
    };
    let fields = vec![("factor", Value::Count(factor as i64)), ("method", Value::Choice(method))];
    let place = lift.add(node, "upsample2d", fields, vec![source], vec![])?;
    let shape = lift.drafts[place].shape.clone();
    lift.put(node, Flow::natural(Source::Layer(place), lift.batch, &shape), true);
    Ok(())
}
