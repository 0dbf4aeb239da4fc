// The random function: pcg4d, the same bits as its twin src/tensor/random.rs.
fn pcg4d(words: vec4u) -> vec4u {
    var v = words * 1664525u + 1013904223u;
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    v ^= v >> vec4u(16u);
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    return v;
}

// Uniform in [0, 1), 24 bits.
fn uniform_(purpose: u32, index: u32) -> f32 {
    return f32(pcg4d(vec4u(index, tick.step, purpose, tick.seed)).x >> 8u) * (1.0 / 16777216.0);
}
