//! Why a file is not used, in data for the page to count and in words for the user to read.

use std::fmt;

use super::{MOST_BYTES, MOST_FILES, MOST_PIXELS, MOST_SIDE};

/// A file that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub name: String,
    pub why: Why,
}

/// Shown as a sentence or two: what was expected, what came, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    Empty,
    /// Neither a picture nor anything else that is read here.
    Unknown,
    /// A kind of picture that browsers do not show, by name.
    Foreign(&'static str),
    TooLarge {
        width: usize,
        height: usize,
    },
    /// The header cannot be read, or the decoder gave up.
    Broken,
    /// A good beginning without its end.
    CutOff,
    /// A mask, a box, a list: something about pictures.
    Annotation,
    /// A zip in a zip.
    Nested,
    Locked,
    /// Packed by another method than deflate.
    Packing,
    /// A member of a zip whose checksum does not fit, or whose packed form makes no sense.
    Damaged,
    /// A zip without its end; so many of its files could still be read.
    ZipCut {
        read: usize,
    },
    /// It would unpack to a size that no picture has.
    Bomb,
    /// The zips are too large in all; so many members were left out, of which this is the first.
    TooMuch {
        members: usize,
    },
    TooMany,
    /// The last record of a CIFAR-10 file is incomplete.
    RecordCut {
        records: usize,
        rest: usize,
    },
    /// Records of a CIFAR-10 file that name a class beyond the ten.
    RecordLabel {
        records: usize,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Why::Empty => f.write_str("The file is empty."),
            Why::Unknown => f.write_str(
                "Expected a picture (JPEG, PNG, WebP, GIF or BMP), a zip of pictures or a CIFAR-10 file (.bin); this is none of them.",
            ),
            Why::Foreign(kind) => write!(f, "{kind} pictures cannot be opened here. Save it as JPEG or PNG and bring that."),
            Why::TooLarge { width, height } => write!(
                f,
                "The picture has {width} × {height} pixels; up to {MOST_SIDE} a side and {} million in all are read. Make it smaller.",
                MOST_PIXELS / 1_000_000
            ),
            Why::Broken => f.write_str("The picture is damaged and cannot be decoded. Open it in a picture viewer and save it anew."),
            Why::CutOff => f.write_str("The picture ends too early. Copy or download it again."),
            Why::Annotation => f.write_str("It lies in a folder of annotations; only the pictures themselves are learnt from."),
            Why::Nested => f.write_str("A zip inside a zip is not opened. Unpack it and bring its files."),
            Why::Locked => f.write_str("It is locked with a password. Unpack the zip and bring its files."),
            Why::Packing => {
                f.write_str("It is packed by a method that is not read here (only deflate is). Make the zip anew with usual settings.")
            }
            Why::Damaged => f.write_str("This part of the zip is damaged. Copy or download the zip again."),
            Why::ZipCut { read } => {
                write!(f, "The zip ends too early; {read} of its files could still be read. Copy or download it again for the rest.")
            }
            Why::Bomb => f.write_str("It would unpack to many times the size that a picture has, so it was left out."),
            Why::TooMuch { members } => write!(
                f,
                "The zips hold more than {} MB in all; {members} of their files, from this one on, were left out. Bring fewer or smaller pictures.",
                MOST_BYTES >> 20
            ),
            Why::TooMany => write!(f, "More than {MOST_FILES} files came; those from this one on were left out. Bring fewer."),
            Why::RecordCut { records, rest } => write!(
                f,
                "A CIFAR-10 record has 3073 bytes; after {records} whole ones {rest} bytes were left. Copy or download the file again for the rest."
            ),
            Why::RecordLabel { records } => write!(
                f,
                "A CIFAR-10 record begins with a class from 0 to 9; {records} of the records do not and were left out. Is it another kind of file?"
            ),
        }
    }
}
