// Folds axes without waiting: an invocation walks the terms of one result or of a part of it, a workgroup makes WG. Its
// twin is src/device/cpu/reduce.rs.
#import shared/index

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = linear(group) * WG + i32(lane);
    if (i < INVOCATIONS) {
        let part = div_COUNT(i);
        let o = i - part * COUNT;
        let start = part * CHUNK;
        let end = min(start + CHUNK, FOLDED);
        var sum = term(o, start);
        for (var r = start + 1; r < end; r++) {
#if MAX
            sum = max(sum, term(o, r));
#else
            sum += term(o, r);
#end
        }
        keep(part, 0, o, sum);
    }
}
