//! Convolutions and poolings. Pictures stand channels first here: [n, c, h, w]; a row of places is a picture of one line.

use super::super::{
    build::{Build, Made},
    layer,
    operator::Operator,
};
use crate::graph::{
    Graph, Id, function as f,
    op::{Conv, Pool, PoolStep, Side},
};

/// The longest side of a window, stride or gap, so that no product of two overflows in 32 bits.
const LONGEST: usize = 1 << 14;

pub static ROWS: &[Operator] = &[
    Operator::new("Conv", 7, convolution).layer(layer::conv::conv),
    Operator::new("ConvTranspose", 7, transposed).layer(layer::conv::transposed),
    Operator::new("MaxPool", 7, |b| pooling(b, |g, pool, x, _| g.max_pool(pool, x))).layer(layer::window::max_pool),
    Operator::new("AveragePool", 7, |b| {
        pooling(b, |g, pool, x, counts| {
            if !counts {
                return g.avg_pool(pool, x);
            }
            let sum = g.pool(PoolStep::Sum, pool, x, None);
            g.scale(sum, 1.0 / (pool.size[0] * pool.size[1]) as f32)
        })
    })
    .layer(layer::window::avg_pool),
    Operator::new("GlobalAveragePool", 7, |b| global(b, |g, x, axes| g.mean(x, axes))).layer(layer::window::global_avg),
    Operator::new("GlobalMaxPool", 7, |b| global(b, |g, x, axes| g.maximum(x, axes))).layer(layer::window::global_max),
];

/// Where a window stops along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stops {
    pub size: usize,
    pub stride: usize,
    pub dilation: usize,
    pub before: usize,
    pub after: usize,
    pub output: usize,
}

/// The windows that the attributes of a convolution or a pooling ask for on an input of these sizes.
pub fn stops(b: &Build, input: &[usize], kernel: &[usize]) -> Result<Vec<Stops>, String> {
    node_stops(b.node, input, kernel)
}

/// The same without our graph.
pub fn node_stops(node: &super::super::graph::Node, input: &[usize], kernel: &[usize]) -> Result<Vec<Stops>, String> {
    let rank = input.len();
    let list = |name: &str, usual: i64, count: usize| -> Result<Vec<usize>, String> {
        let values = node.ints(name).unwrap_or(vec![usual; count]);
        let values: Option<Vec<usize>> =
            values.iter().map(|v| usize::try_from(*v).ok().filter(|v| *v < LONGEST)).collect();
        values.filter(|values| values.len() == count).ok_or_else(|| format!("its {name} are not {count} sizes"))
    };
    let (strides, dilations) = (list("strides", 1, rank)?, list("dilations", 1, rank)?);
    let mut pads = list("pads", 0, 2 * rank)?;
    let auto = node.text("auto_pad", "NOTSET");
    if kernel.len() != rank || kernel.iter().chain(&strides).chain(&dilations).any(|size| *size == 0 || *size > LONGEST)
    {
        return Err("its window has a size of 0, or another number of axes than its input".into());
    }
    // an axis that is cut to so many windows afterwards is not rounded up: Caffe's files have that
    let cut = node.ints("cut").unwrap_or(vec![0; rank]);
    let up = |axis: usize| node.int("ceil_mode", 0) != 0 && cut.get(axis).is_none_or(|count| *count == 0);
    (0..rank)
        .map(|i| {
            let reach = (kernel[i] - 1) * dilations[i] + 1;
            if auto.starts_with("SAME") {
                let total = ((input[i].div_ceil(strides[i]) - 1) * strides[i] + reach).saturating_sub(input[i]);
                let (small, large) = (total / 2, total - total / 2);
                (pads[i], pads[i + rank]) = if auto == "SAME_LOWER" { (large, small) } else { (small, large) };
            } else if auto == "VALID" {
                (pads[i], pads[i + rank]) = (0, 0);
            }
            let all = input[i] + pads[i] + pads[i + rank];
            let free = all.checked_sub(reach).ok_or("its window is larger than what it slides over")?;
            let mut output = free / strides[i] + 1;
            // a window that rounding up adds must begin before the padding at the end
            if up(i) && free.div_ceil(strides[i]) * strides[i] < input[i] + pads[i] {
                output = free.div_ceil(strides[i]) + 1;
            }
            if cut.get(i).is_some_and(|count| *count != 0 && *count != output as i64) {
                return Err("it is cut to another number of windows than fit".into());
            }
            // Caffe takes such a window off where there is padding alone
            let behind = free.div_ceil(strides[i]) * strides[i] >= input[i] + pads[i];
            if up(i) && behind && node.int("caffe", 0) != 0 && pads[i] == 0 && !free.is_multiple_of(strides[i]) {
                return Err("its last window begins behind the end of the picture".into());
            }
            Ok(Stops {
                size: kernel[i],
                stride: strides[i],
                dilation: dilations[i],
                before: pads[i],
                after: pads[i + rank],
                output,
            })
        })
        .collect()
}

/// A picture with channels last, and how many axes it had: a line becomes a picture of one row.
fn picture(b: &mut Build, x: Id) -> Result<(Id, usize), String> {
    let mut sizes = b.sizes(x);
    let rank = sizes.len().checked_sub(2).filter(|rank| (1..=2).contains(rank));
    let rank = rank.ok_or("windows over one or two axes are computed here, not over others")?;
    if rank == 1 {
        sizes.insert(2, 1);
    }
    let x = b.graph.reshape(x, sizes);
    Ok((b.graph.permute(x, &[0, 2, 3, 1]), rank))
}

/// Back again.
fn channels_first(b: &mut Build, y: Id, rank: usize) -> Id {
    let y = b.graph.permute(y, &[0, 3, 1, 2]);
    let mut sizes = b.sizes(y);
    if rank == 1 {
        sizes.remove(2);
    }
    b.graph.reshape(y, sizes)
}

/// One number for each of the two axes of a picture.
fn two(list: &[usize], usual: usize) -> [usize; 2] {
    if list.len() == 1 { [usual, list[0]] } else { [list[0], list[1]] }
}

fn with_bias(b: &mut Build, y: Id) -> Result<Id, String> {
    if !b.has(2) {
        return Ok(y);
    }
    let bias = b.x(2)?;
    b.map(f::ADD, &[y, bias])
}

/// The filters [out, in, …] as [height, width, in, out].
fn filters(b: &mut Build) -> Result<(Id, Vec<usize>), String> {
    let w = b.x(1)?;
    let own = b.sizes(w);
    if own.len() != b.sizes(b.x(0)?).len() {
        return Err("its filters have other axes than its input".into());
    }
    let (w, _) = picture(b, w)?;
    Ok((b.graph.permute(w, &[1, 2, 3, 0]), own[2..].to_vec()))
}

fn convolution(b: &mut Build) -> Made {
    let x = b.x(0)?;
    let input = b.sizes(x)[2.min(b.sizes(x).len())..].to_vec();
    let (x, rank) = picture(b, x)?;
    let (w, kernel) = filters(b)?;
    let stops = stops(b, &input, &kernel)?;
    let [batch, h, width, channels] = b.sizes(x)[..] else { unreachable!("a picture") };
    let [_, _, part, count] = b.sizes(w)[..] else { unreachable!("filters") };
    let groups = usize::try_from(b.node.int("group", 1)).ok().filter(|groups| *groups > 0);
    let groups = groups.filter(|groups| part.checked_mul(*groups) == Some(channels) && count.is_multiple_of(*groups));
    let pick = |get: fn(&Stops) -> usize, usual| two(&stops.iter().map(get).collect::<Vec<_>>(), usual);
    let conv = Conv {
        batch,
        input: [h, width],
        channels,
        output: pick(|s| s.output, 1),
        filters: count,
        kernel: pick(|s| s.size, 1),
        stride: pick(|s| s.stride, 1),
        dilation: pick(|s| s.dilation, 1),
        padding: pick(|s| s.before, 0),
        groups: groups.ok_or("its groups do not fit its channels and filters")?,
    };
    b.room(&conv.shapes()[2])?;
    let y = b.graph.conv(Side::Output, conv, x, w);
    let y = with_bias(b, y)?;
    let y = channels_first(b, y, rank);
    b.like(y)
}

fn transposed(b: &mut Build) -> Made {
    let x = b.x(0)?;
    let input = b.sizes(x)[2.min(b.sizes(x).len())..].to_vec();
    let (x, rank) = picture(b, x)?;
    // [in, out / groups, …] → [height, width, out / groups, in]
    let (w, kernel) = filters(b)?;
    let crops = crops(b.node, &input, &kernel)?;
    let [batch, h, width, channels] = b.sizes(x)[..] else { unreachable!("a picture") };
    let [_, _, part, own] = b.sizes(w)[..] else { unreachable!("filters") };
    let groups = usize::try_from(b.node.int("group", 1)).ok();
    let groups = groups.filter(|g| *g > 0 && own == channels && channels.is_multiple_of(*g) && *g < LONGEST);
    let groups = groups.ok_or("its groups do not fit its channels")?;
    let pick = |get: fn(&Crop) -> usize, usual| two(&crops.iter().map(get).collect::<Vec<_>>(), usual);
    let conv = Conv {
        batch,
        input: pick(|c| c.output, 1),
        channels: part * groups,
        output: [h, width],
        filters: channels,
        kernel: pick(|c| c.size, 1),
        stride: pick(|c| c.stride, 1),
        dilation: pick(|c| c.dilation, 1),
        padding: pick(|c| c.before, 0),
        groups,
    };
    b.room(&conv.shapes()[0])?;
    let y = b.graph.conv(Side::Input, conv, x, w);
    let y = with_bias(b, y)?;
    let y = channels_first(b, y, rank);
    b.like(y)
}

/// What a transposed convolution comes to along one axis: its result, of which `before` rows are cut off.
#[derive(Clone, Copy, Debug)]
pub struct Crop {
    pub size: usize,
    pub stride: usize,
    pub dilation: usize,
    pub before: usize,
    pub output: usize,
}

pub fn crops(node: &super::super::graph::Node, input: &[usize], kernel: &[usize]) -> Result<Vec<Crop>, String> {
    let rank = input.len();
    let list = |name: &str, usual: Option<i64>, count: usize| -> Result<Option<Vec<usize>>, String> {
        let Some(values) = node.ints(name).or(usual.map(|usual| vec![usual; count])) else { return Ok(None) };
        let values: Option<Vec<usize>> =
            values.iter().map(|v| usize::try_from(*v).ok().filter(|v| *v < LONGEST)).collect();
        let values = values.filter(|values| values.len() == count);
        values.map(Some).ok_or_else(|| format!("its {name} are not {count} sizes"))
    };
    let get = |name: &str, usual: i64, count: usize| list(name, Some(usual), count).map(Option::unwrap_or_default);
    let (strides, dilations) = (get("strides", 1, rank)?, get("dilations", 1, rank)?);
    let (pads, added) = (get("pads", 0, 2 * rank)?, get("output_padding", 0, rank)?);
    let wanted = list("output_shape", None, rank)?;
    let auto = node.text("auto_pad", "NOTSET");
    let sized = kernel.iter().chain(&strides).chain(&dilations).chain(input).all(|size| (1..LONGEST).contains(size));
    if kernel.len() != rank || !sized {
        return Err("its window has a size of 0, or another number of axes than its input".into());
    }
    (0..rank)
        .map(|i| {
            let whole = (input[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 + added[i];
            let same = auto.starts_with("SAME").then(|| input[i] * strides[i]);
            let (before, output) = match wanted.as_ref().map(|sizes| sizes[i]).or(same) {
                Some(output) => {
                    let total = whole.saturating_sub(output);
                    (if auto == "SAME_UPPER" { total / 2 } else { total - total / 2 }, output)
                }
                None => {
                    let cut = if auto == "VALID" { 0 } else { pads[i] + pads[i + rank] };
                    let output = whole.checked_sub(cut).filter(|output| *output > 0);
                    (if cut == 0 { 0 } else { pads[i] }, output.ok_or("its pads cut off all there is")?)
                }
            };
            Ok(Crop { size: kernel[i], stride: strides[i], dilation: dilations[i], before, output })
        })
        .collect()
}

fn pooling(b: &mut Build, function: fn(&mut Graph, Pool, Id, bool) -> Id) -> Made {
    if b.node.outputs.len() > 1 {
        return Err("the places of the largest".into());
    }
    let x = b.x(0)?;
    let input = b.sizes(x)[2.min(b.sizes(x).len())..].to_vec();
    let (x, rank) = picture(b, x)?;
    let kernel = super::shape::sizes(&b.node.ints("kernel_shape").ok_or("its kernel_shape is missing")?)?;
    let stops = stops(b, &input, &kernel)?;
    if stops.iter().any(|axis| axis.dilation != 1) {
        return Err("a pooling whose window has gaps".into());
    }
    let counts = b.node.int("count_include_pad", 0) != 0;
    if counts && b.node.int("ceil_mode", 0) != 0 {
        return Err("padding that is counted in windows that reach beyond it".into());
    }
    if stops.iter().any(|axis| axis.before >= axis.size || axis.after >= axis.size) {
        return Err("padding of a whole window".into());
    }
    let [batch, h, width, channels] = b.sizes(x)[..] else { unreachable!("a picture") };
    let pick = |get: fn(&Stops) -> usize, usual| two(&stops.iter().map(get).collect::<Vec<_>>(), usual);
    let pool = Pool {
        batch,
        input: [h, width],
        channels,
        output: pick(|s| s.output, 1),
        size: pick(|s| s.size, 1),
        stride: pick(|s| s.stride, 1),
        padding: pick(|s| s.before, 0),
    };
    b.room(&pool.shapes()[1])?;
    let y = function(&mut b.graph, pool, x, counts);
    let y = channels_first(b, y, rank);
    b.like(y)
}

fn global(b: &mut Build, function: fn(&mut Graph, Id, &[usize]) -> Id) -> Made {
    let x = b.x(0)?;
    let rank = b.sizes(x).len();
    if rank < 3 {
        return Err("it needs places to pool over".into());
    }
    let axes: Vec<usize> = (2..rank).collect();
    let y = function(&mut b.graph, x, &axes);
    b.like(y)
}

/// One number for each channel, ready to meet [n, c, …].
pub fn by_channel(b: &mut Build, row: Id, rank: usize) -> Result<Id, String> {
    let mut shape = vec![1; rank];
    *shape.get_mut(1).ok_or("it needs channels")? = b.graph.shape(row).count();
    b.reshape(row, &shape)
}
