//! Code as lines that know their layer, so that a page can light them up together; and the row that a framework is.

use super::{
    Layer, Network,
    caffe::CAFFE_CODE,
    dl4j::DL4J,
    javascript::JAVASCRIPT,
    keras::KERAS,
    pytorch::PYTORCH,
    rust::RUST,
    tensorflow::TENSORFLOW,
    tensorflowjs::TENSORFLOWJS,
    wrap::{Breaks, wrap},
};

/// Every framework, in the order of the tabs.
pub static FRAMEWORKS: &[&Framework] =
    &[&KERAS, &TENSORFLOW, &TENSORFLOWJS, &PYTORCH, &CAFFE_CODE, &DL4J, &RUST, &JAVASCRIPT];

/// One row of [`FRAMEWORKS`].
pub struct Framework {
    /// The name in links, kebab-case. It never changes.
    pub id: &'static str,
    pub label: &'static str,
    /// The language, as syntax highlighters call it.
    pub language: &'static str,
    pub write: fn(&Network) -> Program,
}

/// What a framework makes of a network: the first file is the experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    pub files: Vec<File>,
    pub notes: Vec<Note>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct File {
    pub name: &'static str,
    pub code: Code,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Code {
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub text: String,
    /// The place in the document of the layer that the line is of.
    pub layer: Option<usize>,
}

/// Something that a framework cannot express, and what was done instead.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// The place in the document of the layer; `None` where the whole experiment is meant.
    pub layer: Option<usize>,
    pub sentence: String,
}

impl Code {
    /// The whole, each line ended.
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
    }
}

impl Program {
    pub fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(Note { layer: None, sentence: sentence.into() });
    }

    pub fn note_on(&mut self, layer: &Layer, sentence: impl Into<String>) {
        self.notes.push(Note { layer: Some(layer.place), sentence: sentence.into() });
    }

    /// A program with a note for each layer that has no part in the output and is not written.
    pub fn begin(network: &Network) -> Program {
        let mut program = Program::default();
        let penalty = if network.has_penalty() { "; Whisker's loss counts the penalty on its weights" } else { "" };
        for layer in network.layers.iter().filter(|layer| !layer.used) {
            program.note_on(layer, format!("{} has no part in the output and is left out{penalty}.", layer.name));
        }
        program
    }

    pub fn file(&mut self, name: &'static str, writer: Writer) {
        self.files.push(File { name, code: writer.finish() });
    }
}

/// Writes code line by line.
pub struct Writer {
    lines: Vec<Line>,
    depth: usize,
    unit: &'static str,
    breaks: Option<Breaks>,
    layer: Option<usize>,
}

impl Writer {
    /// `unit` is one step of indentation.
    pub fn new(unit: &'static str) -> Writer {
        Writer { lines: Vec::new(), depth: 0, unit, breaks: None, layer: None }
    }

    /// The same, with long lines broken as the language has it.
    pub fn breaking(unit: &'static str, breaks: Breaks) -> Writer {
        Writer { breaks: Some(breaks), ..Writer::new(unit) }
    }

    /// Appends text, which may be several lines; each is indented as deep as the block.
    pub fn line(&mut self, text: impl AsRef<str>) {
        for line in text.as_ref().split('\n') {
            let text = line.trim_start_matches(self.unit);
            let depth = self.depth + (line.len() - text.len()) / self.unit.len().max(1);
            let broken = match self.breaks {
                Some(breaks) => wrap(text, depth, self.unit, breaks),
                None => vec![(0, text.to_string())],
            };
            for (deeper, text) in broken {
                let text = match text.is_empty() {
                    true => text,
                    false => self.unit.repeat(depth + deeper) + &text,
                };
                self.lines.push(Line { text, layer: self.layer });
            }
        }
    }

    pub fn blank(&mut self) {
        self.line("");
    }

    /// What `write` appends belongs to a layer.
    pub fn of(&mut self, layer: &Layer, write: impl FnOnce(&mut Writer)) {
        let outer = self.layer.replace(layer.place);
        write(self);
        self.layer = outer;
    }

    /// Appends lines that belong to a layer.
    pub fn layer(&mut self, layer: &Layer, text: impl AsRef<str>) {
        self.of(layer, |w| w.line(text));
    }

    /// A head, then a block one step deeper.
    pub fn block(&mut self, head: impl AsRef<str>, write: impl FnOnce(&mut Writer)) {
        self.line(head);
        self.indented(write);
    }

    pub fn indented(&mut self, write: impl FnOnce(&mut Writer)) {
        self.depth += 1;
        write(self);
        self.depth -= 1;
    }

    pub fn finish(self) -> Code {
        Code { lines: self.lines }
    }
}

/// A number as every language reads it, no longer than it must be: `0.001`, `1e-8`, `2.0`.
pub fn number(value: f64) -> String {
    format!("{value:?}")
}

/// `a, b, c`
pub fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// A tuple as Python has it: `(3,)`, `(3, 4)`.
pub fn tuple<T: ToString>(items: &[T]) -> String {
    let inner = items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if items.len() == 1 { format!("({inner},)") } else { format!("({inner})") }
}

/// One number where both are equal, else a pair with these brackets.
pub fn pair(sizes: [usize; 2], open: char, close: char) -> String {
    match sizes {
        [a, b] if a == b => a.to_string(),
        [a, b] => format!("{open}{a}, {b}{close}"),
    }
}
