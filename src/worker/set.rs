//! The set of samples that a document names, but for the user's own pictures, which `own` keeps.

use super::host;
use crate::data::{self, Dataset, Request, own};
use crate::spec::{Data, Spec};

/// Makes the set; none where the document brings batches of its own.
pub async fn make(spec: &Spec) -> Result<Option<Dataset>, String> {
    let Data::Set(set) = &spec.data else { return Ok(None) };
    if set.set == own::SOURCE.id {
        return Err(own::Problem::NoPictures.to_string());
    }
    let source = data::find(set.set).expect("a checked document names a set that exists");
    if source.pictures {
        host::artist().await?;
    }
    Ok(Some((source.make)(&request(spec))))
}

/// What a document asks of its set.
pub fn request(spec: &Spec) -> Request {
    let Data::Set(set) = &spec.data else { unreachable!("only a set is asked for") };
    Request {
        seed: spec.seed,
        size: set.size,
        train: set.train,
        test: set.test,
        noise: set.noise.map(|noise| noise as f32),
    }
}
