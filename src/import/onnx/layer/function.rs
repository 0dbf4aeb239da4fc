//! Activation functions: into the layer before where nobody else reads that, else a layer of their own.

use super::{
    super::{flow::Flow, graph::Node, lift::Lift, op::sequence::is_usual},
    Done,
};
use crate::nn::{Value, activation};

/// Puts what a node reads through a function.
fn apply(lift: &mut Lift, node: &Node, word: &'static str) -> Done {
    let x = lift.x(node, 0)?;
    through(lift, node, x, word)
}

fn through(lift: &mut Lift, node: &Node, x: Flow, word: &'static str) -> Done {
    let word = activation::find(word).word.id;
    let told = lift.hint(node, "activation").is_some();
    if let Some(draft) = lift.own(&x).filter(|_| !told) {
        if draft.waits && word == "sigmoid" {
            draft.waits = false;
            lift.put(node, x, false);
            return Ok(());
        }
        let values = &mut draft.spec.values;
        if values.has("activation") && values.choice("activation") == "linear" {
            values.set("activation", Value::Choice(word)).expect("an activation's id");
            lift.put(node, x, false);
            return Ok(());
        }
    }
    let place = lift.add(node, "activation", vec![("function", Value::Choice(word))], vec![x.source], vec![])?;
    lift.put(node, Flow { source: super::super::flow::Source::Layer(place), ..x }, true);
    Ok(())
}

pub fn linear(lift: &mut Lift, node: &Node) -> Done {
    apply(lift, node, "linear")
}

pub fn relu(lift: &mut Lift, node: &Node) -> Done {
    apply(lift, node, "relu")
}

pub fn sigmoid(lift: &mut Lift, node: &Node) -> Done {
    apply(lift, node, "sigmoid")
}

pub fn tanh(lift: &mut Lift, node: &Node) -> Done {
    apply(lift, node, "tanh")
}

pub fn softplus(lift: &mut Lift, node: &Node) -> Done {
    apply(lift, node, "softplus")
}

pub fn silu(lift: &mut Lift, node: &Node) -> Done {
    apply(lift, node, "silu")
}

pub fn step(lift: &mut Lift, node: &Node) -> Done {
    apply(lift, node, "step")
}

pub fn swish(lift: &mut Lift, node: &Node) -> Done {
    match node.float("alpha", 1.0) {
        1.0 => apply(lift, node, "silu"),
        alpha => Err(format!("its alpha is {alpha}, where silu here has 1")),
    }
}

pub fn gelu(lift: &mut Lift, node: &Node) -> Done {
    if node.text("approximate", "none") != "none" {
        return Err("it is the gelu made of tanh, where the one here is exact, with erf".into());
    }
    apply(lift, node, "gelu")
}

pub fn leaky_relu(lift: &mut Lift, node: &Node) -> Done {
    match node.float("alpha", 0.01) {
        0.01 => apply(lift, node, "leaky-relu"),
        slope => Err(format!("its slope is {slope}, where leaky-relu here has 0.01")),
    }
}

pub fn elu(lift: &mut Lift, node: &Node) -> Done {
    match node.float("alpha", 1.0) {
        1.0 => apply(lift, node, "elu"),
        alpha => Err(format!("its alpha is {alpha}, where elu here has 1")),
    }
}

/// Only from 0 upwards, which is relu.
pub fn clip(lift: &mut Lift, node: &Node) -> Done {
    let old = lift.model.opset < 11;
    let end = |place: usize, name: &str, none: f64| -> Result<f64, String> {
        if old {
            return Ok(f64::from(node.float(name, none as f32)));
        }
        match lift.known(node, place)? {
            Some(array) => array.single().ok_or_else(|| format!("its {name} is not one number")),
            None => Ok(none),
        }
    };
    let (low, high) = (end(1, "min", f64::NEG_INFINITY)?, end(2, "max", f64::INFINITY)?);
    let open = f64::from(f32::MAX);
    match (low == 0.0, high >= open) {
        (true, true) => apply(lift, node, "relu"),
        _ => Err(format!("it cuts off below {low} and above {high}, where relu here cuts off below 0 alone")),
    }
}

pub fn softmax(lift: &mut Lift, node: &Node) -> Done {
    let x = lift.x(node, 0)?;
    let (rank, new) = (x.axes.len(), lift.model.opset >= 13);
    let axis = super::super::build::axis_of(node.int("axis", if new { -1 } else { 1 }), rank)?;
    // older ones run over all axes from this one on
    let axes: Vec<usize> = if new { vec![axis] } else { (axis..rank).collect() };
    let mut atoms = x.atoms(&axes);
    atoms.sort_unstable();
    let width = lift.shape(x.source).last().copied().unwrap_or(1);
    if x.axes[axis].contains(&0) || x.last(width).is_none_or(|last| last != atoms) {
        return Err("its softmax runs over another axis than the last, which is the one here".into());
    }
    through(lift, node, x, "softmax")
}

/// Whether a recurrent node has the activations that our layers have.
pub fn usual(node: &Node, names: &[&str]) -> bool {
    node.attribute("activations").is_none_or(|told| is_usual(told, names))
}
