//! Fewer, longer axes: neighbours that every view walks as one become one, and axes of 1 go.

use super::{Core, Kernel, Program, Step, View};

/// Shrinks the index space of elementwise kernels and of reductions; other cores give their dims a meaning.
pub fn collapse(kernel: &mut Kernel) {
    match &mut kernel.core {
        Core::Map => {
            let mut axis = 0;
            while kernel.dims.len() > 1 && axis < kernel.dims.len() {
                let mut walks = walks(&mut kernel.program);
                walks.extend(kernel.stores.iter_mut().map(|store| &mut store.view.strides));
                if !shrink(&mut kernel.dims, axis, walks) {
                    axis += 1;
                }
            }
        }
        Core::Reduce { over, folded, program, .. } => {
            let mut axis = 0;
            while over.len() > 1 && axis < over.len() {
                // The kernel's own dims are the axes that stay; a pair that stays must be one in both.
                let last = axis + 1 == over.len();
                let pairs = !last && folded[axis] == folded[axis + 1];
                let alone = over[axis] == 1;
                let stays = (0..axis).filter(|&axis| !folded[axis]).count();
                let removable = if folded[axis] { alone || pairs } else { kernel.dims.len() > 1 && (alone || pairs) };
                if !removable {
                    axis += 1;
                    continue;
                }
                let was = over.clone();
                let mut outer: Vec<&mut Vec<isize>> = walks(&mut kernel.program);
                outer.extend(kernel.stores.iter_mut().map(|store| &mut store.view.strides));
                let inner_fits = fits(&was, axis, &walks(program), pairs);
                let outer_fits = folded[axis] || fits(&kernel.dims, stays, &outer, pairs);
                if !inner_fits || !outer_fits {
                    axis += 1;
                    continue;
                }
                if !folded[axis] {
                    remove(&mut kernel.dims, stays, outer);
                }
                remove(over, axis, walks(program));
                folded.remove(axis);
            }
        }
        _ => {}
    }
}

/// The strides of all steps that depend on the index.
fn walks(program: &mut Program) -> Vec<&mut Vec<isize>> {
    program
        .steps
        .iter_mut()
        .filter_map(|step| match step {
            Step::Load(View { strides, .. }) | Step::Index { strides, .. } | Step::Uniform { strides, .. } => {
                Some(strides)
            }
            Step::Core | Step::Scalar(_) | Step::Knob(_) | Step::Apply(..) => None,
        })
        .collect()
}

/// Whether an axis can go: it is 1, or (with `pairs`) all walk it and the next as one.
fn fits(dims: &[usize], axis: usize, walks: &[&mut Vec<isize>], pairs: bool) -> bool {
    dims[axis] == 1
        || (pairs
            && axis + 1 < dims.len()
            && walks.iter().all(|strides| strides[axis] == strides[axis + 1] * dims[axis + 1] as isize))
}

/// Takes an axis out: drops a 1, or merges it into the next.
fn remove(dims: &mut Vec<usize>, axis: usize, walks: Vec<&mut Vec<isize>>) {
    let size = dims.remove(axis);
    if size != 1 {
        dims[axis] *= size;
    }
    for strides in walks {
        strides.remove(axis);
    }
}

fn shrink(dims: &mut Vec<usize>, axis: usize, walks: Vec<&mut Vec<isize>>) -> bool {
    let fits = fits(dims, axis, &walks, true);
    if fits {
        remove(dims, axis, walks);
    }
    fits
}
