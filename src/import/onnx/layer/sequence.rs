//! Recurrent layers and attention.

use super::{
    super::{
        array::Array,
        flow::{Flow, Source},
        graph::Node,
        lift::Lift,
    },
    Done, function,
};
use crate::{import::matching::permuted, nn::Value};

pub fn rnn(lift: &mut Lift, node: &Node) -> Done {
    recurrent(lift, node, "simple-rnn", &[0], &["Tanh"])
}

pub fn lstm(lift: &mut Lift, node: &Node) -> Done {
    // ours are i f g o, ONNX's i o f c
    recurrent(lift, node, "lstm", &[0, 2, 3, 1], &["Sigmoid", "Tanh", "Tanh"])
}

pub fn gru(lift: &mut Lift, node: &Node) -> Done {
    if node.int("linear_before_reset", 0) == 0 {
        return Err(
            "its reset gate works before the product, where the one here works after it (linear_before_reset=1)".into(),
        );
    }
    recurrent(lift, node, "gru", &[0, 1, 2], &["Sigmoid", "Tanh"])
}

/// A recurrent layer; `order` gives for each of our gates the place of ONNX's.
fn recurrent(lift: &mut Lift, node: &Node, id: &str, order: &[usize], names: &[&str]) -> Done {
    if node.text("direction", "forward") != "forward" {
        return Err("it reads backwards, too, where a layer here reads forwards".into());
    }
    if !function::usual(node, names) || node.attribute("clip").is_some() || node.int("input_forget", 0) != 0 {
        return Err("its activations or gates are not the usual ones".into());
    }
    if node.int("layout", 0) != 0 {
        return Err("it has the batch in front (layout=1), where time is expected there".into());
    }
    if node.input(4).is_some() || node.input(7).is_some() {
        return Err("it has lengths of sequences or peepholes, which a layer here has not".into());
    }
    for place in [5, 6] {
        if lift.known(node, place)?.is_some_and(|state| state.numbers().iter().any(|number| *number != 0.0)) {
            return Err("its first state is not 0, where the one here is".into());
        }
    }
    let x = lift.x(node, 0)?;
    if x.axes.len() != 3 || x.axes[1] != [0] {
        return Err("it reads no sequence [time, batch, numbers]".into());
    }
    let source = lift.arranged(node, &x, &[0, 2])?;
    let [time, width] = lift.shape(source)[..] else { unreachable!("it was arranged as a sequence") };
    let (w, r) = (lift.need(node, 1)?, lift.need(node, 2)?);
    let [1, rows, units] = r.shape[..] else {
        return Err("its weights are of two directions or have other axes".into());
    };
    if rows != order.len() * units || w.shape != [1, rows, width] {
        return Err("its weights have other sizes than its units ask for".into());
    }
    let mut weights: Vec<(&'static str, Vec<f32>)> = vec![
        ("kernel", permuted(&gates(&w.floats(), order, units * width), &[rows, width], &[1, 0])),
        ("recurrent-kernel", permuted(&gates(&r.floats(), order, units * units), &[rows, units], &[1, 0])),
    ];
    weights.push(("bias", bias(lift.known(node, 3)?, order, units, id == "gru")?));
    let used = |place: usize| node.outputs.get(place).map_or(0, |name| lift.reads(name));
    let (all, last) = (used(0) > 0, used(1) > 0);
    if used(2) > 0 || (all && last) {
        return Err("its states are read in two ways, where a layer here gives every step or the last".into());
    }
    let fields = vec![("units", Value::Count(units as i64)), ("return-sequences", Value::Flag(all))];
    let place = lift.add(node, id, fields, vec![source], weights)?;
    let source = Source::Layer(place);
    if all {
        let flow = Flow::plain(source, lift.batch, &[time, units]);
        lift.put(node, Flow { axes: vec![vec![1], vec![], vec![0], vec![2]], ..flow }, true);
    } else {
        let flow = Flow::plain(source, lift.batch, &[units]);
        lift.put_at(node, 1, Flow { axes: vec![vec![], vec![0], vec![1]], ..flow }, true);
    }
    Ok(())
}

/// Blocks of rows in our order.
fn gates(numbers: &[f32], order: &[usize], block: usize) -> Vec<f32> {
    order.iter().flat_map(|gate| &numbers[gate * block..][..block]).copied().collect()
}

/// Our bias: both of ONNX's added up, or one after the other.
fn bias(given: Option<Array>, order: &[usize], units: usize, both: bool) -> Result<Vec<f32>, String> {
    let rows = order.len() * units;
    let given = given.map_or(vec![0.0; 2 * rows], |given| given.floats());
    if given.len() != 2 * rows {
        return Err("its bias has another size than its units ask for".into());
    }
    let [input, state] = [0, 1].map(|part| gates(&given[part * rows..][..rows], order, units));
    Ok(match both {
        true => [input, state].concat(),
        // adding 0 would make −0 a 0
        false => input.iter().zip(&state).map(|(a, b)| if *b == 0.0 { *a } else { a + b }).collect(),
    })
}

/// Attention as `pattern.rs` recognised it: x, four matrices, four biases.
pub fn attention(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    if x.axes.len() != 3 || !x.batch_first() {
        return Err("it reads no batch of sequences".into());
    }
    let source = lift.arranged(node, &x, &[1, 2])?;
    let names = ["query", "key", "value", "output", "query-bias", "key-bias", "value-bias", "output-bias"];
    let mut weights = Vec::new();
    for (place, name) in names.into_iter().enumerate() {
        weights.push((name, lift.need(node, place + 1)?.floats()));
    }
    let fields =
        vec![("heads", Value::Count(node.int("heads", 1))), ("causal", Value::Flag(node.int("causal", 0) != 0))];
    let place = lift.add(node, "attention", fields, vec![source], weights)?;
    let shape = lift.drafts[place].shape.clone();
    lift.put(node, Flow::plain(Source::Layer(place), lift.batch, &shape), true);
    Ok(())
}
