//! Documents to start from. To add one: a file in `preset/` and a row in [`PRESETS`].

/// One document with a name.
#[derive(Debug)]
pub struct Preset {
    /// The name in links and attributes, kebab-case. It never changes.
    pub id: &'static str,
    pub label: &'static str,
    /// What is to be seen, in one sentence.
    pub help: &'static str,
    /// The document's JSON text.
    pub document: &'static str,
}

macro_rules! preset {
    ($id:literal, $label:literal, $help:literal) => {
        &Preset { id: $id, label: $label, help: $help, document: include_str!(concat!("preset/", $id, ".json")) }
    };
}

/// Every preset; the first one is what the page opens with.
pub static PRESETS: &[&Preset] = &[
    preset!("cat-or-dog", "Cat or dog", "A small network learns to tell cats from dogs by their shape."),
    preset!("logistic-regression", "One layer", "Weighs every pixel once: it sees colours and places, never an ear."),
    preset!("deep", "Deep", "Four blocks of convolutions and batch normalisation, for larger pictures."),
    preset!(
        "residual",
        "Residual",
        "Each block adds to what came in, so that a deep network learns like a shallow one."
    ),
    preset!(
        "by-heart",
        "By heart",
        "A large network and forty pictures: it learns them by heart and knows nothing else."
    ),
    preset!("spiral", "Spiral", "Two hidden layers bend a border around two arms."),
    preset!("exclusive-or", "Exclusive or", "What one layer cannot do: one hidden layer of four units can."),
    preset!("moons", "Moons", "A few units draw a soft border between two arcs."),
];
