// The gradient of a convolution that moves by one pixel for its kernel: an invocation sums TM channels × TN filters of a row
// of taps, walking picture rows with the columns under the taps at hand; or S invocations share the picture rows. A workgroup
// makes WG / S such tiles. Its twin is src/device/cpu/conv_kernel.rs.
#if SLICED
#import shared/meet
#end

fn run(group: i32, lane: i32) {
    let tile = group * (WG / S) + lane / S;
#if SLICED
    // Tiles beyond the last are computed like the last, and not kept: all invocations wait for each other.
    let own = min(tile, TILES - 1);
#else
    let own = tile;
#end
    let n_tile = own % TILES_N;
    let m_tile = own / TILES_N % TILES_M;
    let rest = own / (TILES_N * TILES_M);
    let g = rest % GROUPS;
    let kh = rest / GROUPS % KH;
    let part = rest / (GROUPS * KH);
    let m0 = m_tile * TM;
    let n0 = g * FG + n_tile * TN;
#if SLICED
    {
#else
    if (own < TILES) {
#end
#for t KW
#for r TM
#for j NJ
        var c$(t)_$(r)_$j = vec4f();
#end
#end
#end
        let first = (part * S + lane % S) * CHUNK;
        let end = min(first + CHUNK, BATCH * OH);
        var picture = first / OH;
        var oh = first % OH;
#if FLAT
        // One loop, in which each row begins with the columns before its first result: processors that play a card carry all
        // sums through memory from loop to loop, and compile each load for long.
#for t LAST
#for s MJ
        var p$(t)_$s = vec4f();
#end
#end
        var row = first;
        var w = 0;
        while (row < end) {
            let h = oh + kh * DH - PH;
            let inside = (u32(h) < u32(H)) & (u32(w - PW) < u32(W));
            let at = ((picture * H + h) * W + w - PW) * C + g * CG + m0;
#for s MJ
            let p$(LAST)_$s = select(vec4f(), four_a(at + 4 * $s), inside);
#end
            let b_at = (row * OW + w - LAST) * F + n0;
#for j NJ
            let b$j = select(vec4f(), four_b(b_at + 4 * $j), w >= LAST);
#end
#import shared/taps
            let turns = w == OW + LAST - 1;
            w = select(w + 1, 0, turns);
            row += i32(turns);
            oh += i32(turns);
            picture += i32(oh == OH);
            oh = select(oh, 0, oh == OH);
        }
#else
        for (var row = first; row < end; row++) {
            let h = oh + kh * DH - PH;
            if (u32(h) < u32(H)) {
                let a_row = ((picture * H + h) * W - PW) * C + g * CG + m0;
                let b_row = row * OW * F + n0;
#for t LAST
#for s MJ
                var p$(t)_$s = select(vec4f(), four_a(a_row + $t * C + 4 * $s), u32($t - PW) < u32(W));
#end
#end
                for (var ow = 0; ow < OW; ow++) {
                    let inside = u32(ow + LAST - PW) < u32(W);
#for s MJ
                    let p$(LAST)_$s = select(vec4f(), four_a(a_row + (ow + LAST) * C + 4 * $s), inside);
#end
#for j NJ
                    let b$j = four_b(b_row + ow * F + 4 * $j);
#end
#import shared/taps
                }
            }
            oh++;
            if (oh == OH) {
                oh = 0;
                picture++;
            }
        }
#end
#if SLICED
#for t KW
#for r TM
        slices[lane * TM + $r] = c$(t)_$(r)_0;
#end
        workgroupBarrier();
        for (var i = lane; i < WG / S * 16; i += WG) {
            let made = group * (WG / S) + i / 16;
            let m = made / TILES_N % TILES_M * TM + i / 4 % 4;
            let n = made % TILES_N * TN + i % 4;
            let block = made / (TILES_N * TILES_M);
            if (made < TILES && m < CG && n < FG) {
                let row = (block / GROUPS % KH * KW + $t) * CG + m;
                keep(block / (GROUPS * KH), row, block % GROUPS * FG + n, met(i / 16, i % 16));
            }
        }
        workgroupBarrier();
#end
#else
        var sums = array<vec4f, TAPS>(
#for t KW
#for r TM
#for j NJ
            c$(t)_$(r)_$j,
#end
#end
#end
        );
        for (var t = 0; t < KW; t++) {
            for (var r = 0; r < min(TM, CG - m0); r++) {
                for (var c = 0; c < min(TN, g * FG + FG - n0); c++) {
                    keep(part, (kh * KW + t) * CG + m0 + r, n0 + c, sums[(t * TM + r) * NJ + c / 4][c % 4]);
                }
            }
        }
#end
    }
}
