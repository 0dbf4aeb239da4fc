//! What was measured: every lap of every figure, and its median.

use anyhow::{Context, Error, Result};
use serde_json::{Map, Value, json};
use std::path::Path;

/// A figure in all its rounds.
#[derive(Default)]
pub struct Figure {
    pub unit: &'static str,
    pub laps: Vec<f64>,
    pub error: Option<String>,
}

pub struct Record {
    pub machine: Value,
    /// How busy the machine was at the start and at the end.
    load: [Option<f64>; 2],
    figures: Vec<(String, Figure)>,
    /// What the driver of the other libraries wrote.
    pub peers: Option<Value>,
}

impl Record {
    pub fn new(machine: Value, load: Option<f64>) -> Record {
        Record { machine, load: [load, None], figures: Vec::new(), peers: None }
    }

    pub fn finish(&mut self, load: Option<f64>) {
        self.load[1] = load;
    }

    fn figure(&mut self, name: &str, unit: &'static str) -> &mut Figure {
        let place = self.figures.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.figures.push((name.to_owned(), Figure { unit, ..Figure::default() }));
            self.figures.len() - 1
        });
        &mut self.figures[place].1
    }

    pub fn put(&mut self, name: &str, _what: &str, unit: &'static str, value: f64) {
        self.figure(name, unit).laps.push(value);
    }

    /// One more round's figure; what is no number counts for nothing.
    pub fn hear(&mut self, name: &str, unit: &'static str, value: &Value) {
        if let Some(value) = value.as_f64() {
            self.figure(name, unit).laps.push(value);
        }
    }

    pub fn fail(&mut self, name: &str, unit: &'static str, error: &Error) {
        self.figure(name, unit).error = Some(format!("{error:#}"));
    }

    /// The median of a figure's rounds.
    pub fn median(&self, name: &str) -> Option<f64> {
        self.figures.iter().find(|(known, _)| known == name).and_then(|(_, figure)| median(&figure.laps))
    }

    pub fn error(&self, name: &str) -> Option<&str> {
        self.figures.iter().find(|(known, _)| known == name).and_then(|(_, figure)| figure.error.as_deref())
    }

    /// A contender's row in the table of the other libraries' driver.
    pub fn peer(&self, workload: &str, name: &str) -> Option<&Value> {
        let results = self.peers.as_ref()?["results"].as_array()?;
        let workload = results.iter().find(|result| result["name"] == workload)?;
        workload["rows"].as_array()?.iter().find(|row| row["name"] == name)
    }

    pub fn load(&self) -> String {
        let word = |load: Option<f64>| load.map_or("unknown".into(), |load| format!("{load:.1}"));
        format!("load {} at the start, {} at the end", word(self.load[0]), word(self.load[1]))
    }

    pub fn write(&self, file: &Path) -> Result<()> {
        let figures: Map<String, Value> = self
            .figures
            .iter()
            .map(|(name, figure)| {
                let value = json!({ "unit": figure.unit, "median": median(&figure.laps), "laps": figure.laps, "error": figure.error });
                (name.clone(), value)
            })
            .collect();
        let all = json!({ "machine": self.machine, "load": self.load, "figures": figures, "aims": super::aim::json(self), "peers": self.peers });
        std::fs::write(file, serde_json::to_string_pretty(&all)?)
            .with_context(|| format!("cannot write {}", file.display()))
    }
}

pub fn median(laps: &[f64]) -> Option<f64> {
    let mut sorted = laps.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        length if length % 2 == 1 => Some(sorted[half]),
        _ => Some((sorted[half - 1] + sorted[half]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(
            (median(&[]), median(&[3.0]), median(&[9.0, 1.0, 2.0]), median(&[4.0, 1.0])),
            (None, Some(3.0), Some(2.0), Some(2.5))
        );
    }
}
