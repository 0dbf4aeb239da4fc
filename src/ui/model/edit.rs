//! The changes that a user can make to the document.
//!
//! Those of the layers are [`spec::Edit`]s, which keep references between layers right; the rest is set here.

use crate::{
    nn::{Augment, Value},
    spec::{self, Data, LayerSpec, Mend, Spec, Stop, names},
    ui::language::{Words, fill},
};

/// One change of the document.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A change of the layers, the loss, the optimizer, the schedule, the batch or the number of samples.
    Plain(spec::Edit),
    Mend(Mend),
    Duplicate(usize),
    Title(String),
    Seed(u32),
    /// Another set, by its id.
    Set(&'static str),
    Size(usize),
    Test(usize),
    Noise(f64),
    /// Puts an augmentation in or out.
    Augment(&'static Augment),
    /// A field of the optimizer.
    Tune(&'static str, Value),
    /// A field of the schedule.
    Pace(&'static str, Value),
    L1(f64),
    L2(f64),
    Clip(Option<f64>),
    Epochs(usize),
    Stop(Option<Stop>),
}

impl Edit {
    /// The document after the change.
    pub fn apply(&self, spec: &Spec) -> Spec {
        let mut next = spec.clone();
        let set = |next: &mut Spec, change: &dyn Fn(&mut spec::SetSpec)| {
            if let Data::Set(set) = &mut next.data {
                change(set);
            }
        };
        match self {
            Edit::Plain(edit) => return edit.apply(spec),
            Edit::Mend(mend) => return mend.apply(spec),
            Edit::Duplicate(at) => {
                let Some(layer) = spec.layers.get(*at) else { return next };
                let layer = LayerSpec { name: None, inputs: None, ..layer.clone() };
                return spec::Edit::Insert { at: at + 1, layer }.apply(spec);
            }
            Edit::Title(name) => next.name = name.clone(),
            Edit::Seed(seed) => next.seed = *seed,
            Edit::Set(id) => {
                let fresh = Data::set(id).unwrap_or_else(|| spec.data.clone());
                // Between sets of pictures the sizes stay; points and pictures have nothing in common.
                next.data = match (fresh, &spec.data) {
                    (Data::Set(fresh), Data::Set(old)) if pictures(fresh.set) && pictures(old.set) => {
                        Data::Set(spec::SetSpec { set: fresh.set, ..old.clone() })
                    }
                    (fresh, _) => fresh,
                };
                if !pictures(id) {
                    next.augment.clear();
                }
            }
            Edit::Size(size) => set(&mut next, &|set| set.size = *size),
            Edit::Test(test) => set(&mut next, &|set| set.test = *test),
            Edit::Noise(noise) => set(&mut next, &|set| set.noise = Some(*noise)),
            Edit::Augment(row) => match next.augment.iter().position(|one| one == row) {
                Some(place) => drop(next.augment.remove(place)),
                None => next.augment.push(row),
            },
            // A value out of bounds leaves the field as it was; the knob has said so.
            Edit::Tune(field, value) => drop(next.optimizer.values.set(field, value.clone())),
            Edit::Pace(field, value) => drop(next.schedule.values.set(field, value.clone())),
            Edit::L1(l1) => next.penalty.l1 = *l1,
            Edit::L2(l2) => next.penalty.l2 = *l2,
            Edit::Clip(clip) => next.clip_norm = *clip,
            Edit::Epochs(epochs) => next.epochs = *epochs,
            Edit::Stop(stop) => next.stop = *stop,
        }
        next
    }

    /// Whether training goes on from where it is; a new seed starts over.
    pub fn keeps(&self) -> bool {
        !matches!(self, Edit::Seed(_))
    }

    /// What the edit is about: edits of the same thing in a row are undone in one step. `None` stands alone.
    pub fn thread(&self) -> Option<String> {
        match self {
            Edit::Plain(spec::Edit::Set { layer, field, .. }) => Some(format!("{layer}/{field}")),
            Edit::Tune(field, _) => Some(format!("optimizer/{field}")),
            Edit::Pace(field, _) => Some(format!("schedule/{field}")),
            Edit::L1(_) => Some("l1".into()),
            Edit::L2(_) => Some("l2".into()),
            Edit::Noise(_) => Some("noise".into()),
            Edit::Title(_) => Some("title".into()),
            Edit::Plain(_)
            | Edit::Mend(_)
            | Edit::Duplicate(_)
            | Edit::Seed(_)
            | Edit::Set(_)
            | Edit::Size(_)
            | Edit::Test(_)
            | Edit::Augment(_)
            | Edit::Clip(_)
            | Edit::Epochs(_)
            | Edit::Stop(_) => None,
        }
    }

    /// Which layer's fields are open after the edit, where that changes.
    pub fn opens(&self, spec: &Spec, open: Option<usize>) -> Option<Option<usize>> {
        let count = spec.layers.len();
        match self {
            Edit::Plain(spec::Edit::Insert { at, .. }) => Some(open.map(|open| open + usize::from(open >= *at))),
            Edit::Duplicate(at) => Some(open.map(|open| open + usize::from(open > *at))),
            Edit::Plain(spec::Edit::Remove(at)) => Some(match open {
                Some(open) if open == *at => None,
                Some(open) => Some(open - usize::from(open > *at)),
                None => None,
            }),
            Edit::Plain(spec::Edit::Move { from, to }) if *from < count && *to < count => Some(open.map(|open| {
                if open == *from {
                    *to
                } else if *from < open && open <= *to {
                    open - 1
                } else if *to <= open && open < *from {
                    open + 1
                } else {
                    open
                }
            })),
            _ => None,
        }
    }

    /// What is said to those who do not see the change.
    pub fn spoken(&self, before: &Spec, words: &Words) -> Option<String> {
        let label = |at: usize| before.layers.get(at).map_or("", |layer| layer.kind.about.label);
        match self {
            Edit::Plain(spec::Edit::Insert { layer, .. }) => {
                Some(fill(words.layer_added, &[("name", layer.kind.about.label)]))
            }
            Edit::Duplicate(at) => Some(fill(words.layer_added, &[("name", label(*at))])),
            Edit::Plain(spec::Edit::Remove(at)) => Some(fill(words.layer_deleted, &[("name", label(*at))])),
            Edit::Plain(spec::Edit::Move { from, to }) => {
                let (n, of) = ((to + 1).to_string(), before.layers.len().to_string());
                Some(fill(words.layer_moved, &[("name", label(*from)), ("n", &n), ("of", &of)]))
            }
            Edit::Mend(_) => Some(words.mended.to_string()),
            Edit::Seed(seed) => Some(fill(words.new_seed, &[("seed", &seed.to_string())])),
            _ => None,
        }
    }
}

/// A name for a file, from the experiment's.
pub fn file_name(title: &str) -> String {
    let plain: String = title.chars().map(|c| if plain(c) { c.to_ascii_lowercase() } else { '-' }).collect();
    let stem = plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    format!("{}.json", if stem.is_empty() { "whisker" } else { &stem })
}

/// Letters and digits; of other alphabets, everything.
fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

/// What to call a layer on the page: its own name, or its kind's label.
pub fn title(spec: &Spec, at: usize) -> String {
    match spec.layers.get(at) {
        Some(LayerSpec { name: Some(name), .. }) => name.clone(),
        Some(layer) => layer.kind.about.label.to_string(),
        None => String::new(),
    }
}

/// The document's names of the layers before `at`, which it may read from.
pub fn earlier(spec: &Spec, at: usize) -> Vec<String> {
    let mut names = names(&spec.layers);
    names.truncate(at);
    names
}

fn pictures(id: &str) -> bool {
    crate::data::find(id).is_some_and(|source| source.pictures)
}
