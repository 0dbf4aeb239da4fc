//! Operators of each number for itself, or of two arrays number by number.

use super::super::{
    array::Kind,
    build::{Build, Made},
    layer,
    operator::Operator,
};
use crate::graph::{
    Graph, Id,
    function::{self as f, Function},
};

pub static ROWS: &[Operator] = &[
    Operator::each("Abs", 7, Graph::abs),
    Operator::each("Neg", 7, Graph::neg),
    Operator::each("Sign", 9, Graph::sign),
    Operator::each("Exp", 7, Graph::exp),
    Operator::each("Log", 7, Graph::ln),
    Operator::each("Sqrt", 7, Graph::sqrt),
    Operator::each("Sin", 7, Graph::sin),
    Operator::each("Cos", 7, Graph::cos),
    Operator::each("Tan", 7, |g, x| {
        let (sin, cos) = (g.sin(x), g.cos(x));
        g.div(sin, cos)
    }),
    Operator::each("Sinh", 9, |g, x| half_sum(g, x, Graph::sub)),
    Operator::each("Cosh", 9, |g, x| half_sum(g, x, Graph::add)),
    Operator::each("Erf", 9, Graph::erf),
    Operator::each("Floor", 7, Graph::floor),
    Operator::each("Ceil", 7, |g, x| {
        let below = g.neg(x);
        let below = g.floor(below);
        g.neg(below)
    }),
    Operator::each("Round", 11, round),
    Operator::each("Reciprocal", 7, |g, x| {
        let one = g.scalar(1.0);
        g.div(one, x)
    }),
    Operator::each("Identity", 7, |_, x| x).layer(layer::rest::identity),
    Operator::each("Relu", 7, Graph::relu).layer(layer::function::relu),
    Operator::each("Sigmoid", 7, Graph::sigmoid).layer(layer::function::sigmoid),
    Operator::each("Tanh", 7, Graph::tanh).layer(layer::function::tanh),
    Operator::each("Softplus", 7, Graph::softplus).layer(layer::function::softplus),
    Operator::each("Softsign", 7, |g, x| {
        let size = g.abs(x);
        let below = g.shift(size, 1.0);
        g.div(x, below)
    }),
    Operator::each("HardSwish", 14, |g, x| {
        let gate = clamp_line(g, x, 1.0 / 6.0, 0.5);
        g.mul(x, gate)
    }),
    Operator::each("Mish", 18, |g, x| {
        let soft = g.softplus(x);
        let gate = g.tanh(soft);
        g.mul(x, gate)
    }),
    Operator::each("Not", 7, Graph::one_minus),
    Operator::new("IsNaN", 9, |b| {
        let x = b.x(0)?;
        let same = b.graph.equal(x, x);
        Ok(vec![(b.graph.one_minus(same), Kind::Bool)])
    }),
    Operator::new("IsInf", 10, |b| {
        let x = b.x(0)?;
        let mut found = b.graph.full(b.sizes(x), 0.0);
        for (flag, end) in [("detect_positive", f32::INFINITY), ("detect_negative", f32::NEG_INFINITY)] {
            if b.node.int(flag, 1) != 0 {
                let end = b.graph.scalar(end);
                let here = b.graph.equal(x, end);
                found = b.graph.max(found, here);
            }
        }
        Ok(vec![(found, Kind::Bool)])
    }),
    Operator::new("LeakyRelu", 7, |b| {
        let (x, slope) = (b.x(0)?, b.node.float("alpha", 0.01));
        let small = b.graph.scale(x, slope);
        by_sign(b, x, small)
    })
    .layer(layer::function::leaky_relu),
    Operator::new("Elu", 7, |b| {
        let (x, alpha) = (b.x(0)?, b.node.float("alpha", 1.0));
        let bent = bend(&mut b.graph, x, 1.0, alpha);
        by_sign(b, x, bent)
    })
    .layer(layer::function::elu),
    Operator::new("Celu", 12, |b| {
        let (x, alpha) = (b.x(0)?, b.node.float("alpha", 1.0));
        let bent = bend(&mut b.graph, x, 1.0 / alpha, alpha);
        by_sign(b, x, bent)
    }),
    Operator::new("Selu", 7, |b| {
        let x = b.x(0)?;
        let (alpha, gamma) = (b.node.float("alpha", 1.673_263_2), b.node.float("gamma", 1.050_701));
        let bent = bend(&mut b.graph, x, 1.0, alpha);
        let (bent, straight) = (b.graph.scale(bent, gamma), b.graph.scale(x, gamma));
        by_sign(b, straight, bent)
    }),
    Operator::new("ThresholdedRelu", 10, |b| {
        let (x, least) = (b.x(0)?, b.node.float("alpha", 1.0));
        let least = b.graph.scalar(least);
        let above = b.graph.less(least, x);
        let y = b.graph.mul(x, above);
        b.like(y)
    }),
    Operator::new("PRelu", 7, |b| {
        let (x, slope) = (b.x(0)?, b.x(1)?);
        let small = b.map(f::MUL, &[x, slope])?;
        by_sign(b, x, small)
    }),
    Operator::new("HardSigmoid", 7, |b| {
        let (x, alpha, beta) = (b.x(0)?, b.node.float("alpha", 0.2), b.node.float("beta", 0.5));
        let y = clamp_line(&mut b.graph, x, alpha, beta);
        b.like(y)
    }),
    Operator::new("Swish", 24, |b| {
        let (x, alpha) = (b.x(0)?, b.node.float("alpha", 1.0));
        let scaled = b.graph.scale(x, alpha);
        let gate = b.graph.sigmoid(scaled);
        let y = b.graph.mul(x, gate);
        b.like(y)
    })
    .layer(layer::function::swish),
    Operator::new("Gelu", 20, gelu).layer(layer::function::gelu),
    Operator::new("Shrink", 9, |b| {
        let (x, bias, edge) = (b.x(0)?, b.node.float("bias", 0.0), b.node.float("lambd", 0.5));
        let (low, high) = (b.graph.scalar(-edge), b.graph.scalar(edge));
        let (below, above) = (b.graph.less(x, low), b.graph.less(high, x));
        let (up, down) = (b.graph.shift(x, bias), b.graph.shift(x, -bias));
        let (up, down) = (b.graph.mul(up, below), b.graph.mul(down, above));
        let y = b.graph.add(up, down);
        b.like(y)
    }),
    Operator::new("Clip", 7, |b| {
        let x = b.x(0)?;
        let attribute = |name| (b.opset < 11).then(|| b.node.float(name, f32::NAN)).filter(|v| !v.is_nan());
        let ends = [(1, attribute("min"), f::MAX), (2, attribute("max"), f::MIN)];
        let mut y = x;
        for (place, attribute, function) in ends {
            let end = match attribute {
                Some(end) => b.graph.scalar(end),
                None if b.has(place) => b.x(place)?,
                None => continue,
            };
            y = b.map(function, &[y, end])?;
        }
        b.like(y)
    })
    .layer(layer::function::clip),
    Operator::new("Add", 7, |b| fold(b, f::ADD)).layer(layer::join::add),
    Operator::new("Sub", 7, |b| fold(b, f::SUB)),
    Operator::new("Mul", 7, |b| fold(b, f::MUL)).layer(layer::join::multiply),
    Operator::new("Div", 7, |b| {
        let (x, y) = (b.x(0)?, b.x(1)?);
        let whole = !b.kind(0)?.is_float();
        if whole && b.array(1)?.numbers().contains(&0.0) {
            return Err("a division of whole numbers by 0".into());
        }
        let y = b.map(f::DIV, &[x, y])?;
        let y = if whole { truncate(&mut b.graph, y) } else { y };
        b.like(y)
    }),
    Operator::new("Pow", 7, |b| {
        let (x, y) = (b.x(0)?, b.x(1)?);
        let y = b.map(f::POW, &[x, y])?;
        let y = if b.kind(0)?.is_float() { y } else { truncate(&mut b.graph, y) };
        b.like(y)
    }),
    Operator::new("Mod", 10, |b| {
        let (x, y) = (b.x(0)?, b.x(1)?);
        let plain = |number: &f64| number.is_finite();
        if !b.array(0)?.numbers().iter().all(plain) || !b.array(1)?.numbers().iter().all(|y| plain(y) && *y != 0.0) {
            return Err("a rest of what is not finite, or by 0".into());
        }
        let parts = b.map(f::DIV, &[x, y])?;
        let toward_zero = b.node.int("fmod", 0) != 0;
        let parts = if toward_zero { truncate(&mut b.graph, parts) } else { b.graph.floor(parts) };
        let whole = b.graph.mul(parts, y);
        let rest = b.graph.sub(x, whole);
        b.like(rest)
    }),
    Operator::new("Max", 7, |b| fold(b, f::MAX)),
    Operator::new("Min", 7, |b| fold(b, f::MIN)),
    Operator::new("Sum", 8, |b| fold(b, f::ADD)).layer(layer::join::add),
    Operator::new("Mean", 8, |b| {
        let sum = fold(b, f::ADD)?[0].0;
        let y = b.graph.scale(sum, 1.0 / b.inputs.len() as f32);
        b.like(y)
    }),
    Operator::new("And", 7, |b| flag(b, f::MIN)),
    Operator::new("Or", 7, |b| flag(b, f::MAX)),
    Operator::new("Xor", 7, |b| {
        let same = flag(b, f::EQUAL)?[0].0;
        Ok(vec![(b.graph.one_minus(same), Kind::Bool)])
    }),
    Operator::new("Equal", 7, |b| flag(b, f::EQUAL)),
    Operator::new("Less", 7, |b| flag(b, f::LESS)),
    Operator::new("LessOrEqual", 12, |b| flag(b, f::LESS_EQUAL)),
    Operator::new("Greater", 7, |b| {
        b.inputs.reverse();
        flag(b, f::LESS)
    }),
    Operator::new("GreaterOrEqual", 12, |b| {
        b.inputs.reverse();
        flag(b, f::LESS_EQUAL)
    }),
    Operator::new("Where", 9, |b| {
        let (condition, yes, no) = (b.x(0)?, b.x(1)?, b.x(2)?);
        Ok(vec![(b.map(f::SELECT, &[condition, yes, no])?, b.kind(1)?)])
    }),
    Operator::new("Cast", 7, |b| {
        let kind = Kind::read(b.node.int("to", 0)).ok_or("a kind of number that is not read here")?;
        cast(b, kind)
    })
    .layer(layer::rest::cast),
    Operator::new("CastLike", 15, |b| {
        let kind = b.kind(1)?;
        cast(b, kind)
    }),
];

/// Where x is above 0 itself, else the other.
fn by_sign(b: &mut Build, x: Id, other: Id) -> Made {
    let zero = b.graph.scalar(0.0);
    let own = b.x(0)?;
    let positive = b.graph.less(zero, own);
    let y = b.map(f::SELECT, &[positive, x, other])?;
    b.like(y)
}

/// alpha·(exp(min(x, 0)·inner) − 1).
fn bend(g: &mut Graph, x: Id, inner: f32, alpha: f32) -> Id {
    let zero = g.scalar(0.0);
    let below = g.min(x, zero);
    let below = g.scale(below, inner);
    let e = g.exp(below);
    let e = g.shift(e, -1.0);
    g.scale(e, alpha)
}

/// alpha·x + beta within 0 to 1.
fn clamp_line(g: &mut Graph, x: Id, alpha: f32, beta: f32) -> Id {
    let line = g.scale(x, alpha);
    let line = g.shift(line, beta);
    let (zero, one) = (g.scalar(0.0), g.scalar(1.0));
    let line = g.max(line, zero);
    g.min(line, one)
}

/// (exp(x) ± exp(−x)) / 2.
fn half_sum(g: &mut Graph, x: Id, join: fn(&mut Graph, Id, Id) -> Id) -> Id {
    let up = g.exp(x);
    let minus = g.neg(x);
    let down = g.exp(minus);
    let both = join(g, up, down);
    g.scale(both, 0.5)
}

/// To the next whole number, from the middle to the even one.
fn round(g: &mut Graph, x: Id) -> Id {
    let below = g.floor(x);
    let rest = g.sub(x, below);
    let half = g.scale(below, 0.5);
    let even = g.floor(half);
    let even = g.scale(even, 2.0);
    let odd = g.sub(below, even);
    let middle = g.scalar(0.5);
    let (above, at) = (g.less(middle, rest), g.equal(middle, rest));
    let at = g.mul(at, odd);
    let up = g.add(above, at);
    g.add(below, up)
}

/// Toward 0.
fn truncate(g: &mut Graph, x: Id) -> Id {
    let (size, sign) = (g.abs(x), g.sign(x));
    let size = g.floor(size);
    g.mul(size, sign)
}

fn gelu(b: &mut Build) -> Made {
    let x = b.x(0)?;
    let g = &mut b.graph;
    let chance = if b.node.text("approximate", "none") == "tanh" {
        let square = g.square(x);
        let cube = g.mul(square, x);
        let bent = g.scale(cube, 0.044715);
        let sum = g.add(x, bent);
        let scaled = g.scale(sum, (2.0 / std::f32::consts::PI).sqrt());
        g.tanh(scaled)
    } else {
        let scaled = g.scale(x, std::f32::consts::FRAC_1_SQRT_2);
        g.erf(scaled)
    };
    let twice = g.shift(chance, 1.0);
    let half = g.scale(twice, 0.5);
    let y = g.mul(x, half);
    b.like(y)
}

/// All inputs joined one after the other.
fn fold(b: &mut Build, function: Function) -> Made {
    let mut y = b.x(0)?;
    for place in 1..b.inputs.len() {
        let other = b.x(place)?;
        y = b.map(function, &[y, other])?;
    }
    b.like(y)
}

/// Whether something holds for two arrays, number by number.
fn flag(b: &mut Build, function: Function) -> Made {
    let (x, y) = (b.x(0)?, b.x(1)?);
    Ok(vec![(b.map(function, &[x, y])?, Kind::Bool)])
}

fn cast(b: &mut Build, to: Kind) -> Made {
    let (x, from) = (b.x(0)?, b.kind(0)?);
    let y = match to {
        Kind::Bool => {
            let zero = b.graph.scalar(0.0);
            let is_zero = b.graph.equal(x, zero);
            b.graph.one_minus(is_zero)
        }
        Kind::Whole { .. } if from.is_float() => truncate(&mut b.graph, x),
        _ => x,
    };
    Ok(vec![(y, to)])
}
