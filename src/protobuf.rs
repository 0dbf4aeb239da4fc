//! The wire format of protocol buffers, read and written without a schema: what ONNX and Caffe files are made of.
//!
//! A message is a list of fields, each a number with a value of one of four kinds. [`Fields`] walks over bytes that stay where
//! they are: it copies nothing and believes no length before it has held it against what is there. [`Writer`] is its inverse.
//! Source: the Protocol Buffers encoding guide.

/// The value of one field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A whole number of variable length; negative ones are written in two's complement, 64 bits.
    Whole(u64),
    Eight(u64),
    /// A text, a message, or numbers one after the other.
    Bytes(&'a [u8]),
    Four(u32),
}

/// The fields of a message, in the order of the file. An error ends it.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub fn new(bytes: &'a [u8]) -> Fields<'a> {
        Fields { rest: bytes }
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(head)
    }

    fn field(&mut self) -> Option<(u32, Value<'a>)> {
        let key = varint(&mut self.rest)?;
        let number = u32::try_from(key >> 3).ok().filter(|number| *number > 0)?;
        let value = match key & 7 {
            0 => Value::Whole(varint(&mut self.rest)?),
            1 => Value::Eight(u64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            2 => {
                let length = varint(&mut self.rest)?;
                Value::Bytes(self.take(usize::try_from(length).ok()?)?)
            }
            5 => Value::Four(u32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        };
        Some((number, value))
    }
}

/// What is said of bytes that are no message.
pub const BROKEN: &str =
    "The file is cut off or damaged: a field in it says that it is longer than what follows. Fetch the file again.";

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Value<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field().ok_or_else(|| BROKEN.to_string());
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// A whole number of variable length, seven bits a byte, the lowest first; taken off the front.
pub fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for i in 0..10 {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

impl<'a> Value<'a> {
    pub fn bytes(self) -> Option<&'a [u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// A text; `None` where it is none, or not UTF-8.
    pub fn text(self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    pub fn whole(self) -> Option<i64> {
        if let Value::Whole(value) = self { Some(value as i64) } else { None }
    }

    pub fn float(self) -> Option<f32> {
        if let Value::Four(bits) = self { Some(f32::from_bits(bits)) } else { None }
    }

    /// Appends the whole numbers of a field that may be one, or packed one after the other; `false` where it is neither.
    pub fn wholes(self, to: &mut Vec<i64>) -> bool {
        match self {
            Value::Whole(value) => to.push(value as i64),
            Value::Bytes(mut bytes) => {
                while !bytes.is_empty() {
                    let Some(value) = varint(&mut bytes) else { return false };
                    to.push(value as i64);
                }
            }
            Value::Four(_) | Value::Eight(_) => return false,
        }
        true
    }

    /// Appends the numbers of a field that may be one, or packed one after the other; `false` where it is neither.
    pub fn floats(self, to: &mut Vec<f32>) -> bool {
        match self {
            Value::Four(bits) => to.push(f32::from_bits(bits)),
            Value::Bytes(bytes) if bytes.len().is_multiple_of(4) => {
                to.extend(bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])));
            }
            Value::Bytes(_) | Value::Whole(_) | Value::Eight(_) => return false,
        }
        true
    }
}

/// Writes a message, field by field.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    pub fn whole(&mut self, field: u32, value: i64) {
        self.varint(u64::from(field) << 3);
        self.varint(value as u64);
    }

    pub fn float(&mut self, field: u32, value: f32) {
        self.varint(u64::from(field) << 3 | 5);
        self.bytes.extend(value.to_le_bytes());
    }

    pub fn data(&mut self, field: u32, data: &[u8]) {
        self.varint(u64::from(field) << 3 | 2);
        self.varint(data.len() as u64);
        self.bytes.extend(data);
    }

    pub fn text(&mut self, field: u32, text: &str) {
        self.data(field, text.as_bytes());
    }

    /// Whole numbers, packed.
    pub fn wholes(&mut self, field: u32, values: &[i64]) {
        self.message(field, |w| values.iter().for_each(|value| w.varint(*value as u64)));
    }

    /// Numbers, packed.
    pub fn floats(&mut self, field: u32, values: &[f32]) {
        self.varint(u64::from(field) << 3 | 2);
        self.varint(4 * values.len() as u64);
        self.bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }

    pub fn message(&mut self, field: u32, write: impl FnOnce(&mut Writer)) {
        let mut inner = Writer::default();
        write(&mut inner);
        self.data(field, &inner.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut w = Writer::default();
        w.whole(1, -2);
        w.float(2, 0.5);
        w.text(3, "ü");
        w.wholes(4, &[1, 300, -1]);
        w.floats(500, &[1.0, -2.5]);
        let fields: Vec<_> = Fields::new(&w.bytes).collect::<Result<_, _>>().unwrap();
        assert_eq!(fields.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3, 4, 500]);
        assert_eq!((fields[0].1.whole(), fields[1].1.float(), fields[2].1.text()), (Some(-2), Some(0.5), Some("ü")));
        let (mut wholes, mut floats) = (Vec::new(), Vec::new());
        assert!(fields[3].1.wholes(&mut wholes) && fields[4].1.floats(&mut floats));
        assert_eq!((wholes, floats), (vec![1, 300, -1], vec![1.0, -2.5]));
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        let mut w = Writer::default();
        w.text(1, "four");
        for end in 1..w.bytes.len() {
            assert!(Fields::new(&w.bytes[..end]).any(|field| field.is_err()), "{end} bytes");
        }
        // a claim of 2⁶³ bytes, a number without an end, a kind that there is not, field 0
        for bytes in
            [&[0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 127][..], &[0x08; 1], &[0x08, 255], &[0x0b], &[2, 0]]
        {
            assert_eq!(Fields::new(bytes).last(), Some(Err(BROKEN.to_string())), "{bytes:?}");
        }
    }
}
