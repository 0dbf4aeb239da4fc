// Adds to the sums of a tile of TM × TN what the four terms from k on give.
#if TRANSPOSE_A
#for s MJ
#for q 4
let t$(s)_$q = four_a(a_start + (k + $q) * M + m0 + 4 * $s);
#end
let a$(s)_0 = vec4f(t$(s)_0.x, t$(s)_1.x, t$(s)_2.x, t$(s)_3.x);
let a$(s)_1 = vec4f(t$(s)_0.y, t$(s)_1.y, t$(s)_2.y, t$(s)_3.y);
let a$(s)_2 = vec4f(t$(s)_0.z, t$(s)_1.z, t$(s)_2.z, t$(s)_3.z);
let a$(s)_3 = vec4f(t$(s)_0.w, t$(s)_1.w, t$(s)_2.w, t$(s)_3.w);
#end
#else
#for s MJ
#for q 4
let a$(s)_$q = four_a(at$(s*4+q) + k);
#end
#end
#end
#for j NJ
#if TRANSPOSE_B
#for q 4
let u$(j)_$q = four_b(b_start + min(n0 + 4 * $j + $q, N - 1) * K + k);
#end
let b$(j)_0 = vec4f(u$(j)_0.x, u$(j)_1.x, u$(j)_2.x, u$(j)_3.x);
let b$(j)_1 = vec4f(u$(j)_0.y, u$(j)_1.y, u$(j)_2.y, u$(j)_3.y);
let b$(j)_2 = vec4f(u$(j)_0.z, u$(j)_1.z, u$(j)_2.z, u$(j)_3.z);
let b$(j)_3 = vec4f(u$(j)_0.w, u$(j)_1.w, u$(j)_2.w, u$(j)_3.w);
#else
#for q 4
let b$(j)_$q = four_b(b_start + (k + $q) * N + n0 + 4 * $j);
#end
#end
#for s MJ
#for q 4
c$(s*4+q)_$j += a$(s)_$q.x * b$(j)_0 + a$(s)_$q.y * b$(j)_1 + a$(s)_$q.z * b$(j)_2 + a$(s)_$q.w * b$(j)_3;
#end
#end
#end
