// Small kernels in one launch: a single workgroup runs them as stages, one after the other. The CPU needs no such thing.
@compute @workgroup_size(WG)
fn main(@builtin(local_invocation_index) lane: u32) {
#for s STAGES
    for (var i = i32(lane); i < COUNT_s$s; i += WG) {
        each_s$s(i);
    }
    // What this stage wrote is there before the next one reads it.
    storageBarrier();
#end
}
