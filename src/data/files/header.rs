//! What kind of picture a file is, how large, and whether its end is there: all before anybody decodes it.

use imagesize::ImageType;

use super::{MOST_PIXELS, MOST_SIDE, Why};

/// Whether a decoder may be given these bytes.
pub fn check(bytes: &[u8]) -> Result<(), Why> {
    let kind = imagesize::image_type(bytes).map_err(|_| foreign(bytes))?;
    let size = imagesize::blob_size(bytes).map_err(|_| if cut(kind, bytes) { Why::CutOff } else { Why::Broken })?;
    // The height of a bitmap is negative when its rows go from the top.
    let height = if kind == ImageType::Bmp { (size.height as u32 as i32).unsigned_abs() as usize } else { size.height };
    let width = size.width;
    if width == 0 || height == 0 {
        return Err(Why::Broken);
    }
    if width > MOST_SIDE || height > MOST_SIDE || width * height > MOST_PIXELS {
        return Err(Why::TooLarge { width, height });
    }
    if cut(kind, bytes) {
        return Err(Why::CutOff);
    }
    Ok(())
}

/// Whether the end is missing. Browsers show the beginning of such a picture and grey below, which would be learnt.
fn cut(kind: ImageType, bytes: &[u8]) -> bool {
    match kind {
        ImageType::Jpeg => !jpeg_ends(bytes),
        ImageType::Png => !png_ends(bytes),
        // The length counts what stands behind it.
        ImageType::Webp => word(bytes, 4, u32::from_le_bytes).is_none_or(|size| bytes.len() - 8 < size as usize),
        ImageType::Gif => bytes.len() < 14 || !bytes.iter().rev().take(64).any(|byte| *byte == 0x3b),
        ImageType::Bmp => word(bytes, 2, u32::from_le_bytes).is_none_or(|size| bytes.len() < size as usize),
        _ => false,
    }
}

/// A JPEG is a chain of segments, then packed data in which FF D9 can only be the end (ITU T.81, B.1.1).
///
/// The chain is walked because a thumbnail inside a segment has an end of its own.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    loop {
        match bytes.get(at..at + 2) {
            Some([0xff, 0xff]) => at += 1,
            Some([0xff, 0xda]) => break,
            Some([0xff, _]) => match bytes.get(at + 2..at + 4) {
                Some(length) => at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]])).max(2),
                None => return false,
            },
            Some(_) | None => return false,
        }
    }
    bytes[at..].windows(2).any(|pair| pair == [0xff, 0xd9])
}

/// A PNG is a chain of chunks (length, name, data, checksum) of which IEND is the last.
fn png_ends(bytes: &[u8]) -> bool {
    let mut at = 8usize;
    while let (Some(length), Some(name)) = (word(bytes, at, u32::from_be_bytes), bytes.get(at + 4..at + 8)) {
        if name == b"IEND" {
            return true;
        }
        let Some(next) = at.checked_add(length as usize).and_then(|end| end.checked_add(12)) else { return false };
        at = next;
    }
    false
}

fn word(bytes: &[u8], at: usize, read: fn([u8; 4]) -> u32) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(read)
}

/// Pictures that cameras write and browsers do not show deserve to be called by their name.
fn foreign(bytes: &[u8]) -> Why {
    match bytes.get(4..12) {
        Some(b"ftypheic" | b"ftypheix" | b"ftyphevc" | b"ftypmif1" | b"ftypmsf1") => return Why::Foreign("HEIC"),
        Some(b"ftypavif" | b"ftypavis") => return Why::Foreign("AVIF"),
        Some(_) | None => {}
    }
    let tiff = bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*");
    if tiff { Why::Foreign("TIFF") } else { Why::Unknown }
}
