//! Documents to start from.

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

/// Every preset; the first one is what the page opens with.
pub static PRESETS: &[&Preset] = &[];
