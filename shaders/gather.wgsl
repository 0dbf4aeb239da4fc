// Rows of a table by indices, clamped; a workgroup makes WG numbers. Its twin is src/device/cpu/gather.rs.
#import shared/each

fn core(row: i32, col: i32) -> f32 {
    let chosen = clamp(i32(indices(row)), 0, ROWS - 1);
    return table(chosen * COLS + col);
}
