//! Models to take home: each zip has what its words promise, and its programs load the file that is in it.

use std::io::{Cursor, Read};

use crate::documents::presets;
use whisker::export::{FORMATS, Model, Network, Samples, bundle, png};
use whisker::spec::check;
use whisker::train::Weight;

/// The files of a zip by name.
fn unzip(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let count = zip.len();
    let read = |place| {
        let mut file = zip.by_index(place).expect("a file of the zip");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("its bytes");
        (file.name().expect("a name in UTF-8").to_string(), bytes)
    };
    (0..count).map(read).collect()
}

#[test]
fn every_format_of_every_preset_is_a_whole_bundle() {
    for (name, spec) in presets() {
        let checked = check(&spec).expect("a network");
        let network = Network::new(&spec, &checked).expect("a description");
        let weights: Vec<Weight> = (network.layers.iter())
            .flat_map(|layer| &layer.parameters)
            .map(|one| Weight { name: one.full.clone(), shape: one.shape.clone(), data: vec![0.5; one.shape.count()] })
            .collect();
        let outputs = network.last().shape.count();
        let samples = Samples {
            x: vec![0.25; 8 * network.input.count()],
            expected: vec![0.5; 8 * outputs],
            classes: (0..outputs).map(|class| format!("class {class}")).collect(),
        };
        for format in FORMATS {
            let what = format!("{} of {name}", format.id);
            let model = Model { network: &network, weights: &weights };
            let (bytes, written) = bundle(format, &model, &samples).expect(&what);
            let files = unzip(bytes);
            let find = |name: &str| files.iter().find(|(other, _)| other == name).map(|(_, bytes)| bytes);
            for (name, bytes) in &written.files {
                assert_eq!(find(name), Some(bytes), "{what}: {name}");
            }
            for name in ["samples.npy", "expected.npy", "README.txt"] {
                assert!(find(name).is_some_and(|bytes| bytes.len() > 64), "{what}: {name}");
            }
            let pictures = files.iter().filter(|(name, _)| name.starts_with("pictures/")).count();
            assert_eq!(pictures, if network.input.len() == 3 { 8 } else { 0 }, "{what}: pictures");
            let readme = String::from_utf8_lossy(find("README.txt").expect("it was found"));
            assert!(readme.contains(&network.title) && readme.contains(&written.files[0].0), "{what}: {readme}");
            if let Some(loader) = format.loader {
                let loader = loader(&model);
                assert!(readme.contains(loader.run.lines().last().expect("a command")), "{what}: {readme}");
                let text: String = loader.files.iter().map(|file| file.code.text()).collect();
                for word in [&written.files[0].0[..], "samples.npy", "expected.npy"] {
                    assert!(text.contains(word), "{what}: no {word} in\n{text}");
                }
            }
        }
    }
}

#[test]
fn a_picture_is_read_back_as_it_was() {
    let rgb: Vec<u8> = (0..5 * 3 * 3).map(|i| (i * 5) as u8).collect();
    let mut reader = ::png::Decoder::new(Cursor::new(png(5, 3, &rgb))).read_info().expect("a picture");
    let mut read = vec![0; rgb.len()];
    let info = reader.next_frame(&mut read).expect("its pixels");
    assert_eq!((info.width, info.height, read), (5, 3, rgb));
}
