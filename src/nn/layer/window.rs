//! Where a window that slides over a picture stops: strides, dilation, and the two kinds of padding.

use crate::nn::field::{Field, Kind, Value, Word};

/// The field `padding`, for layers that pad unless told otherwise.
pub const SAME: Field = padding("same");
/// The field `padding`, for layers that do not pad unless told otherwise.
pub const VALID: Field = padding("valid");

const WORDS: &[Word] = &[
    Word::new("same", "Same", "Zeros around the picture, so that stride 1 keeps its size."),
    Word::new("valid", "Valid", "No padding: the window stays inside the picture."),
];

const fn padding(default: &'static str) -> Field {
    Field::new("padding", "Padding", "What happens at the border.", Kind::Choice(WORDS), Value::Choice(default))
}

/// One axis of a sliding window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// How many places the window stops at.
    pub output: usize,
    pub before: usize,
    pub after: usize,
}

/// Where a window of `kernel` places stops along `input` places; `None` where it does not fit in once.
///
/// same: output = ⌈input / stride⌉, the padding is what that needs, the odd one at the end. valid: none.
pub fn axis(input: usize, kernel: usize, stride: usize, dilation: usize, padding: &str) -> Option<Axis> {
    let reach = (kernel - 1) * dilation + 1;
    if padding == "same" {
        let output = input.div_ceil(stride);
        let total = ((output.max(1) - 1) * stride + reach).saturating_sub(input);
        return Some(Axis { output, before: total / 2, after: total - total / 2 });
    }
    let output = input.checked_sub(reach)? / stride + 1;
    Some(Axis { output, before: 0, after: 0 })
}
