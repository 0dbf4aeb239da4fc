//! Branches that meet, and fixed numbers that are added: a bias, or learnt vectors for each place.

use super::{
    super::{
        flow::{Flow, Source},
        graph::Node,
        lift::Lift,
    },
    Done, by_channel,
};
use crate::{nn::Value, spec::limit};

pub fn add(lift: &mut Lift, node: &Node) -> Done {
    let known: Vec<usize> = (0..node.inputs.len()).filter(|place| lift.is_known(node, *place)).collect();
    match known[..] {
        [] => join(lift, node, "add"),
        [place] if node.inputs.len() == 2 => fixed(lift, node, 1 - place, place),
        _ => Err("it adds several fixed arrays".into()),
    }
}

pub fn multiply(lift: &mut Lift, node: &Node) -> Done {
    let known: Vec<usize> = (0..node.inputs.len()).filter(|place| lift.is_known(node, *place)).collect();
    match known.first() {
        None => join(lift, node, "multiply"),
        Some(&place) if lift.need(node, place)?.single() == Some(1.0) => {
            let x = lift.flow(node, 1 - place.min(1))?;
            lift.put(node, x, false);
            Ok(())
        }
        Some(_) => Err("it multiplies by fixed numbers, for which there is no layer".into()),
    }
}

/// A fixed array added: the bias of the layer before, or a vector for each place.
fn fixed(lift: &mut Lift, node: &Node, flows: usize, place: usize) -> Done {
    let (x, array) = (lift.x(node, flows)?, lift.need(node, place)?);
    let channels = lift.shape(x.source).last().copied().unwrap_or(1);
    let told = lift.hint(node, "position");
    let row = by_channel(&x, &array, channels).filter(|_| array.shape.len() <= x.axes.len());
    let numbers = array.numbers();
    if let (Some(row), Some(draft)) = (row, lift.own(&x).filter(|_| told.is_none())) {
        if draft.waits {
            draft.weights.iter_mut().filter(|(name, ..)| *name == "bias").for_each(|(.., bias)| bias.clone_from(&row));
            lift.put(node, x, false);
            return Ok(());
        }
        let values = &mut draft.spec.values;
        let takes = values.has("bias") && !values.flag("bias") && values.choice("activation") == "linear";
        if takes {
            values.set("bias", Value::Flag(true)).expect("a flag");
            draft.weights.push(("bias", [row.len()].into(), row));
            lift.put(node, x, false);
            return Ok(());
        }
    }
    if numbers.iter().all(|number| *number == 0.0) && told.is_none() {
        lift.put(node, x, false);
        return Ok(());
    }
    position(lift, node, x, place)
}

/// Learnt vectors by place: [time, units] added to [n, time, units].
fn position(lift: &mut Lift, node: &Node, x: Flow, place: usize) -> Done {
    let no = || "it adds fixed numbers that are neither a bias nor a vector for each place".to_string();
    if x.axes.len() != 3 || !x.batch_first() {
        return Err(no());
    }
    let source = lift.arranged(node, &x, &[1, 2])?;
    let [time, units] = lift.shape(source)[..] else { return Err(no()) };
    let array = lift.need(node, place)?;
    let own = array.shape.iter().copied().skip_while(|size| *size == 1).collect::<Vec<_>>();
    if own != [time, units] && (time, &own[..]) != (1, &[units]) {
        return Err(no());
    }
    // the whole table, where the first rows of one are cut out
    let table = node.input(place).and_then(|name| {
        let cut =
            lift.model.nodes.iter().find(|other| other.op == "Slice" && other.outputs.iter().any(|o| o == name))?;
        let table = lift.known(cut, 0).ok().flatten()?;
        let starts = lift.list(cut, 1, "starts").ok().flatten()?;
        let first = starts[..] == [0] && matches!(table.shape[..], [rows, own] if rows >= time && own == units);
        first.then_some(table)
    });
    let table = table.unwrap_or(array);
    let length = table.count() / units;
    let weights = vec![("embeddings", table.floats())];
    let fields = vec![("length", Value::Count(length as i64))];
    let layer = lift.add(node, "position", fields, vec![source], weights)?;
    lift.put(node, Flow::plain(Source::Layer(layer), lift.batch, &[time, units]), true);
    Ok(())
}

/// The sources of all inputs, arranged alike, and what their join looks like.
fn alike(lift: &mut Lift, node: &Node) -> Result<(Vec<Source>, Flow), String> {
    let flows = (0..node.inputs.len()).map(|place| lift.x(node, place)).collect::<Result<Vec<Flow>, String>>()?;
    let first = flows.first().ok_or("it has no inputs")?.clone();
    let same = |flow: &Flow, lift: &Lift| {
        (&flow.fine, &flow.axes) == (&first.fine, &first.axes) && lift.shape(flow.source) == lift.shape(first.source)
    };
    if flows.iter().all(|flow| same(flow, lift)) {
        return Ok((flows.iter().map(|flow| flow.source).collect(), first));
    }
    let sources = flows.iter().map(|flow| lift.canonical(node, flow)).collect::<Result<Vec<Source>, String>>()?;
    let shape = lift.shape(sources[0]).clone();
    Ok((
        sources,
        if first.axes.len() == 4 {
            Flow::natural(first.source, lift.batch, &shape)
        } else {
            Flow::plain(first.source, lift.batch, &shape)
        },
    ))
}

fn join(lift: &mut Lift, node: &Node, id: &str) -> Done {
    let flows = (0..node.inputs.len()).map(|place| lift.x(node, place)).collect::<Result<Vec<Flow>, String>>()?;
    if flows.iter().any(|flow| flow.shape() != flows[0].shape()) {
        return Err("its inputs have different shapes, where a layer here joins branches of one shape".into());
    }
    if flows.len() == 1 {
        lift.put(node, flows[0].clone(), false);
        return Ok(());
    }
    let (mut sources, flow) = alike(lift, node)?;
    // a sum of a sum is one layer, where the inner one is no layer of its own
    let inner = inner(lift, &flows[0], id).filter(|_| sources[0] == flows[0].source);
    if let Some(inputs) = inner.filter(|inputs| inputs.len() + sources.len() <= limit::INPUTS) {
        sources.splice(0..1, inputs);
    }
    let place = lift.add(node, id, vec![], sources, vec![])?;
    lift.put(node, Flow { source: Source::Layer(place), ..flow }, true);
    Ok(())
}

/// What the layer of the same kind reads that makes a value nobody else reads.
fn inner(lift: &mut Lift, flow: &Flow, id: &str) -> Option<Vec<Source>> {
    let draft = lift.own(flow).filter(|draft| draft.spec.kind.about.id == id && !draft.told)?;
    Some(draft.inputs.clone())
}

pub fn concat(lift: &mut Lift, node: &Node) -> Done {
    if (0..node.inputs.len()).any(|place| lift.is_known(node, place)) {
        return Err("it lays a fixed array beside what flows through the network".into());
    }
    let flows = (0..node.inputs.len()).map(|place| lift.x(node, place)).collect::<Result<Vec<Flow>, String>>()?;
    let rank = flows.first().ok_or("it has no inputs")?.axes.len();
    let axis = super::super::build::axis_of(node.int("axis", 1), rank)?;
    if axis == 0 || flows.iter().any(|flow| flow.axes.len() != rank) {
        return Err("it lays samples end to end, or arrays of different axes".into());
    }
    if flows.len() == 1 {
        lift.put(node, flows[0].clone(), false);
        return Ok(());
    }
    let sources = flows.iter().map(|flow| lift.canonical(node, flow)).collect::<Result<Vec<Source>, String>>()?;
    let own = if rank == 4 { [3, 1, 2][axis - 1] } else { axis };
    let told = lift.hint(node, "concat").map(|told| told.whole("axis"));
    let axis = match told.filter(|axis| *axis == own as i64 || axis + rank as i64 == own as i64) {
        Some(axis) => axis,
        None if own == rank - 1 => -1,
        None => own as i64,
    };
    let place = lift.add(node, "concat", vec![("axis", Value::Count(axis))], sources, vec![])?;
    let (source, shape) = (Source::Layer(place), lift.drafts[place].shape.clone());
    let flow =
        if rank == 4 { Flow::natural(source, lift.batch, &shape) } else { Flow::plain(source, lift.batch, &shape) };
    lift.put(node, flow, true);
    Ok(())
}
