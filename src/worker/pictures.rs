//! The user's own pictures: files come in, pictures are decoded at the size that a document asks for, a set goes out.
//!
//! A program of its own, which the engine's worker fetches when files are brought (`own` is the engine's side of it).

use super::host;
use super::protocol::{Bytes, File, Files, Subject};
use crate::data::files::{self, Entry, Kind};
use crate::data::own::{self, Decoded};
use crate::data::{Dataset, Values, resize};
use serde::{Deserialize, Serialize};

/// Hears how far it has come: (done, of).
pub type Tell<'a> = &'a dyn Fn(u32, u32);

/// Files that were brought, and what they amount to.
#[derive(Default)]
pub struct Pictures {
    coming: Vec<files::File>,
    entries: Vec<Entry>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub files: Files,
    /// A picture that is only to be looked at, if one came.
    pub loose: Option<Subject>,
}

/// A set of pictures, as it is sent to the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Set {
    size: u32,
    classes: Vec<String>,
    train: u32,
    labels: Vec<u32>,
    pixels: Bytes,
}

impl Set {
    pub fn pack(dataset: Dataset) -> Set {
        let Values::Bytes(pixels) = dataset.values else { unreachable!("pictures are bytes") };
        Set {
            size: dataset.shape[0] as u32,
            classes: dataset.classes,
            train: dataset.train as u32,
            labels: dataset.labels,
            pixels: Bytes(pixels),
        }
    }

    pub fn unpack(self) -> Dataset {
        Dataset {
            shape: vec![self.size as usize, self.size as usize, 3],
            classes: self.classes,
            train: self.train as usize,
            labels: self.labels,
            values: Values::Bytes(self.pixels.0),
            pending: None,
        }
    }
}

impl Pictures {
    /// Takes a file; all are sorted when the last has come.
    pub fn add(&mut self, file: File) {
        self.coming.push(files::File { name: file.name, bytes: file.bytes.0 });
    }

    /// Reads all files that came. Pictures with a class replace those of before; others are only looked at.
    pub async fn read(&mut self, size: usize, tell: Tell<'_>) -> Found {
        let plan = files::plan(std::mem::take(&mut self.coming));
        let mut refused: Vec<(String, String)> =
            plan.refused.iter().map(|refused| (refused.name.clone(), refused.why.to_string())).collect();
        let (decoded, entries) = decode(plan.entries, size, &mut refused, tell).await;
        let accepted = decoded.len() as u32;
        let own = own::assemble(decoded, size, 7);
        let loose = own.loose.into_iter().next().map(|loose| {
            let rgba = loose.pixels.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
            Subject::Own { width: size as u32, height: size as u32, rgba: Bytes(rgba) }
        });
        let mut classes = Vec::new();
        if own.dataset.is_ok() {
            self.entries = entries;
            classes = own.counts.into_iter().map(|(class, count)| (class, count as u32)).collect();
        }
        Found { files: Files { classes, accepted, refused }, loose }
    }

    /// The set at the size that a document asks for.
    pub async fn dataset(&mut self, size: usize, seed: u32, tell: Tell<'_>) -> Result<Dataset, String> {
        let (decoded, _) = decode(self.entries.clone(), size, &mut Vec::new(), tell).await;
        own::assemble(decoded, size, seed).dataset.map_err(|problem| problem.to_string())
    }
}

/// Decodes what can be; what cannot is refused with its reason. Also gives back the entries that could.
async fn decode(
    entries: Vec<Entry>,
    size: usize,
    refused: &mut Vec<(String, String)>,
    tell: Tell<'_>,
) -> (Vec<Decoded>, Vec<Entry>) {
    /// How often it is told how far this has come.
    const EVERY: usize = 25;
    let of = entries.len() as u32;
    let mut decoded = Vec::with_capacity(entries.len());
    let mut good = Vec::with_capacity(entries.len());
    for (done, entry) in entries.into_iter().enumerate() {
        if done % EVERY == 0 {
            tell(done as u32, of);
        }
        let pixels = match &entry.kind {
            Kind::Raw { pixels, width, height } => Ok(resize::square(pixels, *width, *height, size)),
            Kind::Picture(bytes) => host::decode(bytes, size).await,
        };
        match pixels {
            Ok(pixels) => {
                decoded.push(Decoded {
                    name: entry.name.clone(),
                    class: entry.class.clone(),
                    split: entry.split,
                    pixels,
                });
                good.push(entry);
            }
            Err(why) => refused.push((entry.name, why)),
        }
    }
    tell(of, of);
    (decoded, good)
}
