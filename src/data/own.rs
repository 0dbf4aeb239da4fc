//! The user's own pictures: an empty set until files are brought.

use super::{Dataset, Request, Source, Values};

pub const SOURCE: Source = Source {
    id: "own",
    label: "Your own",
    help: "Pictures from your device: files, a folder or a zip with one folder a class. Nothing is uploaded.",
    pictures: true,
    make: empty,
};

fn empty(request: &Request) -> Dataset {
    Dataset {
        shape: vec![request.size, request.size, 3],
        classes: Vec::new(),
        train: 0,
        labels: Vec::new(),
        values: Values::Bytes(Vec::new()),
        pending: None,
    }
}
