//! The shaders' own small language: `#import`, `#if`, `#for` and `$` in the files of `shaders/`.
//!
//! A shader file is WGSL in which a line may be an instruction. `#import shared/x` brings another file, once. `#if NAME` …
//! `#else` … `#end` keeps what holds for a number that is not 0 (no such number is 0). `#for i COUNT` … `#end` repeats
//! with i = 0, 1, …; inside, `$i` and `$(i*4+1)` are replaced by numbers. All numbers are also constants of the shader.

use crate::tensor::sorted::Sorted;

/// A file of `shaders/` by its path, without the lines that an expansion passes over anyhow: all of it while compiling.
macro_rules! shader {
    ($path:literal) => {{
        const FILE: &[u8] = include_bytes!(concat!("../../../shaders/", $path, ".wgsl"));
        const LENGTH: usize = squeeze(FILE, &mut [0; FILE.len()]);
        const BYTES: [u8; LENGTH] = {
            let (mut all, mut bytes, mut at) = ([0; FILE.len()], [0; LENGTH], 0);
            squeeze(FILE, &mut all);
            while at < LENGTH {
                bytes[at] = all[at];
                at += 1;
            }
            bytes
        };
        match std::str::from_utf8(&BYTES) {
            Ok(text) => ($path, text),
            Err(_) => panic!("only whole lines and blanks are left out"),
        }
    }};
}

/// Copies lines without indentation, and no comments; says how long that is.
const fn squeeze(from: &[u8], out: &mut [u8]) -> usize {
    let (mut at, mut end) = (0, 0);
    while at < from.len() {
        while at < from.len() && matches!(from[at], b' ' | b'\n') {
            at += 1;
        }
        let comment = at + 1 < from.len() && from[at] == b'/' && from[at + 1] == b'/';
        while at < from.len() && from[at] != b'\n' {
            if !comment {
                out[end] = from[at];
                end += 1;
            }
            at += 1;
        }
        if !comment && at < from.len() {
            out[end] = b'\n';
            end += 1;
        }
    }
    end
}

/// The files of `shaders/`, by their path without the ending.
pub const FILES: &[(&str, &str)] = &[
    shader!("argmax"),
    shader!("conv_input"),
    shader!("conv_kernel"),
    shader!("conv_kernel_line"),
    shader!("conv_line"),
    shader!("conv_output"),
    shader!("fold"),
    shader!("gather"),
    shader!("log_softmax"),
    shader!("map"),
    shader!("matmul"),
    shader!("matmul_block"),
    shader!("matmul_slim"),
    shader!("partials"),
    shader!("pool"),
    shader!("reduce"),
    shader!("resample"),
    shader!("scatter_add"),
    shader!("small_fold"),
    shader!("small_matmul"),
    shader!("small_scatter_add"),
    shader!("shared/each"),
    shader!("shared/math"),
    shader!("shared/meet"),
    shader!("shared/product_four"),
    shader!("shared/product_one"),
    shader!("shared/product_start"),
    shader!("shared/random"),
    shader!("shared/taps"),
    shader!("shared/tile"),
];

/// Numbers that instructions refer to.
pub type Numbers = Sorted<String, i64>;

/// The text of a file with everything resolved. A mistake in a shader file is our own, and panics in the shader tests.
pub fn expand(file: &str, numbers: &Numbers) -> String {
    let mut expansion = Expansion { numbers: numbers.clone(), imported: Vec::new(), text: String::new() };
    expansion.file(file);
    expansion.text
}

/// Whether a word stands anywhere in a text; `str::contains` is fast in long texts, and larger than all of this file.
pub fn mentions(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    text.windows(word.len()).any(|window| window[0] == word[0] && window == word)
}

struct Expansion {
    numbers: Numbers,
    imported: Vec<String>,
    text: String,
}

impl Expansion {
    fn file(&mut self, name: &str) {
        if self.imported.iter().any(|own| own == name) {
            return;
        }
        self.imported.push(name.to_string());
        let (_, source) = FILES.iter().find(|(own, _)| *own == name).expect("imports name files of shaders/");
        let lines: Vec<&str> = source.lines().map(str::trim_ascii).filter(|line| !line.starts_with("//")).collect();
        self.lines(&lines);
    }

    fn lines(&mut self, lines: &[&str]) {
        let mut at = 0;
        while at < lines.len() {
            let words: Vec<&str> = lines[at].split_ascii_whitespace().collect();
            match words.first().copied() {
                Some("#import") => self.file(words[1]),
                Some("#if") => {
                    let (middle, end) = block(lines, at);
                    match (self.number(words[1]) != 0, middle) {
                        (true, middle) => self.lines(&lines[at + 1..middle.unwrap_or(end)]),
                        (false, Some(middle)) => self.lines(&lines[middle + 1..end]),
                        (false, None) => {}
                    }
                    at = end;
                }
                Some("#for") => {
                    let (_, end) = block(lines, at);
                    for i in 0..self.number(words[2]) {
                        self.numbers.insert(words[1].to_string(), i);
                        self.lines(&lines[at + 1..end]);
                    }
                    self.numbers.remove(words[1]);
                    at = end;
                }
                Some(_) => self.line(lines[at]),
                None => {}
            }
            at += 1;
        }
    }

    /// A line of WGSL with its `$` replaced.
    fn line(&mut self, line: &str) {
        let mut parts = line.split('$');
        self.text.push_str(parts.next().unwrap_or(""));
        for part in parts {
            let (sum, rest) = if let Some(inner) = part.strip_prefix('(') {
                inner.split_once(')').expect("$( ends with )")
            } else {
                part.split_at(part.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(part.len()))
            };
            let value: i64 =
                sum.split('+').map(|term| term.split('*').map(|factor| self.number(factor)).product::<i64>()).sum();
            self.text.push_str(&value.to_string());
            self.text.push_str(rest);
        }
        self.text.push('\n');
    }

    fn number(&self, name: &str) -> i64 {
        name.parse().unwrap_or_else(|_| self.numbers.get(name).copied().unwrap_or(0))
    }
}

/// The lines of `#else` and `#end` that belong to the instruction at `start`.
fn block(lines: &[&str], start: usize) -> (Option<usize>, usize) {
    let (mut depth, mut middle) = (0, None);
    for (at, line) in lines.iter().enumerate().skip(start) {
        match line.split_ascii_whitespace().next() {
            Some("#if" | "#for") => depth += 1,
            Some("#else") if depth == 1 => middle = Some(at),
            Some("#end") => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (middle, at);
        }
    }
    panic!("#if and #for end with #end");
}
