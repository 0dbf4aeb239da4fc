//! Weights come back from the files that we write, and whatever is wrong with a file is said in a sentence.

use whisker::export::{npy, npz, safetensors};
use whisker::import::{ENDINGS, READERS, Upload, read};
use whisker::tensor::{Shape, random::Stream};
use whisker::train::Weight;

fn weights() -> Vec<Weight> {
    let one = |name: &str, sizes: &[usize]| {
        let shape = Shape::from(sizes);
        Weight { name: name.into(), data: (0..shape.count()).map(|i| i as f32 * 0.5 - 1.0).collect(), shape }
    };
    vec![one("dense-1/kernel", &[2, 3]), one("dense-1/bias", &[3]), one("a \"b\" <c>/gamma", &[1])]
}

fn file(name: &str, bytes: Vec<u8>) -> [Upload; 1] {
    [Upload { name: name.into(), bytes }]
}

#[test]
fn what_was_written_is_read_bit_for_bit() {
    let written = [("w.safetensors", safetensors(&weights())), ("w.npz", npz(&weights()).expect("a file"))];
    for (name, bytes) in written {
        let imported = read(&file(name, bytes)).expect(name);
        assert_eq!((imported.weights, imported.document, imported.notes), (weights(), None, vec![]), "{name}");
    }
    let one = read(&file("x.npy", npy(&[2, 2], &[1.0, 2.0, 3.0, 4.0]))).expect("an array");
    assert_eq!((&one.weights[0].name[..], &one.weights[0].data[..]), ("x", &[1.0, 2.0, 3.0, 4.0][..]));
}

#[test]
fn broken_files_are_sentences() {
    let mut stream = Stream::new(7, 5);
    for (name, whole) in [("w.safetensors", safetensors(&weights())), ("w.npz", npz(&weights()).expect("a file"))] {
        for length in 0..whole.len() {
            says(&file(name, whole[..length].to_vec()));
        }
        for _ in 0..20_000 {
            let mut bytes = whole.clone();
            for _ in 0..1 + stream.below(4) {
                let place = stream.below(bytes.len());
                bytes[place] = stream.below(256) as u8;
            }
            says(&file(name, bytes));
        }
    }
    let head = br#"{"a":{"dtype":"F32","shape":[4294967295,4294967295,8],"data_offsets":[0,18446744073709551615]}}"#;
    let claims = [&(head.len() as u64).to_le_bytes()[..], head].concat();
    assert!(read(&file("claims.safetensors", claims)).unwrap_err().contains("array"));
}

/// Whatever comes of it, it is a network or a sentence.
fn says(files: &[Upload]) {
    if let Err(sentence) = read(files) {
        assert!(sentence.ends_with('.') && sentence.len() > 20, "{sentence:?}");
    }
}

#[test]
fn the_page_knows_the_endings_of_every_reader() {
    for reader in READERS {
        for ending in reader.endings {
            let others = ["json", "zip", "bin"];
            assert!(ENDINGS.contains(ending) || others.contains(ending), "{}: {ending}", reader.id);
        }
    }
}
