// The first index of the maximum along the middle axis; a workgroup makes WG results. Its twin is src/device/cpu/argmax.rs.
#import shared/each

fn core(row: i32, col: i32) -> f32 {
    let start = row * LENGTH * COLS + col;
    var best = x(start);
    var place = 0;
    for (var i = 1; i < LENGTH; i++) {
        let value = x(start + i * COLS);
        if (value > best) {
            best = value;
            place = i;
        }
    }
    return f32(place);
}
