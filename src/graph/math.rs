//! Transcendental functions in f32 for many numbers at once: no branches, so that loops over them become vector code.
//!
//! Each reduces its argument to a short range, where a polynomial is enough, and undoes the reduction. The polynomials are
//! minimax fits of the relative error (Remez's exchange); the figure beside each is what it leaves. All functions are within
//! 5e-7 of the true value, relative, also where it is near zero; infinities and NaN go through as they should.

use std::f32::consts::LOG2_E;
use std::ops::{Add, Div, Mul, Sub};

/// Added and taken away again, it rounds a smaller number to a whole one, which its last bits then hold.
const WHOLE: f32 = 12_582_912.0;
const WHOLE_F64: f64 = 6_755_399_441_055_744.0;

/// ln 2 in two parts: a whole number of up to 10 bits times the first is exact.
const LN_2_HIGH: f32 = 355.0 / 512.0;
const LN_2_LOW: f32 = -0.000_212_194_44;

/// What [`tanh`] and [`sigmoid`] are written in: one number, or four in WebAssembly.
pub trait Real: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> {
    fn of(number: f32) -> Self;

    /// self + a · b, rounded once where that is as fast as twice.
    fn mul_add(self, a: Self, b: Self) -> Self;

    /// At most `limit`; what is no number stays so, here and below.
    fn at_most(self, limit: f32) -> Self;

    fn at_least(self, limit: f32) -> Self;

    fn abs(self) -> Self;

    fn copysign(self, sign: Self) -> Self;

    /// 2ⁿ for self = [`WHOLE`] + n with n from −126 to 127; infinity for 128.
    fn power_of_two(self) -> Self;
}

impl Real for f32 {
    #[inline(always)]
    fn of(number: f32) -> f32 {
        number
    }

    #[inline(always)]
    fn mul_add(self, a: f32, b: f32) -> f32 {
        self + a * b
    }

    #[inline(always)]
    fn at_most(self, limit: f32) -> f32 {
        if self > limit { limit } else { self }
    }

    #[inline(always)]
    fn at_least(self, limit: f32) -> f32 {
        if self < limit { limit } else { self }
    }

    #[inline(always)]
    fn abs(self) -> f32 {
        f32::abs(self)
    }

    #[inline(always)]
    fn copysign(self, sign: f32) -> f32 {
        f32::copysign(self, sign)
    }

    #[inline(always)]
    fn power_of_two(self) -> f32 {
        f32::from_bits((self.to_bits() << 23).wrapping_add(ONE))
    }
}

#[cfg(target_arch = "wasm32")]
mod four {
    use super::{ONE, Real};
    use crate::tensor::lanes::Lanes;
    use std::ops::{Add, Div, Mul, Sub};

    macro_rules! operator {
        ($operator:ident, $method:ident) => {
            impl $operator for Lanes {
                type Output = Lanes;

                #[inline(always)]
                fn $method(self, other: Lanes) -> Lanes {
                    Lanes::$method(self, other)
                }
            }
        };
    }

    operator!(Add, add);
    operator!(Sub, sub);
    operator!(Mul, mul);
    operator!(Div, div);

    impl Real for Lanes {
        #[inline(always)]
        fn of(number: f32) -> Lanes {
            Lanes::splat(number)
        }

        #[inline(always)]
        fn mul_add(self, a: Lanes, b: Lanes) -> Lanes {
            Lanes::mul_add(self, a, b)
        }

        #[inline(always)]
        fn at_most(self, limit: f32) -> Lanes {
            self.min(Lanes::splat(limit))
        }

        #[inline(always)]
        fn at_least(self, limit: f32) -> Lanes {
            self.max(Lanes::splat(limit))
        }

        #[inline(always)]
        fn abs(self) -> Lanes {
            Lanes::abs(self)
        }

        #[inline(always)]
        fn copysign(self, sign: Lanes) -> Lanes {
            Lanes::copysign(self, sign)
        }

        #[inline(always)]
        fn power_of_two(self) -> Lanes {
            self.bits_shifted(23, ONE)
        }
    }
}

/// The bits of 1, whose exponent is that of 2⁰. (Those of [`WHOLE`] leave nothing behind when they are shifted so far.)
const ONE: u32 = 127 << 23;

/// The polynomial with these coefficients, lowest first.
#[inline(always)]
fn polynomial<R: Real, const N: usize>(x: R, coefficients: [f32; N]) -> R {
    let mut sum = R::of(coefficients[N - 1]);
    for i in (0..N - 1).rev() {
        sum = R::of(coefficients[i]).mul_add(sum, x);
    }
    sum
}

/// a = n · ln 2 + r with |r| ≤ ½ ln 2: (exp(r) − 1, [`WHOLE`] + n), exp(r) − 1 = r + r² · P(r) (3e-9).
#[inline(always)]
fn exp_parts<R: Real>(a: R) -> (R, R) {
    let shifted = R::of(WHOLE).mul_add(a, R::of(LOG2_E));
    let n = shifted - R::of(WHOLE);
    let r = a.mul_add(n, R::of(-LN_2_HIGH)).mul_add(n, R::of(-LN_2_LOW));
    let p = polynomial(r, [0.499_999_94, 0.166_665_21, 0.041_668_39, 0.008_368_717, 0.001_381_460_2]);
    (r.mul_add(r * r, p), shifted)
}

/// exp(a) = 2ⁿ · exp(r).
#[inline(always)]
pub fn exp(a: f32) -> f32 {
    // Beyond these the result is infinite, or zero.
    let (p, shifted) = exp_parts(a.at_most(89.0).at_least(-104.0));
    let n = (shifted.to_bits() as i32).wrapping_sub(WHOLE.to_bits() as i32);
    // In two steps, since 2ⁿ alone may be out of range where the result is not.
    let half = n >> 1;
    (1.0 + p) * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// 2 to a whole power from −126 to 127; infinity for 128.
#[inline(always)]
fn power_of_two(power: i32) -> f32 {
    f32::from_bits((power.wrapping_add(127) as u32) << 23)
}

/// ln(a) = e · ln 2 + ln(1 + s) with 1 + s from √½ to √2, ln(1 + s) = s − s²/2 + s³ · P(s) (6e-9).
#[inline(always)]
pub fn ln(a: f32) -> f32 {
    let small = a < f32::MIN_POSITIVE;
    let bits = (if small { a * 8388608.0 } else { a }).to_bits();
    let e = (bits.wrapping_sub(std::f32::consts::FRAC_1_SQRT_2.to_bits()) as i32) >> 23;
    let s = f32::from_bits(bits.wrapping_sub((e << 23) as u32)) - 1.0;
    let e = e as f32 - if small { 23.0 } else { 0.0 };
    let p = polynomial(
        s,
        [
            0.333_333_3,
            -0.250_008_2,
            0.200_012_27,
            -0.166_233_58,
            0.142_017_6,
            -0.131_601_8,
            0.127_615_65,
            -0.076_344_86,
        ],
    );
    let rest = s * s * s * p + e * LN_2_LOW - 0.5 * s * s;
    let finite = s + rest + e * LN_2_HIGH;
    let finite = if a < f32::INFINITY { finite } else { a };
    let others = if a == 0.0 { f32::NEG_INFINITY } else { f32::NAN };
    if a > 0.0 { finite } else { others }
}

/// a = n · π/2 + r, taken apart in f64: (r, n).
#[inline(always)]
fn quarter(a: f32) -> (f32, u32) {
    let a = f64::from(a);
    let shifted = a * std::f64::consts::FRAC_2_PI + WHOLE_F64;
    let n = shifted - WHOLE_F64;
    let r = (a - n * std::f64::consts::FRAC_PI_2) as f32;
    // Beyond 2⁵⁰ there is no angle left to speak of; the result stays within −1 and 1.
    let r = if r > 0.8 { 0.8 } else { r };
    let r = if r < -0.8 { -0.8 } else { r };
    (r, shifted.to_bits() as u32)
}

/// sin(n · π/2 + r): sin(r) = r + r³ · P(r²) (5e-12), cos(r) = 1 − r²/2 + r⁴ · Q(r²) (1e-10).
#[inline(always)]
fn turned(r: f32, n: u32) -> f32 {
    let z = r * r;
    let sin = r + r * z * polynomial(z, [-0.166_666_67, 0.008_333_33, -0.000_198_393_3, 2.718_274_6e-6]);
    let cos = 1.0 + (-0.5 * z + z * z * polynomial(z, [0.041_666_646, -0.001_388_736_4, 2.443_809_2e-5]));
    let value = if n & 1 == 0 { sin } else { cos };
    f32::from_bits(value.to_bits() ^ (n & 2) << 30)
}

#[inline(always)]
pub fn sin(a: f32) -> f32 {
    let (r, n) = quarter(a);
    turned(r, n)
}

#[inline(always)]
pub fn cos(a: f32) -> f32 {
    let (r, n) = quarter(a);
    turned(r, n.wrapping_add(1))
}

/// e / (e + 2) with the sign of a, where e = exp(2|a|) − 1 = 2ⁿ · (exp(r) − 1) + (2ⁿ − 1): exact near zero too.
#[inline(always)]
pub fn tanh<R: Real>(a: R) -> R {
    // From there on it is 1.
    let (p, shifted) = exp_parts((a.abs() * R::of(2.0)).at_most(20.0));
    let scale = shifted.power_of_two();
    let e = (scale - R::of(1.0)).mul_add(scale, p);
    (e / (e + R::of(2.0))).copysign(a)
}

#[inline(always)]
pub fn sigmoid<R: Real>(a: R) -> R {
    // Beyond these the result is zero, or 1.
    let (p, shifted) = exp_parts((a * R::of(-1.0)).at_most(89.0).at_least(-87.0));
    let scale = shifted.power_of_two();
    R::of(1.0) / (R::of(1.0) + scale.mul_add(scale, p))
}

/// 1 − exp(−P(|a|)) with the sign of a (2e-9); near zero a + a · Q(a²) (1e-9).
#[inline(always)]
pub fn erf(a: f32) -> f32 {
    let t = a.abs();
    // From 4 on it is 1.
    let t = if t > 4.0 { 4.0 } else { t };
    let p = polynomial(
        t,
        [0.000_166_459_82, 1.127_797_2, 0.636_976_2, 0.104_113_58, -0.022_315_161, 0.003_065_476_7, -0.000_198_218_16],
    );
    let large = (1.0 - exp(-p)).copysign(a);
    let p = polynomial(
        a * a,
        [0.128_379_17, -0.376_126_26, 0.112_835_85, -0.026_853_813, 0.005_188_327_7, -0.000_801_019_4, 7.853_861e-5],
    );
    let small = a + a * p;
    if t < 0.95 { small } else { large }
}

/// max(a, 0) + ln(1 + t) with t = exp(−|a|); ln(1 + t) = 2s + s³ · P(s²) with s = t / (2 + t) (5e-9).
#[inline(always)]
pub fn softplus(a: f32) -> f32 {
    let t = exp(-a.abs());
    let s = t / (2.0 + t);
    let z = s * s;
    let p = polynomial(z, [0.666_664_1, 0.400_217, 0.279_991_42, 0.280_244_53]);
    let above = if a < 0.0 { 0.0 } else { a };
    above + s * (2.0 + z * p)
}

/// |a|ᵇ = exp(b · ln|a|) in f64, since the product would carry the logarithm's rounding on; negative for a negative a and
/// an odd b, NaN for a negative a and a b that is not whole.
#[inline(always)]
pub fn pow(a: f32, b: f32) -> f32 {
    let power = f64::from(b) * ln_f64(f64::from(a.abs()));
    let power = if power > 200.0 { 200.0 } else { power };
    let power = if power < -200.0 { -200.0 } else { power };
    let size = exp_f64(power) as f32;
    let rising = b > 0.0;
    let size = if a == 0.0 { if rising { 0.0 } else { f32::INFINITY } } else { size };
    let size = if a.abs() == f32::INFINITY { if rising { f32::INFINITY } else { 0.0 } } else { size };
    let whole = b.trunc() == b;
    let half = b * 0.5;
    let odd = whole & (half.trunc() != half);
    let signed = if odd { -size } else { size };
    let below = if whole { signed } else { f32::NAN };
    let value = if a < 0.0 { below } else { size };
    let value = if a.is_nan() | b.is_nan() { f32::NAN } else { value };
    if b == 0.0 { 1.0 } else { value }
}

/// The same as [`ln`] for positive f64, by 2 · artanh(s) with s = (m − 1) / (m + 1) (4e-14).
#[inline(always)]
fn ln_f64(a: f64) -> f64 {
    let bits = a.to_bits();
    let e = (bits.wrapping_sub(std::f64::consts::FRAC_1_SQRT_2.to_bits()) as i64) >> 52;
    let m = f64::from_bits(bits.wrapping_sub((e << 52) as u64));
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let mut sum = 1.0 / 17.0;
    for odd in [15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * z + 1.0 / odd;
    }
    e as f64 * std::f64::consts::LN_2 + 2.0 * s * sum
}

/// The same as [`exp`] in f64 from −200 to 200, by Taylor's series (2e-13).
#[inline(always)]
fn exp_f64(a: f64) -> f64 {
    let shifted = a * std::f64::consts::LOG2_E + WHOLE_F64;
    let n = shifted - WHOLE_F64;
    let r = a - n * std::f64::consts::LN_2;
    let mut sum = 1.0;
    for i in [11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        sum = 1.0 + sum * (r * (1.0 / i));
    }
    let n = shifted.to_bits().wrapping_sub(WHOLE_F64.to_bits());
    sum * f64::from_bits(n.wrapping_add(1023) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every 2053th f32 from `low` to `high` and its negative: off by at most 5e-7, relative (a denormal by one unit).
    fn check(name: &str, fast: fn(f32) -> f32, exact: fn(f64) -> f64, low: f32, high: f32, signs: &[f32]) {
        let mut worst = (0.0, 0.0);
        for bits in (low.to_bits()..=high.to_bits()).step_by(2053) {
            for sign in signs {
                let a = sign * f32::from_bits(bits);
                let (got, want) = (f64::from(fast(a)), exact(f64::from(a)));
                let off = ((got - want).abs() - 1.5e-45).max(0.0) / want.abs().max(f64::from(f32::MIN_POSITIVE));
                if off > worst.1 || off.is_nan() && want.abs() < f64::from(f32::MAX) {
                    worst = (f64::from(a), off);
                }
            }
        }
        println!("{name}: off by {:e} at {}", worst.1, worst.0);
        assert!(worst.1 <= 5e-7, "{name} at {}: off by {:e}", worst.0, worst.1);
    }

    #[test]
    fn every_function_is_close_everywhere() {
        let both = &[1.0, -1.0];
        check("exp", exp, libm::exp, 1e-30, 88.7, both);
        check("exp, down to nothing", exp, libm::exp, 88.7, 103.0, &[-1.0]);
        check("ln", ln, libm::log, 1e-45, f32::MAX, &[1.0]);
        check("sin", sin, libm::sin, 1e-30, 1e5, both);
        check("cos", cos, libm::cos, 1e-30, 1e5, both);
        check("tanh", tanh, libm::tanh, 1e-30, 100.0, both);
        check("sigmoid", sigmoid, |a| 1.0 / (1.0 + libm::exp(-a)), 1e-30, 87.0, both);
        check("erf", erf, libm::erf, 1e-30, 30.0, both);
        check("softplus", softplus, |a| a.max(0.0) + libm::log1p(libm::exp(-a.abs())), 1e-30, 87.0, both);
        check("square root by pow", |a| pow(a, 0.5), f64::sqrt, 1e-44, f32::MAX, &[1.0]);
        check("cube by pow", |a| pow(a, 3.0), |a| a * a * a, 1e-12, 1e12, both);
        check("power to base 0.9", |b| pow(0.9, b), |b| libm::pow(f64::from(0.9_f32), b), 1e-30, 800.0, both);
    }

    #[test]
    fn edges() {
        let inf = f32::INFINITY;
        assert_eq!((exp(inf), exp(-inf), exp(1e30), exp(-1e30), exp(0.0)), (inf, 0.0, inf, 0.0, 1.0));
        assert_eq!((ln(0.0), ln(1.0), ln(inf)), (-inf, 0.0, inf));
        assert!(ln(-1.0).is_nan() && exp(f32::NAN).is_nan() && ln(f32::NAN).is_nan() && sin(inf).is_nan());
        assert!(sin(1e30).abs() <= 1.0 && cos(-3e38).abs() <= 1.0);
        assert_eq!((tanh(inf), tanh(-inf), tanh(0.0), erf(inf), erf(-inf)), (1.0, -1.0, 0.0, 1.0, -1.0));
        assert_eq!((sigmoid(-200.0), sigmoid(200.0), softplus(-200.0), softplus(200.0)), (0.0, 1.0, 0.0, 200.0));
        assert!(tanh(f32::NAN).is_nan() && sigmoid(f32::NAN).is_nan() && softplus(f32::NAN).is_nan());
        assert_eq!((pow(-2.0, 3.0), pow(-2.0, -2.0), pow(-2.0, 0.0), pow(0.0, 0.0)), (-8.0, 0.25, 1.0, 1.0));
        assert_eq!((pow(0.0, 2.0), pow(0.0, -1.0), pow(10.0, 40.0), pow(10.0, -50.0)), (0.0, inf, inf, 0.0));
        assert!(pow(-2.0, 0.5).is_nan() && pow(f32::NAN, 1.0).is_nan() && pow(2.0, f32::NAN).is_nan());
    }
}
