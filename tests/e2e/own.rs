//! The user's own files: good ones are taken, broken ones are named, nothing is lost.

use crate::browser::Browser;
use crate::network::layers;
use crate::page::scratch;

/// What each file is and a word that the sentence about it must have.
pub fn broken_files_are_named_and_nothing_is_lost(browser: &Browser) {
    let files = [
        ("broken.png", b"\x89PNG\r\n\x1a\nnothing of a picture".to_vec(), "broken.png"),
        ("half.zip", half_a_zip(), "half.zip"),
        ("huge.png", huge_png(), "huge.png"),
        ("words.txt", b"these are words".to_vec(), "words.txt"),
    ];
    for (name, bytes, word) in files {
        let page = browser.open("#cat-or-dog");
        page.wait_until("the network is drawn", 5, || !layers(&page).is_empty());
        let before = layers(&page);
        page.css(".drop").drop_files(&[&scratch(name, &bytes)]);
        page.wait_until(&format!("{name} is spoken of"), 10, || page.count(".notice") > 0);
        let told = page.css(".notice").text();
        println!("{name}: {}", told.replace('\n', " "));
        assert!(told.contains(word), "the sentence about {name} says {word:?}: {told}");
        assert_eq!(layers(&page), before, "the network is as it was");
        assert_eq!(page.log().errors, [""; 0]);
    }
}

/// A zip's first half: a member's head, and no directory at the end.
fn half_a_zip() -> Vec<u8> {
    let mut zip = b"PK\x03\x04\x14\0\0\0\0\0".to_vec();
    zip.extend([0; 16]);
    zip.extend(b"\x0a\0\0\0cats/1.png\x89PNG");
    zip
}

/// The head of a picture 20,000 pixels wide and high, with nothing behind it.
fn huge_png() -> Vec<u8> {
    let side = 20_000u32.to_be_bytes();
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend(side);
    png.extend(side);
    png.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    png
}
