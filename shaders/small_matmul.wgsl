// A stage that multiplies small matrices: an invocation sums one result; the workgroup shares the results. Its twin is
// src/device/cpu/matmul.rs.
#import shared/each

fn core(row: i32, col: i32) -> f32 {
    let batch = div_M(row);
    let m = row - batch * M;
#if SHARED_B
    let b_start = 0;
#else
    let b_start = batch * (K * N);
#end
    var sum = 0.0;
    for (var k = 0; k < K; k++) {
#if TRANSPOSE_A
        let left = a(batch * (M * K) + k * M + m);
#else
        let left = a(row * K + k);
#end
#if TRANSPOSE_B
        sum += left * b(b_start + col * K + k);
#else
        sum += left * b(b_start + k * N + col);
#end
    }
    return sum;
}
