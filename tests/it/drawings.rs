//! The bits of eight drawings, summed: the same number natively and in a browser.

use whisker::data::cats_dogs::draw;

/// FNV-1a over pixels and masks of eight pictures of different sizes.
pub fn sum() -> u32 {
    let sizes = [24, 32, 32, 48, 64, 96, 127, 256];
    sizes.iter().enumerate().fold(0x811c_9dc5, |sum, (index, &size)| {
        let picture = draw(7, index, size);
        picture
            .pixels
            .iter()
            .chain(&picture.mask)
            .fold(sum, |sum: u32, &byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    })
}

/// What [`sum`] gives everywhere; it changes whenever the drawings do.
pub const SUM: u32 = 863_518_697;
