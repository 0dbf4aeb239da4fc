// Where the tile `own` of a product lies, and its sums, which begin with nothing.
let n0 = own % TILES_N * TN;
let m0 = own / TILES_N % TILES_M * TM;
let part = own / (TILES_N * TILES_M) % PARTS;
let batch = own / (TILES_N * TILES_M * PARTS);
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
