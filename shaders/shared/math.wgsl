// Functions that WGSL lacks or leaves inexact, in f32. Nothing here makes or needs an infinity. Twin: src/graph/math.rs.

// The polynomial in x² interpolates tanh(x)/x for |x| < 1 to 2.4e-8.
fn tanh_(a: f32) -> f32 {
    let x = min(abs(a), 10.0);
    let z = x * x;
    let q = 0.0216601156 + z * (-0.00821892172 + z * (0.0025104594 + z * -0.000420695491));
    let p = 1.0 + z * (-0.333333313 + z * (0.133331284 + z * (-0.0539347902 + z * q)));
    let large = 1.0 - 2.0 / (exp(2.0 * x) + 1.0);
    return sign(a) * select(large, x * p, x < 1.0);
}

fn sigmoid_(a: f32) -> f32 {
    return 1.0 / (1.0 + exp(-clamp(a, -87.0, 87.0)));
}

// erf(x)/x as a polynomial in x² below 1 (2e-7); above, 1 − exp(−x²) times a polynomial in 1/(1 + x/2) (3e-8).
fn erf_(a: f32) -> f32 {
    let x = min(abs(a), 4.0);
    let z = x * x;
    let p = 1.12837911 + z * (-0.376123428 + z * (0.112803169 + z * (-0.0267150551 + z * (0.00492176181 + z * -0.000564805989))));
    let t = 1.0 / (1.0 + 0.5 * x);
    let q = 0.0013318623 + t * (0.264432371 + t * (0.378711432 + t * (-0.0301791877 + t * (0.604472101 + t * -0.218795732))));
    return sign(a) * select(1.0 - exp(-z) * q, x * p, x < 1.0);
}

// ln(1 + e) = 2 artanh(e / (2 + e)) for e in (0, 1], as its series.
fn softplus_(a: f32) -> f32 {
    let e = exp(-min(abs(a), 87.0));
    let s = e / (2.0 + e);
    let z = s * s;
    let series = 1.0 + z * (1.0 / 3.0 + z * (0.2 + z * (1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0))))));
    return max(a, 0.0) + 2.0 * s * series;
}

// Small whole powers by squaring, which is exact where f32 is; others by logarithm. A negative a needs a whole b.
fn pow_(a: f32, b: f32) -> f32 {
    let whole = floor(b) == b;
    if (whole && abs(b) <= 32.0) {
        var left = u32(abs(b));
        var square = a;
        var result = 1.0;
        for (; left > 0u; left >>= 1u) {
            if ((left & 1u) == 1u) {
                result *= square;
            }
            square *= square;
        }
        return select(result, 1.0 / result, b < 0.0);
    }
    let size = exp2(clamp(b * log2(max(abs(a), 1.17549435e-38)), -126.0, 127.99));
    let odd = whole && floor(b * 0.5) * 2.0 != b;
    return select(size, -size, a < 0.0 && odd) * select(1.0, 0.0, a == 0.0 && b > 0.0);
}

// sin(a + quarter · π/2) for |a| up to thousands: a less whole quarter turns, then interpolating polynomials (6e-8).
fn turn_(a: f32, quarter: i32) -> f32 {
    let k = round(a * 0.636619772);
    let r = (a - k * 1.5703125) - k * 0.000483826792;
    let z = r * r;
    let s = r + r * z * (-0.166666642 + z * (0.00833274797 + z * -0.0001958785));
    let c = 1.0 - 0.5 * z + z * z * (0.0416666642 + z * (-0.00138882711 + z * 0.0000245438423));
    let turns = i32(k) + quarter;
    let value = select(s, c, (turns & 1) == 1);
    return select(value, -value, (turns & 2) == 2);
}

fn sin_(a: f32) -> f32 {
    return turn_(a, 0);
}

fn cos_(a: f32) -> f32 {
    return turn_(a, 1);
}
