//! What a network's output says: classes, probabilities, and how often they are right.

use crate::nn::loss::Reads;

/// How a network does on the test split.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    pub loss: f32,
    pub confusion: Confusion,
}

/// How often which class was taken for which.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Confusion {
    pub classes: usize,
    /// Row by row: the true class, then what was said.
    pub counts: Vec<u32>,
    /// For each sample what was said.
    pub said: Vec<u32>,
}

impl Evaluation {
    /// The share that is right, 0 to 1.
    pub fn accuracy(&self) -> f32 {
        let right: u32 =
            (0..self.confusion.classes).map(|class| self.confusion.counts[class * (self.confusion.classes + 1)]).sum();
        right as f32 / self.confusion.said.len().max(1) as f32
    }
}

impl Confusion {
    /// output: [n, classes], the largest number is what is said.
    pub fn of(output: &[f32], labels: &[u32], classes: usize) -> Confusion {
        let said: Vec<u32> = output.chunks(classes).map(|row| largest(row) as u32).collect();
        let mut counts = vec![0; classes * classes];
        for (&label, &said) in labels.iter().zip(&said) {
            if (label as usize) < classes {
                counts[label as usize * classes + said as usize] += 1;
            }
        }
        Confusion { classes, counts, said }
    }
}

/// The place of the largest number, the first of equals.
pub fn largest(row: &[f32]) -> usize {
    (0..row.len()).fold(0, |best, place| if row[place] > row[best] { place } else { best })
}

/// What the outputs [n, classes] mean as probabilities, for a loss that reads them so.
pub fn probabilities(output: &[f32], classes: usize, reads: Reads) -> Vec<f32> {
    match reads {
        Reads::Softmax => output.chunks(classes).flat_map(softmax).collect(),
        Reads::Sigmoid => output.iter().map(|&logit| (1.0 / (1.0 + libm::exp(-f64::from(logit)))) as f32).collect(),
        Reads::Plain => output.to_vec(),
    }
}

fn softmax(row: &[f32]) -> Vec<f32> {
    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = row.iter().map(|&logit| libm::exp(f64::from(logit - top))).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| (power / sum) as f32).collect()
}
