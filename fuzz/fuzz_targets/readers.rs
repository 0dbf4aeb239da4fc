//! Every reader of files on any bytes: `cargo +nightly fuzz run readers`, from what `corpus.zip` has on.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../open.rs"]
mod open;

fuzz_target!(|data: &[u8]| open::open(data));
