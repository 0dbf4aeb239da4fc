// The gradient of a convolution that moves by one pixel for its kernel: an invocation sums TM channels × TN filters of a row
// of taps, walking picture rows with the columns under the taps at hand; a workgroup makes WG such tiles. Its twin is
// src/device/cpu/conv_kernel.rs.

fn run(group: i32, lane: i32) {
    let tile = group * WG + lane;
    if (tile < TILES) {
        let n_tile = tile % TILES_N;
        let m_tile = tile / TILES_N % TILES_M;
        let rest = tile / (TILES_N * TILES_M);
        let g = rest % GROUPS;
        let kh = rest / GROUPS % KH;
        let part = rest / (GROUPS * KH);
        let m0 = m_tile * TM;
        let n0 = g * FG + n_tile * TN;
#for t KW
#for r TM
#for j NJ
        var c$(t)_$(r)_$j = vec4f();
#end
#end
#end
        let end = min(part * CHUNK + CHUNK, BATCH * OH);
        var picture = part * CHUNK / OH;
        var oh = part * CHUNK % OH;
        for (var row = part * CHUNK; row < end; row++) {
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
#for t KW
#for s MJ
                    c$(t)_$(s*4)_$j += p$(t)_$s.x * b$j;
                    c$(t)_$(s*4+1)_$j += p$(t)_$s.y * b$j;
                    c$(t)_$(s*4+2)_$j += p$(t)_$s.z * b$j;
                    c$(t)_$(s*4+3)_$j += p$(t)_$s.w * b$j;
#end
#end
#end
#for t LAST
#for s MJ
                    p$(t)_$s = p$(t+1)_$s;
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
    }
}
