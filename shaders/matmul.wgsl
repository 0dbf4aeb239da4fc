// Multiplies matrices: an invocation sums a tile of TM × TN in registers, a workgroup makes WG tiles. Its twin is src/device/cpu/matmul.rs.
#import shared/tile

fn run(group: i32, lane: i32) {
    let own = group * WG + lane;
    if (own < TILES) {
#import shared/product_start
        var k = part * CHUNK;
        let end = min(k + CHUNK, K);
#if FOURS
        for (; k + 4 <= end; k += 4) {
#import shared/product_four
        }
#end
#if TAIL
        for (; k < end; k++) {
#import shared/product_one
        }
#end
        var sums = array<vec4f, TILE>(
#for r TM
#for j NJ
            c$(r)_$j,
#end
#end
        );
        let row = batch * M;
        keep_tile(part, row + m0, row + M, n0, N, &sums);
    }
}
