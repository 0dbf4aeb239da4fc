// Adds up the rows of each index, in order, where there are few; a workgroup makes WG numbers. Its twin is src/device/cpu/scatter_add.rs.
#import shared/each

fn core(row: i32, col: i32) -> f32 {
    var sum = 0.0;
    for (var i = 0; i < INDICES; i++) {
        if (max(i32(indices(i)), 0) == row) {
            sum += values(i * COLS + col);
        }
    }
    return sum;
}
