//! JSON, as documents need it: read with the place of a mistake, kept in the order of its fields, written.
//!
//! RFC 8259. All numbers are f64; the browser reads their digits, natively the standard library does.

use std::fmt::{self, Write};

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Json>),
    Object(Map),
}

/// The fields of an object, in the order of their first naming.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Vec<(String, Json)>);

/// Lists in lists that are read at most: no document has more, and each costs stack.
const DEPTH: usize = 100;

impl Map {
    pub fn new() -> Map {
        Map::default()
    }

    pub fn get(&self, key: &str) -> Option<&Json> {
        self.0.iter().find(|(other, _)| other == key).map(|(_, value)| value)
    }

    /// Sets a field; the last word counts.
    pub fn insert(&mut self, key: &str, value: impl Into<Json>) {
        let value = value.into();
        match self.0.iter_mut().find(|(other, _)| other == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_string(), value)),
        }
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }
}

impl Json {
    /// The value that a text holds; the error is the part of a sentence that says what is wrong and where.
    pub fn parse(text: &str) -> Result<Json, String> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0).and_then(|value| {
            reader.space();
            if reader.at < text.len() { Err("more follows after its end") } else { Ok(value) }
        });
        value.map_err(|what| {
            let before = &text.as_bytes()[..reader.at.min(text.len())];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
            format!("{what}, at line {line}, column {column}")
        })
    }

    /// A field of an object; `None` where it has no such field, or is no object.
    pub fn field(&self, key: &str) -> Option<&Json> {
        if let Json::Object(map) = self { map.get(key) } else { None }
    }

    pub fn as_f64(&self) -> Option<f64> {
        if let Json::Number(number) = self { Some(*number) } else { None }
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Json::Bool(flag) = self { Some(*flag) } else { None }
    }

    pub fn as_str(&self) -> Option<&str> {
        if let Json::String(text) = self { Some(text) } else { None }
    }

    pub fn as_array(&self) -> Option<&[Json]> {
        if let Json::Array(items) = self { Some(items) } else { None }
    }

    pub fn is_null(&self) -> bool {
        *self == Json::Null
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Json {
        Json::Bool(flag)
    }
}

impl From<f64> for Json {
    fn from(number: f64) -> Json {
        Json::Number(number)
    }
}

impl From<usize> for Json {
    fn from(number: usize) -> Json {
        Json::Number(number as f64)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::String(text.to_string())
    }
}

impl From<Map> for Json {
    fn from(map: Map) -> Json {
        Json::Object(map)
    }
}

impl<T: Into<Json>> FromIterator<T> for Json {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Json {
        Json::Array(items.into_iter().map(Into::into).collect())
    }
}

/// In one line; with `{:#}` in many, indented by two.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write(f, self, f.alternate().then_some(0))
    }
}

fn write(f: &mut fmt::Formatter, json: &Json, indent: Option<usize>) -> fmt::Result {
    let line = |f: &mut fmt::Formatter, more: usize| match indent {
        Some(indent) => (0..indent + more).try_fold(f.write_char('\n')?, |(), _| f.write_str("  ")),
        None => Ok(()),
    };
    let inner = indent.map(|indent| indent + 1);
    match json {
        Json::Null => f.write_str("null"),
        Json::Bool(flag) => f.write_str(if *flag { "true" } else { "false" }),
        // Not a number has no place in JSON.
        Json::Number(number) if !number.is_finite() => f.write_str("null"),
        Json::Number(number) => f.write_str(&number_text(*number)),
        Json::String(text) => quote(f, text),
        Json::Array(items) => {
            f.write_char('[')?;
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    f.write_char(',')?;
                }
                line(f, 1)?;
                write(f, item, inner)?;
            }
            if !items.is_empty() {
                line(f, 0)?;
            }
            f.write_char(']')
        }
        Json::Object(map) => {
            f.write_char('{')?;
            for (place, (key, value)) in map.0.iter().enumerate() {
                if place > 0 {
                    f.write_char(',')?;
                }
                line(f, 1)?;
                quote(f, key)?;
                f.write_str(if indent.is_some() { ": " } else { ":" })?;
                write(f, value, inner)?;
            }
            if !map.0.is_empty() {
                line(f, 0)?;
            }
            f.write_char('}')
        }
    }
}

fn quote(f: &mut fmt::Formatter, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                f.write_char('\\')?;
                f.write_char(letter)?;
            }
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            control if (control as u32) < 32 => write!(f, "\\u{:04x}", control as u32)?,
            letter => f.write_char(letter)?,
        }
    }
    f.write_char('"')
}

/// What is wrong, in words that go before the place.
type Read<T> = Result<T, &'static str>;

struct Reader<'a> {
    text: &'a str,
    /// In bytes; always between two letters.
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over a letter, if it is the next.
    fn take(&mut self, letter: u8) -> bool {
        let is_next = self.peek() == Some(letter);
        self.at += usize::from(is_next);
        is_next
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| b" \n\r\t".contains(&byte)) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Read<Json> {
        if depth > DEPTH {
            return Err("lists lie too deep in one another");
        }
        self.space();
        match self.peek() {
            None => Err("it ends too early"),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => {
                let words = [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))];
                let found = words.into_iter().find(|(word, _)| self.text[self.at..].starts_with(word));
                let (word, value) = found.ok_or("expected a value")?;
                self.at += word.len();
                Ok(value)
            }
        }
    }

    fn array(&mut self, depth: usize) -> Read<Json> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        while !self.take(b']') {
            if !items.is_empty() {
                self.comma()?;
            }
            items.push(self.value(depth + 1)?);
            self.space();
        }
        Ok(Json::Array(items))
    }

    fn object(&mut self, depth: usize) -> Read<Json> {
        let mut map = Map::new();
        self.at += 1;
        self.space();
        while !self.take(b'}') {
            if !map.0.is_empty() {
                self.comma()?;
                self.space();
            }
            if self.peek() != Some(b'"') {
                return Err(self.missing("expected a field's name in quotation marks"));
            }
            let key = self.string()?;
            self.space();
            if !self.take(b':') {
                return Err(self.missing("expected a colon"));
            }
            let value = self.value(depth + 1)?;
            map.insert(&key, value);
            self.space();
        }
        Ok(Json::Object(map))
    }

    fn comma(&mut self) -> Read<()> {
        if self.take(b',') { Ok(()) } else { Err(self.missing("expected a comma or the end of the list")) }
    }

    fn missing(&self, what: &'static str) -> &'static str {
        if self.peek().is_none() { "it ends too early" } else { what }
    }

    fn string(&mut self) -> Read<String> {
        let mut out = String::new();
        self.at += 1;
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| byte >= 32 && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            out += &self.text[start..self.at];
            if self.take(b'"') {
                return Ok(out);
            }
            if !self.take(b'\\') {
                return Err(self.missing("a text holds a control character or the end of a line"));
            }
            let letter = self.peek().ok_or("it ends too early")?;
            if !letter.is_ascii() {
                return Err("no such escape");
            }
            self.at += 1;
            out.push(match letter {
                b'"' | b'\\' | b'/' => letter as char,
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unicode()?,
                _ => return Err("no such escape"),
            });
        }
    }

    /// Four hexadecimal digits, or two times four for a letter beyond the first 65,536.
    fn unicode(&mut self) -> Read<char> {
        let first = self.four()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or("half a letter");
        }
        if !(self.take(b'\\') && self.take(b'u')) {
            return Err("half a letter");
        }
        let second = self.four()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err("half a letter");
        }
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or("half a letter")
    }

    fn four(&mut self) -> Read<u32> {
        let mut number = 0;
        for _ in 0..4 {
            let digit =
                self.peek().and_then(|byte| (byte as char).to_digit(16)).ok_or("expected a hexadecimal digit")?;
            number = number * 16 + digit;
            self.at += 1;
        }
        Ok(number)
    }

    fn number(&mut self) -> Read<Json> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        match parse_number(&self.text[start..self.at]) {
            Some(number) if number.is_finite() => Ok(Json::Number(number)),
            _ => Err("a number out of range"),
        }
    }

    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err("expected a digit") }
    }
}

/// A number in the fewest digits that tell it from all others. The browser has such a writer, and the standard library's has
/// fifteen kilobytes of code and tables.
pub fn number_text(number: f64) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JSON::stringify(&number.into()).map_or_else(|_| "null".into(), String::from);
    #[cfg(not(target_arch = "wasm32"))]
    if number != 0.0 && !(1e-5..1e16).contains(&number.abs()) { format!("{number:e}") } else { number.to_string() }
}

/// The number that a text is; `None` if it is none. The browser has such a reader, and the standard library's has ten
/// kilobytes of tables.
pub fn parse_number(text: &str) -> Option<f64> {
    if text.is_empty() || !text.bytes().all(|byte| b"0123456789+-.eE".contains(&byte)) {
        return None;
    }
    #[cfg(target_arch = "wasm32")]
    let number = f64::try_from(&wasm_bindgen::JsValue::from_str(text)).ok();
    #[cfg(not(target_arch = "wasm32"))]
    let number = text.parse().ok();
    number.filter(|number: &f64| !number.is_nan())
}

/// A number times a power of ten, with the fewest digits that mean it or with so many after the point: `1e-8`, `2.1e-7`.
pub fn number_power(number: f64, decimals: Option<u8>) -> String {
    #[cfg(target_arch = "wasm32")]
    return wasm_bindgen::JsCast::unchecked_into::<JsNumber>(wasm_bindgen::JsValue::from_f64(number))
        .to_exponential(decimals)
        .replace('+', "");
    #[cfg(not(target_arch = "wasm32"))]
    match decimals {
        Some(decimals) => format!("{number:.0$e}", usize::from(decimals)),
        None => format!("{number:e}"),
    }
}

#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Number)]
    type JsNumber;
    #[wasm_bindgen(method, js_name = toExponential)]
    fn to_exponential(this: &JsNumber, decimals: Option<u8>) -> String;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let text =
            r#"{"a":[1,-2.5,1e-8,1e+300,0.001],"b":{"c":null,"d":[true,false,[]]},"e":"\"\\\n\u0001ü🐱","f":{}}"#;
        let json = Json::parse(text).unwrap();
        assert_eq!(Json::parse(&json.to_string()), Ok(json.clone()));
        assert_eq!(Json::parse(&format!("{json:#}")), Ok(json.clone()));
        assert_eq!(json.to_string(), text.replace("e+", "e"));
        let spelled = Json::parse(r#" "\ud83d\udc31\/\u00fc" "#);
        assert_eq!(spelled, Ok(Json::from("🐱/ü")));
        let map = Json::parse(r#"{ "a": 1, "b": 2, "a": 3 }"#).unwrap();
        assert_eq!(map.to_string(), r#"{"a":3,"b":2}"#, "the last word counts, in the place of the first");
        assert_eq!(format!("{map:#}"), "{\n  \"a\": 3,\n  \"b\": 2\n}");
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        let deep = "[".repeat(1000);
        for (text, what, line, column) in [
            ("", "ends too early", 1, 1),
            ("{\n  \"a\": ", "ends too early", 2, 8),
            ("{\n  a: 1 }", "quotation marks", 2, 3),
            ("[1 2]", "comma", 1, 4),
            ("[1,]", "expected a value", 1, 4),
            ("{} {}", "more follows", 1, 4),
            ("[01]", "comma", 1, 3),
            ("[1.]", "digit", 1, 4),
            ("[1e999]", "out of range", 1, 7),
            ("nul", "expected a value", 1, 1),
            ("\"\\x\"", "no such escape", 1, 4),
            ("\"\\ud800 \"", "half a letter", 1, 8),
            ("\"a\nb\"", "control character", 1, 3),
            (&deep, "too deep", 1, 102),
        ] {
            let error = Json::parse(text).unwrap_err();
            assert!(
                error.contains(what) && error.ends_with(&format!("at line {line}, column {column}")),
                "{text:.20}: {error}"
            );
        }
    }
}
