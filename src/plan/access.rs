//! Where each node's numbers are found: movement is not computed but folded into how its readers read.

use crate::graph::op::Op;
use crate::graph::{Graph, Id};
use crate::tensor::Shape;

/// What stands behind a node's numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    Scalar(f32),
    /// A number that the host works out before the step.
    Knob(usize),
    /// The numbers 0, 1, 2, … themselves.
    Index,
    /// Random numbers by their place.
    Uniform(u32),
    /// The numbers that this node computes or holds, in row-major order.
    Node(Id),
}

/// Index i of a node's shape is number start + Σ i[d] · strides[d] of the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    pub source: Source,
    pub start: isize,
    pub strides: Vec<isize>,
}

impl Access {
    /// The node's own numbers, one after the other.
    pub fn own(source: Source, shape: &Shape) -> Access {
        Access { source, start: 0, strides: shape.strides().into_iter().map(|stride| stride as isize).collect() }
    }

    /// Whether it walks the whole source from its start, number by number.
    pub fn is_plain(&self, shape: &Shape) -> bool {
        self.start == 0 && self.is_consecutive(shape)
    }

    /// Whether it walks number by number.
    pub fn is_consecutive(&self, shape: &Shape) -> bool {
        let strides = shape.strides();
        (0..shape.len()).all(|axis| shape[axis] == 1 || self.strides[axis] == strides[axis] as isize)
    }

    /// The same numbers in row-major order under another shape, if strides can say so.
    pub fn reshape(&self, from: &Shape, to: &[usize]) -> Option<Access> {
        if matches!(self.source, Source::Scalar(_) | Source::Knob(_)) {
            return Some(Access { strides: vec![0; to.len()], ..self.clone() });
        }
        // Match groups of axes with the same product, from the last; inside a group the old axes must be one long axis.
        let old: Vec<(usize, isize)> =
            from.iter().copied().zip(self.strides.iter().copied()).filter(|(size, _)| *size != 1).collect();
        let mut strides = vec![0; to.len()];
        let (mut i, mut j) = (old.len(), to.len());
        while j > 0 {
            if to[j - 1] == 1 {
                j -= 1;
                continue;
            }
            if i == 0 {
                return None;
            }
            let (mut size, stride) = old[i - 1];
            let last = stride;
            i -= 1;
            let mut wanted = 1;
            let mut inner = last;
            loop {
                while j > 0 && wanted < size {
                    j -= 1;
                    strides[j] = inner;
                    wanted *= to[j];
                    inner = last * wanted as isize;
                }
                if wanted == size {
                    break;
                }
                // The new axes reach into the next old one: it must continue this one.
                if i == 0 || old[i - 1].1 != last * size as isize {
                    return None;
                }
                size *= old[i - 1].0;
                i -= 1;
            }
        }
        (i == 0).then(|| Access { strides, ..self.clone() })
    }
}

/// How every node's numbers are found.
pub struct Accesses {
    pub of: Vec<Access>,
    /// For a source or movement that is laid out in memory after all: how its numbers are found to do so.
    pub laid: Vec<Option<Access>>,
}

/// The access of every node. Movement in `kept` is laid out, and so is what strides cannot say.
///
/// `knob` gives the place of a node that the host works out.
#[inline(never)]
pub fn accesses(graph: &Graph, knob: &[Option<usize>], kept: &[bool]) -> Accesses {
    let count = graph.nodes.len();
    let mut all = Accesses { of: Vec::with_capacity(count), laid: vec![None; count] };
    for index in 0..count {
        let id = Id(index as u32);
        let access = moved(graph, id, &all.of, knob).unwrap_or_else(|| {
            // A reshape that strides cannot say: its input is laid out first.
            let input = graph.node(id).inputs[0];
            let plain = Access::own(Source::Node(input), graph.shape(input));
            all.laid[input.index()] = Some(std::mem::replace(&mut all.of[input.index()], plain));
            Access::own(Source::Node(input), graph.shape(id))
        });
        if kept[index] {
            all.laid[index] = Some(access);
            all.of.push(Access::own(Source::Node(id), graph.shape(id)));
        } else {
            all.of.push(access);
        }
    }
    all
}

fn moved(graph: &Graph, id: Id, all: &[Access], knob: &[Option<usize>]) -> Option<Access> {
    let node = graph.node(id);
    let shape = &node.shape;
    if let Some(place) = knob[id.index()] {
        return Some(Access { source: Source::Knob(place), start: 0, strides: vec![0; shape.len()] });
    }
    let still = |source| Access { source, start: 0, strides: vec![0; shape.len()] };
    let input = || (all[node.inputs[0].index()].clone(), graph.shape(node.inputs[0]));
    Some(match &node.op {
        Op::Scalar(value) => still(Source::Scalar(*value)),
        Op::Iota { axis } => {
            let mut access = still(Source::Index);
            access.strides[*axis] = 1;
            access
        }
        Op::Uniform { purpose } => Access::own(Source::Uniform(*purpose), shape),
        Op::Broadcast => {
            let (mut access, from) = input();
            for axis in 0..shape.len() {
                if from[axis] != shape[axis] {
                    access.strides[axis] = 0;
                }
            }
            access
        }
        Op::Permute { axes } => {
            let (access, _) = input();
            Access { strides: axes.iter().map(|&axis| access.strides[axis]).collect(), ..access }
        }
        Op::Slice { start, step } => {
            let (mut access, _) = input();
            for axis in 0..shape.len() {
                access.start += start[axis] as isize * access.strides[axis];
                access.strides[axis] *= step[axis] as isize;
            }
            access
        }
        Op::Flip { axes } => {
            let (mut access, from) = input();
            for &axis in axes {
                access.start += (from[axis] as isize - 1) * access.strides[axis];
                access.strides[axis] = -access.strides[axis];
            }
            access
        }
        Op::Reshape => {
            let (access, from) = input();
            return access.reshape(from, shape);
        }
        _ => Access::own(Source::Node(id), shape),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reshaped(sizes: &[usize], strides: &[isize], to: &[usize]) -> Option<Vec<isize>> {
        let access = Access { source: Source::Index, start: 0, strides: strides.to_vec() };
        access.reshape(&Shape::from(sizes), to).map(|access| access.strides)
    }

    #[test]
    fn strides_follow_a_reshape_where_they_can() {
        assert_eq!(reshaped(&[2, 3, 4], &[12, 4, 1], &[6, 4]), Some(vec![4, 1]));
        assert_eq!(reshaped(&[6, 4], &[4, 1], &[2, 3, 2, 2]), Some(vec![12, 4, 2, 1]));
        assert_eq!(reshaped(&[2, 3], &[1, 2], &[2, 1, 3]), Some(vec![1, 0, 2]));
        assert_eq!(reshaped(&[2, 3], &[1, 2], &[6]), None, "a transposed matrix is not one long row");
        assert_eq!(reshaped(&[4, 5], &[0, 1], &[2, 2, 5]), Some(vec![0, 0, 1]), "a repeated row splits");
        assert_eq!(reshaped(&[4, 5], &[0, 1], &[20]), None, "a repeated row is not one long row");
        assert_eq!(reshaped(&[], &[], &[1, 1]), Some(vec![0, 0]));
        assert_eq!(reshaped(&[1, 1], &[1, 1], &[]), Some(vec![]));
    }
}
