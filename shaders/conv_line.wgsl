// Convolution that moves by one pixel, or its gradient for its input: an invocation sums TM neighbouring pixels × TN
// filters, and loads what their windows share once; or S invocations share the terms of a tile. A workgroup makes WG / S
// tiles. Its twin is src/device/cpu/conv.rs.
#if SLICED
#import shared/meet
#else
#import shared/tile
#end

fn run(group: i32, lane: i32) {
    let tile = group * (WG / S) + lane / S;
#if SLICED
    // Tiles beyond the last are computed like the last, and not kept: all invocations wait for each other.
    let own = min(tile, TILES - 1);
    {
#else
    let own = tile;
    if (own < TILES) {
#end
        let g = own / TILES_N % GROUPS;
        let n0 = own % TILES_N * TN;
        let strip = own / (TILES_N * GROUPS);
        let line = strip / STRIPS;
        let x0 = strip % STRIPS * TM;
        let y = line % RH;
        let picture = line / RH * AH;
#for r TM
#for j NJ
        var c$(r)_$j = vec4f();
#end
#end
#if FLAT
        for (var at = lane % S; at < KH * (AG / STEP); at += S) {
            let kh = at / (AG / STEP);
#else
        for (var kh = 0; kh < KH; kh++) {
#end
#if BACK
            let h = y + PH - kh * DH;
#else
            let h = y - PH + kh * DH;
#end
            let inside = u32(h) < u32(AH);
#if FOURS
            if (inside) {
#else
            // No branch: processors that play a card carry all sums through memory around it.
            {
#end
                // The columns that the windows of the strip cover.
#for s SPAN
                let in$s = inside & (u32(x0 + $s - LEFT) < u32(AW));
#end
                let row = ((picture + h) * AW + x0 - LEFT) * AC + g * AG;
#if FLAT
                {
                    let k = at % (AG / STEP) * STEP;
#else
                for (var k = 0; k < AG; k += STEP) {
#end
#if FOURS
#for s SPAN
                    let a$s = select(vec4f(), four_a(row + $s * AC + k), in$s);
#end
#else
#for s SPAN
                    let a$s = select(0.0, a(row + $s * AC + k), in$s);
#end
#end
#if BACK
                    let f = (kh * KW * CG + n0) * F + g * FG + k;
#else
                    let f = (kh * KW * CG + k) * F + g * FG + n0;
#end
#for t KW
#for j NJ
#if BACK
                    let f$(t)_$j = f + ((KW - 1 - $t) * CG + 4 * $j) * F;
#if FOURS
#for q 4
                    let u$(t)_$(j)_$q = four_b(f$(t)_$j + $q * F);
#end
                    let b$(t)_$(j)_0 = vec4f(u$(t)_$(j)_0.x, u$(t)_$(j)_1.x, u$(t)_$(j)_2.x, u$(t)_$(j)_3.x);
                    let b$(t)_$(j)_1 = vec4f(u$(t)_$(j)_0.y, u$(t)_$(j)_1.y, u$(t)_$(j)_2.y, u$(t)_$(j)_3.y);
                    let b$(t)_$(j)_2 = vec4f(u$(t)_$(j)_0.z, u$(t)_$(j)_1.z, u$(t)_$(j)_2.z, u$(t)_$(j)_3.z);
                    let b$(t)_$(j)_3 = vec4f(u$(t)_$(j)_0.w, u$(t)_$(j)_1.w, u$(t)_$(j)_2.w, u$(t)_$(j)_3.w);
#else
                    let b$(t)_$j = vec4f(b(f$(t)_$j), b(f$(t)_$j + F), b(f$(t)_$j + 2 * F), b(f$(t)_$j + 3 * F));
#end
#else
#if FOURS
#for q 4
                    let b$(t)_$(j)_$q = four_b(f + ($t * CG + $q) * F + 4 * $j);
#end
#else
                    let b$(t)_$j = four_b(f + $t * CG * F + 4 * $j);
#end
#end
#for r TM
#if FOURS
                    c$(r)_$j += a$(r+t).x * b$(t)_$(j)_0 + a$(r+t).y * b$(t)_$(j)_1 + a$(r+t).z * b$(t)_$(j)_2 + a$(r+t).w * b$(t)_$(j)_3;
#else
                    c$(r)_$j += a$(r+t) * b$(t)_$j;
#end
#end
#end
#end
                }
            }
        }
#if SLICED
#for r TM
        slices[lane * TM + $r] = c$(r)_0;
#end
        workgroupBarrier();
        for (var i = lane; i < WG / S * 16; i += WG) {
            let made = group * (WG / S) + i / 16;
            let strip = made / (TILES_N * GROUPS);
            let x = strip % STRIPS * TM + i / 4 % 4;
            let n = made % TILES_N * TN + i % 4;
            if (made < TILES && x < RW && n < BG) {
                keep(0, strip / STRIPS * RW + x, made / TILES_N % GROUPS * BG + n, met(i / 16, i % 16));
            }
        }
#else
        var sums = array<vec4f, TILE>(
#for r TM
#for j NJ
            c$(r)_$j,
#end
#end
        );
        let row = line * RW;
        keep_tile(0, row + x0, row + RW, g * BG + n0, g * BG + BG, &sums);
#end
    }
}
