//! CIFAR-10's binary form: records of one byte for the class and 32 × 32 pixels, red plane, green plane, blue plane.
//!
//! Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; the layout is that of the data set's page.

use super::label::clean;
use super::{Entry, Kind, Plan, Split, Why};

const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;
const RECORD: usize = 1 + 3 * PLANE;

const CLASSES: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Whether a file that is no picture calls itself one of these.
pub fn named(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".bin")
}

/// Adds every whole record to the plan; what is left over, or of no class, is refused by count.
pub fn read(name: &str, bytes: &[u8], plan: &mut Plan) {
    let records = bytes.chunks_exact(RECORD);
    let (whole, rest) = (records.len(), records.remainder().len());
    let strange = records.clone().filter(|record| usize::from(record[0]) >= CLASSES.len()).count();
    if whole == 0 || strange > whole / 2 {
        return plan.refuse(name, if strange > 0 { Why::RecordLabel { records: strange } } else { Why::Unknown });
    }
    if strange > 0 {
        plan.refuse(name, Why::RecordLabel { records: strange });
    }
    if rest > 0 {
        plan.refuse(name, Why::RecordCut { records: whole, rest });
    }
    let lower = name.to_ascii_lowercase();
    let file = lower.rsplit(['/', '\\']).next().unwrap_or(&lower);
    let split = match file {
        file if file.contains("test") => Some(Split::Test),
        file if file.contains("train") || file.contains("data_batch") => Some(Split::Train),
        _ => None,
    };
    let shown = clean(name);
    for (index, record) in records.enumerate() {
        let Some(class) = CLASSES.get(usize::from(record[0])) else { continue };
        let planes = &record[1..];
        let pixels = (0..PLANE).flat_map(|i| [planes[i], planes[PLANE + i], planes[2 * PLANE + i]]).collect();
        plan.entries.push(Entry {
            name: format!("{shown} {:05}", index + 1),
            class: Some(class.to_string()),
            split,
            kind: Kind::Raw { pixels, width: SIDE, height: SIDE },
        });
    }
}
