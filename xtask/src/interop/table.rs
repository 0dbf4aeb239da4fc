//! How far frameworks are from our numbers: a row for each document, random ones together, a pair of columns for each.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// How far apart predictions may be, relative to the largest number, and the losses of the first epoch.
const PREDICTION: f64 = 1e-5;
const LOSS: f64 = 0.01;

#[derive(Default)]
pub struct Table {
    frameworks: Vec<String>,
    /// By document, then by framework.
    rows: BTreeMap<String, BTreeMap<String, Cell>>,
    /// What went wrong, in words.
    wrong: Vec<String>,
}

#[derive(Clone, Copy, Default)]
struct Cell {
    prediction: f64,
    loss: f64,
    count: usize,
    refused: usize,
}

impl Table {
    /// Takes what a framework's runner said.
    pub fn add(&mut self, framework: &str, said: &[Value]) {
        self.frameworks.push(framework.to_string());
        for one in said {
            let name = one["name"].as_str().unwrap_or_default();
            let row = if name.starts_with("random-") { "~ random" } else { name };
            let cell = self.rows.entry(row.to_string()).or_default().entry(framework.to_string()).or_default();
            if one["refused"].is_string() {
                cell.refused += 1;
                continue;
            }
            let number = |field: &str| one[field].as_f64();
            // what runs files of networks does not train
            let losses = if one["predicts"] == true { Some((0.0, 0.0)) } else { number("loss").zip(number("ours")) };
            let (Some(prediction), Some((theirs, ours))) = (number("difference"), losses) else {
                self.wrong.push(format!("{framework} of {name}: {}", one["error"].as_str().unwrap_or("no numbers")));
                continue;
            };
            let apart = |theirs: f64, ours: f64| (theirs - ours).abs() / ours.abs().max(1e-6);
            let loss = apart(theirs, ours);
            // what is no number is no agreement
            if !(prediction <= PREDICTION && loss <= LOSS) {
                // Where the first batches agree, the rest is rounding that grew; it is told, and counts all the same.
                let start = number("start").zip(number("our-start"));
                let start =
                    start.map(|(theirs, ours)| format!(", {:.4} % apart after 8 batches", 100.0 * apart(theirs, ours)));
                self.wrong.push(format!(
                    "{framework} of {name}: predictions {prediction:.1e}, loss {theirs:.5} for {ours:.5}{}",
                    start.unwrap_or_default()
                ));
            }
            *cell = Cell {
                prediction: cell.prediction.max(prediction),
                loss: cell.loss.max(loss),
                count: cell.count + 1,
                ..*cell
            };
        }
    }

    pub fn failures(&self) -> usize {
        self.wrong.len()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "\nlargest difference of predictions, relative to the largest number; of the first epoch's loss\n"
        )?;
        write!(f, "{:<22}", "")?;
        self.frameworks.iter().try_for_each(|framework| write!(f, "{framework:>20}"))?;
        for (name, cells) in &self.rows {
            let count = cells.values().map(|cell| cell.count + cell.refused).max().unwrap_or(0);
            let name = if count > 1 { format!("{count} {}", name.trim_start_matches("~ ")) } else { name.clone() };
            write!(f, "\n{name:<22}")?;
            for framework in &self.frameworks {
                let text = match cells.get(framework) {
                    Some(cell) if cell.count > 0 => {
                        let refused =
                            if cell.refused > 0 { format!(" ({} refused)", cell.refused) } else { String::new() };
                        format!("{:.1e}  {:.2} %{refused}", cell.prediction, 100.0 * cell.loss)
                    }
                    Some(cell) if cell.refused > 0 => "refused".to_string(),
                    _ => "failed".to_string(),
                };
                write!(f, "{text:>20}")?;
            }
        }
        writeln!(f)?;
        self.wrong.iter().try_for_each(|wrong| writeln!(f, "WRONG {wrong}"))
    }
}
