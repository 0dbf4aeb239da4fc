//! Places indoors.

use super::canvas::{Canvas, Rgb, hex, luminance, mix, scale};
use super::scene::{DEEP_GRASS, Site, band, disc};
use super::shape::{Shape, bend};

/// A wall above, a floor below.
fn room(canvas: &mut Canvas, site: &Site, wall: Rgb, floor: Rgb) {
    let size = canvas.size as f32;
    canvas.gradient(-1.0, size + 1.0, scale(wall, 1.04), scale(wall, 0.94));
    canvas.gradient(site.horizon, size + 1.0, scale(floor, 0.92), scale(floor, 1.05));
}

pub fn wall(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let [wall, floor] = site.colours;
    let floor = if luminance(wall) > 0.5 && site.chance.unit() < 0.5 { scale(floor, 0.95) } else { floor };
    room(canvas, site, wall, floor);
    match site.chance.below(3) {
        0 => {
            let step = size * site.chance.range(0.14, 0.22);
            let mut x = site.chance.range(0.0, step);
            while x < size {
                band(canvas, x, 0.0, x + 0.3 * step, site.horizon, mix(wall, scale(wall, 0.9), 0.8));
                x += step;
            }
        }
        1 => {
            let (x, y) = (size * site.chance.range(0.05, 0.75), size * site.chance.range(0.04, 0.2));
            let (w, h) = (size * site.chance.range(0.16, 0.26), size * site.chance.range(0.16, 0.28));
            band(canvas, x, y, x + w, y + h, hex(0x7a5c48));
            let b = 0.02 * size;
            band(canvas, x + b, y + b, x + w - b, y + h - b, hex(0xe9e4d8));
            disc(canvas, [x + 0.5 * w, y + 0.55 * h], [0.22 * w, 0.22 * h], scale(floor, 0.9), 1.0);
        }
        _ => {}
    }
    let line = 0.025 * size;
    band(canvas, 0.0, site.horizon - line, size, site.horizon, mix(wall, [1.0; 3], 0.5));
    band(canvas, 0.0, site.horizon, size, site.horizon + 0.3 * line, scale(floor, 0.75));
}

pub fn sofa(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let [wall, cloth] = site.colours;
    canvas.gradient(-1.0, size + 1.0, scale(wall, 1.03), scale(wall, 0.94));
    let top = site.horizon - size * site.chance.range(0.25, 0.4);
    let seat = site.horizon + 0.02 * size;
    let split = size * site.chance.range(0.3, 0.7);
    for (left, right) in [(-0.2 * size, split), (split, 1.2 * size)] {
        let r = 0.09 * size;
        let mut shape = Shape::new();
        shape.hull(&[
            ([left + r, top + r], r),
            ([right - r, top + r], r),
            ([left + r, size], r),
            ([right - r, size], r),
        ]);
        canvas.fill(&shape.grown(0.008 * size), scale(cloth, 0.72), 1.0);
        canvas.fill(&shape, scale(cloth, 0.95), 1.0);
    }
    canvas.gradient(seat, size + 1.0, scale(cloth, 1.1), scale(cloth, 0.98));
    band(canvas, 0.0, seat - 0.015 * size, size, seat + 0.01 * size, scale(cloth, 0.76));
}

pub fn rug(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let [floor, rug] = site.colours;
    canvas.gradient(-1.0, size + 1.0, scale(floor, 0.9), scale(floor, 1.05));
    let mut y = site.chance.range(0.0, 0.12) * size;
    while y < size {
        band(canvas, 0.0, y, size, y + 0.008 * size, scale(floor, 0.82));
        y += 0.13 * size;
    }
    let centre = [size * site.chance.range(0.35, 0.65), site.ground.min(0.95 * size) - 0.02 * size];
    let wide = size * site.chance.range(0.5, 0.62);
    disc(canvas, centre, [wide, 0.42 * wide], rug, 1.0);
    disc(canvas, centre, [0.84 * wide, 0.34 * wide], mix(rug, hex(0xf3e6cf), 0.55), 1.0);
    disc(canvas, centre, [0.74 * wide, 0.29 * wide], scale(rug, 0.94), 1.0);
}

pub fn window(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let [wall, sky] = site.colours;
    canvas.gradient(-1.0, size + 1.0, scale(wall, 1.02), scale(wall, 0.92));
    let (left, right) = (size * site.chance.range(0.02, 0.2), size * site.chance.range(0.8, 0.98));
    let bottom = site.horizon;
    band(canvas, left, -1.0, right, bottom, hex(0xf4efe6));
    let b = 0.03 * size;
    canvas.shade = Default::default();
    band(canvas, left + b, -1.0, right - b, bottom - b, sky);
    disc(
        canvas,
        [size * site.chance.range(0.2, 0.8), bottom - b],
        [0.3 * size, 0.16 * size],
        mix(sky, DEEP_GRASS, 0.55),
        1.0,
    );
    band(canvas, left, bottom - b, right, bottom + 0.5, hex(0xf4efe6));
    let cross = size * site.chance.range(0.42, 0.58);
    band(canvas, cross - 0.3 * b, -1.0, cross + 0.3 * b, bottom, hex(0xf4efe6));
    band(canvas, 0.0, bottom, size, bottom + 0.06 * size, scale(wall, 1.12));
    band(canvas, 0.0, bottom + 0.06 * size, size, bottom + 0.075 * size, scale(wall, 0.8));
    let curtain = mix(wall, hex(0xb5545a), site.chance.range(0.2, 0.7));
    for (a, b) in [(-0.1, 0.13), (0.88, 1.1)] {
        band(canvas, a * size, -1.0, b * size, bottom + 0.1 * size, curtain);
    }
}

pub fn bed(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let [wall, cover] = site.colours;
    room(canvas, site, wall, cover);
    let x = size * site.chance.range(0.1, 0.9);
    let y = site.horizon - 0.02 * size;
    let mut pillow = Shape::new();
    pillow.hull(&[
        ([x - 0.2 * size, y], 0.09 * size),
        ([x + 0.2 * size, y], 0.09 * size),
        ([x, y - 0.04 * size], 0.09 * size),
    ]);
    canvas.fill(&pillow.grown(0.01 * size), scale(cover, 0.75), 0.8);
    canvas.fill(&pillow, hex(0xf4efe8), 1.0);
    for k in 0..3 {
        let y = site.horizon + (0.1 + 0.13 * k as f32) * size;
        let start = size * site.chance.range(-0.1, 0.5);
        let mut fold = Shape::new();
        fold.stroke(
            &bend([start, y], [start + 0.25 * size, y + 0.06 * size], [start + 0.5 * size, y], 5),
            0.0,
            0.03 * size,
        );
        canvas.fill(&fold, scale(cover, 0.82), 0.7);
    }
}

pub fn studio(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let [light, deep] = site.colours;
    canvas.gradient(-1.0, size + 1.0, deep, scale(deep, 0.92));
    let centre = [size * site.chance.range(0.3, 0.7), size * site.chance.range(0.3, 0.6)];
    canvas.glow(centre, [0.8 * size, 0.8 * size], light, 0.9);
}
