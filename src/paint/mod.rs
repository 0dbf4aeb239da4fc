//! Floor 5: numbers become pixels and paths. No DOM: pictures are RGBA bytes, lines are SVG path data, words are not made here.
//!
//! | file | what it paints |
//! |---|---|
//! | [`colour`] | the one colour language: orange negative, grey nothing, blue positive; a colour for each class |
//! | [`picture`] | pictures, feature maps, kernels, rows of units |
//! | [`boundary`] | what a network says over the plane, and the points on it |
//! | [`chart`] | loss and accuracy curves: ticks, paths, what lies under the pointer |
//! | [`matrix`] | the cells of a confusion matrix |
//! | [`format`] | numbers as text |

pub mod boundary;
pub mod chart;
pub mod colour;
pub mod format;
pub mod matrix;
pub mod picture;

pub use colour::Theme;

/// A picture for a canvas: rows from the top, four bytes a pixel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    pub width: usize,
    pub height: usize,
    pub rgba: Vec<u8>,
}

impl Image {
    /// A picture whose pixels come from (x, y).
    pub fn new(width: usize, height: usize, mut pixel: impl FnMut(usize, usize) -> [u8; 4]) -> Image {
        let mut rgba = Vec::with_capacity(width * height * 4);
        for y in 0..height {
            for x in 0..width {
                rgba.extend_from_slice(&pixel(x, y));
            }
        }
        Image { width, height, rgba }
    }

    /// The pixel at (x, y).
    pub fn at(&self, x: usize, y: usize) -> [u8; 4] {
        let from = (y * self.width + x) * 4;
        [self.rgba[from], self.rgba[from + 1], self.rgba[from + 2], self.rgba[from + 3]]
    }
}
