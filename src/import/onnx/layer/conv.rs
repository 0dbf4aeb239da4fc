//! Convolutions, both ways.

use super::{
    super::{
        flow::{Flow, Source},
        graph::Node,
        lift::Lift,
        op::window::{Crop, Stops, crops, node_stops},
    },
    Done, padding,
};
use crate::{import::matching::permuted, nn::Value};

fn pair(axes: &[usize]) -> Value {
    Value::Size([axes[0], axes[1]])
}

pub fn conv(lift: &mut Lift, node: &Node) -> Done {
    let (x, w) = (lift.flow(node, 0)?, lift.need(node, 1)?);
    let [count, part, kh, kw] = w.shape[..] else {
        return Err("it slides over another number of axes than two, which pictures have here".into());
    };
    let pads = x.pads;
    let (source, [h, width, channels]) = lift.picture(node, &Flow { pads: [[0; 2]; 2], ..x })?;
    let groups = usize::try_from(node.int("group", 1)).unwrap_or(0);
    if part.checked_mul(groups) != Some(channels) || groups == 0 || !count.is_multiple_of(groups) {
        return Err("its groups do not fit its channels and filters".into());
    }
    let padded = [h + pads[0][0] + pads[0][1], width + pads[1][0] + pads[1][1]];
    let stops: Vec<Stops> = node_stops(node, &padded, &[kh, kw])?;
    let begin = [0, 1].map(|i| stops[i].before + pads[i][0]);
    let told = ["conv2d", "depthwise-conv2d"].into_iter().find_map(|id| Some((id, lift.hint(node, id)?)));
    let gaps = stops.iter().any(|axis| axis.dilation != 1);
    let depthwise = match &told {
        Some((id, _)) => *id == "depthwise-conv2d",
        None => groups == channels && groups > 1 && !gaps,
    };
    let order: &[usize] = if depthwise { &[2, 3, 0, 1] } else { &[2, 3, 1, 0] };
    let shape = if depthwise { [channels, count / channels, kh, kw] } else { [count, part, kh, kw] };
    let kernel = permuted(&w.floats(), &shape, order);
    let values = told.as_ref().map(|(_, values)| values);
    let (kernel, side, fit) = padding::fitted(kernel, values, &stops, begin, [h, width]).ok_or_else(|| {
        let [top, left] = begin;
        format!(
            "its pads {top} and {left} are neither those of same nor of valid padding, nor can zeros make up for them"
        )
    })?;
    padding::said(lift, node, &fit);
    let bias = lift.known(node, 2)?.map(|bias| ("bias", bias.floats()));
    let mut fields = vec![
        ("kernel", Value::Size(side)),
        ("stride", pair(&[stops[0].stride, stops[1].stride])),
        ("padding", Value::Choice(fit.padding)),
        ("bias", Value::Flag(bias.is_some())),
    ];
    let id = if depthwise { "depthwise-conv2d" } else { "conv2d" };
    match depthwise {
        true => fields.push(("multiplier", Value::Count((count / channels) as i64))),
        false => fields.extend([
            ("filters", Value::Count(count as i64)),
            ("dilation", pair(&[stops[0].dilation, stops[1].dilation])),
            ("groups", Value::Count(groups as i64)),
        ]),
    }
    let weights = [("kernel", kernel)].into_iter().chain(bias).collect();
    let place = lift.add(node, id, fields, vec![source], weights)?;
    let shape = lift.drafts[place].shape.clone();
    lift.put(node, Flow::natural(Source::Layer(place), lift.batch, &shape), true);
    Ok(())
}

pub fn transposed(lift: &mut Lift, node: &Node) -> Done {
    let (x, w) = (lift.x(node, 0)?, lift.need(node, 1)?);
    let [own, count, kh, kw] = w.shape[..] else {
        return Err("it slides over another number of axes than two, which pictures have here".into());
    };
    let (source, [h, width, channels]) = lift.picture(node, &x)?;
    if node.int("group", 1) != 1 || own != channels {
        return Err("it has groups, which a transposed convolution here has not".into());
    }
    let crops: Vec<Crop> = crops(node, &[h, width], &[kh, kw])?;
    if crops.iter().any(|axis| axis.dilation != 1) {
        return Err("it has gaps, which a transposed convolution here has not".into());
    }
    let told = lift.hint(node, "conv2d-transpose");
    let sizes = [h, width];
    let fit = padding::fit(told.as_ref(), |i, padding, before, after| {
        let (crop, input) = (&crops[i], sizes[i]);
        let size = crop.size + before + after;
        let ours = match padding {
            "same" => (input * crop.stride, size.saturating_sub(crop.stride) / 2),
            _ => ((input - 1) * crop.stride + size, 0),
        };
        ours == (crop.output, crop.before + before)
    });
    let fit = fit.ok_or("what it crops is neither that of same nor of valid padding")?;
    padding::said(lift, node, &fit);
    let kernel = permuted(&w.floats(), &[own, count, kh, kw], &[2, 3, 1, 0]);
    let kernel = padding::widened(kernel, [kh, kw], fit.zeros);
    let bias = lift.known(node, 2)?.map(|bias| ("bias", bias.floats()));
    let size = [0, 1].map(|i| crops[i].size + fit.zeros[i][0] + fit.zeros[i][1]);
    let fields = vec![
        ("filters", Value::Count(count as i64)),
        ("kernel", Value::Size(size)),
        ("stride", pair(&[crops[0].stride, crops[1].stride])),
        ("padding", Value::Choice(fit.padding)),
        ("bias", Value::Flag(bias.is_some())),
    ];
    let weights = [("kernel", kernel)].into_iter().chain(bias).collect();
    let place = lift.add(node, "conv2d-transpose", fields, vec![source], weights)?;
    let shape = lift.drafts[place].shape.clone();
    lift.put(node, Flow::natural(Source::Layer(place), lift.batch, &shape), true);
    Ok(())
}
