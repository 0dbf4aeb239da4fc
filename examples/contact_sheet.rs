//! Writes sheets of drawn cats and dogs, to be looked at: `cargo run --release --example contact_sheet -- [FOLDER] [SEED]`.
//!
//! `large.png` has 100 pictures of 96 pixels, `small.png` 100 of 32 pixels, three times enlarged; `twins.png` shows the
//! same picture as cat and as dog; `breeds.png` one picture of each breed, heads first. Prints how long a drawing takes.

use std::time::Instant;
use whisker::data::cats_dogs::{draw, draw_as};

fn main() {
    let mut words = std::env::args().skip(1);
    let folder = words.next().unwrap_or_else(|| "target".into());
    let seed: u32 = words.next().and_then(|w| w.parse().ok()).unwrap_or(7);
    let write = |name: &str, sheet: Sheet| sheet.write(&format!("{folder}/{name}.png"));

    let mut large = Sheet::new(10, 10, 96);
    let mut small = Sheet::new(10, 10, 96);
    let mut twins = Sheet::new(8, 6, 128);
    let mut bodies = Sheet::new(8, 8, 128);
    for k in 0..100 {
        large.put(k, 96, &draw(seed, k, 96).pixels);
        small.put(k, 32, &draw(seed, k, 32).pixels);
    }
    for k in 0..48 {
        twins.put(k, 128, &draw_as(seed, k / 2, 128, (k % 2) as u32).pixels);
    }
    for (k, i) in (0..2000)
        .filter(|&i| {
            let h = draw(seed, i, 32).head;
            h.bottom - h.top < 17.0
        })
        .take(64)
        .enumerate()
    {
        bodies.put(k, 128, &draw(seed, i, 128).pixels);
    }
    write("bodies", bodies);
    write("large", large);
    write("small", small);
    write("twins", twins);

    for size in [32, 64, 96, 256] {
        let (start, count) = (Instant::now(), 60_000 / size);
        let sum: u64 = (0..count).map(|i| u64::from(draw(seed, i, size).pixels[0])).sum();
        let each = start.elapsed().as_secs_f64() * 1e3 / count as f64;
        println!("{size:>4} px: {each:.3} ms a picture ({count} pictures, first bytes sum to {sum})");
    }
}

/// Pictures in a grid.
struct Sheet {
    columns: usize,
    cell: usize,
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Sheet {
    fn new(columns: usize, rows: usize, cell: usize) -> Sheet {
        let (width, height) = (columns * (cell + 4) + 4, rows * (cell + 4) + 4);
        Sheet { columns, cell, width, height, pixels: vec![255; width * height * 3] }
    }

    /// Puts a square picture into place k, each pixel as often as the cell needs.
    fn put(&mut self, k: usize, size: usize, picture: &[u8]) {
        let (left, top) = (4 + k % self.columns * (self.cell + 4), 4 + k / self.columns * (self.cell + 4));
        for y in 0..self.cell {
            for x in 0..self.cell {
                let from = (y * size / self.cell * size + x * size / self.cell) * 3;
                let to = ((top + y) * self.width + left + x) * 3;
                self.pixels[to..to + 3].copy_from_slice(&picture[from..from + 3]);
            }
        }
    }

    /// There are no files in a browser, where examples are built all the same.
    #[cfg(target_arch = "wasm32")]
    fn write(&self, path: &str) {
        println!("{path}: {} × {} pixels", self.width, self.height);
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn write(&self, path: &str) {
        let file = std::fs::File::create(path).expect("the folder for the sheets exists");
        let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().expect("a sheet has a size");
        writer.write_image_data(&self.pixels).expect("the disk takes the sheet");
        println!("{path}");
    }
}
