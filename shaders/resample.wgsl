// Pictures seen through an affine map, bilinear, edges repeated; a workgroup makes WG numbers. Its twin is src/device/cpu/resample.rs.
#import shared/each

fn pixel(n: i32, y: i32, x_: i32, c: i32) -> f32 {
    return x(((n * H + clamp(y, 0, H - 1)) * W + clamp(x_, 0, W - 1)) * COLS + c);
}

fn core(row: i32, col: i32) -> f32 {
    let n = row / (H * W);
    let u = (2.0 * f32(row % W) + 1.0) / f32(W) - 1.0;
    let v = (2.0 * f32(row / W % H) + 1.0) / f32(H) - 1.0;
    let t = n * 6;
    let px = ((theta(t) * u + theta(t + 1) * v + theta(t + 2) + 1.0) * f32(W) - 1.0) * 0.5;
    let py = ((theta(t + 3) * u + theta(t + 4) * v + theta(t + 5) + 1.0) * f32(H) - 1.0) * 0.5;
    let left = clamp(floor(px), -2.0, f32(W) + 1.0);
    let top = clamp(floor(py), -2.0, f32(H) + 1.0);
    let fx = px - floor(px);
    let fy = py - floor(py);
    let x0 = i32(left);
    let y0 = i32(top);
    let above = mix(pixel(n, y0, x0, col), pixel(n, y0, x0 + 1, col), fx);
    let below = mix(pixel(n, y0 + 1, x0, col), pixel(n, y0 + 1, x0 + 1, col), fx);
    return mix(above, below, fy);
}
