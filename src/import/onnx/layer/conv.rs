//! Convolutions. Our padding is `same` or `valid`; pads that are neither become zeros at the kernel's ends, where that comes
//! to the same.

use super::{
    super::{
        flow::{Flow, Source},
        graph::Node,
        lift::Lift,
        op::window::{Crop, Stops, crops, node_stops},
    },
    Done,
};
use crate::{
    import::matching::permuted,
    nn::{Value, Values, layer::window::axis},
};

/// A kernel's size with zeros at its ends, and the padding that then fits.
struct Fit {
    padding: &'static str,
    /// Zeros before and after the kernel along each axis.
    zeros: [[usize; 2]; 2],
}

/// More zeros than these at the ends of a kernel are no convolution that anybody meant.
const ZEROS: usize = 8;

/// Finds the padding of ours under which every axis begins as `begins` says, with as few zeros as may be.
/// `begins` is told (axis, padding, zeros before, zeros after).
fn fit(told: Option<&Values>, begins: impl Fn(usize, &str, usize, usize) -> bool) -> Option<Fit> {
    let first = match told.map(|told| told.choice("padding")) {
        Some("valid") => ["valid", "same"],
        // what a layer has that says nothing, where both would do
        Some(_) | None => ["same", "valid"],
    };
    let mut best: Option<(usize, Fit)> = None;
    for padding in first {
        let one = |axis: usize| {
            (0..=ZEROS).find_map(|sum| {
                (0..=sum).map(|before| [before, sum - before]).find(|[b, a]| begins(axis, padding, *b, *a))
            })
        };
        if let (Some(rows), Some(columns)) = (one(0), one(1)) {
            let cost = rows.iter().chain(&columns).sum();
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, Fit { padding, zeros: [rows, columns] }));
            }
        }
    }
    best.map(|(_, fit)| fit)
}

/// A kernel [kh, kw, …] with zeros at the ends of its first two axes.
fn widened(kernel: Vec<f32>, size: [usize; 2], zeros: [[usize; 2]; 2]) -> Vec<f32> {
    if zeros == [[0; 2]; 2] {
        return kernel;
    }
    let each = kernel.len() / (size[0] * size[1]);
    let new = [0, 1].map(|i| size[i] + zeros[i][0] + zeros[i][1]);
    let mut out = vec![0.0; new[0] * new[1] * each];
    for (at, numbers) in kernel.chunks_exact(each.max(1)).enumerate() {
        let (row, column) = (at / size[1] + zeros[0][0], at % size[1] + zeros[1][0]);
        out[(row * new[1] + column) * each..][..each].copy_from_slice(numbers);
    }
    out
}

/// Lines of zeros at the ends of a kernel's first two axes; none where all of it is 0.
fn empty(kernel: &[f32], size: [usize; 2]) -> [[usize; 2]; 2] {
    let each = kernel.len() / (size[0] * size[1]).max(1);
    let full = |row: usize, column: usize| {
        kernel[(row * size[1] + column) * each..][..each].iter().any(|number| *number != 0.0)
    };
    let rows: Vec<usize> = (0..size[0]).filter(|row| (0..size[1]).any(|column| full(*row, column))).collect();
    let columns: Vec<usize> = (0..size[1]).filter(|column| (0..size[0]).any(|row| full(row, *column))).collect();
    [(&rows, size[0]), (&columns, size[1])].map(|(lines, count)| match lines[..] {
        [] => [0, 0],
        [first, ..] => [first, count - 1 - lines[lines.len() - 1]],
    })
}

/// A kernel [kh, kw, …] without these lines.
fn narrowed(kernel: Vec<f32>, size: [usize; 2], lines: [[usize; 2]; 2]) -> Vec<f32> {
    let each = kernel.len() / (size[0] * size[1]).max(1);
    let [rows, columns] = [0, 1].map(|i| lines[i][0]..size[i] - lines[i][1]);
    rows.flat_map(|row| columns.clone().map(move |column| row * size[1] + column))
        .flat_map(|at| kernel[at * each..][..each].to_vec())
        .collect()
}

fn said(lift: &mut Lift, node: &Node, fit: &Fit) {
    if fit.zeros != [[0; 2]; 2] {
        lift.note(
            node,
            "Its padding is neither same nor valid: the kernel has zeros at its ends instead, which comes to the same. Training \
             will change these, too.",
        );
    }
}

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
    let sizes = [h, width];
    let order: &[usize] = if depthwise { &[2, 3, 0, 1] } else { &[2, 3, 1, 0] };
    let shape = if depthwise { [channels, count / channels, kh, kw] } else { [count, part, kh, kw] };
    let mut kernel = permuted(&w.floats(), &shape, order);
    let (mut side, begin) = ([kh, kw], begin.map(|begin| begin as isize));
    let fitted = |side: [usize; 2], begin: [isize; 2]| {
        fit(told.as_ref().map(|(_, values)| values), |i, padding, before, after| {
            let stop = &stops[i];
            // zeros lie as far apart as the kernel's own numbers
            let ours = axis(sizes[i], side[i] + before + after, stop.stride, stop.dilation, padding);
            let from = begin[i] + (before * stop.dilation) as isize;
            ours.is_some_and(|ours| (ours.output, ours.before as isize) == (stop.output, from))
        })
    };
    let mut found = fitted(side, begin);
    // lines of zeros at the ends, as those make whose padding is alike at both, are left off where the rest fits
    let lines = if told.is_none() { empty(&kernel, side) } else { [[0; 2]; 2] };
    if lines != [[0; 2]; 2] {
        let narrow = [0, 1].map(|i| side[i] - lines[i][0] - lines[i][1]);
        let later = [0, 1].map(|i| begin[i] - (lines[i][0] * stops[i].dilation) as isize);
        if let Some(better) = fitted(narrow, later).filter(|fit| fit.zeros == [[0; 2]; 2]) {
            kernel = narrowed(kernel, side, lines);
            (side, found) = (narrow, Some(better));
        }
    }
    let fit = found.ok_or_else(|| {
        format!(
            "its pads {} and {} are neither those of same nor of valid padding, and no zeros at its kernel's ends make up for \
             them",
            begin[0], begin[1]
        )
    })?;
    said(lift, node, &fit);
    let kernel = widened(kernel, side, fit.zeros);
    let bias = lift.known(node, 2)?.map(|bias| ("bias", bias.floats()));
    let size = [0, 1].map(|i| side[i] + fit.zeros[i][0] + fit.zeros[i][1]);
    let mut fields = vec![
        ("kernel", Value::Size(size)),
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
    let fit = fit(told.as_ref(), |i, padding, before, after| {
        let (crop, input) = (&crops[i], sizes[i]);
        let size = crop.size + before + after;
        let ours = match padding {
            "same" => (input * crop.stride, size.saturating_sub(crop.stride) / 2),
            _ => ((input - 1) * crop.stride + size, 0),
        };
        ours == (crop.output, crop.before + before)
    });
    let fit = fit.ok_or("what it crops is neither that of same nor of valid padding")?;
    said(lift, node, &fit);
    let kernel = permuted(&w.floats(), &[own, count, kh, kw], &[2, 3, 1, 0]);
    let kernel = widened(kernel, [kh, kw], fit.zeros);
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
