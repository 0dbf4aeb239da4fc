//! Resize: each axis of an array mixed by a matrix, whose rows say where a new place lies among the old ones.

use super::build::{Build, Made};

/// How new places are found and filled.
#[derive(Default)]
pub struct Way {
    pub nearest: bool,
    pub asymmetric: bool,
    pub cubic: Option<f64>,
    pub transformation: String,
    pub rounding: String,
    pub exclude: bool,
}

pub fn build(b: &mut Build) -> Made {
    let mode = b.node.text("mode", "nearest");
    if b.node.int("antialias", 0) != 0 {
        return Err("antialiasing".into());
    }
    if b.node.text("keep_aspect_ratio_policy", "stretch") != "stretch" {
        return Err("a kept aspect ratio".into());
    }
    let transformation = b.node.text("coordinate_transformation_mode", "half_pixel");
    let way = Way {
        nearest: mode == "nearest",
        asymmetric: b.opset < 11,
        cubic: (mode == "cubic").then(|| f64::from(b.node.float("cubic_coeff_a", -0.75))),
        transformation,
        rounding: b.node.text("nearest_mode", "round_prefer_floor"),
        exclude: b.node.int("exclude_outside", 0) != 0,
    };
    if b.opset < 11 {
        let scales = b.array(1)?.floats();
        return resize(b, &scales, None, &way);
    }
    let rank = b.array(0)?.shape.len();
    let axes = match b.node.ints("axes") {
        Some(axes) => b.axes(&axes, rank)?,
        None => (0..rank).collect(),
    };
    let (mut scales, mut sizes) = (vec![1.0; rank], None);
    let there = |place: usize| b.has(place) && b.array(place).is_ok_and(|one| one.count() > 0);
    if there(3) {
        let given = b.wholes(3)?;
        let mut all = b.array(0)?.shape.clone();
        if given.len() != axes.len() {
            return Err("it needs one size for each axis".into());
        }
        for (axis, size) in axes.iter().zip(super::op::shape::sizes(&given)?) {
            scales[*axis] = size as f32 / all[*axis].max(1) as f32;
            all[*axis] = size;
        }
        sizes = Some(all);
    } else if there(2) {
        let given = b.array(2)?.floats();
        if given.len() != axes.len() {
            return Err("it needs one scale for each axis".into());
        }
        axes.iter().zip(given).for_each(|(axis, scale)| scales[*axis] = scale);
    } else {
        return Err("neither its scales nor its sizes are there".into());
    }
    resize(b, &scales, sizes.as_deref(), &way)
}

/// Resizes every axis by its scale, to `sizes` where these are given.
pub fn resize(b: &mut Build, scales: &[f32], sizes: Option<&[usize]>, way: &Way) -> Made {
    let mut y = b.x(0)?;
    let own = b.sizes(y);
    if scales.len() != own.len() || scales.iter().any(|scale| !(*scale > 0.0 && *scale < 1e6)) {
        return Err("it needs one scale for each axis".into());
    }
    for (axis, &old) in own.iter().enumerate() {
        let scale = f64::from(scales[axis]);
        let new = sizes.map_or((old as f64 * scale).floor() as usize, |sizes| sizes[axis]);
        if new == old && scale == 1.0 {
            continue;
        }
        b.room(&[new, old])?;
        let mut matrix = vec![0.0; new * old];
        for place in 0..new {
            for (from, share) in way.shares(place as f64, [old, new].map(|size| size as f64), scale)? {
                matrix[place * old + from] += share as f32;
            }
        }
        y = b.along(y, axis, new, matrix)?;
    }
    b.like(y)
}

impl Way {
    /// Where a new place lies among the old ones.
    fn old(&self, place: f64, [old, new]: [f64; 2], scale: f64) -> Result<f64, String> {
        let half = (place + 0.5) / scale - 0.5;
        Ok(match self.transformation.as_str() {
            _ if self.asymmetric => place / scale,
            "half_pixel" => half,
            "asymmetric" => place / scale,
            "pytorch_half_pixel" if new > 1.0 => half,
            "pytorch_half_pixel" => 0.0,
            "align_corners" if scale * old != 1.0 && place > 0.0 => place * (old - 1.0) / (scale * old - 1.0),
            "align_corners" => 0.0,
            "half_pixel_symmetric" => {
                let adjusted = new / (scale * old);
                old / 2.0 * (1.0 - adjusted) + half
            }
            other => return Err(format!("places found by {other}")),
        })
    }

    /// The old places that a new one is mixed of, with their shares.
    fn shares(&self, place: f64, sizes: [f64; 2], scale: f64) -> Result<Vec<(usize, f64)>, String> {
        let at = self.old(place, sizes, scale)?;
        let inside = |i: f64| i.clamp(0.0, sizes[0] - 1.0) as usize;
        if self.nearest {
            let rounded = match self.rounding.as_str() {
                "round_prefer_floor" => (at - 0.5).ceil(),
                "round_prefer_ceil" => (at + 0.5).floor(),
                "ceil" => at.ceil(),
                _ => at.floor(),
            };
            return Ok(vec![(inside(rounded), 1.0)]);
        }
        let (base, t) = (at.floor(), at - at.floor());
        let Some(a) = self.cubic else {
            return Ok(vec![(inside(base), 1.0 - t), (inside(base + 1.0), t)]);
        };
        let weight = |d: f64| match d.abs() {
            d if d <= 1.0 => ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0,
            d if d < 2.0 => ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a,
            _ => 0.0,
        };
        let mut shares: Vec<(f64, f64)> = (-1..3).map(|i| (base + f64::from(i), weight(t - f64::from(i)))).collect();
        if self.exclude {
            shares.retain(|(i, _)| (0.0..sizes[0]).contains(i));
            let sum: f64 = shares.iter().map(|(_, share)| share).sum();
            shares.iter_mut().for_each(|(_, share)| *share /= sum);
        }
        Ok(shares.into_iter().map(|(i, share)| (inside(i), share)).collect())
    }
}
