//! The small pictures that the page shows: those of its grid, and those of one cell of the confusion matrix.

use super::Engine;
use crate::data::{self, Request, Values};
use crate::spec::Data;
use crate::worker::protocol::{Bytes, Event, Pictures};
use crate::worker::{host, set::request};

/// Small pictures are so wide, in pixels, for sets that can be drawn at any size.
const THUMBNAIL: usize = 96;

impl Engine {
    /// Small pictures of the samples in the grid.
    pub(super) fn pictures(&mut self) -> Result<(), String> {
        let indices = self.grid.clone();
        let pictures = self.thumbnails(indices)?;
        self.say(Event::Pictures(pictures));
        Ok(())
    }

    fn thumbnails(&mut self, indices: Vec<u32>) -> Result<Pictures, String> {
        let session = self.session()?;
        let places: Vec<usize> = indices.iter().map(|&index| index as usize).collect();
        session.draw(&places)?;
        let data = session.data().expect("it was drawn from");
        let labels = places.iter().map(|&place| data.labels[place]).collect();
        if !matches!(data.values, Values::Bytes(_)) {
            return Ok(Pictures { indices, labels, ..Pictures::default() });
        }
        let Data::Set(set) = &session.spec().data else { unreachable!("pictures are of a set") };
        let large = Request { size: THUMBNAIL, train: 1, test: 0, ..request(session.spec()) };
        let drawn = data::find(set.set).and_then(|source| (source.make)(&large).pending);
        let size = if drawn.is_some() { THUMBNAIL } else { data.shape[0] };
        let mut rgba = Vec::with_capacity(places.len() * size * size * 4);
        for place in places {
            match &drawn {
                Some(drawn) => {
                    let mut rgb = vec![0; size * size * 3];
                    drawn.draw(place, &mut rgb);
                    rgba.extend(rgb.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]));
                }
                None => rgba.extend(data.thumbnail(place, size).expect("it was drawn")),
            }
        }
        Ok(Pictures { indices, labels, size: size as u32, rgba: Bytes(rgba) })
    }

    /// A look at what is in each set of pictures: one of each of its first two classes.
    pub(super) async fn covers(&self) -> Result<(), String> {
        /// The side of a picture, and how many are looked through.
        const SIZE: usize = 88;
        const MOST: u32 = 8;
        host::artist().await?;
        let request = Request { size: SIZE, train: MOST as usize, test: 0, ..Request::default() };
        for source in data::DATASETS.iter().filter(|source| source.pictures) {
            let mut set = (source.make)(&request);
            set.fill(MOST as usize);
            let (mut indices, mut rgba) = (Vec::new(), Vec::new());
            for class in 0..2 {
                let first = set.labels.iter().position(|&label| label == class);
                if let Some((index, pixels)) = first.and_then(|index| Some((index, set.thumbnail(index, SIZE)?))) {
                    indices.push(index as u32);
                    rgba.extend(pixels);
                }
            }
            let pictures = Pictures { labels: vec![0, 1], indices, size: SIZE as u32, rgba: Bytes(rgba) };
            self.say(Event::Cover { set: source.id.into(), pictures });
        }
        Ok(())
    }

    /// The tested pictures of one cell of the confusion matrix, as of the last evaluation.
    pub(super) fn cell(&mut self, truth: u32, said: u32) -> Result<(), String> {
        const MOST: usize = 60;
        let Some((_, evaluation)) = &self.evaluation else {
            return Err("The test pictures were not looked at yet: press Play or Step first.".into());
        };
        let answers = evaluation.confusion.said.clone();
        let data = self.session()?.data().ok_or("There is no test split.")?;
        let of_cell = |&(place, answer): &(usize, u32)| answer == said && data.labels[place] == truth;
        let indices = data.test().zip(answers).filter(of_cell).map(|(place, _)| place as u32).take(MOST).collect();
        let pictures = self.thumbnails(indices)?;
        self.say(Event::Cell { truth, said, pictures });
        Ok(())
    }
}
