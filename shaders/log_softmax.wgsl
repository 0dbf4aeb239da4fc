// x − ln Σ exp(x) over the last axis: a workgroup makes WG rows, each by one invocation; as a stage of a chain it makes each
// number by itself. Its twin is src/device/cpu/log_softmax.rs.

// The largest of a row, and ln Σ exp of how far the others are below it.
fn scale(row: i32) -> vec2f {
    let start = row * COLS;
    var top = x(start);
    for (var i = 1; i < COLS; i++) {
        top = max(top, x(start + i));
    }
    var sum = 0.0;
    for (var i = 0; i < COLS; i++) {
        sum += exp(x(start + i) - top);
    }
    return vec2f(top, log(sum));
}
#if CHAIN
#import shared/each
fn core(row: i32, col: i32) -> f32 {
    let own = scale(row);
    return x(row * COLS + col) - own.x - own.y;
}
#else
fn run(group: i32, lane: i32) {
    let row = group * WG + lane;
    if (row < ROWS) {
        let own = scale(row);
        for (var col = 0; col < COLS; col++) {
            finish(row, col, x(row * COLS + col) - own.x - own.y);
        }
    }
}
#end
