//! What both the fuzzer and the tests do with an input.

use whisker::import::{READERS, Upload};

/// Opens it: the first byte says which reader's row, the rest is the file. What cannot be read is a sentence.
pub fn open(data: &[u8]) {
    let Some((row, bytes)) = data.split_first() else { return };
    let reader = READERS[usize::from(*row) % READERS.len()];
    // two files of which one is text, for those who need both
    let files = |text: &[u8], bytes: &[u8]| {
        let one = |name: &str, bytes: &[u8]| Upload { name: name.into(), bytes: bytes.to_vec() };
        vec![one("deploy.prototxt", text), one("model", bytes)]
    };
    let whole = [Upload { name: format!("model.{}", reader.endings[0]), bytes: bytes.to_vec() }];
    if let Err(sentence) = reader.open(&whole) {
        assert!(sentence.ends_with('.'), "{sentence:?}");
    }
    if let Some(cut) = bytes.iter().position(|byte| *byte == 0) {
        let (text, bytes) = bytes.split_at(cut);
        let _ = reader.open(&files(text, &bytes[1..]));
    }
}
