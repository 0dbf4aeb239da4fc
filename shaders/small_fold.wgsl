// A stage that folds short axes: an invocation walks all terms of a result; the workgroup shares the results. Its twin is
// src/device/cpu/reduce.rs.
#import shared/each

fn core(row: i32, col: i32) -> f32 {
    var sum = term(col, 0);
    for (var r = 1; r < FOLDED; r++) {
#if MAX
        sum = max(sum, term(col, r));
#else
        sum += term(col, r);
#end
    }
    return sum;
}
