//! Normalisations, products with weights, and what attention is made of.

use super::{
    super::{build::Build, layer, operator::Operator},
    window::by_channel,
};
use crate::graph::{Id, function as f};

pub static ROWS: &[Operator] = &[
    Operator::new("MatMul", 7, |b| {
        let (x, w) = (b.x(0)?, b.x(1)?);
        let y = b.matmul(x, w)?;
        b.like(y)
    })
    .layer(layer::dense::matmul),
    Operator::new("Gemm", 7, |b| {
        let [x, w] = [(0, "transA"), (1, "transB")].map(|(place, flag)| {
            let x = b.x(place)?;
            if b.sizes(x).len() != 2 {
                return Err("it needs matrices".to_string());
            }
            Ok(if b.node.int(flag, 0) != 0 { b.graph.permute(x, &[1, 0]) } else { x })
        });
        let mut y = b.matmul(x?, w?)?;
        y = b.graph.scale(y, b.node.float("alpha", 1.0));
        if b.has(2) {
            let bias = b.x(2)?;
            let bias = b.graph.scale(bias, b.node.float("beta", 1.0));
            y = b.map(f::ADD, &[y, bias])?;
        }
        b.like(y)
    })
    .layer(layer::dense::gemm),
    Operator::new("BatchNormalization", 7, |b| {
        if b.node.int("training_mode", 0) != 0 || b.node.outputs.iter().skip(1).any(|name| !name.is_empty()) {
            return Err("statistics of the batch".into());
        }
        let x = b.x(0)?;
        let rank = b.sizes(x).len();
        let [gamma, beta, mean, variance] = [1, 2, 3, 4].map(|place| {
            let row = b.x(place)?;
            by_channel(b, row, rank)
        });
        let centred = b.map(f::SUB, &[x, mean?])?;
        let y = scaled(b, centred, variance?, Some(gamma?), Some(beta?))?;
        b.like(y)
    })
    .layer(layer::normal::batch),
    Operator::new("InstanceNormalization", 7, |b| {
        let x = b.x(0)?;
        let rank = b.sizes(x).len();
        let [gamma, beta] = [1, 2].map(|place| {
            let row = b.x(place)?;
            by_channel(b, row, rank)
        });
        let axes: Vec<usize> = (2..rank).collect();
        let (centred, variance, _) = moments(b, x, &axes);
        let y = scaled(b, centred, variance, Some(gamma?), Some(beta?))?;
        b.like(y)
    }),
    Operator::new("LayerNormalization", 17, |b| {
        let x = b.x(0)?;
        let rank = b.sizes(x).len();
        let axes: Vec<usize> = (b.axis(b.node.int("axis", -1), rank)?..rank).collect();
        let (centred, variance, mean) = moments(b, x, &axes);
        let gamma = b.x(1)?;
        let beta = if b.has(2) { Some(b.x(2)?) } else { None };
        let y = scaled(b, centred, variance, Some(gamma), beta)?;
        let above = b.graph.shift(variance, b.node.float("epsilon", 1e-5));
        let deviation = b.graph.sqrt(above);
        let one = b.graph.scalar(1.0);
        let inverse = b.graph.div(one, deviation);
        Ok([y, mean, inverse].map(|id| (id, b.inputs[0].as_ref().expect("x").1.kind)).to_vec())
    })
    .layer(layer::normal::layer),
    Operator::new("RMSNormalization", 23, |b| {
        let (x, gamma) = (b.x(0)?, b.x(1)?);
        let rank = b.sizes(x).len();
        let axes: Vec<usize> = (b.axis(b.node.int("axis", -1), rank)?..rank).collect();
        let square = b.graph.square(x);
        let mean = b.graph.mean(square, &axes);
        let y = scaled(b, x, mean, Some(gamma), None)?;
        b.like(y)
    }),
    Operator::new("GroupNormalization", 18, |b| {
        let x = b.x(0)?;
        let own = b.sizes(x);
        let groups = usize::try_from(b.node.int("num_groups", 0)).unwrap_or(0);
        if own.len() < 3 || groups == 0 || !own[1].is_multiple_of(groups) {
            return Err("its groups do not fit its channels".into());
        }
        let flat = b.reshape(x, &[own[0], groups, own[1..].iter().product::<usize>() / groups])?;
        let (centred, variance, _) = moments(b, flat, &[2]);
        let mut rows = [b.x(1)?, b.x(2)?];
        let y = match b.opset < 21 {
            // one number for each group there
            true => {
                for row in &mut rows {
                    *row = b.reshape(*row, &[1, groups, 1])?;
                }
                scaled(b, centred, variance, Some(rows[0]), Some(rows[1]))?
            }
            false => scaled(b, centred, variance, None, None)?,
        };
        let mut y = b.reshape(y, &own)?;
        if b.opset >= 21 {
            let [gamma, beta] = [by_channel(b, rows[0], own.len())?, by_channel(b, rows[1], own.len())?];
            y = b.map(f::MUL, &[y, gamma])?;
            y = b.map(f::ADD, &[y, beta])?;
        }
        b.like(y)
    }),
    Operator::new("MeanVarianceNormalization", 9, |b| {
        let x = b.x(0)?;
        let rank = b.sizes(x).len();
        let axes = b.axes(&b.node.ints("axes").unwrap_or(vec![0, 2, 3]), rank)?;
        let (centred, variance, _) = moments(b, x, &axes);
        let deviation = b.graph.sqrt(variance);
        let deviation = b.graph.shift(deviation, 1e-9);
        let y = b.graph.div(centred, deviation);
        b.like(y)
    }),
    Operator::new("LpNormalization", 7, |b| {
        let x = b.x(0)?;
        let axis = b.axis(b.node.int("axis", -1), b.sizes(x).len())?;
        let norm = if b.node.int("p", 2) == 1 {
            let size = b.graph.abs(x);
            b.graph.sum(size, &[axis])
        } else {
            let square = b.graph.square(x);
            let sum = b.graph.sum(square, &[axis]);
            b.graph.sqrt(sum)
        };
        let y = b.graph.div(x, norm);
        // 0 over 0 is 0 there
        let zero = b.graph.scalar(0.0);
        let none = b.graph.equal(norm, zero);
        let none = b.spread(none, &b.sizes(x))?;
        let y = b.graph.select(none, zero, y);
        b.like(y)
    }),
    Operator::pattern("whisker.Silu", layer::function::silu),
    Operator::pattern("whisker.Gelu", layer::function::gelu),
    Operator::pattern("whisker.Step", layer::function::step),
    Operator::pattern("whisker.Attention", layer::sequence::attention),
    Operator::pattern("whisker.LayerNorm", layer::normal::layer),
];

/// x − mean, the variance, and the mean, over axes that stay as 1.
fn moments(b: &mut Build, x: Id, axes: &[usize]) -> (Id, Id, Id) {
    let mean = b.graph.mean(x, axes);
    let centred = b.graph.sub(x, mean);
    let square = b.graph.square(centred);
    (centred, b.graph.mean(square, axes), mean)
}

/// gamma·x / √(variance + epsilon) + beta.
fn scaled(b: &mut Build, x: Id, variance: Id, gamma: Option<Id>, beta: Option<Id>) -> Result<Id, String> {
    let above = b.graph.shift(variance, b.node.float("epsilon", 1e-5));
    let deviation = b.graph.sqrt(above);
    let mut y = b.map(f::DIV, &[x, deviation])?;
    if let Some(gamma) = gamma {
        y = b.map(f::MUL, &[y, gamma])?;
    }
    if let Some(beta) = beta {
        y = b.map(f::ADD, &[y, beta])?;
    }
    Ok(y)
}
