//! The class and the split of a picture, as its path tells them. Paths are read here and nowhere followed.
//!
//! 1. The last folder is the class: `cats/tom.jpg`, `set/train/dogs/rex.jpg`; folders that name a split or say nothing
//!    (`images`) are passed over.
//! 2. Where folders tell one class at most, a name like Kaggle's `cat.123.jpg` does.
//! 3. In the Oxford-IIIT Pet data set (`images/` beside `annotations/`) a capital letter begins a cat's file, a small
//!    one a dog's.

use std::collections::{BTreeMap, BTreeSet};

use super::Split;

const SPLITS: [(&str, Split); 14] = [
    ("train", Split::Train),
    ("training", Split::Train),
    ("train_set", Split::Train),
    ("training_set", Split::Train),
    ("val", Split::Valid),
    ("valid", Split::Valid),
    ("validation", Split::Valid),
    ("validation_set", Split::Valid),
    ("test", Split::Test),
    ("test1", Split::Test),
    ("testing", Split::Test),
    ("test_set", Split::Test),
    ("testing_set", Split::Test),
    ("eval", Split::Test),
];
const SAY_NOTHING: [&str; 14] = [
    "images", "image", "imgs", "img", "pictures", "pics", "photos", "data", "dataset", "datasets", "files", "jpg",
    "jpeg", "png",
];
const ABOUT_PICTURES: [&str; 7] = ["annotations", "annotation", "trimaps", "masks", "mask", "xmls", "labels"];

/// The longest name that is shown, in characters.
const MOST_LETTERS: usize = 120;

/// Reads the classes of many files together, for one file's name means what the others make of it.
pub struct Labels {
    /// Folders tell too little, file names tell more.
    by_name: bool,
    pets: bool,
    /// How each class is written: lower case → as it first came.
    spelling: BTreeMap<String, String>,
}

impl Labels {
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Labels {
        let (mut folders, mut words, mut spelling) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        let mut pets = false;
        for name in names.filter(|name| !housekeeping(name)) {
            let parts = parts(name);
            pets |= parts.len() > 2 && parts[parts.len() - 3..][..2] == ["annotations", "trimaps"];
            if annotation(name) {
                continue;
            }
            for (class, kind) in [(folder(&parts), &mut folders), (word(&parts), &mut words)] {
                if let Some(class) = class {
                    let key = class.to_lowercase();
                    spelling.entry(key.clone()).or_insert_with(|| class.to_string());
                    kind.insert(key);
                }
            }
        }
        Labels { by_name: folders.len() < 2 && words.len() > 1, pets, spelling }
    }

    /// The class and the split of one file.
    pub fn of(&self, name: &str) -> (Option<String>, Option<Split>) {
        let parts = parts(name);
        let split = folders(&parts).iter().rev().find_map(|folder| split(folder));
        let class = match (folder(&parts), word(&parts)) {
            (_, Some(word)) if self.by_name => Some(word),
            (Some(folder), _) => Some(folder),
            (None, word) => word,
        };
        let class = class.map(|class| self.spelling.get(&class.to_lowercase()).cloned().unwrap_or(class.to_string()));
        (class.or_else(|| self.pet(&parts).map(String::from)), split)
    }

    fn pet(&self, parts: &[String]) -> Option<&'static str> {
        let (stem, number) = stem(parts)?.rsplit_once('_')?;
        if !self.pets || number.parse::<u32>().is_err() {
            return None;
        }
        Some(if stem.starts_with(char::is_uppercase) { "cat" } else { "dog" })
    }
}

/// A path as it may be shown: no steps upwards, nothing that cannot be seen, not too long.
pub fn clean(name: &str) -> String {
    let path = parts(name).join("/");
    let letters = path.chars().count();
    if letters == 0 {
        return String::from("unnamed");
    }
    if letters <= MOST_LETTERS {
        return path;
    }
    std::iter::once('…').chain(path.chars().skip(letters - MOST_LETTERS + 1)).collect()
}

/// Files that operating systems leave behind.
pub fn housekeeping(name: &str) -> bool {
    let parts = parts(name);
    let Some(file) = parts.last() else { return false };
    file.starts_with('.')
        || parts.iter().any(|part| part == "__MACOSX")
        || ["thumbs.db", "desktop.ini"].contains(&file.to_lowercase().as_str())
}

/// Whether the file says something about pictures instead of being one to learn from.
pub fn annotation(name: &str) -> bool {
    folders(&parts(name)).iter().any(|folder| ABOUT_PICTURES.contains(&folder.to_lowercase().as_str()))
}

/// The folders and the file, without what leads upwards or cannot be seen.
fn parts(name: &str) -> Vec<String> {
    let seen = |part: &str| part.chars().filter(|c| !unseen(*c)).collect::<String>().trim().to_string();
    let steps = name.split(['/', '\\']).map(seen);
    steps.filter(|part| !part.is_empty() && part != "." && part != ".." && !part.ends_with(':')).collect()
}

/// Control characters, and those that turn the direction of writing around.
fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn folders(parts: &[String]) -> &[String] {
    &parts[..parts.len().saturating_sub(1)]
}

fn split(folder: &str) -> Option<Split> {
    let folder = folder.to_lowercase().replace('-', "_");
    SPLITS.iter().find(|(name, _)| *name == folder).map(|(_, split)| *split)
}

/// The last folder that can be a class.
fn folder(parts: &[String]) -> Option<&str> {
    let tells = |folder: &&String| split(folder).is_none() && !SAY_NOTHING.contains(&folder.to_lowercase().as_str());
    folders(parts).iter().rev().find(tells).map(String::as_str)
}

/// `cat` of `cat.123.jpg`.
fn word(parts: &[String]) -> Option<&str> {
    let (word, number) = stem(parts)?.rsplit_once('.')?;
    let counted = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (counted && word.chars().any(char::is_alphabetic)).then_some(word)
}

/// The file's name without what tells its kind.
fn stem(parts: &[String]) -> Option<&str> {
    parts.last()?.rsplit_once('.').map(|(stem, _)| stem)
}
