// The convolution's gradient for its input: an invocation sums TM pixels × TN channels, a workgroup makes WG tiles. Its twin is src/device/cpu/conv.rs.
#import shared/tile

fn run(group: i32, lane: i32) {
    let tile = group * WG + lane;
    if (tile < TILES) {
        let g = tile / TILES_N % GROUPS;
        let n0 = tile % TILES_N * TN;
        let m0 = tile / (TILES_N * GROUPS) * TM;
        // For each pixel: its place in the padded picture, and the first row of its result.
#for r TM
        let pixel$r = min(m0 + $r, ROWS - 1);
        let y$r = pixel$r / W % H + PH;
        let x$r = pixel$r % W + PW;
        let p$r = pixel$r / (W * H) * OH;
#for j NJ
        var c$(r)_$j = vec4f();
#end
#end
        // Conditions are joined by &, which evaluates both sides: && would be a branch for every pixel.
        for (var kh = 0; kh < KH; kh++) {
            for (var kw = 0; kw < KW; kw++) {
#for r TM
                let h$r = y$r - kh * DH;
                let w$r = x$r - kw * DW;
#if STRIDED
                let i$r = div_SH(max(h$r, 0));
                let j$r = div_SW(max(w$r, 0));
                let in$r = (i$r * SH == h$r) & (i$r < OH) & (j$r * SW == w$r) & (j$r < OW);
                let at$r = ((p$r + i$r) * OW + j$r) * F + g * FG;
#else
                let in$r = (u32(h$r) < u32(OH)) & (u32(w$r) < u32(OW));
                let at$r = ((p$r + h$r) * OW + w$r) * F + g * FG;
#end
#end
                let tap = (kh * KW + kw) * CG;
#for j NJ
#for q 4
                let b$(j)_$q = (tap + min(n0 + 4 * $j + $q, CG - 1)) * F + g * FG;
#end
#end
                var k = 0;
#if FG4
                for (; k + 4 <= FG; k += 4) {
#for r TM
                    let a$r = select(vec4f(), four_a(at$r + k), in$r);
#end
#for j NJ
#for q 4
                    let u$(j)_$q = four_b(b$(j)_$q + k);
#end
                    let v$(j)_0 = vec4f(u$(j)_0.x, u$(j)_1.x, u$(j)_2.x, u$(j)_3.x);
                    let v$(j)_1 = vec4f(u$(j)_0.y, u$(j)_1.y, u$(j)_2.y, u$(j)_3.y);
                    let v$(j)_2 = vec4f(u$(j)_0.z, u$(j)_1.z, u$(j)_2.z, u$(j)_3.z);
                    let v$(j)_3 = vec4f(u$(j)_0.w, u$(j)_1.w, u$(j)_2.w, u$(j)_3.w);
#for r TM
                    c$(r)_$j += a$r.x * v$(j)_0 + a$r.y * v$(j)_1 + a$r.z * v$(j)_2 + a$r.w * v$(j)_3;
#end
#end
                }
#end
#if TAIL
                for (; k < FG; k++) {
#for r TM
                    let a$r = select(0.0, a(at$r + k), in$r);
#end
#for j NJ
                    let v$j = vec4f(b(b$(j)_0 + k), b(b$(j)_1 + k), b(b$(j)_2 + k), b(b$(j)_3 + k));
#for r TM
                    c$(r)_$j += a$r * v$j;
#end
#end
                }
#end
            }
        }
        var sums = array<vec4f, TILE>(
#for r TM
#for j NJ
            c$(r)_$j,
#end
#end
        );
        keep_tile(0, m0, ROWS, g * CG + n0, g * CG + CG, &sums);
    }
}
