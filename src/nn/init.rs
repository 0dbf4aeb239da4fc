//! Initial values: what each parameter starts with, from the seed and the parameter's name alone.
//!
//! He normal: N(0, 2 / in), for kernels before a rectifier (He et al., "Delving Deep into Rectifiers", 2015, eq. 10).
//! Glorot uniform: U(−a, a), a = √(6 / (in + out)), elsewhere (Glorot and Bengio, 2010, eq. 16). Recurrent kernels
//! start orthogonal (Saxe et al., 2014). `in` and `out` count the numbers that one result sums over, and the results
//! that one number goes into.

use crate::tensor::{
    Shape,
    random::{Stream, purpose},
};

/// How a parameter starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    Full(f32),
    HeNormal {
        fan_in: usize,
    },
    GlorotUniform {
        fan_in: usize,
        fan_out: usize,
    },
    Normal {
        deviation: f32,
    },
    /// Orthonormal columns or rows, block by block along the last axis: [n, g·n] is g squares.
    Orthogonal,
    /// The bias of an lstm: 1 in the second quarter, the forget gate, else 0.
    ForgetGate,
}

impl Init {
    /// A kernel's start, by whether a rectifier comes after it.
    pub fn kernel(fan_in: usize, fan_out: usize, rectifies: bool) -> Init {
        match rectifies {
            true => Init::HeNormal { fan_in },
            false => Init::GlorotUniform { fan_in, fan_out },
        }
    }
}

/// The numbers that the parameter `name` starts with.
pub fn values(init: Init, shape: &Shape, seed: u32, name: &str) -> Vec<f32> {
    let mut stream = Stream::new(seed, purpose(name));
    let count = shape.count();
    match init {
        Init::Full(value) => vec![value; count],
        Init::HeNormal { fan_in } => normal(&mut stream, count, (2.0 / fan_in.max(1) as f64).sqrt() as f32),
        Init::GlorotUniform { fan_in, fan_out } => {
            let bound = (6.0 / (fan_in + fan_out).max(1) as f64).sqrt() as f32;
            (0..count).map(|_| stream.range(-bound, bound)).collect()
        }
        Init::Normal { deviation } => normal(&mut stream, count, deviation),
        Init::Orthogonal => orthogonal(&mut stream, shape),
        Init::ForgetGate => (0..count).map(|i| if (count / 4..count / 2).contains(&i) { 1.0 } else { 0.0 }).collect(),
    }
}

fn normal(stream: &mut Stream, count: usize, deviation: f32) -> Vec<f32> {
    (0..count).map(|_| stream.normal() * deviation).collect()
}

/// [rows, blocks·rows]: each square block holds normal numbers whose rows are then made orthonormal in f64
/// (Gram and Schmidt, twice, which is enough to lose no digits that `f32` can hold).
fn orthogonal(stream: &mut Stream, shape: &Shape) -> Vec<f32> {
    let (rows, columns) = (shape[0], shape[1]);
    assert!(rows > 0 && columns.is_multiple_of(rows), "a recurrent kernel is a row of squares");
    let mut out = vec![0.0; rows * columns];
    for block in 0..columns / rows {
        let mut basis: Vec<Vec<f64>> = Vec::with_capacity(rows);
        while basis.len() < rows {
            let mut row: Vec<f64> = (0..rows).map(|_| f64::from(stream.normal())).collect();
            for _ in 0..2 {
                for other in &basis {
                    let shared = dot(&row, other);
                    row.iter_mut().zip(other).for_each(|(x, y)| *x -= shared * y);
                }
            }
            let length = dot(&row, &row).sqrt();
            if length > 1e-6 {
                basis.push(row.iter().map(|x| x / length).collect());
            }
        }
        for (r, row) in basis.iter().enumerate() {
            for (c, x) in row.iter().enumerate() {
                out[r * columns + block * rows + c] = *x as f32;
            }
        }
    }
    out
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
