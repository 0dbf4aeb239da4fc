// Folds axes without waiting: an invocation walks the terms of one result or of a part of it, a workgroup makes WG. Its
// twin is src/device/cpu/reduce.rs.

fn run(group: i32, lane: i32) {
    let i = group * WG + lane;
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
