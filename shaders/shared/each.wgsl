// Each result by itself: `core(row, col)` computes it, `finish` stores it. A workgroup makes WG of them EACH times, unless this
// is a stage of a chain.

fn each(i: i32) {
    let row = div_COLS(i);
    let col = i - row * COLS;
    finish(row, col, core(row, col));
}
#if CHAIN
#else
fn run(group: i32, lane: i32) {
    for (var q = 0; q < EACH; q++) {
        let i = (group * EACH + q) * WG + lane;
        if (i < COUNT) {
            each(i);
        }
    }
}
#end
