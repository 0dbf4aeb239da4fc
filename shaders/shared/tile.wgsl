// Hands a finished tile of TM × TN sums to `keep`, those inside (row, limit) alone.
fn keep_tile(part: i32, row: i32, rows: i32, col: i32, limit: i32, tile: ptr<function, array<vec4f, TILE>>) {
    for (var r = 0; r < min(TM, rows - row); r++) {
        for (var c = 0; c < min(TN, limit - col); c++) {
            keep(part, row + r, col + c, (*tile)[r * NJ + c / 4][c % 4]);
        }
    }
}
