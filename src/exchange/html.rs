//! Text as HTML.

/// Text that may stand in an element or in an attribute's quotes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(letter),
        }
    }
    out
}

/// A row of tabs, each (what it does, its label); the arrow keys go along it.
pub fn tabs(label: &str, class: &str, tabs: &[(String, &str)], chosen: usize) -> String {
    let mut out = format!("<div role=\"tablist\" class=\"{class}\" aria-label=\"{}\">", escape(label));
    for (place, (what, label)) in tabs.iter().enumerate() {
        let (selected, index) = if place == chosen { ("true", 0) } else { ("false", -1) };
        out += &format!(
            "<button type=\"button\" role=\"tab\" aria-selected=\"{selected}\" tabindex=\"{index}\" data-do=\"{}\">{}</button>",
            escape(what),
            escape(label)
        );
    }
    out + "</div>"
}

/// A choice of one of several, each (id, label).
pub fn choice(what: &str, label: &str, options: &[(&str, &str)], chosen: usize) -> String {
    let mut out = format!("<select class=\"desk-choice\" data-do=\"{what}\" aria-label=\"{}\">", escape(label));
    for (place, (id, label)) in options.iter().enumerate() {
        let selected = if place == chosen { " selected" } else { "" };
        out += &format!("<option value=\"{}\"{selected}>{}</option>", escape(id), escape(label));
    }
    out + "</select>"
}

/// A button with a sign from the page's sheet.
pub fn button(what: &str, icon: &str, label: &str) -> String {
    let label = escape(label);
    format!(
        "<button type=\"button\" class=\"pill\" data-small data-do=\"{}\" aria-label=\"{label}\"><svg class=\"icon\" aria-hidden=\"true\">\
         <use href=\"#i-{icon}\"/></svg><span>{label}</span></button>",
        escape(what)
    )
}
