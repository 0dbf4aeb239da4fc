// Folds short axes: one invocation walks all terms of one result, a workgroup makes WG. Its twin is src/device/cpu/reduce.rs.
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
