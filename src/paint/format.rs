//! Numbers as text, the same everywhere on the page.

use crate::nn::json::{number_power, number_text};

/// A whole number with commas: `1,610`, `70,722`; from a million on `1.2 M`, `3.4 G`.
pub fn count(number: u64) -> String {
    for (unit, name) in [(1e9, "G"), (1e6, "M")] {
        if number as f64 >= unit {
            return format!(
                "{} {name}",
                commas(number as f64 / unit, if (number as f64) < 100.0 * unit { 1 } else { 0 })
            );
        }
    }
    commas(number as f64, 0)
}

/// A measured number, to two digits and more before the point: `1,204`, `12.3`, `2.30`, `0.21`, `0.0043`, `2.1e-7`.
pub fn number(value: f32) -> String {
    let size = value.abs();
    match size {
        _ if value.is_nan() => String::from("not a number"),
        _ if value.is_infinite() => String::from(if value > 0.0 { "∞" } else { "−∞" }),
        0.0 => String::from("0"),
        _ if size >= 1e7 || size < 9.95e-5 => minus(number_power(f64::from(value), Some(1))),
        _ if size >= 99.95 => commas(f64::from(value), 0),
        _ if size >= 9.995 => commas(f64::from(value), 1),
        _ if size >= 0.0995 => commas(f64::from(value), 2),
        _ if size >= 0.00995 => commas(f64::from(value), 3),
        _ if size >= 0.000995 => commas(f64::from(value), 4),
        _ => commas(f64::from(value), 5),
    }
}

/// A share of the whole, 0 to 1: `93 %`. Neither all nor nothing is claimed before it is so: `99.9 %`, `0.1 %`.
pub fn percent(share: f32) -> String {
    if share.is_nan() {
        return String::from("not a number");
    }
    let percent = f64::from(share) * 100.0;
    if percent > 0.0 && percent < 0.5 {
        return if percent < 0.05 { String::from("< 0.1 %") } else { format!("{} %", fixed(percent, 1)) };
    }
    if percent < 100.0 && percent >= 99.5 {
        return if percent >= 99.95 { String::from("> 99.9 %") } else { format!("{} %", fixed(percent, 1)) };
    }
    format!("{} %", commas(percent, 0))
}

/// A number that somebody chose, exactly: `0.001`, `32`, `1e-8`.
pub fn exact(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-5..1e15).contains(&size) {
        return minus(number_power(value, None));
    }
    minus(number_text(value))
}

/// How long something takes: `0.4 ms`, `16 ms`, `2.4 s`, `3 min 20 s`.
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s.is_nan() || s < 0.0 => String::from("not a number"),
        s if s < 0.00995 => format!("{} ms", fixed(s * 1e3, 1)),
        s if s < 0.9995 => format!("{} ms", fixed(s * 1e3, 0)),
        s if s < 59.95 => format!("{} s", fixed(s, 1)),
        s if s < 3599.5 => format!("{} min {} s", s.round() as u64 / 60, s.round() as u64 % 60),
        s => format!("{} h {} min", (s / 60.0).round() as u64 / 60, (s / 60.0).round() as u64 % 60),
    }
}

/// The size of a file or a buffer: `840 B`, `3.1 kB`, `30 MB`.
pub fn bytes(count: u64) -> String {
    let size = count as f64;
    match [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")].into_iter().find(|(unit, _)| size >= *unit) {
        None => format!("{count} B"),
        Some((unit, name)) => format!("{} {name}", commas(size / unit, usize::from(size < 10.0 * unit))),
    }
}

/// The sizes of an array: `32 × 32 × 3`; one size alone is a count.
pub fn shape(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(|size| commas(*size as f64, 0)).collect();
    sizes.join(" × ")
}

/// A number with so many decimals, a comma between thousands and a true minus sign.
pub fn commas(value: f64, decimals: usize) -> String {
    let text = fixed(value.abs(), decimals);
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::new();
    // What rounds to zero has no sign.
    if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// A number with so many decimals. By whole numbers: the standard library's way is right to any number of digits, which takes
/// fifteen kilobytes of code and tables.
pub fn fixed(value: f64, decimals: usize) -> String {
    let unit = 10u64.pow(decimals as u32);
    let count = (value.abs() * unit as f64).round() as u64;
    let sign = if value < 0.0 && count > 0 { "-" } else { "" };
    match decimals {
        0 => format!("{sign}{count}"),
        _ => format!("{sign}{}.{:0decimals$}", count / unit, count % unit),
    }
}

/// A place or a size in a drawing, to a hundredth.
pub fn pixels(value: f32) -> String {
    let text = fixed(f64::from(value), 2);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

fn minus(text: String) -> String {
    match text.strip_prefix('-') {
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}
