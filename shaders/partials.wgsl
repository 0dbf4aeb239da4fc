// Adds up the parts of split sums, in order, or takes their maximum; a workgroup makes WG results. The CPU splits nothing.
#import shared/each

fn core(row: i32, col: i32) -> f32 {
    let i = row * COLS + col;
    var sum = parts(i);
    for (var part = 1; part < PARTS; part++) {
#if MAX
        sum = max(sum, parts(part * COUNT + i));
#else
        sum += parts(part * COUNT + i);
#end
    }
    return sum;
}
