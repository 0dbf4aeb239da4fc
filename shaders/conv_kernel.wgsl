// The convolution's gradient for its kernel: an invocation sums TM channels × TN filters of one tap over a part of the
// picture rows, a workgroup makes WG tiles. Its twin is src/device/cpu/conv_kernel.rs.
#import shared/tile

fn run(group: i32, lane: i32) {
    let tile = group * WG + lane;
    if (tile < TILES) {
        let n_tile = tile % TILES_N;
        let m_tile = tile / TILES_N % TILES_M;
        let rest = tile / (TILES_N * TILES_M);
        let g = rest % GROUPS;
        let tap = rest / GROUPS % (KH * KW);
        let part = rest / (GROUPS * KH * KW);
        let m0 = m_tile * TM;
        let n0 = g * FG + n_tile * TN;
        let shift_h = tap / KW * DH - PH;
        let shift_w = tap % KW * DW - PW;
        // The columns whose pixel lies inside the picture.
        let first = (max(-shift_w, 0) + SW - 1) / SW;
        let last = min((max(W - shift_w, 0) + SW - 1) / SW, OW);
#for r TM
#for j NJ
        var c$(r)_$j = vec4f();
#end
#end
        let end = min(part * CHUNK + CHUNK, BATCH * OH);
        var picture = part * CHUNK / OH;
        var oh = part * CHUNK % OH;
        for (var row = part * CHUNK; row < end; row++) {
            let h = oh * SH + shift_h;
            if (u32(h) < u32(H)) {
                let a_row = ((picture * H + h) * W + shift_w) * C + g * CG + m0;
                let b_row = row * OW * F + n0;
                for (var ow = first; ow < last; ow++) {
#for s MJ
                    let a$s = four_a(a_row + ow * (SW * C) + 4 * $s);
#end
#for j NJ
                    let b$j = four_b(b_row + ow * F + 4 * $j);
#for s MJ
                    c$(s*4)_$j += a$s.x * b$j;
                    c$(s*4+1)_$j += a$s.y * b$j;
                    c$(s*4+2)_$j += a$s.z * b$j;
                    c$(s*4+3)_$j += a$s.w * b$j;
#end
#end
                }
            }
            oh++;
            if (oh == OH) {
                oh = 0;
                picture++;
            }
        }
        var sums = array<vec4f, TILE>(
#for r TM
#for j NJ
            c$(r)_$j,
#end
#end
        );
        keep_tile(part, tap * CG + m0, tap * CG + CG, n0, g * FG + FG, &sums);
    }
}
