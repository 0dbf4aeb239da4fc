//! The frameworks in a table, from the rows of `export::ABOUT`.

use super::html::escape;
use crate::export::{ABOUT, About};

/// What a column is called, and what stands in it.
type Column = (&'static str, fn(&About) -> &'static str);

const COLUMNS: &[Column] = &[
    ("Made by", |row| row.makers),
    ("First release", |row| row.first),
    ("Last release", |row| row.last),
    ("Languages", |row| row.languages),
    ("Written in", |row| row.written),
    ("Eager or graph", |row| row.mode),
    ("CUDA", |row| row.cuda),
    ("Distributed", |row| row.distributed),
    ("Mobile and browser", |row| row.mobile),
    ("Praised for", |row| row.praised),
    ("Not good at", |row| row.weak),
];

pub fn table() -> String {
    let mut out = String::from(
        "<div class=\"desk-facts\" tabindex=\"0\" role=\"region\" aria-label=\"Frameworks\"><table><thead><tr><th scope=\"col\">Framework</th>",
    );
    for (name, _) in COLUMNS {
        out += &format!("<th scope=\"col\">{name}</th>");
    }
    out += "<th scope=\"col\">Source</th></tr></thead><tbody>";
    for row in ABOUT {
        out += &format!("<tr><th scope=\"row\">{}</th>", escape(row.name));
        for (name, value) in COLUMNS {
            out += &format!("<td data-label=\"{name}\">{}</td>", escape(value(row)));
        }
        out += &format!(
            "<td data-label=\"Source\"><a href=\"{0}\" target=\"_blank\" rel=\"noopener\">{1}</a></td></tr>",
            escape(row.source),
            escape(row.source.trim_start_matches("https://"))
        );
    }
    out += "</tbody></table>";
    for row in ABOUT.iter().filter(|row| !row.history.is_empty()) {
        out += &format!("<p class=\"desk-history\"><b>{}</b> {}</p>", escape(row.name), escape(row.history));
    }
    out + "</div>"
}
