// Convolution: an invocation sums TM pixels × TN filters in registers, a workgroup makes WG tiles. Its twin is src/device/cpu/conv.rs.
#import shared/tile

fn run(group: i32, lane: i32) {
    let tile = group * WG + lane;
    if (tile < TILES) {
        let g = tile / TILES_N % GROUPS;
        let n0 = g * FG + tile % TILES_N * TN;
        let m0 = tile / (TILES_N * GROUPS) * TM;
        // For each pixel: the corner of its window, and the first row of its picture.
#for r TM
        let pixel$r = min(m0 + $r, ROWS - 1);
        let y$r = pixel$r / OW % OH * SH - PH;
        let x$r = pixel$r % OW * SW - PW;
        let p$r = pixel$r / (OW * OH) * H;
#for j NJ
        var c$(r)_$j = vec4f();
#end
#end
        // Conditions are joined by &, which evaluates both sides: && would be a branch for every pixel.
        for (var kh = 0; kh < KH; kh++) {
            for (var kw = 0; kw < KW; kw++) {
#for r TM
                let h$r = y$r + kh * DH;
                let w$r = x$r + kw * DW;
                let in$r = (u32(h$r) < u32(H)) & (u32(w$r) < u32(W));
                let at$r = ((p$r + h$r) * W + w$r) * C + g * CG;
#end
                let tap = (kh * KW + kw) * CG;
                var k = 0;
#if CG4
                for (; k + 4 <= CG; k += 4) {
#for r TM
                    let a$r = select(vec4f(), four_a(at$r + k), in$r);
#end
#for j NJ
#for q 4
                    let b$(j)_$q = four_b((tap + k + $q) * F + n0 + 4 * $j);
#end
#for r TM
                    c$(r)_$j += a$r.x * b$(j)_0 + a$r.y * b$(j)_1 + a$r.z * b$(j)_2 + a$r.w * b$(j)_3;
#end
#end
                }
#end
#if TAIL
                for (; k < CG; k++) {
#for r TM
                    let a$r = select(0.0, a(at$r + k), in$r);
#end
#for j NJ
                    let b$j = four_b((tap + k) * F + n0 + 4 * $j);
#for r TM
                    c$(r)_$j += a$r * b$j;
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
        keep_tile(0, m0, ROWS, n0, g * FG + FG, &sums);
    }
}
