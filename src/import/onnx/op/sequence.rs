//! Recurrent operators. x: [time, n, in] → every state [time, directions, n, units], and the last ones.

use super::super::{
    build::{Build, Made},
    graph::Attribute,
    layer,
    operator::Operator,
};
use crate::graph::{Id, function as f};

/// Steps that are computed one after the other.
const LONGEST: usize = 512;

pub static ROWS: &[Operator] = &[
    Operator::new("RNN", 7, |b| run(b, 1, &["Tanh"], rnn)).layer(layer::sequence::rnn),
    Operator::new("GRU", 7, |b| run(b, 3, &["Sigmoid", "Tanh"], gru)).layer(layer::sequence::gru),
    Operator::new("LSTM", 7, |b| run(b, 4, &["Sigmoid", "Tanh", "Tanh"], lstm)).layer(layer::sequence::lstm),
];

/// The weights of one direction: [gates·units, in], [gates·units, units], both biases, peepholes [3·units].
struct Cell {
    units: usize,
    w: Id,
    r: Id,
    bias: Option<[Id; 2]>,
    peepholes: Option<Id>,
    reset_late: bool,
}

/// (x of one step [n, in], state [hidden, cell]) → the next state.
type Step = fn(&mut Build, &Cell, Id, [Id; 2]) -> Result<[Id; 2], String>;

fn run(b: &mut Build, gates: usize, usual: &[&str], step: Step) -> Made {
    if b.node.attribute("activations").is_some_and(|told| !is_usual(told, usual)) {
        return Err("activations other than the usual ones".into());
    }
    if b.node.attribute("clip").is_some() || b.node.int("input_forget", 0) != 0 {
        return Err("states that are clipped, or gates that are coupled".into());
    }
    let batch_first = b.node.int("layout", 0) != 0;
    let x = b.x(0)?;
    let x = if batch_first && b.sizes(x).len() == 3 { b.graph.permute(x, &[1, 0, 2]) } else { x };
    let [time, n, inner] = b.sizes(x)[..] else { return Err("it needs a batch of sequences".into()) };
    if time > LONGEST {
        return Err(format!("{time} steps, where {LONGEST} are computed at most"));
    }
    if b.has(4) && b.wholes(4)?.iter().any(|length| *length != time as i64) {
        return Err("sequences of different lengths".into());
    }
    let (w, r) = (b.x(1)?, b.x(2)?);
    let [directions, rows, units] = b.sizes(r)[..] else { return Err("its weights have other axes".into()) };
    if rows != gates * units || b.sizes(w) != [directions, rows, inner] {
        return Err("its weights have other sizes".into());
    }
    let way = b.node.text("direction", "forward");
    if directions != if way == "bidirectional" { 2 } else { 1 } {
        return Err("its weights are of another number of directions".into());
    }
    let (mut all, mut last) = (Vec::new(), [Vec::new(), Vec::new()]);
    for direction in 0..directions {
        let cell = cell(b, direction, gates, units, [w, r])?;
        let mut state =
            [start(b, 5, direction, n, units, batch_first)?, start(b, 6, direction, n, units, batch_first)?];
        let mut states = Vec::new();
        let back = way == "reverse" || direction == 1;
        for i in 0..time {
            let now = b.part(x, 0, if back { time - 1 - i } else { i }, 1)?;
            let now = b.reshape(now, &[n, inner])?;
            state = step(b, &cell, now, state)?;
            states.push(b.reshape(state[0], &[1, 1, n, units])?);
        }
        if back {
            states.reverse();
        }
        all.push(b.graph.concat(&states, 0));
        for (last, state) in last.iter_mut().zip(state) {
            last.push(b.reshape(state, &[1, n, units])?);
        }
    }
    b.room(&[time, directions, n, units])?;
    let kind = b.kind(0)?;
    let y = b.graph.concat(&all, 1);
    let [hidden, state] = last.map(|parts| b.graph.concat(&parts, 0));
    let mut made = [y, hidden, state];
    if batch_first {
        made[0] = b.graph.permute(y, &[2, 0, 1, 3]);
        made[1] = b.graph.permute(hidden, &[1, 0, 2]);
        made[2] = b.graph.permute(state, &[1, 0, 2]);
    }
    Ok(made.map(|id| (id, kind)).to_vec())
}

/// Whether only the usual activations are named, once for each direction.
pub fn is_usual(told: &Attribute, usual: &[&str]) -> bool {
    matches!(told, Attribute::Texts(texts) if texts.chunks(usual.len()).all(|own| own == usual))
}

/// Part `direction` of the first axis, without it.
fn one(b: &mut Build, x: Id, direction: usize) -> Result<Id, String> {
    let part = b.part(x, 0, direction, 1)?;
    let rest = b.sizes(part)[1..].to_vec();
    b.reshape(part, &rest)
}

fn cell(b: &mut Build, direction: usize, gates: usize, units: usize, [w, r]: [Id; 2]) -> Result<Cell, String> {
    let (w, r) = (one(b, w, direction)?, one(b, r, direction)?);
    let mut bias = None;
    if b.has(3) {
        let all = b.x(3)?;
        let own = one(b, all, direction)?;
        if b.sizes(own) != [2 * gates * units] {
            return Err("its bias has another size".into());
        }
        bias = Some([b.part(own, 0, 0, gates * units)?, b.part(own, 0, gates * units, gates * units)?]);
    }
    let mut peepholes = None;
    if b.has(7) {
        let all = b.x(7)?;
        let own = one(b, all, direction)?;
        if b.sizes(own) != [3 * units] {
            return Err("its peepholes have another size".into());
        }
        peepholes = Some(own);
    }
    Ok(Cell { units, w, r, bias, peepholes, reset_late: b.node.int("linear_before_reset", 0) != 0 })
}

/// The state to begin with [n, units].
fn start(b: &mut Build, place: usize, direction: usize, n: usize, units: usize, turned: bool) -> Result<Id, String> {
    if !b.has(place) {
        return Ok(b.graph.full([n, units], 0.0));
    }
    let all = b.x(place)?;
    let all = if turned && b.sizes(all).len() == 3 { b.graph.permute(all, &[1, 0, 2]) } else { all };
    let own = one(b, all, direction)?;
    if b.sizes(own) != [n, units] {
        return Err("its first state has another size".into());
    }
    Ok(own)
}

/// x·wᵀ, with the bias where there is one.
fn product(b: &mut Build, x: Id, w: Id, bias: Option<Id>) -> Result<Id, String> {
    let y = b.graph.matmul_with(x, w, false, true);
    match bias {
        Some(bias) => b.map(f::ADD, &[y, bias]),
        None => Ok(y),
    }
}

fn gate(b: &mut Build, sums: Id, i: usize, units: usize) -> Result<Id, String> {
    b.part(sums, 1, i * units, units)
}

/// Both products, added up.
fn sums(b: &mut Build, cell: &Cell, x: Id, h: Id) -> Result<Id, String> {
    let a = product(b, x, cell.w, cell.bias.map(|rows| rows[0]))?;
    let own = product(b, h, cell.r, cell.bias.map(|rows| rows[1]))?;
    Ok(b.graph.add(a, own))
}

fn rnn(b: &mut Build, cell: &Cell, x: Id, [h, _]: [Id; 2]) -> Result<[Id; 2], String> {
    let sum = sums(b, cell, x, h)?;
    Ok([b.graph.tanh(sum); 2])
}

fn gru(b: &mut Build, cell: &Cell, x: Id, [h, _]: [Id; 2]) -> Result<[Id; 2], String> {
    let units = cell.units;
    let a = product(b, x, cell.w, cell.bias.map(|rows| rows[0]))?;
    let own = product(b, h, cell.r, cell.bias.map(|rows| rows[1]))?;
    let [z, r] = [0, 1].map(|i| {
        let (a, own) = (gate(b, a, i, units)?, gate(b, own, i, units)?);
        let sum = b.graph.add(a, own);
        Ok::<Id, String>(b.graph.sigmoid(sum))
    });
    let (z, r, a) = (z?, r?, gate(b, a, 2, units)?);
    let seen = if cell.reset_late {
        let own = gate(b, own, 2, units)?;
        b.graph.mul(r, own)
    } else {
        let kept = b.graph.mul(r, h);
        let rows = b.part(cell.r, 0, 2 * units, units)?;
        let bias = match cell.bias {
            Some(bias) => Some(b.part(bias[1], 0, 2 * units, units)?),
            None => None,
        };
        product(b, kept, rows, bias)?
    };
    let new = b.graph.add(a, seen);
    let new = b.graph.tanh(new);
    let (kept, fresh) = (b.graph.mul(z, h), b.graph.one_minus(z));
    let fresh = b.graph.mul(fresh, new);
    Ok([b.graph.add(kept, fresh); 2])
}

fn lstm(b: &mut Build, cell: &Cell, x: Id, [h, c]: [Id; 2]) -> Result<[Id; 2], String> {
    let units = cell.units;
    let sum = sums(b, cell, x, h)?;
    // peepholes are of the gates i, o, f
    let seen = |b: &mut Build, gate_sum: Id, i: usize, c: Id| -> Result<Id, String> {
        let Some(all) = cell.peepholes else { return Ok(gate_sum) };
        let own = b.part(all, 0, i * units, units)?;
        let seen = b.map(f::MUL, &[own, c])?;
        Ok(b.graph.add(gate_sum, seen))
    };
    let (i, o) = (gate(b, sum, 0, units)?, gate(b, sum, 1, units)?);
    let (keep, new) = (gate(b, sum, 2, units)?, gate(b, sum, 3, units)?);
    let (i, keep) = (seen(b, i, 0, c)?, seen(b, keep, 2, c)?);
    let (i, keep, new) = (b.graph.sigmoid(i), b.graph.sigmoid(keep), b.graph.tanh(new));
    let (kept, taken) = (b.graph.mul(keep, c), b.graph.mul(i, new));
    let c = b.graph.add(kept, taken);
    let o = seen(b, o, 1, c)?;
    let (o, shown) = (b.graph.sigmoid(o), b.graph.tanh(c));
    Ok([b.graph.mul(o, shown), c])
}
