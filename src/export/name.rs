//! Names that every language takes: snake case, no keyword, no two alike.

/// What a layer must not be called in code: keywords of the languages, what modules have already, our own variables.
const TAKEN: &[&str] = &[
    // Python, JavaScript, Java and Rust
    "abstract",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "crate",
    "debugger",
    "def",
    "default",
    "del",
    "delete",
    "do",
    "double",
    "dyn",
    "elif",
    "else",
    "enum",
    "except",
    "export",
    "extends",
    "extern",
    "false",
    "final",
    "finally",
    "float",
    "fn",
    "for",
    "from",
    "function",
    "global",
    "goto",
    "if",
    "impl",
    "implements",
    "import",
    "in",
    "instanceof",
    "int",
    "interface",
    "is",
    "lambda",
    "let",
    "long",
    "loop",
    "match",
    "mod",
    "move",
    "mut",
    "native",
    "new",
    "none",
    "nonlocal",
    "not",
    "null",
    "or",
    "package",
    "pass",
    "private",
    "protected",
    "pub",
    "public",
    "raise",
    "ref",
    "return",
    "self",
    "short",
    "static",
    "struct",
    "super",
    "switch",
    "this",
    "throw",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "undefined",
    "unsafe",
    "use",
    "var",
    "void",
    "where",
    "while",
    "with",
    "yield",
    // what a module of PyTorch has
    "add_module",
    "apply",
    "bfloat16",
    "buffers",
    "call_super_init",
    "children",
    "compile",
    "cpu",
    "cuda",
    "dump_patches",
    "eval",
    "extra_repr",
    "forward",
    "get_buffer",
    "get_extra_state",
    "get_parameter",
    "get_submodule",
    "half",
    "ipu",
    "load_state_dict",
    "modules",
    "mtia",
    "named_buffers",
    "named_children",
    "named_modules",
    "named_parameters",
    "parameters",
    "register_buffer",
    "register_forward_hook",
    "register_module",
    "register_parameter",
    "requires_grad_",
    "set_extra_state",
    "set_submodule",
    "share_memory",
    "state_dict",
    "to",
    "to_empty",
    "train",
    "training",
    "xpu",
    "zero_grad",
    // what the written programs use
    "augment",
    "augmented",
    "axes",
    "ones",
    "penalty",
    "data",
    "f",
    "he",
    "glorot",
    "inputs",
    "input",
    "keras",
    "label",
    "layers",
    "model",
    "nn",
    "np",
    "ops",
    "output",
    "outputs",
    "tf",
    "torch",
    "x",
    "y",
];

/// A name for each of `names`, in their order.
pub fn identifiers(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let plain = snake(name);
        let mut next = plain.clone();
        let mut count = 2;
        while all.contains(&next) {
            next = format!("{plain}_{count}");
            count += 1;
        }
        all.push(next);
    }
    all
}

/// Lower case letters, digits and single underscores, a letter first.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        match letter.is_ascii_alphanumeric() {
            true => snake.push(letter.to_ascii_lowercase()),
            false if !snake.is_empty() && !snake.ends_with('_') => snake.push('_'),
            false => {}
        }
    }
    let snake = snake.trim_end_matches('_');
    match snake.starts_with(|first: char| first.is_ascii_alphabetic()) {
        true if TAKEN.contains(&snake) => format!("{snake}_layer"),
        true => snake.to_string(),
        false if snake.is_empty() => "layer".to_string(),
        false => format!("layer_{snake}"),
    }
}

/// Text as a string with double quotes, in Python, JavaScript, Java and JSON alike.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            _ if letter.is_control() || "\u{2028}\u{2029}".contains(letter) => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// Text that may stand in a comment of any language: one line, and nothing that ends a comment.
pub fn remark(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_control() || "\u{2028}\u{2029}\\".contains(c) { ' ' } else { c }).collect();
    plain.replace("*/", "* /").replace("\"\"\"", "'''")
}
