//! The text form of protocol buffers, as prototxt files are written: fields in the order of the file, read without a schema.
//!
//! `name: value`, `name { … }`, `name < … >`, lists in brackets, texts in either quotation mark, remarks after `#`.

/// Messages in messages that are read at most; each costs stack.
const DEPTH: usize = 32;
/// Fields of a whole file.
const FIELDS: usize = 200_000;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    /// A number, or a word of a list.
    Word(String),
    Message(Message),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message(pub Vec<(String, Value)>);

impl Message {
    /// Reads a file; the error is the part of a sentence that says what is wrong and where.
    pub fn parse(text: &str) -> Result<Message, String> {
        let mut reader = Reader { text, at: 0, fields: 0 };
        let read = reader.message(0, None);
        read.map_err(|what| {
            let before = &text.as_bytes()[..reader.at.min(text.len())];
            format!("{what}, at line {}", before.iter().filter(|byte| **byte == b'\n').count() + 1)
        })
    }

    /// All values of a field.
    pub fn all<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m Value> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value)
    }

    /// The messages of a field.
    pub fn messages<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m Message> {
        self.all(name).filter_map(|value| if let Value::Message(message) = value { Some(message) } else { None })
    }

    /// The message of a field; an empty one where there is none.
    pub fn message(&self, name: &str) -> Message {
        self.messages(name).last().cloned().unwrap_or_default()
    }

    /// The texts or words of a field.
    pub fn texts<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m str> {
        self.all(name).filter_map(|value| match value {
            Value::Text(text) | Value::Word(text) => Some(text.as_str()),
            Value::Message(_) => None,
        })
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().filter(|(other, _)| other == name).find_map(|(_, value)| match value {
            Value::Text(text) | Value::Word(text) => Some(text.as_str()),
            Value::Message(_) => None,
        })
    }

    pub fn flag(&self, name: &str, usual: bool) -> bool {
        self.text(name).map_or(usual, |word| ["true", "1", "t"].contains(&word))
    }

    /// The whole numbers of a field; what is none is left out.
    pub fn wholes(&self, name: &str) -> Vec<i64> {
        self.texts(name).filter_map(|word| word.parse().ok()).collect()
    }

    pub fn whole(&self, name: &str, usual: i64) -> i64 {
        self.wholes(name).last().copied().unwrap_or(usual)
    }

    pub fn number(&self, name: &str, usual: f32) -> f32 {
        let number = self.text(name).and_then(|word| crate::nn::json::parse_number(word.trim_end_matches(['f', 'F'])));
        number.map_or(usual, |number| number as f32)
    }
}

type Read<T> = Result<T, &'static str>;

struct Reader<'a> {
    text: &'a str,
    /// In bytes; always between two letters.
    at: usize,
    fields: usize,
}

impl Reader<'_> {
    /// The next byte that is neither space nor remark.
    fn next(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' | b',' | b';' => self.at += 1,
                b'#' => self.at += bytes[self.at..].iter().take_while(|byte| **byte != b'\n').count(),
                other => return Some(*other),
            }
        }
        None
    }

    /// The fields up to a bracket, or to the end of the file.
    fn message(&mut self, depth: usize, end: Option<u8>) -> Read<Message> {
        if depth > DEPTH {
            return Err("messages lie too deep in one another");
        }
        let mut message = Message::default();
        loop {
            match (self.next(), end) {
                (None, None) => return Ok(message),
                (None, Some(_)) => return Err("it ends within a message"),
                (Some(byte), Some(end)) if byte == end => {
                    self.at += 1;
                    return Ok(message);
                }
                (Some(_), _) => {}
            }
            self.fields += 1;
            if self.fields > FIELDS {
                return Err("it has more fields than a network needs");
            }
            let name = self.word()?.to_string();
            let colon = self.next() == Some(b':');
            self.at += usize::from(colon);
            match self.next() {
                Some(open @ (b'{' | b'<')) => {
                    self.at += 1;
                    let inner = self.message(depth + 1, Some(if open == b'{' { b'}' } else { b'>' }))?;
                    message.0.push((name, Value::Message(inner)));
                }
                Some(b'[') if colon => {
                    self.at += 1;
                    while self.next() != Some(b']') {
                        self.fields += 1;
                        if self.fields > FIELDS {
                            return Err("it has more fields than a network needs");
                        }
                        let value = self.value()?;
                        message.0.push((name.clone(), value));
                    }
                    self.at += 1;
                }
                Some(_) if colon => {
                    let value = self.value()?;
                    message.0.push((name, value));
                }
                Some(_) | None => return Err("expected a colon or a bracket after a field's name"),
            }
        }
    }

    fn word(&mut self) -> Read<&str> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.+-".contains(byte)).count();
        if length == 0 {
            return Err("expected a name or a number");
        }
        let start = self.at;
        self.at += length;
        Ok(&self.text[start..self.at])
    }

    fn value(&mut self) -> Read<Value> {
        let Some(quote @ (b'"' | b'\'')) = self.next() else { return Ok(Value::Word(self.word()?.to_string())) };
        let mut text = String::new();
        // texts that follow one another are one
        while self.next() == Some(quote) {
            self.at += 1;
            let mut letters = self.text[self.at..].char_indices();
            loop {
                let (place, letter) = letters.next().ok_or("a text does not end")?;
                let letter = match letter {
                    '\\' => match letters.next().ok_or("a text does not end")?.1 {
                        'n' => '\n',
                        't' => '\t',
                        other => other,
                    },
                    '\n' => return Err("a text does not end in its line"),
                    letter if letter as u32 == u32::from(quote) => {
                        self.at += place + 1;
                        break;
                    }
                    letter => letter,
                };
                text.push(letter);
            }
        }
        Ok(Value::Text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prototxt_may_be() {
        let text = "name: 'a \"b\"' # remark { \n layer { type: \"Re\" \"LU\"; top: \"x\" p < k: [1, 2], f: -2.5e-1f > }\nq: { e: MAX }";
        let net = Message::parse(text).expect("a net");
        assert_eq!(net.text("name"), Some("a \"b\""));
        let layer = net.message("layer");
        assert_eq!((layer.text("type"), layer.message("p").wholes("k")), (Some("ReLU"), vec![1, 2]));
        assert_eq!((layer.message("p").number("f", 0.0), net.message("q").text("e")), (-0.25, Some("MAX")));
        for (text, what) in [
            ("a {", "ends within"),
            ("a: \"x", "does not end"),
            ("a b", "colon"),
            (": 1", "name"),
            (&"a {".repeat(99), "deep"),
        ] {
            let error = Message::parse(text).expect_err(text);
            assert!(error.contains(what) && error.ends_with("at line 1"), "{text:.9}: {error}");
        }
    }
}
