//! Where the animal is: indoors and out, one row a place. The same for both species.

use super::canvas::{Canvas, Rgb, hex, luminance, mix, scale};
use super::shape::{Point, Shape, bend};
use crate::tensor::random::Stream;

/// Everything a place needs to know to be drawn.
pub struct Site<'a> {
    pub chance: &'a mut Stream,
    /// Where wall or sky meet the ground, in pixels.
    pub horizon: f32,
    /// Where the animal's feet stand.
    pub ground: f32,
    /// Pixels in a head radius.
    pub unit: f32,
    /// Two colours: what is behind, what is below.
    pub colours: [Rgb; 2],
}

pub struct Place {
    pub name: &'static str,
    /// Choices of (behind, below).
    colours: &'static [[Rgb; 2]],
    pub dark: bool,
    draw: fn(&mut Canvas, &mut Site),
}

const fn row(name: &'static str, dark: bool, colours: &'static [[Rgb; 2]], draw: fn(&mut Canvas, &mut Site)) -> Place {
    Place { name, colours, dark, draw }
}

const SKY: Rgb = hex(0xb9dcec);
const PALE_SKY: Rgb = hex(0xe6eef0);
const EVENING: Rgb = hex(0xf3c9a4);
const GRASS: Rgb = hex(0x8fb56b);
const DEEP_GRASS: Rgb = hex(0x5f8a56);

pub const PLACES: &[Place] = &[
    row(
        "wall",
        false,
        &[
            [hex(0xe7dccb), hex(0xb98d62)],
            [hex(0x9fb8b3), hex(0xd1b48c)],
            [hex(0x5f7486), hex(0xc39a70)],
            [hex(0xe3b7a0), hex(0x8d6a55)],
        ],
        wall,
    ),
    row(
        "sofa",
        false,
        &[
            [hex(0xece4d8), hex(0x6f93a3)],
            [hex(0xd9e0d4), hex(0xc4705c)],
            [hex(0x8fa3a0), hex(0xe2b866)],
            [hex(0xe9d8cf), hex(0x5a6d5d)],
        ],
        sofa,
    ),
    row(
        "rug",
        false,
        &[[hex(0xc79f74), hex(0x9c4a46)], [hex(0x8a6a52), hex(0xdccfb6)], [hex(0xdcc6a4), hex(0x4f7280)]],
        rug,
    ),
    row(
        "window",
        false,
        &[[hex(0xd8c7b4), hex(0x9cc5dc)], [hex(0x7f8f86), hex(0xd9ebf0)], [hex(0xe9e2d6), hex(0x8ab2a0)]],
        window,
    ),
    row(
        "box",
        false,
        &[[hex(0xdfe4e2), hex(0xc49a6a)], [hex(0x7b8a99), hex(0xcda676)], [hex(0xefe0c9), hex(0xb58a5e)]],
        wall,
    ),
    row(
        "bed",
        false,
        &[[hex(0xe8dfe3), hex(0xa9b9d3)], [hex(0xa98f9c), hex(0xf0e6d6)], [hex(0xcdd8d3), hex(0x7d8fb3)]],
        bed,
    ),
    row("grass", false, &[[SKY, GRASS], [PALE_SKY, DEEP_GRASS], [EVENING, GRASS]], grass),
    row("path", false, &[[SKY, hex(0xd5c2a0)], [hex(0x9fbf98), hex(0xc9b79c)], [EVENING, hex(0xb89a80)]], path),
    row(
        "snow",
        false,
        &[[hex(0xa7c3d6), hex(0xf2f5f7)], [PALE_SKY, hex(0xe3ebf2)], [hex(0xe9cfd0), hex(0xf5f0f2)]],
        snow,
    ),
    row("beach", false, &[[SKY, hex(0xe6d0a0)], [EVENING, hex(0xd9b98a)]], beach),
    row("fence", false, &[[hex(0xa9826a), GRASS], [hex(0xe6e4dc), DEEP_GRASS], [hex(0x7d93a0), hex(0xa8b878)]], fence),
    row("flowers", false, &[[SKY, GRASS], [hex(0xcfe0c0), DEEP_GRASS], [EVENING, hex(0x7fa35c)]], flowers),
    row("night", true, &[[hex(0x2c3a5e), hex(0x3f5a58)], [hex(0x3b3560), hex(0x51506e)]], night),
    row(
        "studio",
        false,
        &[
            [hex(0xf0d9c0), hex(0xd9a98a)],
            [hex(0xc2d9d6), hex(0x7fa8a8)],
            [hex(0xd8d0e4), hex(0x9a8fb8)],
            [hex(0x6d7f93), hex(0x48586c)],
            [hex(0xf2e3a8), hex(0xd9b65c)],
        ],
        studio,
    ),
];

/// Picks the place's colours; of two choices the one that stands out better against a coat of this brightness.
pub fn colours(place: &Place, coat: f32, chance: &mut Stream) -> [Rgb; 2] {
    let mut pick = || {
        let light = chance.range(0.9, 1.06);
        let tint = [chance.range(-0.04, 0.04), chance.range(-0.04, 0.04), chance.range(-0.04, 0.04)];
        place.colours[chance.below(place.colours.len())]
            .map(|c| [0, 1, 2].map(|i| ((c[i] + tint[i]) * light).clamp(0.0, 1.0)))
    };
    let (a, b) = (pick(), pick());
    let apart = |c: &[Rgb; 2]| (luminance(c[0]) - coat).abs() + 0.5 * (luminance(c[1]) - coat).abs();
    if apart(&a) >= apart(&b) { a } else { b }
}

pub fn draw(place: &Place, canvas: &mut Canvas, site: &mut Site) {
    (place.draw)(canvas, site);
}

/// What stands before the animal: the front of a box.
pub fn before(place: &Place, canvas: &mut Canvas, site: &mut Site, middle: f32) {
    if place.name != "box" {
        return;
    }
    let u = site.unit;
    let (half, top) = (1.75 * u, site.ground - 0.75 * u);
    let bottom = site.ground + 0.35 * u;
    let card = site.colours[1];
    fill(
        canvas,
        &[[middle - half, top], [middle + half, top], [middle + half * 0.96, bottom], [middle - half * 0.96, bottom]],
        card,
    );
    fill(
        canvas,
        &[[middle - half, top], [middle + half, top], [middle + half, top + 0.12 * u], [middle - half, top + 0.12 * u]],
        scale(card, 1.12),
    );
    for side in [-1.0, 1.0] {
        let x = middle + side * half;
        fill(
            canvas,
            &[[x, top], [x + side * 0.55 * u, top + 0.35 * u], [x + side * 0.5 * u, top + 0.6 * u], [x, top + 0.3 * u]],
            scale(card, 0.82),
        );
    }
}

fn fill(canvas: &mut Canvas, points: &[Point], colour: Rgb) {
    let mut shape = Shape::new();
    shape.polygon(points);
    canvas.fill(&shape, colour, 1.0);
}

fn band(canvas: &mut Canvas, left: f32, top: f32, right: f32, bottom: f32, colour: Rgb) {
    fill(canvas, &[[left, top], [right, top], [right, bottom], [left, bottom]], colour);
}

fn disc(canvas: &mut Canvas, centre: Point, radii: Point, colour: Rgb, alpha: f32) {
    let mut shape = Shape::new();
    shape.ellipse(centre, radii, [1.0, 0.0]);
    canvas.fill(&shape, colour, alpha);
}

/// A wall above, a floor below.
fn room(canvas: &mut Canvas, site: &Site, wall: Rgb, floor: Rgb) {
    let size = canvas.size as f32;
    canvas.gradient(-1.0, size + 1.0, scale(wall, 1.04), scale(wall, 0.94));
    canvas.gradient(site.horizon, size + 1.0, scale(floor, 0.92), scale(floor, 1.05));
}

fn wall(canvas: &mut Canvas, site: &mut Site) {
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

fn sofa(canvas: &mut Canvas, site: &mut Site) {
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

fn rug(canvas: &mut Canvas, site: &mut Site) {
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

fn window(canvas: &mut Canvas, site: &mut Site) {
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

fn bed(canvas: &mut Canvas, site: &mut Site) {
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

fn grass(canvas: &mut Canvas, site: &mut Site) {
    let green = site.colours[1];
    meadow(canvas, site, green);
    clouds(canvas, site);
    blades(canvas, site, green);
}

fn flowers(canvas: &mut Canvas, site: &mut Site) {
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

fn path(canvas: &mut Canvas, site: &mut Site) {
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

fn snow(canvas: &mut Canvas, site: &mut Site) {
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

fn beach(canvas: &mut Canvas, site: &mut Site) {
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

fn fence(canvas: &mut Canvas, site: &mut Site) {
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

fn night(canvas: &mut Canvas, site: &mut Site) {
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

fn studio(canvas: &mut Canvas, site: &mut Site) {
    let size = canvas.size as f32;
    let [light, deep] = site.colours;
    canvas.gradient(-1.0, size + 1.0, deep, scale(deep, 0.92));
    let centre = [size * site.chance.range(0.3, 0.7), size * site.chance.range(0.3, 0.6)];
    canvas.glow(centre, [0.8 * size, 0.8 * size], light, 0.9);
}
