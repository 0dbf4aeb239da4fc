//! What is aimed at, and how what was measured compares.

use super::record::Record;
use serde_json::{Value, json};

/// One aim and how it went.
struct Aim {
    what: String,
    found: Option<f64>,
    unit: &'static str,
    /// At most this, or at least.
    limit: f64,
    at_most: bool,
    note: String,
}

impl Aim {
    fn met(&self) -> Option<bool> {
        self.found.map(|found| if self.at_most { found <= self.limit } else { found >= self.limit })
    }
}

/// Native PyTorch on one core of a two-core machine, in ms a step, where it was not measured in the same run.
const TORCH: [(&str, f64); 4] = [("cnn-32", 15.8), ("cnn-64", 71.7), ("lstm-text", 3.11), ("mlp-digits", 0.998)];

/// Ours in ms a step: as the driver of the other libraries measured it, else as our own modules did.
fn ours(record: &Record, network: &str, how: &str) -> Option<f64> {
    let driver = match how {
        "cpu" => "ours-cpu-1",
        "cpu 2" => "ours-cpu-2",
        _ => "ours-webgpu",
    };
    peer(record, network, driver).or_else(|| record.median(&format!("{network} {how}")))
}

fn peer(record: &Record, network: &str, name: &str) -> Option<f64> {
    record.peer(network, name)?["ms"].as_f64()
}

/// How often a contender's time contains ours: the median over the rounds, each round by itself.
fn ratio(record: &Record, network: &str, name: &str, ours: &str) -> Option<f64> {
    record.peer(network, name)?["ratios"][ours].as_f64()
}

fn aims(record: &Record) -> Vec<Aim> {
    let mut aims = Vec::new();
    let at_most = |what: &str, found: Option<f64>, unit: &'static str, limit: f64, note: String| Aim {
        what: what.into(),
        found,
        unit,
        limit,
        at_most: true,
        note,
    };
    let at_least = |what: &str, found: Option<f64>, unit: &'static str, limit: f64, note: String| Aim {
        at_most: false,
        ..at_most(what, found, unit, limit, note)
    };
    for (network, factor) in [("cnn-32", 1.0), ("lstm-text", 1.0), ("cnn-64", 1.3), ("mlp-digits", 1.3)] {
        let found = ours(record, network, "cpu");
        let there = peer(record, network, "torch-1");
        let reference = TORCH.iter().find(|(name, _)| *name == network).map(|(_, ms)| *ms);
        let limit = there.or(reference).unwrap_or(0.0) * factor;
        let note = if there.is_some() { "PyTorch, one core, same run" } else { "PyTorch's figure of another run" };
        aims.push(at_most(&format!("{network}, CPU, one worker"), found, "ms", limit, note.into()));
    }
    let two = ratio(record, "cnn-32", "ours-cpu-1", "ours-cpu-2")
        .or_else(|| Some(record.median("cnn-32 cpu")? / record.median("cnn-32 cpu 2")?));
    let both = record.median("cnn-32 side by side");
    let note =
        both.map(|both| format!("two sessions side by side do {both:.2} times the work of one")).unwrap_or_default();
    aims.push(at_least("cnn-32, two workers", two, "times as fast", 1.7, note));
    let points = record.median("points cpu").map(|ms| ms * 1000.0);
    aims.push(at_most("mlp-2d in train(n)", points, "µs", 5.0, String::new()));

    let (plain, relaxed) = (record.median("peak mul, add"), record.median("peak relaxed"));
    let peak = relaxed.into_iter().chain(plain).reduce(f64::max);
    let limit = if relaxed.is_some() { 70.0 } else { 45.0 };
    for n in [512, 1024] {
        let found = record.median(&format!("product {n} cpu"));
        let share = found.zip(peak).map(|(found, peak)| 100.0 * found / peak);
        let note = found.zip(peak).map(|(found, peak)| format!("{found:.1} of {peak:.1} GFLOP/s")).unwrap_or_default();
        aims.push(at_least(&format!("{n}³ product, CPU"), share, "% of peak", limit, note));
    }

    for (what, unit, limit) in [
        ("launches", "a step", 25.0),
        ("passes", "a step", 1.0),
        ("submissions", "a step, several steps a submission", 0.5),
        ("bytes", "uploaded a step: its number, and the order of an epoch", 512.0),
        ("recording", "ms", 0.2),
    ] {
        let found = record.median(&format!("{what} cnn-32 in train(n)"));
        aims.push(at_most(&format!("cnn-32 in train(n), WebGPU: {what}"), found, unit, limit, String::new()));
    }
    for (what, unit, limit) in
        [("launches", "a step", 25.0), ("passes", "a step", 1.0), ("buffers", "a step", 0.0), ("recording", "ms", 0.2)]
    {
        let found = record.median(&format!("{what} cnn-32"));
        aims.push(at_most(&format!("cnn-32, a batch brought, WebGPU: {what}"), found, unit, limit, String::new()));
    }
    for (name, limit) in [("jax-webgpu", 3.0), ("tfjs-webgpu", 10.0)] {
        let found = ratio(record, "cnn-32", name, "ours-webgpu");
        aims.push(at_least(&format!("cnn-32, WebGPU, against {name}"), found, "times as fast", limit, String::new()));
    }
    let theirs = record.median("product 1024 jax-webgpu").zip(record.median("product 1024 webgpu"));
    let found = theirs.map(|(theirs, ours)| theirs / ours);
    let note = theirs.map(|(theirs, ours)| format!("{ours:.0} ms, jax-js {theirs:.0} ms")).unwrap_or_default();
    aims.push(at_least("1024³ product, WebGPU, against jax-js", found, "times as fast", 1.0, note));

    for (device, limit) in [("cpu", 150.0), ("webgpu", 1500.0)] {
        let found = record.median(&format!("cold {device}"));
        aims.push(at_most(
            &format!("document to first step, {device}"),
            found,
            "ms",
            limit,
            "cnn-32 in a fresh browser".into(),
        ));
    }
    for device in ["cpu", "webgpu"] {
        let get = |what: &str| record.median(&format!("memory {device} {what}"));
        let growth = |before: &str, after: &str| get(after).zip(get(before)).map(|(after, before)| after - before);
        let note = get("times").map(|times| format!("after {times:.0} times build, train, drop")).unwrap_or_default();
        aims.push(at_most(&format!("memory kept, {device}"), growth("before", "after"), "bytes", 0.0, note));
        aims.push(at_most(
            &format!("memory kept by a long run, {device}"),
            growth("longBefore", "longAfter"),
            "bytes",
            0.0,
            String::new(),
        ));
        if device == "webgpu" {
            aims.push(at_most("buffers kept, webgpu", growth("buffersBefore", "buffersAfter"), "", 0.0, String::new()));
        }
    }
    let kilobytes = |name: &str| record.median(name).map(|bytes| bytes / 1024.0);
    aims.push(at_most("whole page", kilobytes("size page"), "KB gzipped", 600.0, String::new()));
    aims.push(at_most("engine alone", kilobytes("size engine"), "KB gzipped", 250.0, String::new()));
    aims
}

pub fn json(record: &Record) -> Value {
    let aim = |aim: &Aim| json!({ "what": aim.what, "found": aim.found, "unit": aim.unit, "limit": aim.limit, "at-most": aim.at_most, "met": aim.met(), "note": aim.note });
    aims(record).iter().map(aim).collect()
}

/// Everything in two tables: the steps beside those of other libraries, and the aims.
pub fn table(record: &Record) -> String {
    let mut text = steps(record);
    text.push_str(&format!("{:<42} {:>12} {:>12}  \n", "what is aimed at", "found", "aim"));
    let (mut met, mut missed) = (0, 0);
    for aim in aims(record) {
        // What was not asked for is not listed.
        let Some(found) = aim.found else { continue };
        let verdict = match aim.met() {
            Some(true) => "met",
            _ => "MISSED",
        };
        (met, missed) = if verdict == "met" { (met + 1, missed) } else { (met, missed + 1) };
        let sign = if aim.at_most { "≤" } else { "≥" };
        let limit = format!("{sign} {}", short(aim.limit));
        let note = if aim.note.is_empty() { String::new() } else { format!(" ({})", aim.note) };
        text.push_str(&format!("{:<42} {:>12} {limit:>12}  {verdict:<6} {}{note}\n", aim.what, short(found), aim.unit));
    }
    text.push_str(&format!("{met} met, {missed} missed; {}\n", record.load()));
    text
}

/// Every network's contenders: ms a step, and how often ours fit into it.
fn steps(record: &Record) -> String {
    let mut text = String::new();
    for result in record.peers.as_ref().and_then(|peers| peers["results"].as_array()).into_iter().flatten() {
        text.push_str(&format!(
            "{:<16} {:>12} {:>11} {:>11} {:>11}\n",
            result["name"].as_str().unwrap_or_default(),
            "ms a step",
            "÷ CPU",
            "÷ 2 workers",
            "÷ WebGPU"
        ));
        for row in result["rows"].as_array().into_iter().flatten() {
            let name = row["name"].as_str().unwrap_or_default();
            let Some(ms) = row["ms"].as_f64() else {
                text.push_str(&format!("  {name:<14} {}\n", row["error"].as_str().unwrap_or("no figure")));
                continue;
            };
            let ratio = |ours: &str| row["ratios"][ours].as_f64().map_or("–".into(), short);
            let ratios = ["ours-cpu-1", "ours-cpu-2", "ours-webgpu"].map(ratio);
            text.push_str(&format!(
                "  {name:<14} {:>12} {:>11} {:>11} {:>11}\n",
                short(ms),
                ratios[0],
                ratios[1],
                ratios[2]
            ));
        }
    }
    if text.is_empty() {
        for network in super::NETWORKS {
            for how in ["cpu", "cpu 2", "webgpu"] {
                let name = format!("{network} {how}");
                match (record.median(&name), record.error(&name)) {
                    (Some(ms), _) => text.push_str(&format!("{name:<42} {:>12} ms a step\n", short(ms))),
                    (None, Some(error)) => text.push_str(&format!("{name:<42} {error}\n")),
                    (None, None) => {}
                }
            }
        }
    }
    text + "\n"
}

/// A number to three digits or so.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        size if size >= 0.01 => format!("{value:.3}"),
        _ => format!("{value:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_met_or_missed_by_the_median_of_its_rounds() {
        let mut record = Record::new(Value::Null, None);
        for ms in [0.007, 0.004, 0.0045] {
            record.hear("points cpu", "ms", &json!(ms));
        }
        record.put("size engine", "", "", 300.0 * 1024.0);
        let told: Vec<_> = aims(&record).into_iter().filter_map(|aim| Some((aim.met()?, aim.what))).collect();
        assert_eq!(told, [(true, "mlp-2d in train(n)".to_owned()), (false, "engine alone".to_owned())]);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [0.0, 1234.5, 12.34, 1.234, 0.1234, 0.00012].map(short),
            ["0", "1234", "12.3", "1.23", "0.123", "1.20e-4"]
        );
    }
}
