//! A value on its way through the network: an array of ONNX's as a view of what one of our layers makes.
//!
//! Our numbers, in their own order, are cut into atoms (`fine`, the batch first); an axis of ONNX's is a list of atoms, which may be
//! empty for an axis of 1. So a picture [n, h, w, c] of ours is [[0], [3], [1], [2]] there, flattened [[0], [3, 1, 2]]: transposing,
//! flattening and cutting move atoms about, and cost no layer. Only who reads a value must put it in order.

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Input,
    /// The layer at this place.
    Layer(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    pub source: Source,
    /// The sizes of the atoms, in our order; the batch is atom 0.
    pub fine: Vec<usize>,
    pub axes: Vec<Vec<usize>>,
    /// Rows and columns of zeros around a picture that no layer has taken up yet: before and after, height and width.
    pub pads: [[usize; 2]; 2],
    /// Whether nobody else reads it, nor what it is a view of.
    pub sole: bool,
}

impl Flow {
    /// Axes as we have them.
    pub fn plain(source: Source, batch: usize, shape: &[usize]) -> Flow {
        let fine: Vec<usize> = [&[batch], shape].concat();
        let axes = (0..fine.len()).map(|atom| vec![atom]).collect();
        Flow { source, fine, axes, pads: [[0; 2]; 2], sole: false }
    }

    /// The same with the channels of a picture first.
    pub fn natural(source: Source, batch: usize, shape: &[usize]) -> Flow {
        let flow = Flow::plain(source, batch, shape);
        if shape.len() == 3 { flow.transposed(&[0, 3, 1, 2]) } else { flow }
    }

    /// The shape of ONNX's array.
    pub fn shape(&self) -> Vec<usize> {
        self.axes.iter().map(|atoms| atoms.iter().map(|atom| self.fine[*atom]).product()).collect()
    }

    pub fn transposed(&self, order: &[usize]) -> Flow {
        Flow { axes: order.iter().map(|axis| self.axes[*axis].clone()).collect(), ..self.clone() }
    }

    /// The atoms of some axes one after the other, without those of 1; the batch has none.
    pub fn atoms(&self, axes: &[usize]) -> Vec<usize> {
        let all = axes.iter().flat_map(|axis| &self.axes[*axis]).copied();
        all.filter(|atom| *atom != 0 && self.fine[*atom] != 1).collect()
    }

    /// Whether the batch is the first axis and all of it.
    pub fn batch_first(&self) -> bool {
        self.axes.first().is_some_and(|atoms| atoms[..] == [0])
    }

    /// All atoms of more than one place, in our order.
    pub fn all(&self) -> Vec<usize> {
        (1..self.fine.len()).filter(|atom| self.fine[*atom] != 1).collect()
    }

    /// The last atoms that come to `count` numbers, without those of 1; `None` where no cut is there.
    pub fn last(&self, count: usize) -> Option<Vec<usize>> {
        let (mut atoms, mut product) = (Vec::new(), 1);
        for atom in (1..self.fine.len()).rev() {
            if product == count {
                break;
            }
            product *= self.fine[atom];
            atoms.push(atom);
        }
        atoms.retain(|atom| self.fine[*atom] != 1);
        atoms.reverse();
        (product == count).then_some(atoms)
    }

    /// Read under another shape: axes joined and cut. `None` where that would cut across the atoms or the batch.
    pub fn reshaped(&self, shape: &[usize]) -> Option<Flow> {
        let mut flow = self.clone();
        let mut rest: std::collections::VecDeque<usize> = self.axes.iter().flatten().copied().collect();
        flow.axes.clear();
        for &size in shape {
            let mut atoms = Vec::new();
            let mut left = size;
            if rest.front() == Some(&0) && size == flow.fine[0] {
                rest.pop_front();
                (atoms, left) = (vec![0], 1);
            }
            while left > 1 {
                let atom = rest.pop_front().filter(|atom| *atom != 0)?;
                let own = flow.fine[atom];
                if !left.is_multiple_of(own) {
                    if !own.is_multiple_of(left) {
                        return None;
                    }
                    flow.split(atom, left);
                    rest.iter_mut().chain(&mut atoms).filter(|other| **other > atom).for_each(|other| *other += 1);
                    rest.push_front(atom + 1);
                }
                left /= flow.fine[atom];
                atoms.push(atom);
            }
            flow.axes.push(atoms);
        }
        rest.iter().all(|atom| *atom != 0 && flow.fine[*atom] == 1).then_some(flow)
    }

    /// Cuts an atom into `first` and the rest.
    fn split(&mut self, atom: usize, first: usize) {
        let rest = self.fine[atom] / first;
        self.fine[atom] = first;
        self.fine.insert(atom + 1, rest);
        self.axes.iter_mut().flatten().filter(|other| **other > atom).for_each(|other| *other += 1);
    }

    /// Numbers that ONNX counts by `atoms`, `tail` of them at each place, in our order.
    pub fn ordered(&self, atoms: &[usize], data: &[f32], tail: usize) -> Vec<f32> {
        if atoms.is_sorted() {
            return data.to_vec();
        }
        let shape: Vec<usize> = atoms.iter().map(|atom| self.fine[*atom]).chain([tail]).collect();
        let mut order: Vec<usize> = (0..atoms.len()).collect();
        order.sort_by_key(|place| atoms[*place]);
        order.push(atoms.len());
        super::super::matching::permuted(data, &shape, &order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_joined_and_cut_without_a_layer() {
        let picture = Flow::natural(Source::Input, 9, &[4, 5, 6]);
        assert_eq!((picture.shape(), &picture.axes), (vec![9, 6, 4, 5], &vec![vec![0], vec![3], vec![1], vec![2]]));
        let flat = picture.reshaped(&[9, 120]).expect("it is flattened");
        assert_eq!(flat.axes, [vec![0], vec![3, 1, 2]]);
        assert_eq!(flat.reshaped(&[9, 6, 20]).expect("it is cut where it was joined").axes[2], [1, 2]);
        // 6 is cut into 2 and 3, behind both atoms of the places
        let cut = flat.reshaped(&[9, 2, 60]).expect("it is cut anew");
        assert_eq!((cut.fine, cut.axes), (vec![9, 4, 5, 2, 3], vec![vec![0], vec![3], vec![4, 1, 2]]));
        assert_eq!(flat.reshaped(&[9, 8, 15]), None, "8 and 15 lie across 6, 4 and 5");
        assert_eq!(picture.reshaped(&[54, 20]), None, "the batch is joined with channels");
        assert_eq!(picture.reshaped(&[1, 9, 1, 120]).expect("axes of 1").axes[1], [0]);
    }

    #[test]
    fn numbers_are_put_into_our_order() {
        // two channels of three places each: c0p0 c0p1 c0p2 c1p0 c1p1 c1p2
        let flow = Flow::plain(Source::Input, 1, &[3, 2]);
        assert_eq!(flow.ordered(&[2, 1], &[0., 1., 2., 10., 11., 12.], 1), [0., 10., 1., 11., 2., 12.]);
    }
}
