//! Arrays as ONNX files hold them: a kind of number, a shape, and the numbers where they lie in the file or made anew.

use std::{borrow::Cow, rc::Rc};

use super::super::safetensors::half;
use crate::protobuf::{Fields, Value};

/// Axes that an array may have.
pub const AXES: usize = 8;
/// Numbers of variable length that are read of one array: shapes and tables, not weights.
const VARIABLE: usize = 4 << 20;

/// What an array's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Float,
    Double,
    Half,
    Brain,
    Bool,
    Whole { bits: u32, signed: bool },
}

pub const I64: Kind = Kind::Whole { bits: 64, signed: true };

impl Kind {
    /// By ONNX's own number for it.
    pub fn read(code: i64) -> Option<Kind> {
        let whole = |bits, signed| Kind::Whole { bits, signed };
        Some(match code {
            1 => Kind::Float,
            2 => whole(8, false),
            3 => whole(8, true),
            4 => whole(16, false),
            5 => whole(16, true),
            6 => whole(32, true),
            7 => I64,
            9 => Kind::Bool,
            10 => Kind::Half,
            11 => Kind::Double,
            12 => whole(32, false),
            13 => whole(64, false),
            16 => Kind::Brain,
            _ => return None,
        })
    }

    /// In bytes.
    pub fn width(self) -> usize {
        match self {
            Kind::Float => 4,
            Kind::Double => 8,
            Kind::Half | Kind::Brain => 2,
            Kind::Bool => 1,
            Kind::Whole { bits, .. } => bits as usize / 8,
        }
    }

    pub fn is_float(self) -> bool {
        !matches!(self, Kind::Bool | Kind::Whole { .. })
    }

    /// A number as this kind holds it; `None` where it cannot.
    pub fn hold(self, value: f64) -> Option<f64> {
        match self {
            Kind::Float => Some(f64::from(value as f32)),
            Kind::Half => Some(rounded(value, 10, -14)).filter(|value| !value.is_finite() || value.abs() < 65520.0),
            Kind::Brain => Some(rounded(value, 7, -126)),
            Kind::Double => Some(value),
            Kind::Bool => Some(value).filter(|value| *value == 0.0 || *value == 1.0),
            Kind::Whole { bits, signed } => {
                // beyond 2⁵³ not every whole number is an f64
                let top = 2f64.powi(bits.min(53) as i32 - i32::from(signed && bits < 54));
                let low = if signed { -top } else { 0.0 };
                Some(value).filter(|value| value.fract() == 0.0 && *value >= low && *value < top)
            }
        }
    }

    fn number(self, bytes: &[u8]) -> f64 {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        let bits = u64::from_le_bytes(eight);
        match self {
            Kind::Float => f64::from(f32::from_bits(bits as u32)),
            Kind::Double => f64::from_bits(bits),
            Kind::Half => f64::from(half(bits as u16)),
            Kind::Brain => f64::from(f32::from_bits((bits as u32) << 16)),
            Kind::Bool => f64::from(u8::from(bits != 0)),
            Kind::Whole { bits: width, signed: true } => ((bits << (64 - width)) as i64 >> (64 - width)) as f64,
            Kind::Whole { .. } => bits as f64,
        }
    }
}

/// A number with so many bits behind its first, the smallest exponent given; from the middle to the even one.
fn rounded(value: f64, bits: i32, least: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    // the exponent of an f64 stands in its bits
    let exponent = ((value.to_bits() >> 52 & 2047) as i32 - 1023).max(least);
    let unit = 2f64.powi(exponent - bits);
    (value / unit).round_ties_even() * unit
}

/// An array. `count` numbers are there: that is checked when it is made.
#[derive(Clone, Debug)]
pub struct Array<'a> {
    pub kind: Kind,
    pub shape: Vec<usize>,
    data: Data<'a>,
}

#[derive(Clone, Debug)]
enum Data<'a> {
    /// Little-endian numbers of the array's kind.
    Raw(&'a [u8]),
    Floats(Rc<[f32]>),
    Made(Rc<[f64]>),
}

/// How many numbers a shape holds; `None` where no file could.
pub fn count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |all, size| all.checked_mul(*size)).filter(|count| *count < 1 << 30)
}

impl<'a> Array<'a> {
    pub fn made(kind: Kind, shape: Vec<usize>, data: Vec<f64>) -> Array<'a> {
        assert_eq!(count(&shape), Some(data.len()), "as many numbers as the shape says");
        let data = match kind {
            Kind::Float => Data::Floats(data.iter().map(|value| *value as f32).collect()),
            _ => Data::Made(data.into()),
        };
        Array { kind, shape, data }
    }

    /// Our own numbers.
    pub fn floats_of(shape: Vec<usize>, data: Vec<f32>) -> Array<'a> {
        assert_eq!(count(&shape), Some(data.len()), "as many numbers as the shape says");
        Array { kind: Kind::Float, shape, data: Data::Floats(data.into()) }
    }

    /// Axis i of the result is axis `order[i]` of this array; the numbers stay as short as they are.
    pub fn turned(&self, order: &[usize]) -> Array<'a> {
        let shape = order.iter().map(|axis| self.shape[*axis]).collect();
        let data = super::super::matching::permuted(&self.floats(), &self.shape, order);
        Array { kind: self.kind, shape, data: Data::Floats(data.into()) }
    }

    pub fn count(&self) -> usize {
        match &self.data {
            Data::Raw(bytes) => bytes.len() / self.kind.width(),
            Data::Floats(data) => data.len(),
            Data::Made(data) => data.len(),
        }
    }

    pub fn numbers(&self) -> Vec<f64> {
        match &self.data {
            Data::Raw(bytes) => bytes.chunks_exact(self.kind.width()).map(|one| self.kind.number(one)).collect(),
            Data::Floats(data) => data.iter().map(|value| f64::from(*value)).collect(),
            Data::Made(data) => data.to_vec(),
        }
    }

    /// The same as our own numbers, without a detour where the file has these.
    pub fn floats(&self) -> Vec<f32> {
        match &self.data {
            Data::Raw(bytes) if self.kind == Kind::Float => {
                bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
            }
            Data::Raw(bytes) => bytes.chunks_exact(self.kind.width()).map(|one| self.kind.number(one) as f32).collect(),
            Data::Floats(data) => data.to_vec(),
            Data::Made(data) => data.iter().map(|value| *value as f32).collect(),
        }
    }

    pub fn wholes(&self) -> Vec<i64> {
        match &self.data {
            // exact even where f64 is not
            Data::Raw(bytes) if self.kind == I64 => {
                bytes.chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().expect("eight bytes"))).collect()
            }
            _ => self.numbers().into_iter().map(|value| value as i64).collect(),
        }
    }

    /// The one number of an array that has no more.
    pub fn single(&self) -> Option<f64> {
        (self.count() == 1).then(|| self.numbers()[0])
    }

    /// The same numbers under another shape of as many.
    pub fn reshaped(&self, shape: Vec<usize>) -> Array<'a> {
        assert_eq!(count(&shape), Some(self.count()), "reshaping keeps the count");
        Array { shape, ..self.clone() }
    }

    /// A TensorProto: its name, and the array or the end of a sentence that says why there is none.
    pub fn read(bytes: &'a [u8]) -> Result<(String, Result<Array<'a>, String>), String> {
        let mut tensor = Tensor::default();
        for field in Fields::new(bytes) {
            let (number, value) = field?;
            tensor.take(number, value);
        }
        Ok((std::mem::take(&mut tensor.name), tensor.finish()))
    }
}

/// The fields of a TensorProto as they come.
#[derive(Default)]
struct Tensor<'a> {
    name: String,
    dims: Vec<i64>,
    kind: i64,
    raw: Option<&'a [u8]>,
    wholes: Vec<i64>,
    floats: Vec<f32>,
    doubles: Cow<'a, [u8]>,
    elsewhere: bool,
    trouble: Option<&'static str>,
}

impl<'a> Tensor<'a> {
    fn take(&mut self, number: u32, value: Value<'a>) {
        let length = value.bytes().map_or(1, <[u8]>::len);
        let long = "it lists more whole numbers than are read of one array";
        let understood = match number {
            1 if self.dims.len() + length > 10 * AXES => {
                self.trouble = Some("it has too many axes");
                true
            }
            1 => value.wholes(&mut self.dims),
            2 => value.whole().map(|kind| self.kind = kind).is_some(),
            4 if self.floats.is_empty() && length > 4 => value.bytes().map(|raw| self.raw = Some(raw)).is_some(),
            4 => value.floats(&mut self.floats),
            5 | 7 | 11 if self.wholes.len() + length > VARIABLE => {
                self.trouble = Some(long);
                true
            }
            5 | 7 | 11 => value.wholes(&mut self.wholes),
            8 => value.text().map(|name| self.name = name.to_string()).is_some(),
            9 => value.bytes().map(|raw| self.raw = Some(raw)).is_some(),
            10 => match value {
                Value::Bytes(bytes) => {
                    self.doubles = Cow::Borrowed(bytes);
                    true
                }
                Value::Eight(bits) => {
                    self.doubles.to_mut().extend(bits.to_le_bytes());
                    true
                }
                Value::Whole(_) | Value::Four(_) => false,
            },
            13 => {
                self.elsewhere = true;
                true
            }
            14 => value.whole().map(|place| self.elsewhere |= place == 1).is_some(),
            _ => true,
        };
        if !understood {
            self.trouble = Some("a field of it is no number where one belongs");
        }
    }

    fn finish(self) -> Result<Array<'a>, String> {
        if let Some(trouble) = self.trouble {
            return Err(trouble.to_string());
        }
        if self.elsewhere {
            return Err("its numbers lie in another file: save the model as one file, with its weights inside".into());
        }
        let kind = Kind::read(self.kind)
            .ok_or("its numbers are of a kind that is not read; float, double, float16 and whole numbers are")?;
        if self.dims.len() > AXES {
            return Err("it has too many axes".into());
        }
        let shape: Option<Vec<usize>> = self.dims.iter().map(|size| usize::try_from(*size).ok()).collect();
        let shape = shape.ok_or("one of its sizes is negative")?;
        let count = count(&shape).ok_or("its shape asks for more numbers than any file has")?;
        let data = match self.raw {
            Some(raw) if count.checked_mul(kind.width()) == Some(raw.len()) => Data::Raw(raw),
            None if kind == Kind::Float && self.floats.len() == count && count > 0 => Data::Floats(self.floats.into()),
            None if kind == Kind::Double && self.doubles.len() == 8 * count => {
                Data::Made(self.doubles.chunks_exact(8).map(|one| kind.number(one)).collect())
            }
            None if !matches!(kind, Kind::Float | Kind::Double) && self.wholes.len() == count => {
                let number = |value: &i64| kind.number(&value.to_le_bytes()[..kind.width()]);
                Data::Made(self.wholes.iter().map(number).collect())
            }
            None if count == 0 => Data::Made(Rc::new([])),
            Some(_) | None => return Err(format!("its shape asks for {count} numbers, and the file has others")),
        };
        Ok(Array { kind, shape, data })
    }
}
