//! Four numbers at once: a `v128` in WebAssembly, elsewhere an array that the compiler turns into vector code.

#[cfg(target_arch = "wasm32")]
use std::arch::wasm32 as simd;
use std::sync::atomic::{Ordering, compiler_fence};

/// Copies numbers, few of them without a call: WebAssembly's own copy takes as long to begin as some dozens take.
#[inline(never)]
pub fn copy(from: &[f32], to: &mut [f32]) {
    const FEW: usize = 64;
    let from = &from[..to.len()];
    if to.len() > FEW {
        to.copy_from_slice(from);
        return;
    }
    let (fours, rest) = to.as_chunks_mut::<4>();
    let (from_fours, from_rest) = from.as_chunks::<4>();
    for (to, from) in fours.iter_mut().zip(from_fours) {
        // Without it the compiler makes this loop that call.
        compiler_fence(Ordering::SeqCst);
        *to = *from;
    }
    for (to, from) in rest.iter_mut().zip(from_rest) {
        compiler_fence(Ordering::SeqCst);
        *to = *from;
    }
}

/// Four `f32`.
#[derive(Clone, Copy)]
pub struct Lanes(#[cfg(target_arch = "wasm32")] simd::v128, #[cfg(not(target_arch = "wasm32"))] [f32; 4]);

#[cfg(target_arch = "wasm32")]
impl Lanes {
    #[inline(always)]
    pub fn splat(value: f32) -> Lanes {
        Lanes(simd::f32x4_splat(value))
    }

    /// # Safety
    /// Four numbers from `from` on must be readable.
    #[inline(always)]
    pub unsafe fn load(from: *const f32) -> Lanes {
        // Safety: the caller's promise; WebAssembly needs no alignment.
        Lanes(unsafe { simd::v128_load(from.cast()) })
    }

    /// # Safety
    /// Four numbers from `to` on must be writable.
    #[inline(always)]
    pub unsafe fn store(self, to: *mut f32) {
        // Safety: the caller's promise; WebAssembly needs no alignment.
        unsafe { simd::v128_store(to.cast(), self.0) }
    }

    /// self + a · b, rounded once where the target can (relaxed SIMD), else twice.
    #[inline(always)]
    pub fn mul_add(self, a: Lanes, b: Lanes) -> Lanes {
        #[cfg(target_feature = "relaxed-simd")]
        return Lanes(simd::f32x4_relaxed_madd(a.0, b.0, self.0));
        #[cfg(not(target_feature = "relaxed-simd"))]
        return Lanes(simd::f32x4_add(self.0, simd::f32x4_mul(a.0, b.0)));
    }

    #[inline(always)]
    pub fn add(self, other: Lanes) -> Lanes {
        Lanes(simd::f32x4_add(self.0, other.0))
    }

    #[inline(always)]
    pub fn sub(self, other: Lanes) -> Lanes {
        Lanes(simd::f32x4_sub(self.0, other.0))
    }

    #[inline(always)]
    pub fn mul(self, other: Lanes) -> Lanes {
        Lanes(simd::f32x4_mul(self.0, other.0))
    }

    #[inline(always)]
    pub fn div(self, other: Lanes) -> Lanes {
        Lanes(simd::f32x4_div(self.0, other.0))
    }

    /// The smaller of each pair; self where one is no number.
    #[inline(always)]
    pub fn min(self, other: Lanes) -> Lanes {
        Lanes(simd::f32x4_pmin(self.0, other.0))
    }

    /// The larger of each pair; self where one is no number.
    #[inline(always)]
    pub fn max(self, other: Lanes) -> Lanes {
        Lanes(simd::f32x4_pmax(self.0, other.0))
    }

    #[inline(always)]
    pub fn abs(self) -> Lanes {
        Lanes(simd::f32x4_abs(self.0))
    }

    /// The size of self with the sign of `other`.
    #[inline(always)]
    pub fn copysign(self, other: Lanes) -> Lanes {
        Lanes(simd::v128_bitselect(other.0, self.0, simd::f32x4_splat(-0.0)))
    }

    /// The bits, as whole numbers, times 2^`by`, plus `plus`.
    #[inline(always)]
    pub fn bits_shifted(self, by: u32, plus: u32) -> Lanes {
        Lanes(simd::i32x4_add(simd::i32x4_shl(self.0, by), simd::u32x4_splat(plus)))
    }

    /// For each lane `yes` where self > other, else `no`.
    #[inline(always)]
    pub fn if_above(self, other: Lanes, yes: Lanes, no: Lanes) -> Lanes {
        Lanes(simd::v128_bitselect(yes.0, no.0, simd::f32x4_gt(self.0, other.0)))
    }

    /// For each lane `yes` where self = other, else 0.
    #[inline(always)]
    pub fn if_equal(self, other: Lanes, yes: Lanes) -> Lanes {
        Lanes(simd::v128_and(yes.0, simd::f32x4_eq(self.0, other.0)))
    }
}

impl Lanes {
    #[inline(always)]
    pub fn of(numbers: &[f32; 4]) -> Lanes {
        // Safety: the array has four numbers.
        unsafe { Lanes::load(numbers.as_ptr()) }
    }

    #[inline(always)]
    pub fn put(self, to: &mut [f32; 4]) {
        // Safety: the array has four numbers.
        unsafe { self.store(to.as_mut_ptr()) }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Lanes {
    #[inline(always)]
    pub fn splat(value: f32) -> Lanes {
        Lanes([value; 4])
    }

    /// # Safety
    /// Four numbers from `from` on must be readable.
    #[inline(always)]
    pub unsafe fn load(from: *const f32) -> Lanes {
        // Safety: the caller's promise; the read needs no alignment.
        Lanes(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }

    /// # Safety
    /// Four numbers from `to` on must be writable.
    #[inline(always)]
    pub unsafe fn store(self, to: *mut f32) {
        // Safety: the caller's promise; the write needs no alignment.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) }
    }

    /// self + a · b, rounded twice.
    #[inline(always)]
    pub fn mul_add(self, a: Lanes, b: Lanes) -> Lanes {
        Lanes(std::array::from_fn(|i| self.0[i] + a.0[i] * b.0[i]))
    }

    #[inline(always)]
    pub fn add(self, other: Lanes) -> Lanes {
        Lanes(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    #[inline(always)]
    pub fn sub(self, other: Lanes) -> Lanes {
        Lanes(std::array::from_fn(|i| self.0[i] - other.0[i]))
    }

    #[inline(always)]
    pub fn mul(self, other: Lanes) -> Lanes {
        Lanes(std::array::from_fn(|i| self.0[i] * other.0[i]))
    }

    /// For each lane `yes` where self > other, else `no`.
    #[inline(always)]
    pub fn if_above(self, other: Lanes, yes: Lanes, no: Lanes) -> Lanes {
        Lanes(std::array::from_fn(|i| if self.0[i] > other.0[i] { yes.0[i] } else { no.0[i] }))
    }

    /// For each lane `yes` where self = other, else 0.
    #[inline(always)]
    pub fn if_equal(self, other: Lanes, yes: Lanes) -> Lanes {
        Lanes(std::array::from_fn(|i| if self.0[i] == other.0[i] { yes.0[i] } else { 0.0 }))
    }
}
