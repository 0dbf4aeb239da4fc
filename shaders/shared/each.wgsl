// One invocation for each result: `core(row, col)` computes it, `finish` stores it. A workgroup makes WG of them, unless
// this is a stage of a chain.

fn each(i: i32) {
    let row = div_COLS(i);
    let col = i - row * COLS;
    finish(row, col, core(row, col));
}
#if CHAIN
#else
#import shared/index

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = linear(group) * WG + i32(lane);
    if (i < COUNT) {
        each(i);
    }
}
#end
