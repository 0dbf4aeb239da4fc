//! Operators that several nodes spell out together: gelu, silu, step, a layer normalisation, attention as our own writer has it.
//! Each becomes one node, named like the last of them, of an operator that `op/normal.rs` lists.

use std::collections::HashMap;

use super::{
    array::Array,
    graph::{Attribute, Model, Node},
};

/// Low enough that a place with such a score added has no share.
const UNSEEN: f64 = -1e4;

/// Puts one node in the place of each group that is recognised.
pub fn recognise(model: &mut Model) -> Result<(), String> {
    let mut found = Vec::new();
    let finder = Finder::new(model);
    for (place, node) in model.nodes.iter().enumerate() {
        let rows = [Finder::silu, Finder::gelu, Finder::step, Finder::layer_norm, Finder::attention];
        if let Some((op, inputs, attributes)) = rows.iter().find_map(|row| row(&finder, node)) {
            found.push((place, op, inputs, attributes));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    for (place, op, inputs, attributes) in found {
        let node = &mut model.nodes[place];
        node.op = op.to_string();
        node.inputs = inputs;
        node.attributes = attributes.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    }
    // what only these nodes read is not needed any more
    model.sort()
}

/// The operator, what it reads, and its attributes.
type Group = (&'static str, Vec<String>, Vec<(&'static str, Attribute<'static>)>);

struct Finder<'m, 'a> {
    model: &'m Model<'a>,
    makers: HashMap<&'m str, &'m Node<'a>>,
}

impl<'m, 'a> Finder<'m, 'a> {
    fn new(model: &'m Model<'a>) -> Finder<'m, 'a> {
        let outputs = |node: &'m Node<'a>| node.outputs.iter().map(move |name| (name.as_str(), node));
        Finder { model, makers: model.nodes.iter().flat_map(outputs).collect() }
    }

    /// The node that makes a name, if it is of this operator.
    fn maker(&self, name: &str, op: &str) -> Option<&'m Node<'a>> {
        self.makers.get(name).copied().filter(|node| node.op == op)
    }

    /// An array of the file, or of a Constant node.
    fn array(&self, name: &str) -> Option<Array<'a>> {
        if let Some(array) = self.model.arrays.get(name) {
            return array.clone().ok();
        }
        match self.maker(name, "Constant")?.attributes.first()? {
            (_, Attribute::Array(Ok(array))) => Some(array.clone()),
            (_, Attribute::Float(value)) => {
                Some(Array::made(super::array::Kind::Float, vec![], vec![f64::from(*value)]))
            }
            _ => None,
        }
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.array(name)?.single()
    }

    fn is(&self, name: &str, wanted: f64) -> bool {
        self.number(name).is_some_and(|number| (number - wanted).abs() <= 1e-6 * wanted.abs())
    }

    /// Both inputs of a node, the one first for which something is found.
    fn either<T>(&self, node: &'m Node, find: impl Fn(&'m str) -> Option<T>) -> Option<(T, &'m str)> {
        let [a, b] = &node.inputs[..] else { return None };
        find(a).map(|found| (found, b.as_str())).or_else(|| find(b).map(|found| (found, a.as_str())))
    }

    /// A node of this operator with one fixed input: the array, and the other.
    fn with_fixed(&self, name: &str, op: &str) -> Option<(Array<'a>, &'m str)> {
        self.either(self.maker(name, op)?, |input| self.array(input))
    }

    /// x·sigmoid(x).
    fn silu(&self, node: &'m Node<'a>) -> Option<Group> {
        if node.op != "Mul" {
            return None;
        }
        let (gate, x) = self.either(node, |input| self.maker(input, "Sigmoid"))?;
        (gate.inputs.first()? == x).then(|| ("whisker.Silu", vec![x.to_string()], vec![]))
    }

    /// x·½·(1 + erf(x/√2)), the factors in any order.
    fn gelu(&self, node: &'m Node<'a>) -> Option<Group> {
        if node.op != "Mul" {
            return None;
        }
        let mut factors: Vec<&str> = node.inputs.iter().map(String::as_str).collect();
        // two products deep is all that there are
        for _ in 0..2 {
            if factors.len() > 2 {
                break;
            }
            let inner = factors.iter().position(|name| {
                self.maker(name, "Mul").is_some_and(|inner| {
                    inner.inputs.iter().any(|input| self.is_half(input) || self.chance(input).is_some())
                })
            });
            if let Some(place) = inner {
                let own = self.maker(factors.remove(place), "Mul")?;
                factors.extend(own.inputs.iter().map(String::as_str));
            }
        }
        if factors.len() != 3 {
            return None;
        }
        let half = factors.iter().position(|name| self.is_half(name))?;
        factors.remove(half);
        let (place, x) = factors.iter().enumerate().find_map(|(place, name)| Some((place, self.chance(name)?)))?;
        (factors[1 - place] == x).then(|| ("whisker.Gelu", vec![x.to_string()], vec![]))
    }

    fn is_half(&self, name: &str) -> bool {
        self.is(name, 0.5)
    }

    /// x of 1 + erf(x/√2).
    fn chance(&self, name: &str) -> Option<&'m str> {
        let (erf, one) = self.either(self.maker(name, "Add")?, |input| self.maker(input, "Erf"))?;
        if !self.is(one, 1.0) {
            return None;
        }
        let scaled = erf.input(0)?;
        let root = std::f64::consts::SQRT_2;
        if let Some(div) = self.maker(scaled, "Div") {
            return div.inputs.get(1).is_some_and(|by| self.is(by, root)).then(|| div.inputs[0].as_str());
        }
        let (_, x) = self.either(self.maker(scaled, "Mul")?, |input| self.is(input, 1.0 / root).then_some(()))?;
        Some(x)
    }

    /// Whether x is 0 or above, as a number.
    fn step(&self, node: &'m Node<'a>) -> Option<Group> {
        if node.op != "Cast" || super::array::Kind::read(node.int("to", 0)).is_none_or(|kind| !kind.is_float()) {
            return None;
        }
        let above = self.maker(node.input(0)?, "GreaterOrEqual")?;
        let zero = above.inputs.get(1).and_then(|name| self.number(name)) == Some(0.0);
        zero.then(|| ("whisker.Step", vec![above.inputs[0].clone()], vec![]))
    }

    /// (x − mean) / √(mean of squares + epsilon)·gamma + beta over the last axis, as exporters spell it that have no operator.
    fn layer_norm(&self, node: &'m Node<'a>) -> Option<Group> {
        if node.op != "Add" {
            return None;
        }
        let (scaled, beta) = self.either(node, |input| self.maker(input, "Mul"))?;
        let (div, gamma) = self.either(scaled, |input| self.maker(input, "Div"))?;
        let centred = self.maker(div.inputs.first()?, "Sub")?;
        let root = self.maker(div.inputs.get(1)?, "Sqrt")?;
        let (mean, epsilon) =
            self.either(self.maker(root.input(0)?, "Add")?, |input| self.maker(input, "ReduceMean"))?;
        let square = mean.input(0)?;
        let minus = centred.outputs.first()?;
        let squares = match self.maker(square, "Pow") {
            Some(pow) => pow.inputs.first() == Some(minus) && pow.inputs.get(1).is_some_and(|two| self.is(two, 2.0)),
            None => self.maker(square, "Mul").is_some_and(|own| own.inputs.iter().all(|input| input == minus)),
        };
        let x = centred.inputs.first()?;
        let first = self.maker(centred.inputs.get(1)?, "ReduceMean")?;
        let over = |node: &Node| node.ints("axes").or_else(|| Some(self.array(node.input(1)?)?.wholes()));
        let last = [over(mean), over(first)].iter().all(|axes| axes.as_deref() == Some(&[-1]));
        let [gamma, beta] =
            [gamma, beta].map(|name| self.array(name).filter(|array| array.shape.len() == 1).map(|_| name.to_string()));
        if !squares || !last || first.input(0)? != x {
            return None;
        }
        let epsilon = Attribute::Float(self.number(epsilon)? as f32);
        Some(("whisker.LayerNorm", vec![x.clone(), gamma?, beta?], vec![("epsilon", epsilon)]))
    }

    /// Multi-head attention as our own writer spells it (`export/onnx/sequence.rs`).
    fn attention(&self, node: &'m Node<'a>) -> Option<Group> {
        if node.op != "Add" {
            return None;
        }
        let (product, output_bias) = self.either(node, |input| self.maker(input, "MatMul"))?;
        let output = product.inputs.get(1)?;
        let together = self.maker(product.inputs.first()?, "Reshape")?;
        let turned = self.maker(together.inputs.first()?, "Transpose")?;
        let mixed = self.maker(turned.input(0)?, "MatMul")?;
        let shares = self.maker(mixed.inputs.first()?, "Softmax")?;
        if turned.ints("perm")? != [0, 2, 1, 3] || ![-1, 3].contains(&shares.int("axis", -1)) {
            return None;
        }
        let (scores, mask) = match self.with_fixed(shares.input(0)?, "Add") {
            Some((mask, scores)) => (self.maker(scores, "MatMul")?, Some(mask)),
            None => (self.maker(shares.input(0)?, "MatMul")?, None),
        };
        let query = self.head(scores.inputs.first()?, [0, 2, 1, 3], true)?;
        let key = self.head(scores.inputs.get(1)?, [0, 2, 3, 1], false)?;
        let value = self.head(mixed.inputs.get(1)?, [0, 2, 1, 3], false)?;
        let [_, time, heads, part] = query.apart;
        let alike = [&key, &value].iter().all(|other| other.x == query.x && other.apart == query.apart);
        let scale = self.number(query.scale?)? as f32 == 1.0 / (part as f32).sqrt();
        let causal = match &mask {
            Some(mask) => causal(mask, usize::try_from(time).ok()?)?,
            None => false,
        };
        if !alike || !scale {
            return None;
        }
        let names = [query.x, query.w, key.w, value.w, output, query.bias, key.bias, value.bias, output_bias];
        let attributes = vec![("heads", Attribute::Whole(heads)), ("causal", Attribute::Whole(i64::from(causal)))];
        Some(("whisker.Attention", names.map(str::to_string).to_vec(), attributes))
    }

    /// One of the three parts that attention compares or mixes: x·w + bias, cut into heads.
    fn head(&self, name: &str, order: [i64; 4], scaled: bool) -> Option<Head<'m>> {
        let turned = self.maker(name, "Transpose").filter(|node| node.ints("perm").as_deref() == Some(&order))?;
        let cut = self.maker(turned.input(0)?, "Reshape")?;
        let apart = <[i64; 4]>::try_from(self.array(cut.input(1)?)?.wholes()).ok()?;
        let mut sum = cut.input(0)?;
        let mut scale = None;
        if scaled {
            let (_, by) = self.either(self.maker(sum, "Mul")?, |input| self.maker(input, "Add"))?;
            scale = Some(by);
            sum = self.either(self.maker(sum, "Mul")?, |input| self.maker(input, "Add").map(|_| input))?.0;
        }
        let (product, bias) = self.either(self.maker(sum, "Add")?, |input| self.maker(input, "MatMul"))?;
        let (x, w) = (product.inputs.first()?, product.inputs.get(1)?);
        Some(Head { x, w, bias, apart, scale })
    }
}

struct Head<'m> {
    x: &'m str,
    w: &'m str,
    bias: &'m str,
    apart: [i64; 4],
    scale: Option<&'m str>,
}

/// Whether a mask hides what comes later, and nothing else; `None` where it is another one.
fn causal(mask: &Array, time: usize) -> Option<bool> {
    if mask.shape.iter().rev().take(2).any(|size| *size != time) || Some(mask.count()) != time.checked_mul(time) {
        return None;
    }
    let numbers = mask.numbers();
    let later = |at: usize| at % time > at / time;
    let fits = |(at, number): (usize, &f64)| if later(at) { *number <= UNSEEN } else { *number == 0.0 };
    numbers.iter().enumerate().all(fits).then_some(true)
}
