//! The curves of a run: train and test, loss and accuracy, step by step.

use crate::worker::protocol::{Evaluation, Point};

/// How many points a curve has at most; then every second one goes.
const MOST: usize = 4096;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    pub train: Vec<Point>,
    pub test: Vec<Point>,
    /// One point in so many steps is kept.
    every: u32,
}

impl Curves {
    pub fn add_train(&mut self, points: &[Point]) {
        let last = self.train.last().map_or(0, |point| point.step);
        let every = self.every.max(1);
        self.train.extend(
            points.iter().filter(|point| point.step > last || last == 0).filter(|p| p.step % every == 0 || every == 1),
        );
        if self.train.len() > MOST {
            self.every = every * 2;
            let every = self.every;
            self.train.retain(|point| point.step % every == 0);
        }
    }

    pub fn add_test(&mut self, evaluation: &Evaluation) {
        let point = Point { step: evaluation.step, loss: evaluation.loss, accuracy: evaluation.accuracy };
        match self.test.last_mut() {
            Some(last) if last.step >= point.step => *last = point,
            _ => self.test.push(point),
        }
        if self.test.len() > MOST {
            let mut place = 0;
            self.test.retain(|_| {
                place += 1;
                place % 2 == 0
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_keeps_its_span_in_few_points() {
        let mut curves = Curves::default();
        for step in 1..=100_000 {
            curves.add_train(&[Point { step, loss: 1.0, accuracy: None }]);
        }
        assert!(curves.train.len() <= MOST, "{} points", curves.train.len());
        assert!(curves.train.first().is_some_and(|point| point.step < 100));
        assert!(curves.train.last().is_some_and(|point| point.step > 99_900));
    }
}
