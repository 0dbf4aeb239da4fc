// Multiplies small matrices: S invocations share the terms of a tile of 4 × 4, and their sums meet in memory of the
// workgroup, which makes WG / S tiles. Its twin is src/device/cpu/matmul.rs.
#import shared/meet

fn run(group: i32, lane: i32) {
    let tile = group * (WG / S) + lane / S;
    let slice = lane % S;
    // Tiles beyond the last are computed like the last, and not kept.
    let own = min(tile, TILES - 1);
#import shared/product_start
    let end = min(part * CHUNK + CHUNK, K);
    var k = part * CHUNK + slice * 4;
    for (; k + 4 <= end; k += 4 * S) {
#import shared/product_four
    }
#if TAIL
    if (slice == 0) {
        for (k = end / 4 * 4; k < end; k++) {
#import shared/product_one
        }
    }
#end
#for r TM
    slices[lane * TM + $r] = c$(r)_0;
#end
    workgroupBarrier();
    for (var i = lane; i < WG / S * 16; i += WG) {
        let made = group * (WG / S) + i / 16;
        let row = made / TILES_N % TILES_M * TM + i / 4 % 4;
        let col = made % TILES_N * TN + i % 4;
        if (made < TILES && row < M && col < N) {
            let part = made / (TILES_N * TILES_M) % PARTS;
            keep(part, made / (TILES_N * TILES_M * PARTS) * M + row, col, met(i / 16, i % 16));
        }
    }
}
