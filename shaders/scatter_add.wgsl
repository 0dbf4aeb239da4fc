// Adds up the rows of each index: a workgroup makes X times four columns of a row, each from Y slices of the indices. Its twin
// is src/device/cpu/scatter_add.rs.
var<workgroup> slices: array<vec4f, WG>;

fn run(group: i32, lane: i32) {
    let at = group * X + lane % X;
    let y = lane / X;
    let row = at / FOURS_WIDE;
    let col = at % FOURS_WIDE * 4;
    var sum = vec4f();
    if (row < ROWS) {
        for (var i = y; i < INDICES; i += Y) {
            if (max(i32(indices(i)), 0) == row) {
                sum += four_values(i * COLS + col);
            }
        }
    }
#if SLICED
    slices[lane] = sum;
    workgroupBarrier();
    if (y == 0) {
        for (var s = 1; s < Y; s++) {
            sum += slices[lane + s * X];
        }
    }
#end
    if (y == 0 && row < ROWS) {
        for (var c = 0; c < min(4, COLS - col); c++) {
            finish(row, col + c, sum[c]);
        }
    }
}
