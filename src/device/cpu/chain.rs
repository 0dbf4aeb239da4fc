//! Chains: trees of functions that occur in every step of training, each computed in one loop.
//!
//! A function costs a tile one loop, which reads and writes the nearest cache; a chain keeps what lies between its functions
//! in the processor. The roundings are the same, one for each function, and so are the bits.
//!
//! To add one: write its formula, once for numbers and for the tree that is looked for, and put its row into [`CHAINS`].

use std::ops::{Add, Div, Mul, Sub};

use crate::{
    graph::function::{self as f, Function},
    plan::Step,
};

/// Longer chains first: the first that fits is taken.
pub const CHAINS: &[&Chain] = &[
    &PACED,
    &BLEND_SQUARE,
    &BLEND,
    &ROLL,
    &GO,
    &BEHIND_RELU,
    &RELU_OF_SUM,
    &REST_OF_PRODUCT,
    &TIMES_REST,
    &REST,
    &PRODUCT_AND,
    &SCALE,
];

/// Most operands of a chain that differ from index to index, and most that are the same for all.
pub const MOST: usize = 3;

/// One row of [`CHAINS`].
pub struct Chain {
    /// (out, operands that differ from index to index, operands that do not); unused ones are ignored.
    pub lanes: fn(&mut [f32], [&[f32]; MOST], [f32; MOST]),
    tree: fn() -> Tree,
}

/// Where a chain was found in a program; values are steps.
#[derive(Clone)]
pub struct Found {
    pub chain: &'static Chain,
    pub lanes: [Option<usize>; MOST],
    pub numbers: [Option<usize>; MOST],
    /// The steps between the operands and the last function.
    pub inner: Vec<usize>,
}

impl Found {
    /// The operands, those that are the same for all indices behind those that are not.
    #[inline]
    pub fn operands(&self) -> [Option<usize>; 2 * MOST] {
        std::array::from_fn(|i| if i < MOST { self.lanes[i] } else { self.numbers[i - MOST] })
    }
}

/// What a formula is written in: numbers, or the names of its functions.
pub trait Term: Clone + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> {
    fn sqrt(self) -> Self;
    fn flush(self) -> Self;
    fn relu(self) -> Self;
    fn less(self, other: Self) -> Self;
}

macro_rules! chain {
    ($id:ident, ($($lane:ident),*), ($($number:ident),*), $formula:expr) => {
        pub static $id: Chain = Chain {
            lanes: |out, lanes, numbers| {
                let count = out.len();
                let [$($lane,)* ..] = lanes;
                let [$($number,)* ..] = numbers;
                $(let $lane = &$lane[..count];)*
                for (i, out) in out.iter_mut().enumerate() {
                    $(let $lane = $lane[i];)*
                    *out = $formula;
                }
            },
            tree: || {
                let [$($lane,)* ..] = std::array::from_fn::<Tree, MOST, _>(Tree::Lane);
                let [$($number,)* ..] = std::array::from_fn::<Tree, MOST, _>(Tree::Number);
                $formula
            },
        };
    };
}

chain!(BLEND, (old, new), (keep, rest), blend(old, new, keep, rest));
chain!(BLEND_SQUARE, (old, new), (keep, rest), blend_square(old, new, keep, rest));
chain!(PACED, (w, m, v), (correction, epsilon, rate), paced(w, m, v, correction, epsilon, rate));
chain!(ROLL, (old, new), (keep), (old * keep + new).flush());
chain!(GO, (w, direction), (rate), w - direction * rate);
chain!(BEHIND_RELU, (dy, y), (zero), dy * zero.less(y));
chain!(RELU_OF_SUM, (a, b), (), (a + b).relu());
chain!(REST_OF_PRODUCT, (a, b), (one), one - a * b);
chain!(TIMES_REST, (a, b), (one), a * (one - b));
chain!(REST, (a), (one), one - a);
chain!(PRODUCT_AND, (a, b, c), (), a * b + c);
chain!(SCALE, (a), (by), a * by);

/// The moments of the optimizers: keep·old + rest·new.
#[inline(always)]
pub fn blend<T: Term>(old: T, new: T, keep: T, rest: T) -> T {
    (old * keep + new * rest).flush()
}

#[inline(always)]
pub fn blend_square<T: Term>(old: T, new: T, keep: T, rest: T) -> T {
    blend(old, new.clone() * new, keep, rest)
}

/// Adam's step.
#[inline(always)]
pub fn paced<T: Term>(w: T, m: T, v: T, correction: T, epsilon: T, rate: T) -> T {
    w - m / ((v * correction).sqrt() + epsilon) * rate
}

impl Term for f32 {
    #[inline(always)]
    fn sqrt(self) -> f32 {
        f32::sqrt(self)
    }

    #[inline(always)]
    fn flush(self) -> f32 {
        f::flush(self)
    }

    #[inline(always)]
    fn relu(self) -> f32 {
        if self > 0.0 { self } else { 0.0 }
    }

    #[inline(always)]
    fn less(self, other: f32) -> f32 {
        if self < other { 1.0 } else { 0.0 }
    }
}

/// A formula as it is looked for in a program.
#[derive(Clone)]
enum Tree {
    /// An operand that may differ from index to index.
    Lane(usize),
    /// A number or a knob.
    Number(usize),
    Apply(Function, Vec<Tree>),
}

macro_rules! operator {
    ($operator:ident, $method:ident, $function:ident) => {
        impl $operator for Tree {
            type Output = Tree;

            fn $method(self, other: Tree) -> Tree {
                Tree::Apply(f::$function, vec![self, other])
            }
        }
    };
}

operator!(Add, add, ADD);
operator!(Sub, sub, SUB);
operator!(Mul, mul, MUL);
operator!(Div, div, DIV);

impl Term for Tree {
    fn sqrt(self) -> Tree {
        Tree::Apply(f::SQRT, vec![self])
    }

    fn flush(self) -> Tree {
        Tree::Apply(f::FLUSH, vec![self])
    }

    fn relu(self) -> Tree {
        Tree::Apply(f::RELU, vec![self])
    }

    fn less(self, other: Tree) -> Tree {
        Tree::Apply(f::LESS, vec![self, other])
    }
}

/// The chains of a program, each at its last step. `uses` counts for each value the steps that read it, and whoever else needs
/// it: only values that a chain alone needs are computed within it.
#[inline]
pub fn find(steps: &[Step], uses: &[usize]) -> Vec<Option<Found>> {
    let mut chains: Vec<Option<Found>> = steps.iter().map(|_| None).collect();
    let mut taken = vec![false; steps.len()];
    for last in (0..steps.len()).rev().filter(|&i| matches!(steps[i], Step::Apply(..))) {
        if taken[last] {
            continue;
        }
        let fits = |chain: &&'static Chain| {
            let empty = Found { chain, lanes: [None; MOST], numbers: [None; MOST], inner: Vec::new() };
            fit(steps, last, &(chain.tree)(), empty)
        };
        let alone = |found: &Found| found.inner.iter().all(|&i| uses[i] == 1 && !taken[i]);
        if let Some(found) = CHAINS.iter().filter_map(fits).find(alone) {
            found.inner.iter().for_each(|&i| taken[i] = true);
            chains[last] = Some(found);
        }
    }
    chains
}

/// What was found so far, and the operands of `tree` if it fits the value `at`; sums and products fit either way round.
#[inline]
fn fit(steps: &[Step], at: usize, tree: &Tree, mut found: Found) -> Option<Found> {
    let put = |place: &mut Option<usize>| *place.get_or_insert(at) == at;
    match tree {
        Tree::Lane(i) => put(&mut found.lanes[*i]).then_some(found),
        Tree::Number(i) => {
            let same = matches!(steps[at], Step::Scalar(_) | Step::Knob(_));
            (same && put(&mut found.numbers[*i])).then_some(found)
        }
        Tree::Apply(function, trees) => {
            let Step::Apply(own, from) = &steps[at] else { return None };
            if own != function {
                return None;
            }
            let orders: &[[usize; 2]] = match *function == f::ADD || *function == f::MUL {
                true => &[[0, 1], [1, 0]],
                false => &[[0, 1]],
            };
            orders.iter().find_map(|order| {
                let mut so_far = found.clone();
                for (tree, &place) in trees.iter().zip(order) {
                    if matches!(tree, Tree::Apply(..)) {
                        so_far.inner.push(from[place]);
                    }
                    so_far = fit(steps, from[place], tree, so_far)?;
                }
                Some(so_far)
            })
        }
    }
}
