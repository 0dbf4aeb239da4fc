//! Knobs as data: what can be set on a layer, a loss, an optimizer, and what each may be set to.
//!
//! A row of `LAYERS`, `LOSSES`, `OPTIMIZERS`, … opens with an [`About`]: its name, words for people, and its
//! [`Field`]s. The palette, the knobs, the reader of documents and the tests all follow from these slices, so a new
//! field is one line in one file. [`Values`] holds what a document chose and answers with the default elsewhere.

use std::borrow::Cow;
use std::fmt;

use super::json::{Json, number_text};
use super::spelling::unknown;
use crate::tensor::sorted::Sorted;

/// The head of a row: how documents call it, how people call it, and what can be set on it.
#[derive(Debug)]
pub struct About {
    /// The name in documents and links, kebab-case. It never changes.
    pub id: &'static str,
    pub label: &'static str,
    /// What it does, in one sentence.
    pub help: &'static str,
    pub fields: &'static [Field],
}

impl About {
    pub fn field(&self, id: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.id == id)
    }
}

/// One thing that can be set.
#[derive(Debug)]
pub struct Field {
    pub id: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    pub kind: Kind,
    pub default: Default,
}

impl Field {
    /// A field that a document may leave out.
    pub const fn new(id: &'static str, label: &'static str, help: &'static str, kind: Kind, value: Value) -> Field {
        Field { id, label: words!(label), help: words!(help), kind, default: Default::Is(value) }
    }

    /// A field that a document must give; `start` is what the page sets on a fresh row.
    pub const fn needed(id: &'static str, label: &'static str, help: &'static str, kind: Kind, start: Value) -> Field {
        Field { id, label: words!(label), help: words!(help), kind, default: Default::Needed(start) }
    }

    /// A field that follows another one until it is given.
    pub const fn like(
        id: &'static str,
        label: &'static str,
        help: &'static str,
        kind: Kind,
        of: &'static str,
    ) -> Field {
        Field { id, label: words!(label), help: words!(help), kind, default: Default::Like(of) }
    }
}

/// What a field is when a document does not say.
#[derive(Debug)]
pub enum Default {
    Is(Value),
    /// The value of the field of this name.
    Like(&'static str),
    /// The document must say; a fresh row on the page starts with this.
    Needed(Value),
}

/// What a field may be set to. Bounds are included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A whole number.
    Count { min: i64, max: i64 },
    /// A whole number, or two: height and width.
    Size { min: usize, max: usize },
    /// A number; `log` asks for a slider with decades.
    Number { min: f64, max: f64, log: bool },
    /// Yes or no.
    Flag,
    /// One word of a list.
    Choice(&'static [Word]),
    /// One to [`Kind::MOST_AXES`] whole numbers: the sizes of the axes without the batch.
    Shape,
}

/// One value of a [`Kind::Choice`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Word {
    pub id: &'static str,
    pub label: &'static str,
    pub help: &'static str,
}

impl Word {
    pub const fn new(id: &'static str, label: &'static str, help: &'static str) -> Word {
        Word { id, label: words!(label), help: words!(help) }
    }
}

/// What a field is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Count(i64),
    Size([usize; 2]),
    Number(f64),
    Flag(bool),
    /// The id of a word in the field's list.
    Choice(&'static str),
    Shape(Cow<'static, [usize]>),
}

impl Kind {
    pub const MOST_AXES: usize = 4;
    /// The longest axis that a [`Kind::Shape`] may name.
    pub const LONGEST: usize = 1 << 24;

    /// Reads a value from a document; the error says what was expected and what came.
    pub fn read(&self, json: &Json) -> Result<Value, String> {
        let value = match self {
            Kind::Count { .. } => whole(json).map(Value::Count),
            Kind::Size { .. } => match json {
                Json::Array(pair) if pair.len() == 2 => natural(&pair[0]).zip(natural(&pair[1])).map(|(h, w)| [h, w]),
                _ => natural(json).map(|size| [size, size]),
            }
            .map(Value::Size),
            Kind::Number { .. } => json.as_f64().map(Value::Number),
            Kind::Flag => json.as_bool().map(Value::Flag),
            Kind::Choice(words) => match json.as_str() {
                Some(text) => match words.iter().find(|word| word.id == text) {
                    Some(word) => Some(Value::Choice(word.id)),
                    None => return Err(unknown("value", text, words.iter().map(|word| word.id))),
                },
                None => None,
            },
            Kind::Shape => json.as_array().and_then(|sizes| sizes.iter().map(natural).collect()).map(Value::Shape),
        };
        value.filter(|value| self.allows(value)).ok_or_else(|| format!("expected {self}, found {}.", brief(json)))
    }

    /// Whether `value` is of this kind and within its bounds.
    pub fn allows(&self, value: &Value) -> bool {
        match (self, value) {
            (Kind::Count { min, max }, Value::Count(count)) => (min..=max).contains(&count),
            (Kind::Size { min, max }, Value::Size(size)) => size.iter().all(|side| (min..=max).contains(&side)),
            (Kind::Number { min, max, .. }, Value::Number(number)) => (min..=max).contains(&number),
            (Kind::Flag, Value::Flag(_)) => true,
            (Kind::Choice(words), Value::Choice(id)) => words.iter().any(|word| word.id == *id),
            (Kind::Shape, Value::Shape(sizes)) => {
                (1..=Kind::MOST_AXES).contains(&sizes.len())
                    && sizes.iter().all(|size| (1..=Kind::LONGEST).contains(size))
            }
            (
                Kind::Count { .. }
                | Kind::Size { .. }
                | Kind::Number { .. }
                | Kind::Flag
                | Kind::Choice(_)
                | Kind::Shape,
                _,
            ) => false,
        }
    }
}

/// What is expected, as it stands in a sentence: `a whole number from 1 to 64`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Kind::Count { min, max } => write!(f, "a whole number from {min} to {max}"),
            Kind::Size { min, max } => {
                write!(f, "a whole number from {min} to {max}, or two of them as [height, width]")
            }
            Kind::Number { min, max, .. } => {
                write!(f, "a number from {} to {}", number_text(*min), number_text(*max))
            }
            Kind::Flag => f.write_str("true or false"),
            Kind::Choice(words) => {
                let words: Vec<&str> = words.iter().map(|word| word.id).collect();
                write!(f, "one of {}", words.join(", "))
            }
            Kind::Shape => write!(f, "a list of 1 to {} whole numbers, each at least 1", Kind::MOST_AXES),
        }
    }
}

impl Value {
    pub fn to_json(&self) -> Json {
        match self {
            Value::Count(count) => (*count as f64).into(),
            Value::Size([h, w]) if h == w => (*h).into(),
            Value::Size(size) => size.iter().copied().collect(),
            Value::Number(value) => (*value).into(),
            Value::Flag(flag) => (*flag).into(),
            Value::Choice(id) => (*id).into(),
            Value::Shape(sizes) => sizes.iter().copied().collect(),
        }
    }
}

/// What a document chose for the fields of one row; a field that it left alone answers with its default.
///
/// Only what differs from a constant default is kept, so equal meanings are equal values.
#[derive(Clone)]
pub struct Values {
    fields: &'static [Field],
    chosen: Sorted<&'static str, Value>,
}

impl Values {
    /// A fresh row: needed fields take their start, all others their default.
    pub fn fresh(fields: &'static [Field]) -> Values {
        let mut values = Values { fields, chosen: Sorted::new() };
        for field in fields {
            if let Default::Needed(start) = &field.default {
                values.chosen.insert(field.id, start.clone());
            }
        }
        values
    }

    /// Sets one field; the error is a sentence for the user.
    pub fn set(&mut self, id: &str, value: Value) -> Result<(), String> {
        let field = (self.fields.iter().find(|field| field.id == id))
            .ok_or_else(|| unknown("field", id, self.fields.iter().map(|field| field.id)))?;
        if !field.kind.allows(&value) {
            return Err(format!("{id}: expected {}, found {}.", field.kind, value.to_json()));
        }
        match &field.default {
            Default::Is(default) if *default == value => self.chosen.remove(field.id),
            Default::Is(_) | Default::Like(_) | Default::Needed(_) => self.chosen.insert(field.id, value),
        };
        Ok(())
    }

    /// The same with one field set; for values that are known to be right.
    pub fn with(mut self, id: &str, value: Value) -> Values {
        self.set(id, value).expect("a value that the field allows");
        self
    }

    /// Puts a field back to its default.
    pub fn reset(&mut self, id: &str) {
        match self.field(id).default {
            Default::Needed(ref start) => self.chosen.insert(self.field(id).id, start.clone()),
            Default::Is(_) | Default::Like(_) => self.chosen.remove(id),
        };
    }

    /// What a field is set to, or its default.
    pub fn get(&self, id: &str) -> &Value {
        let field = self.field(id);
        match (self.chosen.get(id), &field.default) {
            (Some(value), _) => value,
            (None, Default::Is(value) | Default::Needed(value)) => value,
            (None, Default::Like(other)) => self.get(other),
        }
    }

    /// Whether the field exists here.
    pub fn has(&self, id: &str) -> bool {
        self.fields.iter().any(|field| field.id == id)
    }

    /// The fields that these values are for, in the order of the row.
    pub fn fields(&self) -> &'static [Field] {
        self.fields
    }

    /// The fields that do not have a constant default's value, in the order of the row: what a document must say.
    pub fn chosen(&self) -> impl Iterator<Item = (&'static Field, &Value)> {
        self.fields.iter().filter_map(|field| self.chosen.get(field.id).map(|value| (field, value)))
    }

    pub fn count(&self, id: &str) -> usize {
        usize::try_from(self.whole(id)).expect("a count that is not negative")
    }

    pub fn whole(&self, id: &str) -> i64 {
        let Value::Count(count) = self.get(id) else { panic!("{id} is a whole number") };
        *count
    }

    pub fn size(&self, id: &str) -> [usize; 2] {
        let Value::Size(size) = self.get(id) else { panic!("{id} is a size") };
        *size
    }

    pub fn number(&self, id: &str) -> f64 {
        let Value::Number(number) = self.get(id) else { panic!("{id} is a number") };
        *number
    }

    pub fn flag(&self, id: &str) -> bool {
        let Value::Flag(flag) = self.get(id) else { panic!("{id} is a flag") };
        *flag
    }

    pub fn choice(&self, id: &str) -> &'static str {
        let Value::Choice(word) = self.get(id) else { panic!("{id} is a choice") };
        word
    }

    pub fn shape(&self, id: &str) -> &[usize] {
        let Value::Shape(sizes) = self.get(id) else { panic!("{id} is a shape") };
        sizes
    }

    fn field(&self, id: &str) -> &'static Field {
        self.fields.iter().find(|field| field.id == id).expect("a field of the row")
    }
}

/// Equal choices; whose fields they are is compared by whoever holds the row.
impl PartialEq for Values {
    fn eq(&self, other: &Values) -> bool {
        self.chosen == other.chosen
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_map().entries(self.chosen.iter()).finish()
    }
}

/// A whole number, also where it is written as 3.0; `None` for anything else or beyond ±2⁵³.
pub fn whole(json: &Json) -> Option<i64> {
    let number = json.as_f64()?;
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// A value of a document as it may stand in a sentence: never long.
pub fn brief(json: &Json) -> String {
    match json {
        Json::Array(items) if items.len() > 4 => format!("a list of {}", items.len()),
        Json::Array(items) => format!("[{}]", items.iter().map(brief).collect::<Vec<_>>().join(", ")),
        Json::Object(_) => "an object".to_string(),
        Json::String(text) if text.chars().count() > 40 => {
            format!("\"{}…\"", text.chars().take(40).collect::<String>())
        }
        Json::String(_) | Json::Null | Json::Bool(_) | Json::Number(_) => json.to_string(),
    }
}

fn natural(json: &Json) -> Option<usize> {
    whole(json).and_then(|number| usize::try_from(number).ok())
}
