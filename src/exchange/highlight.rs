//! Code with its words marked: keywords `k`, texts `s`, numbers `n`, remarks `c`, what is called `f`. Line by line, with what a line
//! leaves open carried on to the next.

use super::html::escape;

/// What differs between languages.
struct Grammar {
    remark: &'static str,
    block: Option<(&'static str, &'static str)>,
    triple: bool,
    quotes: &'static str,
    keywords: &'static [&'static str],
}

const PYTHON: Grammar = Grammar {
    remark: "#",
    block: None,
    triple: true,
    quotes: "\"'",
    keywords: &[
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
        "False", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "None", "nonlocal", "not",
        "or", "pass", "raise", "return", "self", "True", "try", "while", "with", "yield",
    ],
};
const SCRIPT: Grammar = Grammar {
    remark: "//",
    block: Some(("/*", "*/")),
    triple: false,
    quotes: "\"'`",
    keywords: &[
        "async",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "default",
        "else",
        "export",
        "extends",
        "false",
        "for",
        "from",
        "function",
        "if",
        "import",
        "in",
        "let",
        "new",
        "null",
        "of",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "undefined",
        "var",
        "while",
        "yield",
    ],
};
const JAVA: Grammar = Grammar {
    remark: "//",
    block: Some(("/*", "*/")),
    triple: false,
    quotes: "\"'",
    keywords: &[
        "boolean",
        "break",
        "case",
        "catch",
        "class",
        "double",
        "else",
        "extends",
        "false",
        "final",
        "float",
        "for",
        "if",
        "implements",
        "import",
        "int",
        "interface",
        "long",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "throws",
        "true",
        "try",
        "var",
        "void",
        "while",
    ],
};
const RUST: Grammar = Grammar {
    remark: "//",
    block: Some(("/*", "*/")),
    triple: false,
    quotes: "\"",
    keywords: &[
        "as", "async", "await", "break", "const", "continue", "crate", "else", "enum", "false", "fn", "for", "if",
        "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "Self", "static",
        "struct", "true", "type", "use", "where", "while",
    ],
};
/// Prototxt, JSON, and whatever else has words, texts and numbers.
const DATA: Grammar =
    Grammar { remark: "#", block: None, triple: false, quotes: "\"'", keywords: &["true", "false", "null"] };

/// Marks one file's lines, in their order.
pub struct Painter {
    grammar: &'static Grammar,
    /// What ends what the last line left open, and what it is.
    open: Option<(&'static str, char)>,
}

impl Painter {
    /// For a file of this name.
    pub fn new(name: &str) -> Painter {
        let grammar = match name.rsplit('.').next().unwrap_or_default() {
            "py" => &PYTHON,
            "js" | "mjs" | "ts" | "html" => &SCRIPT,
            "java" => &JAVA,
            "rs" => &RUST,
            "xml" => {
                &Grammar { remark: "\u{0}", block: Some(("<!--", "-->")), triple: false, quotes: "\"", keywords: &[] }
            }
            _ => &DATA,
        };
        Painter { grammar, open: None }
    }

    pub fn line(&mut self, text: &str) -> String {
        let (mut out, mut at) = (String::with_capacity(text.len() * 2), 0);
        let grammar = self.grammar;
        while at < text.len() {
            let rest = &text[at..];
            if let Some((end, class)) = self.open {
                let close = rest.find(end).map(|place| place + end.len());
                span(&mut out, class, &rest[..close.unwrap_or(rest.len())]);
                at += close.unwrap_or(rest.len());
                if close.is_some() {
                    self.open = None;
                }
                continue;
            }
            let first = rest.chars().next().expect("there is a rest");
            if rest.starts_with(grammar.remark) {
                span(&mut out, 'c', rest);
                break;
            }
            let block = grammar.block.filter(|(begin, _)| rest.starts_with(begin));
            let triple = ["\"\"\"", "'''"].into_iter().find(|quotes| grammar.triple && rest.starts_with(quotes));
            let opened = block.map(|(begin, end)| (begin, end, 'c')).or(triple.map(|quotes| (quotes, quotes, 's')));
            if let Some((begin, end, class)) = opened {
                let close = rest[begin.len()..].find(end).map(|place| begin.len() + place + end.len());
                span(&mut out, class, &rest[..close.unwrap_or(rest.len())]);
                at += close.unwrap_or(rest.len());
                if close.is_none() {
                    self.open = Some((end, class));
                }
                continue;
            }
            let length = if grammar.quotes.contains(first) {
                let length = quoted(rest, first);
                span(&mut out, 's', &rest[..length]);
                length
            } else if first.is_ascii_digit() {
                let inside = |(place, c): (usize, char)| {
                    let sign = "+-".contains(c) && rest[..place].ends_with(['e', 'E']);
                    !(c.is_ascii_alphanumeric() || c == '.' || c == '_' || sign)
                };
                let length = rest.char_indices().find(|found| inside(*found)).map_or(rest.len(), |(place, _)| place);
                span(&mut out, 'n', &rest[..length]);
                length
            } else if first.is_alphabetic() || first == '_' {
                let word = |c: char| c.is_alphanumeric() || c == '_';
                let length = rest.find(|c| !word(c)).unwrap_or(rest.len());
                let name = &rest[..length];
                if grammar.keywords.contains(&name) {
                    span(&mut out, 'k', name);
                } else if rest[length..].starts_with('(') {
                    span(&mut out, 'f', name);
                } else {
                    out.push_str(&escape(name));
                }
                length
            } else {
                out.push_str(&escape(&rest[..first.len_utf8()]));
                first.len_utf8()
            };
            at += length;
        }
        out
    }
}

/// How long a text in quotes is; to the end of the line where nothing closes it.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (place, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == quote => return place + 1,
            _ => {}
        }
    }
    rest.len()
}

fn span(out: &mut String, class: char, text: &str) {
    out.push_str(&format!("<span class=\"{class}\">{}</span>", escape(text)));
}

#[cfg(test)]
mod tests {
    use super::Painter;

    #[test]
    fn words_are_marked_and_markup_is_only_text() {
        let mut painter = Painter::new("train.py");
        assert_eq!(
            painter.line("for x in f(1e-3): # <b>"),
            "<span class=\"k\">for</span> x <span class=\"k\">in</span> <span class=\"f\">f</span>(<span class=\"n\">1e-3</span>): \
             <span class=\"c\"># &lt;b&gt;</span>"
        );
        assert_eq!(painter.line("\"\"\"One"), "<span class=\"s\">&quot;&quot;&quot;One</span>");
        assert_eq!(painter.line("two\"\"\" x"), "<span class=\"s\">two&quot;&quot;&quot;</span> x");
        assert_eq!(
            painter.line("'a\\'b' 'ö"),
            "<span class=\"s\">&#39;a\\&#39;b&#39;</span> <span class=\"s\">&#39;ö</span>"
        );
    }
}
