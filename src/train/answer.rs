//! What a network says in use, and what that means: classes, probabilities, and how often they are right.

use super::compose::{self, Batch};
use super::{Purpose, Session};
use crate::nn::loss::Reads;

/// The most samples that one run of the network in use takes, and the most numbers that a layer makes of them.
const CHUNK: usize = 1024;
const NUMBERS: usize = 1 << 23;

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

impl Session {
    /// The network's output as in use, for samples that the caller brings. x: [n, sample..] → [n, output..].
    pub async fn predict(&mut self, x: &[f32]) -> Result<Vec<f32>, String> {
        let count = self.count(x)?;
        let width = x.len() / count;
        let mut output = Vec::new();
        for part in x.chunks(self.chunk() * width) {
            let program = self.program(Purpose::Answer(Batch::Given(part.len() / width))).await?;
            self.device.write(&compose::x(part.len() / width), 0, part);
            let own = self.run(program, "output").await?;
            if output.is_empty() { output = own } else { output.extend(own) }
        }
        Ok(output)
    }

    /// The network's output and the mean loss for samples of the set, by their indices.
    pub async fn answer(&mut self, indices: &[usize]) -> Result<(Vec<f32>, f32), String> {
        self.draw(indices)?;
        let (mut output, mut loss) = (Vec::new(), 0.0);
        for part in indices.chunks(self.chunk()) {
            let program = self.program(Purpose::Answer(Batch::Indices(part.len()))).await?;
            let numbers: Vec<f32> = part.iter().map(|&index| index as f32).collect();
            self.device.write(&compose::indices(part.len()), 0, &numbers);
            output.extend(self.run(program, "output").await?);
            let loaded = self.programs[program].loaded;
            loss += f64::from(self.device.read(loaded, "loss").await?[0]) * part.len() as f64;
        }
        Ok((output, (loss / indices.len().max(1) as f64) as f32))
    }

    /// How the network does on the test split, without the penalty.
    pub async fn evaluate(&mut self) -> Result<Evaluation, String> {
        let test: Vec<usize> = match &self.data {
            Some(data) => data.test().collect(),
            None => Vec::new(),
        };
        if test.is_empty() {
            return Err(
                "There is no test split to evaluate on: name a set under \"data\", with \"test\" above 0.".into()
            );
        }
        let (output, loss) = self.answer(&test).await?;
        let data = self.data.as_ref().expect("it has a test split");
        let labels: Vec<u32> = test.iter().map(|&index| data.labels[index]).collect();
        let classes = *self.network.output().last().expect("an output has an axis");
        Ok(Evaluation { loss, confusion: Confusion::of(&output, &labels, classes) })
    }

    /// The result of every layer, in the order of the document, for samples that the caller brings: for each layer
    /// [n, shape..].
    pub async fn inspect(&mut self, x: &[f32]) -> Result<Vec<Vec<f32>>, String> {
        let count = self.count(x)?;
        let program = self.program(Purpose::Inspect(count)).await?;
        self.device.write(&compose::x(count), 0, x);
        let all = self.run(program, "all").await?;
        let mut rest = &all[..];
        let mut layers = Vec::new();
        for piece in &self.network.pieces {
            let (own, after) = rest.split_at(count * piece.shape.count());
            layers.push(own.to_vec());
            rest = after;
        }
        Ok(layers)
    }

    /// How many samples one run of the network in use takes.
    fn chunk(&self) -> usize {
        let largest = self.network.pieces.iter().map(|piece| piece.held).max().unwrap_or(1);
        (NUMBERS / largest.max(1)).clamp(1, CHUNK)
    }
}
