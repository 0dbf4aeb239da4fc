// One of the five steps of pooling, or the maximum with its place; a workgroup makes WG numbers. Its twin is src/device/cpu/pool.rs.
#import shared/each

#if WINDOW
// One result for each window of x [n, H, W, COLS]; its corner may lie outside, in the padding.
fn core(row: i32, col: i32) -> f32 {
    let line = div_OW(row);
    let n = div_OH(line);
    let top = (line - n * OH) * SH - PH;
    let left = (row - line * OW) * SW - PW;
    let start = n * (H * W);
#if TAKE
    return a((start + i32(places(row * COLS + col))) * COLS + col);
#else
#if INSIDE
    // The window is written out.
    let corner = top * W + left;
    let at = (start + corner) * COLS + col;
#if SUM
    var sum = 0.0;
#for y KH
#for x KW
    sum += a(at + ($y * W + $x) * COLS);
#end
#end
    return sum;
#else
    var best = a(at);
    var place = corner;
#for y KH
#for x KW
    let v$(y)_$x = a(at + ($y * W + $x) * COLS);
    place = select(place, corner + $y * W + $x, v$(y)_$x > best);
    best = max(best, v$(y)_$x);
#end
#end
    return chosen(row, col, best, place);
#end
#else
    let y1 = min(top + KH, H);
    let x1 = min(left + KW, W);
#if SUM
    var sum = 0.0;
    for (var y = max(top, 0); y < y1; y++) {
        for (var x = max(left, 0); x < x1; x++) {
            sum += a((start + y * W + x) * COLS + col);
        }
    }
    return sum;
#else
    var best = -3.4028234e38;
    var place = max(top, 0) * W + max(left, 0);
    for (var y = max(top, 0); y < y1; y++) {
        for (var x = max(left, 0); x < x1; x++) {
            let value = a((start + y * W + x) * COLS + col);
            if (value > best) {
                best = value;
                place = y * W + x;
            }
        }
    }
    return chosen(row, col, best, place);
#end
#end
#end
}

fn chosen(row: i32, col: i32, best: f32, place: i32) -> f32 {
#if PLACES
    put_places(row * COLS + col, f32(place));
    return best;
#else
    return f32(place);
#end
}
#else
// One result for each pixel of x: the windows that hold it are walked in order.
fn core(row: i32, col: i32) -> f32 {
    let line = div_W(row);
    let n = div_H(line);
    let y = line - n * H;
    let x = row - line * W;
    let here = f32(y * W + x);
#if APART
    let oh = div_SH(y);
    let ow = div_SW(x);
    let i = ((n * OH + oh) * OW + ow) * COLS + col;
#if PUT
    return select(0.0, a(i), (oh < OH) & (ow < OW) & (places(i) == here));
#else
    return select(0.0, a(i), (oh < OH) & (ow < OW));
#end
#else
    let h = y + PH;
    let w = x + PW;
    var sum = 0.0;
    for (var oh = max(h - KH + SH, 0) / SH; oh <= min(h / SH, OH - 1); oh++) {
        for (var ow = max(w - KW + SW, 0) / SW; ow <= min(w / SW, OW - 1); ow++) {
            let i = ((n * OH + oh) * OW + ow) * COLS + col;
#if PUT
            if (places(i) == here) {
                sum += a(i);
            }
#else
            sum += a(i);
#end
        }
    }
    return sum;
#end
}
#end
