//! Places outdoors.

use super::canvas::{Canvas, Rgb, hex, mix, scale};
use super::scene::{DEEP_GRASS, GRASS, PALE_SKY, SKY, Site, band, disc, fill};
use super::shape::Shape;

fn meadow(canvas: &mut Canvas, site: &mut Site, grass: Rgb) {
    let size = canvas.size as f32;
    let sky = site.colours[0];
    canvas.gradient(-1.0, site.horizon + 1.0, sky, mix(sky, [1.0; 3], 0.35));
    let far = mix(grass, sky, 0.45);
    for _ in 0..2 {
        let x = size * site.chance.range(0.0, 1.0);
        disc(
            canvas,
            [x, site.horizon + 0.05 * size],
            [size * site.chance.range(0.3, 0.6), size * site.chance.range(0.1, 0.22)],
            scale(far, site.chance.range(0.92, 1.05)),
            1.0,
        );
    }
    canvas.gradient(site.horizon, size + 1.0, scale(grass, 0.95), scale(grass, 1.06));
}

fn clouds(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let (x, y) = (size * site.chance.range(0.0, 1.0), size * site.chance.range(0.06, 0.2));
    let mut shape = Shape::new();
    for (dx, dy, r) in [(-0.1, 0.02, 0.06), (0.0, 0.0, 0.08), (0.1, 0.025, 0.055)] {
        shape.disc([x + dx * size, y + dy * size], r * size);
    }
    canvas.fill(&shape, [1.0; 3], 0.65);
}

fn blades(canvas: &mut Canvas, site: &mut Site, grass: Rgb) {
    let size = canvas.size as f32;
    let mut shape = Shape::new();
    for _ in 0..12 {
        let x = size * site.chance.unit();
        let y = site.horizon + (size - site.horizon) * site.chance.range(0.1, 1.0);
        let h = size * 0.05;
        shape.polygon(&[[x - 0.015 * size, y], [x + 0.005 * size, y], [x + 0.02 * size, y - h]]);
        shape.polygon(&[[x, y], [x + 0.018 * size, y], [x - 0.012 * size, y - 0.8 * h]]);
    }
    canvas.fill(&shape, scale(grass, 0.8), 0.7);
}

pub fn grass(canvas: &mut Canvas, site: &mut Site) {
    let green = site.colours[1];
    meadow(canvas, site, green);
    clouds(canvas, site);
    blades(canvas, site, green);
}

pub fn flowers(canvas: &mut Canvas, site: &mut Site) {
    let green = site.colours[1];
    meadow(canvas, site, green);
    blades(canvas, site, green);
    let size = canvas.size as f32;
    let petals = [hex(0xf6e27a), hex(0xf2f0ea), hex(0xe58fa8), hex(0xb59ad6)];
    for _ in 0..14 {
        let x = size * site.chance.unit();
        let y = site.horizon + (size - site.horizon) * site.chance.range(0.08, 1.0);
        let r = size * site.chance.range(0.014, 0.028);
        disc(canvas, [x, y], [r, r], petals[site.chance.below(4)], 0.95);
    }
}

fn tree(canvas: &mut Canvas, x: f32, foot: f32, height: f32, green: Rgb) {
    band(canvas, x - 0.05 * height, foot - 0.4 * height, x + 0.05 * height, foot, hex(0x7b5f4a));
    disc(canvas, [x, foot - 0.65 * height], [0.32 * height, 0.4 * height], green, 1.0);
}

pub fn path(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    meadow(canvas, site, GRASS);
    for _ in 0..2 {
        let (x, h) = (size * site.chance.unit(), size * site.chance.range(0.3, 0.55));
        tree(canvas, x, site.horizon + 0.03 * size, h, mix(DEEP_GRASS, GRASS, site.chance.unit()));
    }
    let middle = size * site.chance.range(0.35, 0.65);
    let away = size * site.chance.range(0.3, 0.7);
    fill(
        canvas,
        &[
            [away - 0.05 * size, site.horizon],
            [away + 0.05 * size, site.horizon],
            [middle + 0.75 * size, size * 1.02],
            [middle - 0.75 * size, size * 1.02],
        ],
        site.colours[1],
    );
}

pub fn snow(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let [sky, white] = site.colours;
    canvas.gradient(-1.0, site.horizon + 1.0, sky, mix(sky, [1.0; 3], 0.4));
    for _ in 0..3 {
        let (x, h) = (size * site.chance.unit(), size * site.chance.range(0.25, 0.5));
        let foot = site.horizon + 0.02 * size;
        let green = mix(hex(0x4d6f69), sky, site.chance.range(0.1, 0.5));
        for k in 0..3 {
            let top = foot - h + 0.24 * h * k as f32;
            let half = h * (0.14 + 0.08 * k as f32);
            fill(canvas, &[[x, top], [x + half, top + 0.42 * h], [x - half, top + 0.42 * h]], green);
        }
    }
    canvas.gradient(site.horizon, size + 1.0, mix(white, sky, 0.2), white);
    for _ in 0..14 {
        let (x, y) = (size * site.chance.unit(), size * site.chance.unit());
        let r = size * 0.012;
        disc(canvas, [x, y], [r, r], [1.0; 3], 0.8);
    }
}

pub fn beach(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let [sky, sand] = site.colours;
    canvas.gradient(-1.0, site.horizon + 1.0, sky, mix(sky, [1.0; 3], 0.45));
    let sea = mix(hex(0x5aa3b8), sky, 0.25);
    canvas.gradient(site.horizon - size * 0.18, site.horizon + 1.0, scale(sea, 0.92), mix(sea, [1.0; 3], 0.25));
    canvas.gradient(site.horizon, size + 1.0, scale(sand, 0.96), scale(sand, 1.05));
    band(canvas, 0.0, site.horizon - 0.012 * size, size, site.horizon + 0.012 * size, hex(0xf6f4ec));
    let x = size * site.chance.unit();
    disc(canvas, [x, 0.14 * size], [0.08 * size, 0.08 * size], hex(0xfbf0c8), 0.9);
}

pub fn fence(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let [wood, grass] = site.colours;
    canvas.gradient(-1.0, size + 1.0, SKY, PALE_SKY);
    let top = site.horizon - size * site.chance.range(0.45, 0.7);
    let step = size * site.chance.range(0.13, 0.18);
    let mut x = -site.chance.range(0.0, step);
    band(canvas, 0.0, top + 0.25 * (site.horizon - top), size, top + 0.36 * (site.horizon - top), scale(wood, 0.8));
    while x < size {
        let w = 0.84 * step;
        fill(
            canvas,
            &[
                [x, top + 0.4 * w],
                [x + 0.5 * w, top],
                [x + w, top + 0.4 * w],
                [x + w, site.horizon + 2.0],
                [x, site.horizon + 2.0],
            ],
            scale(wood, site.chance.range(0.93, 1.06)),
        );
        x += step;
    }
    canvas.gradient(site.horizon, size + 1.0, scale(grass, 0.92), scale(grass, 1.06));
    blades(canvas, site, grass);
}

pub fn night(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let [sky, grass] = site.colours;
    canvas.gradient(-1.0, site.horizon + 1.0, scale(sky, 0.85), scale(sky, 1.35));
    for _ in 0..10 {
        let (x, y) = (size * site.chance.unit(), site.horizon * site.chance.unit());
        let r = size * site.chance.range(0.006, 0.012);
        disc(canvas, [x, y], [r, r], hex(0xf6edc8), 0.9);
    }
    let (x, y) = (size * site.chance.range(0.1, 0.9), size * site.chance.range(0.08, 0.25));
    canvas.glow([x, y], [0.22 * size, 0.22 * size], hex(0xf3e3b0), 0.25);
    disc(canvas, [x, y], [0.075 * size, 0.075 * size], hex(0xf6ecc6), 1.0);
    canvas.gradient(site.horizon, size + 1.0, scale(grass, 0.85), scale(grass, 1.1));
}
