// Multiplies large matrices: a workgroup fetches BK columns of a and rows of b at a time into memory of its own, from which
// each of its 8 × 8 invocations sums a tile of TM × TN in registers. Its twin is src/device/cpu/matmul.rs.
var<workgroup> block_a: array<vec4f, LONG_A>;
var<workgroup> block_b: array<vec4f, LONG_B>;

fn run(group: i32, lane: i32) {
    let n0 = group % BLOCKS_N * BN;
    let m0 = group / BLOCKS_N % BLOCKS_M * BM;
    let part = group / (BLOCKS_N * BLOCKS_M) % PARTS;
    let batch = group / (BLOCKS_N * BLOCKS_M * PARTS);
    let a_start = batch * M * K;
#if SHARED_B
    let b_start = 0;
#else
    let b_start = batch * K * N;
#end
    let row = lane / 8;
    let col = lane % 8;
#for r TM
#for j NJ
    var c$(r)_$j = vec4f();
#end
#end
    let end = min(part * CHUNK + CHUNK, K);
    // What is fetched while the block before it is multiplied.
#for i FETCH_A
    var a$i = fetch_a(a_start, m0, part * CHUNK, end, lane + 64 * $i);
#end
#for i FETCH_B
    var b$i = fetch_b(b_start, n0, part * CHUNK, end, lane + 64 * $i);
#end
    for (var k = part * CHUNK; k < end; k += BK) {
#for i FETCH_A
        put_a(lane + 64 * $i, a$i);
#end
#for i FETCH_B
        put_b(lane + 64 * $i, b$i);
#end
        workgroupBarrier();
#for i FETCH_A
        a$i = fetch_a(a_start, m0, k + BK, end, lane + 64 * $i);
#end
#for i FETCH_B
        b$i = fetch_b(b_start, n0, k + BK, end, lane + 64 * $i);
#end
        for (var p = 0; p < BK; p++) {
#for s MJ
            let x$s = block_a[p * STRIDE_A + 8 * $s + row];
#end
#for j NJ
            let y$j = block_b[p * STRIDE_B + 8 * $j + col];
#for s MJ
            c$(s*4)_$j += x$s.x * y$j;
            c$(s*4+1)_$j += x$s.y * y$j;
            c$(s*4+2)_$j += x$s.z * y$j;
            c$(s*4+3)_$j += x$s.w * y$j;
#end
#end
        }
        workgroupBarrier();
    }
    var sums = array<vec4f, TILE>(
#for r TM
#for j NJ
        c$(r)_$j,
#end
#end
    );
    let start = batch * M;
    for (var r = 0; r < TM; r++) {
        let m = m0 + r / 4 * 32 + row * 4 + r % 4;
        for (var c = 0; c < TN; c++) {
            let n = n0 + c / 4 * 32 + col * 4 + c % 4;
            if (m < M && n < N) {
                keep(part, start + m, n, sums[r * NJ + c / 4][c % 4]);
            }
        }
    }
}

// Four numbers of a: along k, or along m where a is transposed. Beyond `end` they are zeros.
fn fetch_a(start: i32, m0: i32, k0: i32, end: i32, at: i32) -> vec4f {
#if TRANSPOSE_A
    let k = k0 + at / (BM / 4);
    return select(vec4f(), four_a(start + k * M + m0 + at % (BM / 4) * 4), k < end);
#else
    let k = k0 + at % (BK / 4) * 4;
    return select(vec4f(), four_a(start + min(m0 + at / (BK / 4), M - 1) * K + k), k < end);
#end
}

fn put_a(at: i32, four: vec4f) {
#if TRANSPOSE_A
    block_a[at / (BM / 4) * STRIDE_A + at % (BM / 4)] = four;
#else
    let m = at / (BK / 4);
#for q 4
    block_a[(at % (BK / 4) * 4 + $q) * STRIDE_A + m / 4][m % 4] = four[$q];
#end
#end
}

fn fetch_b(start: i32, n0: i32, k0: i32, end: i32, at: i32) -> vec4f {
#if TRANSPOSE_B
    let k = k0 + at % (BK / 4) * 4;
    return select(vec4f(), four_b(start + min(n0 + at / (BK / 4), N - 1) * K + k), k < end);
#else
    let k = k0 + at / (BN / 4);
    return select(vec4f(), four_b(start + k * N + n0 + at % (BN / 4) * 4), k < end);
#end
}

fn put_b(at: i32, four: vec4f) {
#if TRANSPOSE_B
    let n = at / (BK / 4);
#for q 4
    block_b[(at % (BK / 4) * 4 + $q) * STRIDE_B + n / 4][n % 4] = four[$q];
#end
#else
    block_b[at / (BN / 4) * STRIDE_B + at % (BN / 4)] = four;
#end
}
