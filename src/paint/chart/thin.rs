//! Fewer points for the same line, and a calmer line through noisy points.

use crate::tensor::sorted::sort_by_key;

/// An exponential moving average of the values that is fair from the first point on: the weights of the past are
/// divided by their sum (Kingma and Ba 2015, section 3, on moments). A value that is not a number stays one.
pub fn smooth(points: &[[f32; 2]], keep: f32) -> Vec<[f32; 2]> {
    let keep = keep.clamp(0.0, 0.999);
    let (mut sum, mut weight) = (0.0f32, 0.0f32);
    let next = |[step, value]: [f32; 2]| {
        if value.is_nan() {
            return [step, value];
        }
        sum = keep * sum + (1.0 - keep) * value;
        weight = keep * weight + (1.0 - keep);
        [step, sum / weight]
    };
    points.iter().copied().map(next).collect()
}

/// Keeps the first, the lowest, the highest and the last point of each pixel column (a whole number of x).
///
/// The drawn line covers the same pixels as before. Points come in pixels, x rising; a break (NaN) is kept.
pub fn thin(points: impl IntoIterator<Item = [f32; 2]>) -> Vec<[f32; 2]> {
    let mut kept = Vec::new();
    let mut column: Vec<[f32; 2]> = Vec::new();
    for point in points {
        let leaves = column.first().is_some_and(|first| first[0].floor() != point[0].floor());
        if leaves || point[1].is_nan() {
            flush(&mut column, &mut kept);
        }
        if point[1].is_nan() {
            kept.push(point);
        } else {
            column.push(point);
        }
    }
    flush(&mut column, &mut kept);
    kept
}

fn flush(column: &mut Vec<[f32; 2]>, kept: &mut Vec<[f32; 2]>) {
    if column.len() <= 4 {
        kept.append(column);
        return;
    }
    let by_height = |a: &usize, b: &usize| column[*a][1].total_cmp(&column[*b][1]);
    let low = (0..column.len()).min_by(by_height).unwrap_or(0);
    let high = (0..column.len()).max_by(by_height).unwrap_or(0);
    let mut picks = [0, low, high, column.len() - 1];
    sort_by_key(&mut picks, |&pick| pick);
    for (place, pick) in picks.iter().enumerate() {
        if place == 0 || picks[place - 1] != *pick {
            kept.push(column[*pick]);
        }
    }
    column.clear();
}
