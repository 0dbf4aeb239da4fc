//! The user's own pictures: files come in, pictures are decoded at the size that a document asks for, a set goes out.

use super::host;
use super::protocol::{Bytes, Event, File, Files, Subject};
use crate::data::files::{self, Entry, Kind};
use crate::data::own::{self, Decoded};
use crate::data::{Dataset, resize};
use crate::spec::Data;

/// Files that were brought, and what they amount to.
#[derive(Default)]
pub struct Own {
    coming: Vec<files::File>,
    entries: Vec<Entry>,
    loose: Option<Decoded>,
    size: usize,
    /// Files were read since a set was last made of them.
    new: bool,
}

impl Own {
    /// Takes files; they are sorted when the last has come.
    pub fn add(&mut self, files: Vec<File>) {
        self.coming.extend(files.into_iter().map(|file| files::File { name: file.name, bytes: file.bytes.0 }));
    }

    /// Whether a set of this document would be another than before.
    pub fn is_new(&self, data: &Data) -> bool {
        self.new && matches!(data, Data::Set(set) if set.set == own::SOURCE.id)
    }

    /// Reads all files that came. Pictures with a class replace those of before; others are only looked at.
    pub async fn read(&mut self, size: usize, emit: &dyn Fn(Event)) -> Files {
        let plan = files::plan(std::mem::take(&mut self.coming));
        let mut refused: Vec<(String, String)> =
            plan.refused.iter().map(|refused| (refused.name.clone(), refused.why.to_string())).collect();
        let (decoded, entries) = decode(plan.entries, size, &mut refused, emit).await;
        let accepted = decoded.len() as u32;
        let own = own::assemble(decoded, size, 7);
        self.loose = own.loose.into_iter().next();
        self.size = size;
        if own.dataset.is_ok() {
            self.entries = entries;
            self.new = true;
        }
        let classes = own.counts.into_iter().map(|(class, count)| (class, count as u32)).collect();
        Files { classes: if own.dataset.is_ok() { classes } else { vec![] }, accepted, refused }
    }

    /// A picture that is only to be looked at, if one came.
    pub fn first_loose(&self) -> Option<Subject> {
        let loose = self.loose.as_ref()?;
        let rgba = loose.pixels.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
        Some(Subject::Own { width: self.size as u32, height: self.size as u32, rgba: Bytes(rgba) })
    }

    /// The set at the size that a document asks for.
    pub async fn dataset(&mut self, size: usize, seed: u32, emit: &dyn Fn(Event)) -> Result<Dataset, String> {
        let (decoded, _) = decode(self.entries.clone(), size, &mut Vec::new(), emit).await;
        let dataset = own::assemble(decoded, size, seed).dataset.map_err(|problem| problem.to_string())?;
        self.new = false;
        Ok(dataset)
    }
}

/// Decodes what can be; what cannot is refused with its reason. Also gives back the entries that could.
async fn decode(
    entries: Vec<Entry>,
    size: usize,
    refused: &mut Vec<(String, String)>,
    emit: &dyn Fn(Event),
) -> (Vec<Decoded>, Vec<Entry>) {
    /// How often it is told how far this has come.
    const EVERY: usize = 25;
    let of = entries.len() as u32;
    let mut decoded = Vec::with_capacity(entries.len());
    let mut good = Vec::with_capacity(entries.len());
    for (done, entry) in entries.into_iter().enumerate() {
        if done % EVERY == 0 {
            emit(Event::Preparing { done: done as u32, of });
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
    emit(Event::Preparing { done: of, of });
    (decoded, good)
}
