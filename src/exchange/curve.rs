//! The curve of a run as a table: a line for each step that is known, comma-separated.

use crate::worker::protocol::Point;
use std::collections::BTreeMap;

pub fn csv(train: &[Point], test: &[Point]) -> String {
    let mut rows: BTreeMap<u32, [Option<f32>; 4]> = BTreeMap::new();
    for (from, points) in [(0, train), (2, test)] {
        for point in points {
            let row = rows.entry(point.step).or_default();
            (row[from], row[from + 1]) = (Some(point.loss), point.accuracy);
        }
    }
    let mut text = String::from("step,train_loss,train_accuracy,test_loss,test_accuracy\n");
    for (step, row) in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.map_or(String::new(), |value| value.to_string())).collect();
        text += &format!("{step},{}\n", cells.join(","));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_stays_empty() {
        let train = [Point { step: 1, loss: 0.5, accuracy: Some(0.75) }, Point { step: 2, loss: 0.25, accuracy: None }];
        let test = [Point { step: 2, loss: 0.125, accuracy: Some(1.0) }];
        let text = csv(&train, &test);
        assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), ["1,0.5,0.75,,", "2,0.25,,0.125,1"]);
    }
}
