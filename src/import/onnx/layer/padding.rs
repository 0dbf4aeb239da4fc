//! Our padding is `same` or `valid`; pads that are neither become zeros at the kernel's ends, where that comes to the same.

use super::super::{graph::Node, lift::Lift, op::window::Stops};
use crate::nn::{Values, layer::window::axis};

/// A kernel's size with zeros at its ends, and the padding that then fits.
pub struct Fit {
    pub padding: &'static str,
    /// Zeros before and after the kernel along each axis.
    pub zeros: [[usize; 2]; 2],
}

/// More zeros than these at the ends of a kernel are no convolution that anybody meant.
const ZEROS: usize = 8;

/// Finds the padding of ours under which every axis begins as `begins` says, with as few zeros as may be.
/// `begins` is told (axis, padding, zeros before, zeros after).
pub fn fit(told: Option<&Values>, begins: impl Fn(usize, &str, usize, usize) -> bool) -> Option<Fit> {
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
pub fn widened(kernel: Vec<f32>, size: [usize; 2], zeros: [[usize; 2]; 2]) -> Vec<f32> {
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

pub fn said(lift: &mut Lift, node: &Node, fit: &Fit) {
    if fit.zeros != [[0; 2]; 2] {
        lift.note(
            node,
            "Its padding is neither same nor valid: the kernel has zeros at its ends instead, which comes to the same. Training \
             will change these, too.",
        );
    }
}

/// The kernel [kh, kw, …] of a convolution that begins at `begin` before a picture of these sizes, as a layer has it: with zeros
/// at its ends or without those that it had, its size, and the padding. `None` where no padding of ours comes to the same.
pub fn fitted(
    kernel: Vec<f32>,
    told: Option<&Values>,
    stops: &[Stops],
    begin: [usize; 2],
    sizes: [usize; 2],
) -> Option<(Vec<f32>, [usize; 2], Fit)> {
    let find = |side: [usize; 2], later: [usize; 2]| {
        fit(told, |i, padding, before, after| {
            let stop = &stops[i];
            // zeros lie as far apart as the kernel's own numbers
            let ours = axis(sizes[i], side[i] + before + after, stop.stride, stop.dilation, padding);
            let from = begin[i] + before * stop.dilation;
            ours.is_some_and(|ours| (ours.output, ours.before + later[i]) == (stop.output, from))
        })
    };
    let side = [stops[0].size, stops[1].size];
    // lines of zeros at the ends, as those make whose padding is alike at both, are left off where the rest fits
    let lines = if told.is_none() { empty(&kernel, side) } else { [[0; 2]; 2] };
    if lines != [[0; 2]; 2] {
        let narrow = [0, 1].map(|i| side[i] - lines[i][0] - lines[i][1]);
        let later = [0, 1].map(|i| lines[i][0] * stops[i].dilation);
        if let Some(fit) = find(narrow, later).filter(|fit| fit.zeros == [[0; 2]; 2]) {
            return Some((narrowed(kernel, side, lines), narrow, fit));
        }
    }
    let fit = find(side, [0, 0])?;
    let size = [0, 1].map(|i| side[i] + fit.zeros[i][0] + fit.zeros[i][1]);
    Some((widened(kernel, side, fit.zeros), size, fit))
}
