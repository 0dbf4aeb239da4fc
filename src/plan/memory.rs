//! The last stage: logical buffers get places. Scratch values that never live at the same time share one.

use super::lower::Lowered;
use super::{Core, Holds, Kernel, Place, Program, Region, Step};
use crate::graph::Graph;
use crate::graph::op::Op;
use crate::tensor::sorted::{Sorted, sort_by_key};

/// Places for all buffers; renames them in the kernels and in `outputs`.
#[inline(never)]
pub fn place(graph: &Graph, lowered: &mut Lowered, outputs: &mut [Region]) -> Vec<Place> {
    // For each buffer the kernels between which it lives.
    let mut lives: Sorted<usize, (usize, usize)> = Sorted::new();
    for (at, kernel) in lowered.kernels.iter_mut().enumerate() {
        each_place(kernel, &mut |place| {
            let life = lives.or_insert(*place, (at, at));
            *life = (life.0.min(at), life.1.max(at));
        });
    }
    for output in outputs.iter() {
        lives.or_insert(output.place, (0, usize::MAX)).1 = usize::MAX;
    }
    let mut places: Vec<Place> = Vec::new();
    let mut renamed: Sorted<usize, usize> = Sorted::new();
    let mut scratch: Vec<usize> = Vec::new();
    for (&buffer, _) in lives.iter() {
        let node = &graph.nodes[buffer];
        let holds = match &node.op {
            Op::Input(name) => Holds::Input(name.clone()),
            Op::State(name) => Holds::State(name.clone()),
            Op::Bytes(name) => Holds::Bytes(name.clone()),
            Op::Constant(data) => Holds::Constant(data.clone()),
            _ => {
                scratch.push(buffer);
                continue;
            }
        };
        renamed.insert(buffer, places.len());
        places.push(Place { count: node.shape.count(), holds });
    }
    // The largest first; each into the first place that is free all its life.
    sort_by_key(&mut scratch, |&buffer| std::cmp::Reverse(graph.nodes[buffer].shape.count()));
    let mut tenants: Vec<(usize, Vec<(usize, usize)>)> = Vec::new();
    for buffer in scratch {
        let life = *lives.get(&buffer).expect("it was just listed");
        let free = |lives: &[(usize, usize)]| lives.iter().all(|other| life.1 < other.0 || other.1 < life.0);
        let found = tenants.iter_mut().find(|(_, lives)| free(lives));
        match found {
            Some((place, lives)) => {
                lives.push(life);
                renamed.insert(buffer, *place);
            }
            None => {
                renamed.insert(buffer, places.len());
                tenants.push((places.len(), vec![life]));
                places.push(Place { count: graph.nodes[buffer].shape.count(), holds: Holds::Scratch });
            }
        }
    }
    for kernel in &mut lowered.kernels {
        each_place(kernel, &mut |place| *place = *renamed.get(place).expect("every buffer has its place"));
    }
    outputs
        .iter_mut()
        .for_each(|output| output.place = *renamed.get(&output.place).expect("every buffer has its place"));
    places
}

/// Calls `visit` with every place that a kernel names.
pub fn each_place(kernel: &mut Kernel, visit: &mut dyn FnMut(&mut usize)) {
    fn loads(program: &mut Program, visit: &mut dyn FnMut(&mut usize)) {
        for step in &mut program.steps {
            if let Step::Load(view) = step {
                visit(&mut view.place);
            }
        }
    }
    loads(&mut kernel.program, visit);
    kernel.stores.iter_mut().for_each(|store| visit(&mut store.view.place));
    match &mut kernel.core {
        Core::Map => {}
        Core::Reduce { program, .. } => loads(program, visit),
        Core::Matmul { a, b, .. } | Core::Conv { a, b, .. } => {
            [a, b].into_iter().for_each(|region| visit(&mut region.place))
        }
        Core::Pool { a, places, .. } => {
            visit(&mut a.place);
            places.iter_mut().for_each(|places| visit(&mut places.place));
        }
        Core::MaxPool { x, places, .. } => [x, places].into_iter().for_each(|region| visit(&mut region.place)),
        Core::ArgMax { x, .. } | Core::LogSoftmax { x } => visit(&mut x.place),
        Core::Gather { table, indices, .. } => [table, indices].into_iter().for_each(|region| visit(&mut region.place)),
        Core::ScatterAdd { indices, values, .. } => {
            [indices, values].into_iter().for_each(|region| visit(&mut region.place))
        }
        Core::Resample { x, theta } => [x, theta].into_iter().for_each(|region| visit(&mut region.place)),
    }
}
