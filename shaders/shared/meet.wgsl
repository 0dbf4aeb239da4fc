// Memory of a workgroup in which the S invocations of each tile of TILE times four numbers lay their sums, to be added up.
var<workgroup> slices: array<vec4f, SUMS>;

fn met(tile: i32, at: i32) -> f32 {
    var sum = slices[tile * S * TILE + at / 4][at % 4];
    for (var s = 1; s < S; s++) {
        sum += slices[(tile * S + s) * TILE + at / 4][at % 4];
    }
    return sum;
}
