//! The cat and dog artist: the classes differ in shape alone, boxes and masks fit, and the bits are the same everywhere.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use whisker::data::cats_dogs::{BREEDS, Picture, class_of, draw, draw_as};

#[path = "drawings.rs"]
mod drawings;

const SEED: u32 = 7;
const SIZE: usize = 32;
const TRAIN: usize = 2000;
/// Many more than a user's test split, so that chance moves a share by less than one per cent.
const TEST: usize = 3000;

fn pictures() -> &'static [Picture] {
    static PICTURES: OnceLock<Vec<Picture>> = OnceLock::new();
    PICTURES.get_or_init(|| (0..TRAIN + TEST).map(|index| draw(SEED, index, SIZE)).collect())
}

#[test]
fn the_drawings_have_the_same_bits_everywhere() {
    assert_eq!(
        drawings::sum(),
        drawings::SUM,
        "the drawings changed: look at the contact sheet, then note the new sum"
    );
}

#[test]
fn every_other_picture_is_a_cat_in_an_order_of_the_seed() {
    for seed in [0, 7, 99] {
        let classes: Vec<u32> = (0..400).map(|index| class_of(seed, index)).collect();
        assert!(classes.chunks(2).all(|pair| pair[0] + pair[1] == 1), "one cat and one dog in every pair");
        let first: u32 = classes.iter().step_by(2).sum();
        assert!((70..130).contains(&first), "dogs come first in {first} of 200 pairs");
    }
}

#[test]
fn every_breed_is_met() {
    let breeds: BTreeSet<(u32, &str)> = pictures().iter().map(|p| (p.class, p.breed)).collect();
    assert_eq!(breeds.len(), 2 * BREEDS);
}

#[test]
fn masks_and_boxes_fit_at_any_size() {
    for (index, size) in [24, 31, 32, 64, 100, 256, 32, 32, 32, 32].into_iter().enumerate() {
        let p = draw(SEED, index, size);
        assert_eq!((p.pixels.len(), p.mask.len()), (size * size * 3, size * size));
        let inside = |b: &whisker::data::cats_dogs::Box| {
            0.0 <= b.left
                && b.left < b.right
                && b.right <= size as f32
                && 0.0 <= b.top
                && b.top < b.bottom
                && b.bottom <= size as f32
        };
        assert!(inside(&p.head) && inside(&p.body), "picture {index}: {:?} {:?}", p.head, p.body);
        assert!(p.body.left <= p.head.left && p.head.right <= p.body.right, "the body's box holds the head's");
        // whiskers and rims reach a little beyond the box
        let reach = 0.25 * size as f32;
        let stray = (0..size * size).filter(|&i| {
            let (x, y) = ((i % size) as f32, (i / size) as f32);
            let near = p.body.left - reach < x
                && x < p.body.right + reach
                && p.body.top - reach < y
                && y < p.body.bottom + reach;
            p.mask[i] == 1 && !near
        });
        assert_eq!(stray.count(), 0, "picture {index} has animal far from its box");
    }
}

#[test]
fn a_picture_depends_on_seed_index_and_size_alone() {
    assert_eq!(draw(3, 11, 40), draw(3, 11, 40));
    assert_ne!(draw(3, 11, 40).pixels, draw(4, 11, 40).pixels);
    assert_ne!(draw(3, 11, 40).pixels, draw(3, 12, 40).pixels);
    assert_eq!(draw(3, 11, 40), draw_as(3, 11, 40, class_of(3, 11)));
}

#[test]
fn both_cover_the_same_share_of_the_picture() {
    let mean = |class: u32| {
        let of: Vec<&Picture> = pictures().iter().filter(|p| p.class == class).collect();
        of.iter().map(|p| p.mask.iter().map(|&m| f64::from(m)).sum::<f64>()).sum::<f64>()
            / (of.len() * SIZE * SIZE) as f64
    };
    let (cat, dog) = (mean(0), mean(1));
    println!("share of the picture: cats {cat:.3}, dogs {dog:.3}");
    assert!((cat - dog).abs() < 0.02, "cats cover {cat}, dogs {dog}");
}

#[test]
fn colour_does_not_tell_cats_from_dogs() {
    let mean = |p: &Picture| -> Vec<f32> {
        let sum = |c: usize| p.pixels.iter().skip(c).step_by(3).map(|&v| f32::from(v)).sum::<f32>();
        (0..3).map(sum).collect()
    };
    let histogram = |p: &Picture| -> Vec<f32> {
        let mut bins = vec![0.0; 64];
        for c in p.pixels.chunks_exact(3) {
            bins[usize::from(c[0] >> 6) * 16 + usize::from(c[1] >> 6) * 4 + usize::from(c[2] >> 6)] += 1.0;
        }
        bins
    };
    check("mean colour", mean, &[1e-4], 0.55);
    check("colour histogram, 4 × 4 × 4", histogram, &[1e-4, 1e-2], 0.55);
}

#[test]
fn a_straight_line_through_the_pixels_is_not_enough() {
    check("raw pixels", |p| p.pixels.iter().map(|&v| f32::from(v)).collect(), &[0.03, 0.3], 0.72);
}

/// Fits a logistic regression on the train split; the best of the penalties on the test split must stay at or under `most`.
fn check(name: &str, features: impl Fn(&Picture) -> Vec<f32>, penalties: &[f32], most: f64) {
    let mut rows: Vec<Vec<f32>> = pictures().iter().map(features).collect();
    standardise(&mut rows);
    let signs: Vec<f32> = pictures().iter().map(|p| if p.class == 0 { -1.0 } else { 1.0 }).collect();
    let mut best: f64 = 0.0;
    for &penalty in penalties {
        let weights = fit(&rows[..TRAIN], &signs[..TRAIN], penalty);
        let right = |from: usize, to: usize| {
            let hits = (from..to).filter(|&i| dot(&rows[i], &weights) * signs[i] > 0.0).count();
            hits as f64 / (to - from) as f64
        };
        let (train, test) = (right(0, TRAIN), right(TRAIN, TRAIN + TEST));
        println!("{name}, penalty {penalty}: {:.1} % of train, {:.1} % of test", 100.0 * train, 100.0 * test);
        best = best.max(test);
    }
    assert!(best <= most, "{name} tells {:.1} % of the test pictures, more than {:.0} %", 100.0 * best, 100.0 * most);
}

/// Mean 0 and deviation 1 over the train split, and a column of ones.
fn standardise(rows: &mut [Vec<f32>]) {
    let width = rows[0].len();
    for k in 0..width {
        let mean = rows[..TRAIN].iter().map(|r| r[k]).sum::<f32>() / TRAIN as f32;
        let variance = rows[..TRAIN].iter().map(|r| (r[k] - mean) * (r[k] - mean)).sum::<f32>() / TRAIN as f32;
        let by = 1.0 / (variance.sqrt() + 1e-3);
        rows.iter_mut().for_each(|r| r[k] = (r[k] - mean) * by);
    }
    rows.iter_mut().for_each(|r| r.push(1.0));
}

/// Accelerated gradient descent (Nesterov) with the step that the largest eigenvalue allows.
fn fit(rows: &[Vec<f32>], signs: &[f32], penalty: f32) -> Vec<f32> {
    let width = rows[0].len();
    let n = rows.len() as f32;
    let mut direction = vec![1.0; width];
    let mut largest = 1.0;
    for _ in 0..15 {
        let mut next = vec![0.0; width];
        for row in rows {
            add(&mut next, row, dot(row, &direction) / n);
        }
        largest = dot(&next, &next).sqrt();
        direction = next.iter().map(|v| v / largest).collect();
    }
    let step = 1.0 / (0.26 * largest + penalty);
    let (mut w, mut ahead, mut t) = (vec![0.0; width], vec![0.0; width], 1.0f32);
    for _ in 0..200 {
        let mut gradient: Vec<f32> = ahead.iter().map(|v| v * penalty).collect();
        for (row, &sign) in rows.iter().zip(signs) {
            let margin = sign * dot(row, &ahead);
            add(&mut gradient, row, -sign / (1.0 + margin.exp()) / n);
        }
        let next: Vec<f32> = ahead.iter().zip(&gradient).map(|(v, g)| v - step * g).collect();
        let later = 0.5 * (1.0 + (1.0 + 4.0 * t * t).sqrt());
        ahead = next.iter().zip(&w).map(|(new, old)| new + (t - 1.0) / later * (new - old)).collect();
        (w, t) = (next, later);
    }
    w
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

fn add(to: &mut [f32], row: &[f32], by: f32) {
    for (a, b) in to.iter_mut().zip(row) {
        *a += by * b;
    }
}
