//! Adam's step in one loop: its two moments and the weight, each a chain of its own otherwise.
//!
//! Between chains numbers go through the nearest cache and at last to their places; here four arrays come from memory once
//! and three go back to it. The roundings are those of the chains. For 89,314 weights in WebAssembly, alone: 75 µs instead of
//! 103, and where they had left the caches since the last step 80 instead of 150.

use super::chain::{self, BLEND, BLEND_SQUARE, Chain, MOST, PACED};
use super::memory::Memory;
use super::program::{Code, Source, Sources, Target, Work};
use std::ptr;

/// A step of Adam on cells that it reads and writes.
pub struct Adam {
    /// The cell and the place of index 0: of the weights and of both moments.
    places: [(usize, usize); 3],
    gradient: Source,
    /// What is the same for all indices, in the order of the chains.
    numbers: [[Source; MOST]; 3],
}

impl Adam {
    /// What the last three steps of a program and all its stores are, if that is a step of Adam.
    #[inline]
    pub fn find(each: &[Code], stores: &[Target]) -> Option<Adam> {
        let [.., m, v, w] = each else { return None };
        let (m, mean) = link(m, &BLEND)?;
        let (v, square) = link(v, &BLEND_SQUARE)?;
        let (w, weight) = link(w, &PACED)?;
        let gradient = mean[1];
        if stores.len() != 3 || square[1] != gradient || weight[1..MOST] != [m, v].map(Source::Register) {
            return None;
        }
        // Where a register is stored, if its chain read what lay there.
        let place = |register: usize, from: &Sources| {
            let target = stores.iter().find(|target| target.value == Source::Register(register))?;
            let (cell, offset) = (target.cell, target.walk.contiguous()?);
            (from[0] == Source::Cell { cell, offset }).then_some((cell, offset))
        };
        let numbers = |from: &Sources| std::array::from_fn(|i| from[MOST + i]);
        Some(Adam {
            places: [place(w, weight)?, place(m, mean)?, place(v, square)?],
            gradient,
            numbers: [numbers(weight), numbers(mean), numbers(square)],
        })
    }

    /// Moves its cells out of the memory while they are written; nothing else of the program reads them.
    pub fn take(&self, memory: &mut Memory) -> [Vec<f32>; 3] {
        self.places.map(|(cell, _)| std::mem::take(&mut memory.cells[cell].numbers))
    }

    pub fn put(&self, memory: &mut Memory, cells: [Vec<f32>; 3]) {
        for ((cell, _), numbers) in self.places.iter().zip(cells) {
            memory.cells[*cell].numbers = numbers;
        }
    }

    /// Makes the step for the indices from `first` on; `read` gives a source's numbers for them.
    pub fn run<'a>(&'a self, first: usize, cells: &mut [Vec<f32>; 3], read: impl Fn(&'a Source) -> &'a [f32]) {
        let gradient = read(&self.gradient);
        let number = |source| read(source).first().copied().unwrap_or(0.0);
        let [[correction, epsilon, rate], [keep, rest, _], [keep_square, rest_square, _]] =
            self.numbers.each_ref().map(|numbers| numbers.each_ref().map(number));
        let [w, m, v] = cells;
        let [of_w, of_m, of_v] = self.places.map(|(_, offset)| offset + first..offset + first + gradient.len());
        let moments = m[of_m].iter_mut().zip(&mut v[of_v]);
        for ((w, (m, v)), &g) in w[of_w].iter_mut().zip(moments).zip(gradient) {
            *m = chain::blend(*m, g, keep, rest);
            *v = chain::blend_square(*v, g, keep_square, rest_square);
            *w = chain::paced(*w, *m, *v, correction, epsilon, rate);
        }
    }
}

/// The register that a step fills and what it reads, if it is this chain.
#[inline]
fn link<'a>(code: &'a Code, chain: &'static Chain) -> Option<(usize, &'a Sources)> {
    match code {
        Code::Apply(Work::Chain(own), to, from) if ptr::eq(*own, chain) => Some((*to, from)),
        _ => None,
    }
}
