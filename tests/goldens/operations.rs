//! The operations that golden cases name, as nodes: primitives as they are, layers and losses by their own rows.

use serde_json::Value as Json;
use whisker::{
    graph::{Graph, Id, backward, function},
    nn::{Value, activation, layer, layer::Build, loss},
    tensor::Shape,
};

/// What a case asks for.
pub struct Made {
    pub output: Id,
    /// New values of a layer's own parameters, by name.
    pub state: Vec<(&'static str, Id)>,
}

impl From<Id> for Made {
    fn from(output: Id) -> Made {
        Made { output, state: Vec::new() }
    }
}

/// Appends the operation.
pub fn build(g: &mut Graph, op: &str, attributes: &Json, x: &[Id]) -> Made {
    if let Some(made) = of_layer(g, op, attributes, x) {
        return made;
    }
    if let Some(row) = loss::find(op) {
        return row.build(g, x[0], x[1]).into();
    }
    if op != "softmax" {
        if let Some(row) = activation::ACTIVATIONS.iter().find(|row| row.word.id == op) {
            return (row.apply)(g, x[0]).into();
        }
    }
    primitive(g, op, attributes, x).into()
}

fn primitive(g: &mut Graph, op: &str, a: &Json, x: &[Id]) -> Id {
    let list = |name: &str| -> Vec<usize> {
        a[name].as_array().expect(name).iter().map(|n| n.as_u64().expect(name) as usize).collect()
    };
    let axis = || a["axis"].as_u64().expect("axis") as usize;
    let flag = |name: &str| a[name].as_bool().unwrap_or(false);
    let named = ["maximum", "minimum", "log"].iter().zip(["max", "min", "ln"]).find(|(name, _)| **name == op);
    let name = named.map_or(op, |(_, own)| own);
    let is_reduction = a.get("axes").is_some() && a.get("keep-dims").is_some();
    if let Some(function) = function::FUNCTIONS.iter().find(|row| row.0.name == name && !is_reduction) {
        return g.map(*function, x);
    }
    let not = |g: &mut Graph, y: Id| g.one_minus(y);
    match op {
        "square" => g.square(x[0]),
        "reciprocal" => {
            let one = g.scalar(1.0);
            g.div(one, x[0])
        }
        "rsqrt" => {
            let one = g.scalar(1.0);
            let root = g.sqrt(x[0]);
            g.div(one, root)
        }
        "not-equal" => {
            let y = g.equal(x[0], x[1]);
            not(g, y)
        }
        "greater" => g.less(x[1], x[0]),
        "greater-equal" => g.less_equal(x[1], x[0]),
        "where" => g.select(x[0], x[1], x[2]),
        "softmax" => g.softmax(x[0], axis()),
        "log-softmax" => g.log_softmax(x[0], axis()),
        "sum" | "mean" | "max" | "min" | "product" | "variance" | "logsumexp" => {
            let axes = list("axes");
            let kept = reduce(g, op, x[0], &axes);
            let shape = g.shape(kept).clone();
            if flag("keep-dims") { kept } else { g.reshape(kept, shape.without(&axes)) }
        }
        "argmax" => {
            let kept = g.argmax(x[0], axis());
            let shape = g.shape(kept).clone();
            if flag("keep-dims") { kept } else { g.reshape(kept, shape.without(&[axis()])) }
        }
        "matmul" => g.matmul_with(x[0], x[1], flag("transpose-a"), flag("transpose-b")),
        "reshape" => g.reshape(x[0], list("shape")),
        "broadcast" => g.broadcast(x[0], list("shape")),
        "permute" => g.permute(x[0], &list("axes")),
        "flip" => g.flip(x[0], &list("axes")),
        "concat" => g.concat(x, axis()),
        "stack" => {
            let mut shape = g.shape(x[0]).clone();
            shape.insert(axis(), 1);
            let parts: Vec<Id> = x.iter().map(|x| g.reshape(*x, shape.clone())).collect();
            g.concat(&parts, axis())
        }
        "slice" => {
            let (start, end, step) = (list("start"), list("end"), list("step"));
            let count: Vec<usize> = (0..start.len()).map(|i| (end[i] - start[i]).div_ceil(step[i])).collect();
            g.slice(x[0], &start, &count, &step)
        }
        "pad" => g.pad(x[0], &list("before"), &list("after"), a["value"].as_f64().expect("value") as f32),
        "gather" => {
            // the axis to the front, its rows picked, and the axes of the indices back to where it was
            let (rank, own, axis) = (g.shape(x[0]).len(), g.shape(x[1]).len(), axis());
            let front: Vec<usize> = std::iter::once(axis).chain((0..rank).filter(|i| *i != axis)).collect();
            let table = g.permute(x[0], &front);
            let rows = g.gather(table, x[1]);
            let back: Vec<usize> = (own..own + axis).chain(0..own).chain(own + axis..own + rank - 1).collect();
            g.permute(rows, &back)
        }
        "one-hot" => g.one_hot(x[0], a["classes"].as_u64().expect("classes") as usize),
        "tanh-mlp" => tanh_mlp(g, x),
        "conv2d-tanh" => {
            let y = of_layer(g, "conv2d", a, x).expect("a layer");
            g.tanh(y.output)
        }
        "laplacian-mlp" => {
            let u = tanh_mlp(g, x);
            let first = derivative(g, u, x[0]);
            let columns = g.shape(x[0])[1];
            let mut sum = None;
            for i in 0..columns {
                let slope = column(g, first, i);
                let second = derivative(g, slope, x[0]);
                let own = column(g, second, i);
                sum = Some(sum.map_or(own, |sum| g.add(sum, own)));
            }
            sum.expect("a column")
        }
        "burgers-residual" => {
            let u = tanh_mlp(g, x);
            let first = derivative(g, u, x[0]);
            let (by_place, by_time, value) = (column(g, first, 0), column(g, first, 1), column(g, u, 0));
            let second = derivative(g, by_place, x[0]);
            let second = column(g, second, 0);
            let carried = g.mul(value, by_place);
            let spread = g.scale(second, -a["viscosity"].as_f64().expect("viscosity") as f32);
            let sum = g.add(by_time, carried);
            g.add(sum, spread)
        }
        _ => panic!("there is no operation {op}"),
    }
}

/// Reductions, with the axes kept as 1.
fn reduce(g: &mut Graph, op: &str, x: Id, axes: &[usize]) -> Id {
    match op {
        "sum" => g.sum(x, axes),
        "mean" => g.mean(x, axes),
        "max" => g.maximum(x, axes),
        "min" => {
            let below = g.neg(x);
            let most = g.maximum(below, axes);
            g.neg(most)
        }
        "variance" => {
            let mean = g.mean(x, axes);
            let centred = g.sub(x, mean);
            let square = g.square(centred);
            g.mean(square, axes)
        }
        "logsumexp" => {
            let top = g.maximum(x, axes);
            let top = g.stop(top);
            let below = g.sub(x, top);
            let e = g.exp(below);
            let sum = g.sum(e, axes);
            let log = g.ln(sum);
            g.add(log, top)
        }
        "product" => axes.iter().fold(x, |x, axis| {
            let shape = g.shape(x).clone();
            let (mut start, mut count) = (vec![0; shape.len()], shape.to_vec());
            count[*axis] = 1;
            let mut product = None;
            for i in 0..shape[*axis] {
                start[*axis] = i;
                let part = g.slice(x, &start, &count, &vec![1; shape.len()]);
                product = Some(product.map_or(part, |product| g.mul(product, part)));
            }
            product.expect("an axis with numbers")
        }),
        _ => unreachable!("a reduction"),
    }
}

/// tanh(… tanh(x·w1 + b1) …)·w + b: the last layer is linear.
fn tanh_mlp(g: &mut Graph, x: &[Id]) -> Id {
    let mut y = x[0];
    for (i, pair) in x[1..].chunks(2).enumerate() {
        let bent = if i == 0 { y } else { g.tanh(y) };
        let sum = g.matmul(bent, pair[0]);
        y = g.add(sum, pair[1]);
    }
    y
}

/// d Σ u / dx.
fn derivative(g: &mut Graph, u: Id, x: Id) -> Id {
    let sum = g.sum_all(u);
    backward(g, sum, &[x])[0]
}

/// [n, columns] → [n].
fn column(g: &mut Graph, x: Id, i: usize) -> Id {
    let rows = g.shape(x)[0];
    let column = g.slice(x, &[0, i], &[rows, 1], &[1, 1]);
    g.reshape(column, [rows])
}

/// A layer's row on its input and its parameters; `None` where no layer has this name.
fn of_layer(g: &mut Graph, op: &str, a: &Json, x: &[Id]) -> Option<Made> {
    // these three are primitives here: they speak of whole arrays, batch and all
    let row = layer::find(op).filter(|_| !["add", "concat", "reshape"].contains(&op))?;
    // the table comes first
    let turned: Vec<Id> = if op == "embedding" { vec![x[1], x[0]] } else { x.to_vec() };
    let x = &turned[..];
    let mut values = row.fresh();
    for field in row.about.fields {
        let of = |input: usize, axis: usize| Some(Value::Count(g.shape(x[input])[axis] as i64));
        let value = match (op, field.id) {
            ("conv2d-transpose", "filters") => of(1, 2),
            (_, "filters") | ("depthwise-conv2d", "multiplier") => of(1, 3),
            (_, "kernel") => Some(Value::Size([g.shape(x[1])[0], g.shape(x[1])[1]])),
            ("embedding", "vocabulary") => of(1, 0),
            ("embedding", "units") => of(1, 1),
            (_, "units") => of(2, 0),
            (_, id) => a.get(id).map(|json| {
                field
                    .kind
                    .read(&whisker::nn::json::Json::parse(&json.to_string()).expect("JSON"))
                    .expect("an attribute")
            }),
        };
        if let Some(value) = value {
            values.set(field.id, value).expect("a value that is allowed");
        }
    }
    let work = &row.work;
    let sample = Shape::from(&g.shape(x[0])[1..]);
    let made = (work.shape)(&values, std::slice::from_ref(&sample)).unwrap_or_else(|why| panic!("{op}: {why:?}"));
    let parameters = (work.parameters)(&values, &[sample]);
    let training = a["training"].as_bool().unwrap_or(true);
    let mut b = Build { graph: g, training, purpose: 1, moved: Vec::new() };
    let output = (work.build)(&mut b, &values, &x[..1], &x[1..]);
    let state = b.moved.iter().map(|(place, value)| (parameters[*place].name, *value)).collect();
    assert_eq!(g.shape(output)[1..], made[..], "{op}");
    for (one, own) in parameters.iter().zip(&x[1..]) {
        assert_eq!(*g.shape(*own), one.shape, "{op}: {}", one.name);
    }
    Some(Made { output, state })
}
