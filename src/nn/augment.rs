//! Augmentations: small changes to the training pictures, drawn anew at each step. One row each in [`AUGMENTS`].

use std::fmt;

use super::field::About;

/// Every augmentation that a document may name.
pub static AUGMENTS: &[&Augment] = &[
    &Augment { about: about("flip", "Flip", "Mirrors half of the pictures, left to right."), moves: true },
    &Augment { about: about("shift", "Shift", "Moves pictures by up to an eighth of their size."), moves: true },
    &Augment { about: about("rotate", "Rotate", "Turns pictures by up to 15 degrees."), moves: true },
    &Augment { about: about("crop", "Crop", "Zooms into pictures by up to a quarter."), moves: true },
    &Augment {
        about: about("colour", "Colour", "Changes brightness, contrast and the strength of colours."),
        moves: false,
    },
    &Augment { about: about("noise", "Noise", "Adds a little noise to every pixel."), moves: false },
];

/// One row of [`AUGMENTS`].
pub struct Augment {
    pub about: About,
    /// Whether it moves pixels; the others change their numbers.
    pub moves: bool,
}

/// The row of this name.
pub fn find(id: &str) -> Option<&'static Augment> {
    AUGMENTS.iter().copied().find(|augment| augment.about.id == id)
}

const fn about(id: &'static str, label: &'static str, help: &'static str) -> About {
    About { id, label, help, fields: &[] }
}

impl PartialEq for Augment {
    fn eq(&self, other: &Augment) -> bool {
        self.about.id == other.about.id
    }
}

impl fmt::Debug for Augment {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.about.id)
    }
}
