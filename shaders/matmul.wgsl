// Multiplies matrices: an invocation sums a tile of TM × TN in registers, a workgroup makes WG tiles. Its twin is src/device/cpu/matmul.rs.
#import shared/tile

fn run(group: i32, lane: i32) {
    let tile = group * WG + lane;
    if (tile < TILES) {
        let n0 = tile % TILES_N * TN;
        let m0 = tile / TILES_N % TILES_M * TM;
        let part = tile / (TILES_N * TILES_M) % PARTS;
        let batch = tile / (TILES_N * TILES_M * PARTS);
        let a_start = batch * M * K;
#if SHARED_B
        let b_start = 0;
#else
        let b_start = batch * K * N;
#end
#for r TM
#if TRANSPOSE_A
#else
        let at$r = a_start + min(m0 + $r, M - 1) * K;
#end
#for j NJ
        var c$(r)_$j = vec4f();
#end
#end
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
