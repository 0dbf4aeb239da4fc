//! The user's own files: what each of them is, before any picture is decoded.
//!
//! Files come from a drop, a paste, a dialog, a folder or a zip. [`plan`] looks into them without decoding and never
//! fails: what can be used becomes an [`Entry`], what cannot is named with its reason. The caller then decodes the
//! pictures (in the browser the browser does) and hands the pixels to [`super::own::assemble`].
//!
//! | file | what it reads |
//! |---|---|
//! | [`archive`] | zips, also such as end too early |
//! | [`cifar`] | CIFAR-10's binary form |
//! | [`header`] | what kind of picture a file is, how large, and whether its end is there |
//! | [`label`] | the class and the split that a path tells |

mod archive;
mod cifar;
mod header;
mod label;
mod refusal;

pub use label::clean;
pub use refusal::{Refused, Why};

/// The most bytes that all zips together may unpack to.
pub const MOST_BYTES: usize = 256 << 20;
/// The most files that are looked at.
pub const MOST_FILES: usize = 100_000;
/// The longest side of a picture, in pixels.
pub const MOST_SIDE: usize = 16_384;
/// The most pixels of a picture.
pub const MOST_PIXELS: usize = 64_000_000;

/// A file as it came: its path below what was dropped, or its name, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A picture to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path, fit to be shown; never used to open anything.
    pub name: String,
    /// `None`: it has no class and is only for prediction.
    pub class: Option<String>,
    /// Where its folder or file name says which split it belongs to.
    pub split: Option<Split>,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An encoded picture whose header has been checked; to be decoded by the caller.
    Picture(Vec<u8>),
    /// Pixels as they are, three bytes each, row by row.
    Raw { pixels: Vec<u8>, width: usize, height: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    Train,
    Valid,
    Test,
}

/// What became of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub entries: Vec<Entry>,
    pub refused: Vec<Refused>,
}

/// Sorts files into pictures to be used and those that cannot be. Housekeeping files of operating systems are passed
/// over in silence.
pub fn plan(files: Vec<File>) -> Plan {
    let mut plan = Plan::default();
    let mut found = Vec::new();
    let mut left = MOST_BYTES;
    for file in files {
        if archive::is_zip(&file.bytes) {
            archive::unpack(&file, &mut left, &mut |name, bytes| found.push((name, bytes, true)));
        } else {
            found.push((file.name, Ok(file.bytes), false));
        }
    }
    if found.len() > MOST_FILES {
        let name = found[MOST_FILES].0.clone();
        found.truncate(MOST_FILES);
        plan.refuse(&name, Why::TooMany);
    }
    let labels = label::Labels::new(found.iter().filter(|(_, bytes, _)| bytes.is_ok()).map(|(name, ..)| name.as_str()));
    for (name, bytes, zipped) in found {
        match bytes {
            _ if label::housekeeping(&name) => {}
            Err(why) => plan.refuse(&name, why),
            Ok(bytes) => plan.sort(&name, bytes, zipped, &labels),
        }
    }
    plan
}

impl Plan {
    fn refuse(&mut self, name: &str, why: Why) {
        self.refused.push(Refused { name: clean(name), why });
    }

    fn sort(&mut self, name: &str, bytes: Vec<u8>, zipped: bool, labels: &label::Labels) {
        if bytes.is_empty() {
            return self.refuse(name, Why::Empty);
        }
        if label::annotation(name) {
            return self.refuse(name, Why::Annotation);
        }
        if zipped && archive::is_zip(&bytes) {
            return self.refuse(name, Why::Nested);
        }
        match header::check(&bytes) {
            Ok(()) => {
                let (class, split) = labels.of(name);
                self.entries.push(Entry { name: clean(name), class, split, kind: Kind::Picture(bytes) });
            }
            Err(Why::Unknown) if cifar::named(name) => cifar::read(name, &bytes, self),
            Err(why) => self.refuse(name, why),
        }
    }
}
