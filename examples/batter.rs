//! Batters every reader of files with changed files for some seconds, on any toolchain:
//! `cargo run --profile serve --example batter -- SECONDS [SEED]`; with `-- seeds FOLDER` it lays the files there that cargo-fuzz
//! begins with, each after a byte that says which reader it is for (`fuzz/`).
//!
//! The files are those that our writers make of small networks; each round changes bytes, moves pieces and mixes two files, and
//! gives the result to every reader. What a reader says must be a network or a sentence. A panic names the seed and the round.

use std::time::{Duration, Instant};
use whisker::export::{FORMATS, Model, Network};
use whisker::import::{READERS, Upload};
use whisker::spec::check;
use whisker::tensor::random::Stream;
use whisker::train::Weight;

#[path = "../tests/it/experiment.rs"]
mod experiment;

fn main() {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|word| word == "seeds").is_some() {
        return seeds(&arguments.next().expect("a folder"));
    }
    let seconds = arguments.next().and_then(|word| word.parse().ok()).expect("how many seconds");
    let seed: u32 = arguments.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    let corpus = corpus();
    let mut stream = Stream::new(seed, 1);
    let (start, mut rounds, mut opened) = (Instant::now(), 0_u64, 0_u64);
    let (mut slowest, mut slow) = (Duration::ZERO, String::new());
    std::panic::set_hook(Box::new(move |what| eprintln!("seed {seed}: {what}")));
    while start.elapsed() < Duration::from_secs(seconds) {
        let mut files = copy(&corpus[stream.below(corpus.len())]);
        let place = stream.below(files.len());
        let other = &corpus[stream.below(corpus.len())];
        change(&mut files[place].bytes, &other[stream.below(other.len())].bytes, &mut stream);
        for reader in READERS {
            let began = Instant::now();
            let read = std::panic::catch_unwind(|| reader.open(&files));
            let took = began.elapsed();
            if took > slowest {
                (slowest, slow) = (took, format!("{} in round {rounds}", reader.id));
            }
            match read {
                Ok(Ok(_)) => opened += 1,
                Ok(Err(sentence)) => {
                    let plain = sentence.ends_with('.') && !sentence.contains(char::is_control);
                    assert!(plain, "{} in round {rounds}: {sentence:?}", reader.id);
                }
                Err(_) => {
                    eprintln!("{} broke in round {rounds}", reader.id);
                    std::process::exit(1);
                }
            }
        }
        rounds += 1;
    }
    println!("{rounds} rounds of {} readers, {opened} opened; slowest {slowest:?}, {slow}", READERS.len());
}

/// Every file of the corpus for every reader that takes its ending.
fn seeds(folder: &str) {
    std::fs::create_dir_all(folder).expect("a folder");
    for (number, files) in corpus().iter().enumerate() {
        for (part, file) in files.iter().enumerate() {
            for (row, reader) in READERS.iter().enumerate() {
                if !reader.endings.iter().any(|end| file.name.ends_with(end)) {
                    continue;
                }
                let name = format!("{folder}/{}-{number}-{part}", reader.id);
                std::fs::write(name, [&[row as u8], &file.bytes[..]].concat()).expect("a file");
            }
        }
    }
}

fn copy(files: &[Upload]) -> Vec<Upload> {
    files.iter().map(|file| Upload { name: file.name.clone(), bytes: file.bytes.clone() }).collect()
}

/// What every writer makes of thirty small networks.
fn corpus() -> Vec<Vec<Upload>> {
    let mut all = Vec::new();
    for seed in 0..30 {
        let spec = experiment::random_document(seed);
        let network = Network::new(&spec, &check(&spec).expect("a network")).expect("a description");
        let parameters = network.layers.iter().flat_map(|layer| &layer.parameters);
        let weights: Vec<Weight> = parameters
            .map(|one| Weight { name: one.full.clone(), shape: one.shape.clone(), data: vec![0.5; one.shape.count()] })
            .collect();
        for format in FORMATS {
            if let Ok(written) = (format.write)(&Model { network: &network, weights: &weights }) {
                all.push(written.files.into_iter().map(|(name, bytes)| Upload { name, bytes }).collect());
            }
        }
    }
    all
}

fn change(bytes: &mut Vec<u8>, other: &[u8], stream: &mut Stream) {
    for _ in 0..1 + stream.below(6) {
        if bytes.is_empty() {
            return;
        }
        let (at, to) = (stream.below(bytes.len()), stream.below(bytes.len()));
        let count = (1 + stream.below(32)).min(bytes.len() - at);
        match stream.below(9) {
            0 => drop(bytes.drain(at..at + count)),
            1 => bytes.insert(at, stream.below(256) as u8),
            2 => bytes.swap(at, to),
            3 => bytes[at] ^= 1 << stream.below(8),
            4 => {
                let piece = bytes[at..at + count].to_vec();
                bytes.splice(to..to, piece);
            }
            5 if !other.is_empty() => {
                let from = stream.below(other.len());
                let piece = other[from..(from + count).min(other.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            6 => bytes.truncate(at),
            7 => bytes[at..at + count].fill([0, 255][stream.below(2)]),
            _ => bytes[at] = [0, 1, 2, 8, 10, 18, 127, 128, 255][stream.below(9)],
        }
    }
}
