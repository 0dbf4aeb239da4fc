//! Elementwise functions: one row each with its meaning, its fast loop, its WGSL and its gradient.
//!
//! To add one: write a row with [`row!`], give it a builder in `build.rs`, and put it into [`FUNCTIONS`]; the gradient,
//! device and shader tests read the slice. `eval` in f64 is the definition. `lanes` computes many numbers at once: its
//! loop has no branches, so that the compiler turns it into vector instructions. `wgsl` is an expression over `a`, `b`
//! and `c`.

use super::math;
use super::{Graph, Id};
#[cfg(target_arch = "wasm32")]
use crate::tensor::lanes::Lanes;
use std::fmt;

/// One elementwise function of up to three numbers.
pub struct Row {
    /// Its standard name, kebab-case.
    pub name: &'static str,
    pub arity: usize,
    /// The definition, in f64; unused arguments are ignored.
    pub eval: fn(f64, f64, f64) -> f64,
    /// The same over slices of one length: (out, a, b, c); unused arguments are empty.
    pub lanes: fn(&mut [f32], &[f32], &[f32], &[f32]),
    pub wgsl: &'static str,
    pub gradient: Gradient,
}

/// (graph, inputs, output, gradient of the output) → the gradient of each input that has one.
pub type Rule = fn(&mut Graph, &[Id], Id, Id) -> Vec<Option<Id>>;

/// How a function passes gradients on.
pub enum Gradient {
    /// Flat almost everywhere: no gradient flows.
    None,
    Rule(Rule),
}

/// A row of [`FUNCTIONS`], compared by name.
#[derive(Clone, Copy)]
pub struct Function(pub &'static Row);

impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Function {}

impl std::hash::Hash for Function {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

/// Defines a row: the closure is written once in f64 and once in f32, since the two differ where f32 needs care.
///
/// Behind `each`, the fast loop is a function of `math` for any [`math::Real`].
macro_rules! row {
    ($id:ident, $name:literal, $help:literal, ($a:ident), $eval:expr, each $fast:path, $wgsl:literal, $gradient:expr) => {
        #[doc = $help]
        pub const $id: Function = Function(&Row {
            name: $name,
            arity: 1,
            eval: |$a, _, _| $eval,
            #[cfg(not(target_arch = "wasm32"))]
            lanes: |out, a, _, _| out.iter_mut().zip(a).for_each(|(out, &a)| *out = $fast(a)),
            #[cfg(target_arch = "wasm32")]
            lanes: |out, a, _, _| fours(out, a, |a| $fast(a)),
            wgsl: $wgsl,
            gradient: $gradient,
        });
    };
    ($id:ident, $name:literal, $help:literal, ($a:ident), $eval:expr, $fast:expr, $wgsl:literal, $gradient:expr) => {
        #[doc = $help]
        pub const $id: Function = Function(&Row {
            name: $name,
            arity: 1,
            eval: |$a, _, _| $eval,
            lanes: |out, a, _, _| {
                for (out, &$a) in out.iter_mut().zip(a) {
                    *out = $fast;
                }
            },
            wgsl: $wgsl,
            gradient: $gradient,
        });
    };
    ($id:ident, $name:literal, $help:literal, ($a:ident, $b:ident), $eval:expr, $fast:expr, $wgsl:literal, $gradient:expr) => {
        #[doc = $help]
        pub const $id: Function = Function(&Row {
            name: $name,
            arity: 2,
            eval: |$a, $b, _| $eval,
            lanes: |out, a, b, _| {
                for ((out, &$a), &$b) in out.iter_mut().zip(a).zip(b) {
                    *out = $fast;
                }
            },
            wgsl: $wgsl,
            gradient: $gradient,
        });
    };
}

/// The last few are computed as four too, so that a number's bits do not depend on its place.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
fn fours(out: &mut [f32], a: &[f32], function: impl Fn(Lanes) -> Lanes) {
    let (whole, rest) = out.as_chunks_mut::<4>();
    let (from, last) = a.as_chunks::<4>();
    for (out, a) in whole.iter_mut().zip(from) {
        function(Lanes::of(a)).put(out);
    }
    if !rest.is_empty() {
        let mut four = [0.0; 4];
        four[..last.len()].copy_from_slice(last);
        function(Lanes::of(&four)).put(&mut four);
        rest.copy_from_slice(&four[..rest.len()]);
    }
}

use Gradient::{None as Flat, Rule as By};

fn flag(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

fn flag32(holds: bool) -> f32 {
    if holds { 1.0 } else { 0.0 }
}

row!(NEG, "neg", "−a", (a), -a, -a, "-a", By(|g, _, _, dy| vec![Some(g.neg(dy))]));
row!(
    EXP,
    "exp",
    "e to the power a",
    (a),
    libm::exp(a),
    math::exp(a),
    "exp(a)",
    By(|g, _, y, dy| vec![Some(g.mul(dy, y))])
);
row!(
    LN,
    "ln",
    "The natural logarithm of a.",
    (a),
    libm::log(a),
    math::ln(a),
    "log(a)",
    By(|g, x, _, dy| vec![Some(g.div(dy, x[0]))])
);
row!(
    SQRT,
    "sqrt",
    "The square root of a.",
    (a),
    a.sqrt(),
    a.sqrt(),
    "sqrt(a)",
    By(|g, _, y, dy| {
        let half = g.scale(dy, 0.5);
        vec![Some(g.div(half, y))]
    })
);
row!(
    ABS,
    "abs",
    "|a|",
    (a),
    a.abs(),
    a.abs(),
    "abs(a)",
    By(|g, x, _, dy| {
        let s = g.sign(x[0]);
        vec![Some(g.mul(dy, s))]
    })
);
row!(
    SIGN,
    "sign",
    "−1, 0 or 1",
    (a),
    flag(a > 0.0) - flag(a < 0.0),
    flag32(a > 0.0) - flag32(a < 0.0),
    "sign(a)",
    Flat
);
row!(FLOOR, "floor", "The largest whole number that is not above a.", (a), a.floor(), a.floor(), "floor(a)", Flat);
row!(
    SIN,
    "sin",
    "The sine of a, in radians.",
    (a),
    libm::sin(a),
    math::sin(a),
    "sin_(a)",
    By(|g, x, _, dy| {
        let c = g.cos(x[0]);
        vec![Some(g.mul(dy, c))]
    })
);
row!(
    COS,
    "cos",
    "The cosine of a, in radians.",
    (a),
    libm::cos(a),
    math::cos(a),
    "cos_(a)",
    By(|g, x, _, dy| {
        let s = g.sin(x[0]);
        let s = g.neg(s);
        vec![Some(g.mul(dy, s))]
    })
);
row!(
    TANH,
    "tanh",
    "The hyperbolic tangent of a.",
    (a),
    libm::tanh(a),
    each math::tanh,
    "tanh_(a)",
    By(|g, _, y, dy| {
        let yy = g.mul(y, y);
        let one = g.one_minus(yy);
        vec![Some(g.mul(dy, one))]
    })
);
row!(
    SIGMOID,
    "sigmoid",
    "1 / (1 + exp(−a))",
    (a),
    1.0 / (1.0 + libm::exp(-a)),
    each math::sigmoid,
    "sigmoid_(a)",
    By(|g, _, y, dy| {
        let rest = g.one_minus(y);
        let slope = g.mul(y, rest);
        vec![Some(g.mul(dy, slope))]
    })
);
row!(
    ERF,
    "erf",
    "The error function of a.",
    (a),
    libm::erf(a),
    math::erf(a),
    "erf_(a)",
    By(|g, x, _, dy| {
        let xx = g.mul(x[0], x[0]);
        let e = g.neg(xx);
        let e = g.exp(e);
        let s = g.scale(e, std::f64::consts::FRAC_2_SQRT_PI as f32);
        vec![Some(g.mul(dy, s))]
    })
);
row!(
    SOFTPLUS,
    "softplus",
    "ln(1 + exp(a))",
    (a),
    a.max(0.0) + libm::log1p(libm::exp(-a.abs())),
    math::softplus(a),
    "softplus_(a)",
    By(|g, x, _, dy| {
        let s = g.sigmoid(x[0]);
        vec![Some(g.mul(dy, s))]
    })
);
row!(
    RELU,
    "relu",
    "a where it is positive, else 0",
    (a),
    if a > 0.0 { a } else { 0.0 },
    if a > 0.0 { a } else { 0.0 },
    "max(a, 0.0)",
    By(|g, _, y, dy| {
        let zero = g.scalar(0.0);
        let on = g.less(zero, y);
        vec![Some(g.mul(dy, on))]
    })
);
/// Below, a number counts as nothing: it would soon be a denormal one, which processors are slow with, and WebAssembly
/// cannot flush them itself.
const NOTHING: f32 = 1e-36;

/// a, or 0 where it is next to nothing.
#[inline(always)]
pub fn flush(a: f32) -> f32 {
    if a.abs() < NOTHING { 0.0 } else { a }
}

row!(
    FLUSH,
    "flush",
    "a, or 0 where it is next to nothing",
    (a),
    if a.abs() < f64::from(NOTHING) { 0.0 } else { a },
    flush(a),
    "select(a, 0.0, abs(a) < 1e-36)",
    By(|_, _, _, dy| vec![Some(dy)])
);
row!(STEP, "step", "1 for a ≥ 0, else 0", (a), flag(a >= 0.0), flag32(a >= 0.0), "select(0.0, 1.0, a >= 0.0)", Flat);

row!(ADD, "add", "a + b", (a, b), a + b, a + b, "a + b", By(|_, _, _, dy| vec![Some(dy), Some(dy)]));
row!(SUB, "sub", "a − b", (a, b), a - b, a - b, "a - b", By(|g, _, _, dy| vec![Some(dy), Some(g.neg(dy))]));
row!(
    MUL,
    "mul",
    "a · b",
    (a, b),
    a * b,
    a * b,
    "a * b",
    By(|g, x, _, dy| vec![Some(g.mul(dy, x[1])), Some(g.mul(dy, x[0]))])
);
row!(
    DIV,
    "div",
    "a / b",
    (a, b),
    a / b,
    a / b,
    "a / b",
    By(|g, x, y, dy| {
        let da = g.div(dy, x[1]);
        let db = g.mul(da, y);
        vec![Some(da), Some(g.neg(db))]
    })
);
row!(
    MAX,
    "max",
    "The larger of a and b.",
    (a, b),
    if a > b { a } else { b },
    if a > b { a } else { b },
    "max(a, b)",
    By(|g, x, _, dy| {
        let first = g.less(x[1], x[0]);
        let second = g.one_minus(first);
        vec![Some(g.mul(dy, first)), Some(g.mul(dy, second))]
    })
);
row!(
    MIN,
    "min",
    "The smaller of a and b.",
    (a, b),
    if a < b { a } else { b },
    if a < b { a } else { b },
    "min(a, b)",
    By(|g, x, _, dy| {
        let first = g.less(x[0], x[1]);
        let second = g.one_minus(first);
        vec![Some(g.mul(dy, first)), Some(g.mul(dy, second))]
    })
);
row!(
    POW,
    "pow",
    "a to the power b; a negative a needs a whole b",
    (a, b),
    libm::pow(a, b),
    math::pow(a, b),
    "pow_(a, b)",
    By(|g, x, y, dy| {
        let one = g.scalar(1.0);
        let lower = g.sub(x[1], one);
        let power = g.pow(x[0], lower);
        let slope = g.mul(x[1], power);
        let zero = g.scalar(0.0);
        let positive = g.less(zero, x[0]);
        let safe = g.select(positive, x[0], one);
        let log = g.ln(safe);
        let rise = g.mul(y, log);
        vec![Some(g.mul(dy, slope)), Some(g.mul(dy, rise))]
    })
);
row!(LESS, "less", "1 where a < b, else 0", (a, b), flag(a < b), flag32(a < b), "select(0.0, 1.0, a < b)", Flat);
row!(
    LESS_EQUAL,
    "less-equal",
    "1 where a ≤ b, else 0",
    (a, b),
    flag(a <= b),
    flag32(a <= b),
    "select(0.0, 1.0, a <= b)",
    Flat
);
row!(EQUAL, "equal", "1 where a = b, else 0", (a, b), flag(a == b), flag32(a == b), "select(0.0, 1.0, a == b)", Flat);

/// b where a is not 0, else c.
pub const SELECT: Function = Function(&Row {
    name: "select",
    arity: 3,
    eval: |a, b, c| if a != 0.0 { b } else { c },
    lanes: |out, a, b, c| {
        for (((out, &a), &b), &c) in out.iter_mut().zip(a).zip(b).zip(c) {
            *out = if a != 0.0 { b } else { c };
        }
    },
    wgsl: "select(c, b, a != 0.0)",
    gradient: By(|g, x, _, dy| {
        let zero = g.scalar(0.0);
        vec![None, Some(g.select(x[0], dy, zero)), Some(g.select(x[0], zero, dy))]
    }),
});

/// Every elementwise function.
pub const FUNCTIONS: &[Function] = &[
    NEG, EXP, LN, SQRT, ABS, SIGN, FLOOR, SIN, COS, TANH, SIGMOID, ERF, SOFTPLUS, RELU, FLUSH, STEP, ADD, SUB, MUL,
    DIV, MAX, MIN, POW, LESS, LESS_EQUAL, EQUAL, SELECT,
];
