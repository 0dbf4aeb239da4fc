//! Transcendental functions in f32 for many numbers at once: no branches, so that loops over them become vector code.

pub fn exp(a: f32) -> f32 {
    libm::expf(a)
}
pub fn ln(a: f32) -> f32 {
    libm::logf(a)
}
pub fn sin(a: f32) -> f32 {
    libm::sinf(a)
}
pub fn cos(a: f32) -> f32 {
    libm::cosf(a)
}
pub fn tanh(a: f32) -> f32 {
    libm::tanhf(a)
}
pub fn sigmoid(a: f32) -> f32 {
    1.0 / (1.0 + exp(-a))
}
pub fn erf(a: f32) -> f32 {
    libm::erff(a)
}
pub fn softplus(a: f32) -> f32 {
    a.max(0.0) + libm::log1pf(exp(-a.abs()))
}
pub fn pow(a: f32, b: f32) -> f32 {
    libm::powf(a, b)
}
