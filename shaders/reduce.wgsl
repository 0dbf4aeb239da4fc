// Folds long axes: a workgroup makes X results, each from Y slices of its terms. Its twin is src/device/cpu/reduce.rs.
var<workgroup> slices: array<f32, WG>;

fn fold(a: f32, b: f32) -> f32 {
#if MAX
    return max(a, b);
#else
    return a + b;
#end
}

fn run(group: i32, lane: i32) {
    let part = group % PARTS;
    let x = lane % X;
    let y = lane / X;
    let o = group / PARTS * X + x;
#if MAX
    var sum = -3.4028234e38;
#else
    var sum = 0.0;
#end
    if (o < COUNT) {
        let end = min(part * CHUNK + CHUNK, FOLDED);
        for (var r = part * CHUNK + y; r < end; r += Y) {
            sum = fold(sum, term(o, r));
        }
    }
    slices[lane] = sum;
    // Every slice is there before its neighbour reads it, and again after each halving.
    workgroupBarrier();
    for (var half = Y / 2; half > 0; half /= 2) {
        if (y < half) {
            slices[lane] = fold(slices[lane], slices[lane + half * X]);
        }
        workgroupBarrier();
    }
    if (y == 0 && o < COUNT) {
        keep(part, 0, o, slices[lane]);
    }
}
