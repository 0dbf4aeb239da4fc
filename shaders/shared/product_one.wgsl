// Adds to the sums of a tile of TM × TN what the term k gives.
#for r TM
#if TRANSPOSE_A
let a$r = a(a_start + k * M + min(m0 + $r, M - 1));
#else
let a$r = a(at$r + k);
#end
#end
#for j NJ
#if TRANSPOSE_B
let b$j = vec4f(
#for q 4
    b(b_start + min(n0 + 4 * $j + $q, N - 1) * K + k),
#end
);
#else
let b$j = four_b(b_start + k * N + n0 + 4 * $j);
#end
#for r TM
c$(r)_$j += a$r * b$j;
#end
#end
