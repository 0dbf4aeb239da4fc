//! A picture of any size to a square of the size that the network reads.
//!
//! The middle square is cut out; where it shrinks, a new pixel is the average of the area it covers, so that nothing
//! flickers away between samples; where it grows, it is blended between neighbours.

/// The middle square of `rgb` (width × height × 3 bytes) at size × size × 3 bytes.
pub fn square(rgb: &[u8], width: usize, height: usize, size: usize) -> Vec<u8> {
    assert_eq!(rgb.len(), width * height * 3, "a picture of {width} × {height} has three bytes a pixel");
    assert!(width > 0 && height > 0 && size > 0, "a picture has at least one pixel");
    let side = width.min(height);
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    if side == size {
        return (top..top + side).flat_map(|y| &rgb[(y * width + left) * 3..][..side * 3]).copied().collect();
    }
    let taps = taps(side, size);
    // Across first: `side` rows of `size` pixels, then down.
    let mut rows = vec![0.0f32; side * size * 3];
    for y in 0..side {
        let row = &rgb[((top + y) * width + left) * 3..][..side * 3];
        for (x, tap) in taps.iter().enumerate() {
            for (offset, weight) in tap.weights.iter().enumerate() {
                for c in 0..3 {
                    rows[(y * size + x) * 3 + c] += weight * f32::from(row[(tap.first + offset) * 3 + c]);
                }
            }
        }
    }
    let mut out = Vec::with_capacity(size * size * 3);
    let mut sums = vec![0.0f32; size * 3];
    for tap in &taps {
        sums.fill(0.5);
        for (offset, weight) in tap.weights.iter().enumerate() {
            let row = &rows[(tap.first + offset) * size * 3..][..size * 3];
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        }
        out.extend(sums.iter().map(|sum| sum.clamp(0.0, 255.0) as u8));
    }
    out
}

/// Pixels of four bytes as pixels of three; what shines through is put on white.
pub fn opaque(rgba: &[u8]) -> Vec<u8> {
    let over = |value: u8, alpha: u8| {
        ((u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha)) + 127) / 255) as u8
    };
    rgba.chunks_exact(4).flat_map(|p| [over(p[0], p[3]), over(p[1], p[3]), over(p[2], p[3])]).collect()
}

/// Which old pixels make a new one, and how much of each; the weights sum to 1.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

fn taps(old: usize, new: usize) -> Vec<Tap> {
    let scale = old as f32 / new as f32;
    (0..new)
        .map(|place| {
            if new > old {
                // Half-pixel centres, edges repeated.
                let centre = ((place as f32 + 0.5) * scale - 0.5).clamp(0.0, (old - 1) as f32);
                let first = centre as usize;
                let share = centre - first as f32;
                let weights = if first + 1 < old { vec![1.0 - share, share] } else { vec![1.0] };
                return Tap { first, weights };
            }
            let (from, to) = (place as f32 * scale, (place + 1) as f32 * scale);
            let first = from as usize;
            let last = (libm::ceilf(to) as usize).min(old);
            let covered = |pixel: usize| (to.min((pixel + 1) as f32) - from.max(pixel as f32)).max(0.0) / scale;
            Tap { first, weights: (first..last).map(covered).collect() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(values: &[u8]) -> Vec<u8> {
        values.iter().flat_map(|v| [*v; 3]).collect()
    }

    #[test]
    fn a_shrunk_pixel_is_the_average_of_its_area() {
        let checker: Vec<u8> = grey(&[0, 100, 0, 100, 200, 40, 20, 0, 0, 0, 255, 255, 0, 0, 255, 255]);
        // (0+100+200+40)/4 = 85, (0+100+20+0)/4 = 30, 0, 255
        assert_eq!(square(&checker, 4, 4, 2), grey(&[85, 30, 0, 255]));
        // Three to two: a row a b c becomes (a + b/2)/1.5 and (b/2 + c)/1.5; columns are all alike here.
        let stripes = grey(&[30, 60, 90, 30, 60, 90, 30, 60, 90]);
        assert_eq!(square(&stripes, 3, 3, 2), grey(&[40, 80, 40, 80]));
    }

    #[test]
    fn the_middle_is_kept_and_colour_survives() {
        // Two columns of black on either side of a white square.
        let wide: Vec<u8> = (0..2 * 6).flat_map(|i| [if (2..4).contains(&(i % 6)) { 255 } else { 0 }; 3]).collect();
        assert_eq!(square(&wide, 6, 2, 2), vec![255; 12]);
        for (width, height, size) in [(1, 1, 5), (7, 3, 4), (200, 151, 32), (33, 33, 32), (31, 40, 32)] {
            let flat: Vec<u8> = [200, 17, 3].repeat(width * height);
            assert_eq!(square(&flat, width, height, size), [200, 17, 3].repeat(size * size), "{width} × {height}");
        }
    }

    #[test]
    fn what_shines_through_is_white() {
        assert_eq!(
            opaque(&[10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 255, 128]),
            [10, 20, 30, 255, 255, 255, 127, 177, 255]
        );
    }

    #[test]
    fn enlarging_blends_between_neighbours() {
        // Centres of four new pixels in two old ones: -0.25 (edge), 0.25, 0.75, 1.25 (edge).
        assert_eq!(square(&grey(&[0, 100, 0, 100]), 2, 2, 4)[..12], grey(&[0, 25, 75, 100]));
    }
}
