//! Document ↔ link: the whole experiment in the part of an address after `#`, so that nothing is kept on a server.
//!
//! `w1.` and then, in base64url: the length of what follows (3 bytes), a checksum of the document's text (4 bytes), and
//! the text, deflated. A link may also hold the document's JSON as it is, or the name of a preset. Version 1 is read for
//! ever; another way of packing gets another prefix.

mod deflate;

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
    let packed = deflate::pack(text.as_bytes());
    let mut bytes = (packed.len() as u32).to_le_bytes()[..3].to_vec();
    bytes.extend(checksum(&text).to_le_bytes());
    bytes.extend(packed);
    format!("{PREFIX}{}", encode(&bytes))
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
    let bytes = decode(whole);
    if bytes.len() < HEAD {
        return Err(incomplete("almost all"));
    }
    let (head, body) = bytes.split_at(HEAD);
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize;
    if body.len() < length {
        let share = 100 - 100 * bytes.len() / (HEAD + length);
        return Err(incomplete(&format!("{} %", share.max(1))));
    }
    let text = deflate::unpack(&body[..length], limit::TEXT).and_then(|text| String::from_utf8(text).ok());
    let sum = u32::from_le_bytes([head[3], head[4], head[5], head[6]]);
    let whole = body.len() == length && encode(&bytes) == packed;
    text.filter(|text| checksum(text) == sum && whole).ok_or_else(|| DAMAGED.into())
}

/// Base64 for addresses (RFC 4648, section 5), without padding: six bits a letter.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn encode(bytes: &[u8]) -> String {
    let group = |group: &[u8]| {
        let bits = group.iter().enumerate().fold(0, |bits, (place, byte)| bits | u32::from(*byte) << (16 - 8 * place));
        let letter = move |place: usize| LETTERS[(bits >> (18 - 6 * place) & 63) as usize] as char;
        (0..=group.len()).map(letter).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// The whole bytes of letters that are all of [`LETTERS`]; bits that fill no byte are dropped.
fn decode(letters: &str) -> Vec<u8> {
    let group = |group: &[u8]| {
        let bits = group.iter().enumerate().fold(0, |bits, (place, letter)| {
            let value = LETTERS.iter().position(|other| other == letter).expect("a letter of base64") as u32;
            bits | value << (18 - 6 * place)
        });
        (0..group.len() * 6 / 8).map(move |place| (bits >> (16 - 8 * place)) as u8).collect::<Vec<u8>>()
    };
    letters.as_bytes().chunks(4).flat_map(group).collect()
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
