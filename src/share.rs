//! Document ↔ link: the whole experiment in the part of an address after `#`, so that nothing is kept on a server.
//!
//! `w1.` and then, in base64url: the length of what follows (3 bytes), a checksum of the document's text (4 bytes), and
//! the text, deflated. A link may also hold the document's JSON as it is, or the name of a preset. Version 1 is read for
//! ever; another way of packing gets another prefix.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};

use crate::{
    nn::spelling::unknown,
    spec::{PRESETS, Spec, limit},
    tensor::random::purpose as checksum,
};

const PREFIX: &str = "w1.";
const HEAD: usize = 7;

/// The experiment as the part of a link after `#`: letters, digits, `-`, `_` and `.` alone.
pub fn write(spec: &Spec) -> String {
    let text = spec.to_json().to_string();
    let packed = compress_to_vec(text.as_bytes(), 9);
    let mut bytes = (packed.len() as u32).to_le_bytes()[..3].to_vec();
    bytes.extend(checksum(&text).to_le_bytes());
    bytes.extend(packed);
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Reads the part of a link after `#`, with or without the `#`; the error is a sentence for the user.
pub fn read(link: &str) -> Result<Spec, String> {
    let link = link.trim().trim_start_matches('#');
    if let Some(packed) = link.strip_prefix(PREFIX) {
        let text = unpack(packed)?;
        return Spec::parse(&text).map_err(|error| format!("The link's document cannot be read. {error}"));
    }
    let plain = plain(link);
    if plain.trim_start().starts_with('{') {
        return Spec::parse(&plain).map_err(|error| format!("The link's document cannot be read. {error}"));
    }
    if let Some(preset) = PRESETS.iter().find(|preset| preset.id == plain) {
        return Spec::parse(preset.document).map_err(|error| error.to_string());
    }
    let versioned = plain.strip_prefix('w').and_then(|rest| rest.split_once('.')).map(|(version, _)| version);
    match versioned.is_some_and(|version| !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())) {
        true => Err("This link was made by a newer version of this page; open it there.".into()),
        false => Err(format!("In this link, {}", unknown("preset", &plain, PRESETS.iter().map(|preset| preset.id)))),
    }
}

fn unpack(packed: &str) -> Result<String, String> {
    const DAMAGED: &str =
        "This link is damaged: some of its letters have changed. Copy it once more from where it came.";
    let incomplete = |part: &str| {
        format!("This link is incomplete: {part} of it is missing at the end. Copy it once more, to its last letter.")
    };
    if !packed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        return Err(DAMAGED.into());
    }
    // a cut may leave a single letter over, which no byte fits into
    let whole = if packed.len() % 4 == 1 { &packed[..packed.len() - 1] } else { packed };
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(whole).or_else(|_| decode_cut(whole)) else { return Err(DAMAGED.into()) };
    if bytes.len() < HEAD {
        return Err(incomplete("almost all"));
    }
    let (head, body) = bytes.split_at(HEAD);
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize;
    if body.len() < length {
        let share = 100 - 100 * bytes.len() / (HEAD + length);
        return Err(incomplete(&format!("{} %", share.max(1))));
    }
    let text =
        decompress_to_vec_with_limit(&body[..length], limit::TEXT).ok().and_then(|text| String::from_utf8(text).ok());
    let sum = u32::from_le_bytes([head[3], head[4], head[5], head[6]]);
    text.filter(|text| checksum(text) == sum && body.len() == length).ok_or_else(|| DAMAGED.into())
}

/// Reads base64 whose last group was cut: the bits that fill no byte are dropped.
fn decode_cut(letters: &str) -> Result<Vec<u8>, base64::DecodeError> {
    let groups = letters.len() / 4 * 4;
    URL_SAFE_NO_PAD.decode(&letters[..groups])
}

/// The text that a link's `%7B` and the like stand for; what is not well-formed stays as it is.
fn plain(link: &str) -> String {
    let bytes = link.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let digits = bytes.get(i + 1..i + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.filter(|_| bytes[i] == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
