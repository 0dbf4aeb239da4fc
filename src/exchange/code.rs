//! One framework's program: its files as tabs, its notes, its lines.

use super::{
    highlight::Painter,
    html::{self, escape},
};
use crate::export::{File, Network, Note};

/// What a framework or a format cannot express, by layer, and what was done instead; nothing where there is nothing.
pub fn notes(network: &Network, notes: &[Note], head: &str) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let mut out = format!("<details class=\"desk-notes\" open><summary>{}</summary><ul>", escape(head));
    for note in notes {
        let layer = note.layer.and_then(|place| network.layers.iter().find(|layer| layer.place == place));
        match layer {
            Some(layer) => {
                out += &format!(
                    "<li data-of=\"{}\"><b>{}</b> {}</li>",
                    layer.place,
                    escape(&layer.name),
                    escape(&note.sentence)
                );
            }
            None => out += &format!("<li>{}</li>", escape(&note.sentence)),
        }
    }
    out + "</ul></details>"
}

/// The lines of a file; those that `before` did not have flash.
pub fn lines(file: &File, before: Option<&[String]>, label: &str) -> String {
    let mut painter = Painter::new(file.name);
    let texts: Vec<&str> = file.code.lines.iter().map(|line| line.text.as_str()).collect();
    let fresh = before.map_or(Vec::new(), |before| changed(before, &texts));
    let mut out = format!("<pre class=\"code\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><code>", escape(label));
    for (place, line) in file.code.lines.iter().enumerate() {
        let of = line.layer.map_or(String::new(), |layer| format!(" data-of=\"{layer}\" data-tint=\"{}\"", layer % 6));
        let new = if fresh.get(place) == Some(&true) { " data-new" } else { "" };
        out += &format!("<span class=\"line\"{of}{new}>{}\n</span>", painter.line(&line.text));
    }
    out + "</code></pre>"
}

/// Which lines are not in what was there before: beginning and end that are the same are left out, then lines are looked up.
fn changed(before: &[String], now: &[&str]) -> Vec<bool> {
    let same = before.iter().zip(now).take_while(|(a, b)| a == *b).count();
    let rest = before.len().min(now.len()) - same;
    let end = before.iter().rev().zip(now.iter().rev()).take(rest).take_while(|(a, b)| a == *b).count();
    let mut old: Vec<&str> = before[same..before.len() - end].iter().map(String::as_str).collect();
    let fresh = |(place, line): (usize, &&str)| {
        if place < same || place >= now.len() - end || line.trim().is_empty() {
            return false;
        }
        match old.iter().position(|other| other == line) {
            Some(found) => {
                old.swap_remove(found);
                false
            }
            None => true,
        }
    };
    now.iter().enumerate().map(fresh).collect()
}

/// The files of a program as tabs, where it has several, and what can be done with the one that is shown.
pub fn tools(files: &[File], chosen: usize) -> String {
    let names: Vec<(String, &str)> =
        files.iter().enumerate().map(|(place, file)| (format!("file:{place}"), file.name)).collect();
    format!(
        "<div class=\"desk-tools\">{}<span></span>{}{}</div>",
        html::tabs("Files of the program", "desk-files", &names, chosen),
        html::button("copy", "copy", "Copy"),
        html::button("keep", "save", "Download")
    )
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn only_lines_that_are_new_flash() {
        let before: Vec<String> = ["a", "b", "c", "d"].map(String::from).to_vec();
        assert_eq!(changed(&before, &["a", "x", "c", "d"]), [false, true, false, false]);
        assert_eq!(changed(&before, &["a", "b", "c", "d", "e"]), [false, false, false, false, true]);
        assert_eq!(changed(&before, &["b", "c", "d"]), [false; 3]);
        assert_eq!(changed(&[], &["a"]), [true]);
    }
}
