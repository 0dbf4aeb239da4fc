//! Weights of a file for the parameters of a network: by name and shape, else by shape and place, to be corrected by hand.

use crate::{tensor::Shape, train::Weight};

/// How an array becomes a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// As it is.
    Same,
    /// [out, in] → [in, out]
    Turned,
    /// [out, in, height, width] → [height, width, in, out]
    Channels,
}

/// Whether an array of `from` can become a parameter of `to`.
pub fn fit(from: &[usize], to: &[usize]) -> Option<Fit> {
    match (from, to) {
        _ if from == to => Some(Fit::Same),
        ([a, b], [c, d]) if (a, b) == (d, c) => Some(Fit::Turned),
        ([o, i, h, w], [height, width, inner, outer]) if (o, i, h, w) == (outer, inner, height, width) => {
            Some(Fit::Channels)
        }
        _ => None,
    }
}

/// For each parameter (name, shape) the array that is most likely its own: the one of that name, else the next of those that fit
/// and that no other has.
pub fn propose(wanted: &[(String, Shape)], found: &[Weight]) -> Vec<Option<usize>> {
    let mut taken = vec![false; found.len()];
    let mut chosen: Vec<Option<usize>> = wanted
        .iter()
        .map(|(name, shape)| {
            let own = found.iter().position(|weight| weight.name == *name && weight.shape == *shape)?;
            taken[own] = true;
            Some(own)
        })
        .collect();
    for (place, (_, shape)) in wanted.iter().enumerate() {
        if chosen[place].is_none() {
            let free = |(other, weight): (usize, &Weight)| !taken[other] && fit(&weight.shape, shape).is_some();
            chosen[place] = found.iter().enumerate().position(free);
            if let Some(own) = chosen[place] {
                taken[own] = true;
            }
        }
    }
    chosen
}

/// The array as a parameter of this name and shape; `None` where it does not fit.
pub fn fitted(weight: &Weight, name: &str, shape: &Shape) -> Option<Weight> {
    let data = match fit(&weight.shape, shape)? {
        Fit::Same => weight.data.clone(),
        Fit::Turned => permuted(&weight.data, &weight.shape, &[1, 0]),
        Fit::Channels => permuted(&weight.data, &weight.shape, &[2, 3, 1, 0]),
    };
    Some(Weight { name: name.to_string(), shape: shape.clone(), data })
}

/// Row-major numbers with their axes in another order: axis i of the result is axis `order[i]` of what is given.
pub fn permuted(data: &[f32], shape: &[usize], order: &[usize]) -> Vec<f32> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    let (sizes, steps): (Vec<usize>, Vec<usize>) = order.iter().map(|&axis| (shape[axis], strides[axis])).unzip();
    let (mut place, mut at) = (vec![0; sizes.len()], 0);
    (0..data.len())
        .map(|_| {
            let value = data[at];
            for axis in (0..sizes.len()).rev() {
                place[axis] += 1;
                at += steps[axis];
                if place[axis] < sizes[axis] {
                    break;
                }
                at -= steps[axis] * sizes[axis];
                place[axis] = 0;
            }
            value
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(name: &str, shape: &[usize]) -> Weight {
        let shape = Shape(shape.to_vec());
        Weight { name: name.into(), data: (0..shape.count()).map(|i| i as f32).collect(), shape }
    }

    #[test]
    fn names_come_first_then_shapes_in_their_order() {
        let wanted = [("a/kernel", &[2, 3][..]), ("a/bias", &[3]), ("b/kernel", &[3, 2])];
        let wanted = wanted.map(|(name, shape)| (name.to_string(), Shape(shape.to_vec())));
        let found = [weight("0.weight", &[3, 2]), weight("0.bias", &[3]), weight("b/kernel", &[3, 2])];
        assert_eq!(propose(&wanted, &found), [Some(0), Some(1), Some(2)]);
        // [[0, 1], [2, 3], [4, 5]] turned
        assert_eq!(fitted(&found[0], "a/kernel", &wanted[0].1).expect("it fits").data, [0., 2., 4., 1., 3., 5.]);
        assert_eq!(fitted(&found[1], "a/kernel", &wanted[0].1), None);
    }

    #[test]
    fn channels_go_last() {
        // out 2, in 1, height 1, width 3
        let moved = fitted(&weight("w", &[2, 1, 1, 3]), "k", &Shape(vec![1, 3, 1, 2])).expect("it fits");
        assert_eq!(moved.data, [0., 3., 1., 4., 2., 5.]);
    }
}
