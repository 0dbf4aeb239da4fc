//! The user's own files: every layout that is read, and every way in which a file can be bad.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};
use std::path::Path;

use whisker::data::files::{Entry, File, Kind, Plan, Split, Why, clean, plan};
use whisker::data::own::{Decoded, Own, Problem, assemble};
use whisker::data::resize;
use zip::write::{SimpleFileOptions, ZipWriter};

/// Public photographs, where this machine has them.
const REAL: &str = "../../shared/data";

pub fn real(name: &str) -> Option<Vec<u8>> {
    let folders = [std::env::var("WHISKER_DATA").unwrap_or_default(), REAL.into(), "../shared/data".into()];
    let bytes = folders.iter().find_map(|folder| std::fs::read(Path::new(folder).join(name)).ok());
    if bytes.is_none() {
        eprintln!("skipped: {name} is neither in ../shared/data nor in the folder that WHISKER_DATA names");
    }
    bytes
}

pub fn file(name: &str, bytes: impl Into<Vec<u8>>) -> File {
    File { name: name.into(), bytes: bytes.into() }
}

/// The least that passes for a JPEG of this size: a frame header, one scan, an end.
pub fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let ([a, b], [c, d]) = (height.to_be_bytes(), width.to_be_bytes());
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8, a, b, c, d, 1, 1, 0x11, 0];
    bytes.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    bytes.extend([0x5a; 40]);
    bytes.extend([0xff, 0xd9]);
    bytes
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 1, 2, 3, 4]);
    bytes.extend(b"\0\0\0\x05IDAThallo\x01\x02\x03\x04\0\0\0\0IEND\xaeB`\x82");
    bytes
}

pub fn webp(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = b"RIFF\x20\0\0\0WEBPVP8 \x14\0\0\0\0\0\0\x9d\x01\x2a".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.resize(40, 7);
    bytes
}

pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a member begins");
        zip.write_all(bytes).expect("a member is written");
    }
    zip.finish().expect("the zip ends").into_inner()
}

pub fn cifar(labels: &[u8]) -> Vec<u8> {
    labels
        .iter()
        .flat_map(|label| std::iter::once(*label).chain((0..3072).map(|i| (i / 1024 * 80 + i % 7) as u8)))
        .collect()
}

/// The classes that a plan gives, by file.
pub fn classes(plan: &Plan) -> BTreeMap<&str, Option<&str>> {
    plan.entries.iter().map(|entry| (entry.name.as_str(), entry.class.as_deref())).collect()
}

pub fn refused(plan: &Plan) -> Vec<(&str, &Why)> {
    plan.refused.iter().map(|refused| (refused.name.as_str(), &refused.why)).collect()
}

fn decoded(entry: &Entry, size: usize) -> Decoded {
    let pixels = match &entry.kind {
        Kind::Raw { pixels, width, height } => resize::square(pixels, *width, *height, size),
        // Stands in for the browser's decoder.
        Kind::Picture(bytes) => vec![bytes.len() as u8; size * size * 3],
    };
    Decoded { name: entry.name.clone(), class: entry.class.clone(), split: entry.split, pixels }
}

fn assembled(plan: &Plan, size: usize, seed: u32) -> Own {
    assemble(plan.entries.iter().map(|entry| decoded(entry, size)).collect(), size, seed)
}

#[test]
fn a_path_tells_the_class_and_the_split() {
    use Split::{Test, Train, Valid};
    type Row = (&'static str, Option<&'static str>, Option<Split>);
    let layouts: [&[Row]; 9] = [
        &[("cats/tom.jpg", Some("cats"), None), ("dogs/rex.jpg", Some("dogs"), None), ("who.jpg", None, None)],
        &[
            ("set/train/Cat/1.jpg", Some("Cat"), Some(Train)),
            ("set/test/dog/1.jpg", Some("dog"), Some(Test)),
            ("set/valid/cat/9.png", Some("Cat"), Some(Valid)),
        ],
        &[("cats/train/1.jpg", Some("cats"), Some(Train)), ("dogs/test/1.jpg", Some("dogs"), Some(Test))],
        &[("cat.1.jpg", Some("cat"), None), ("dog.12.jpg", Some("dog"), None), ("fish.jpg", None, None)],
        &[
            ("train/cat.1.jpg", Some("cat"), Some(Train)),
            ("train/dog.2.jpg", Some("dog"), Some(Train)),
            ("test1/3.jpg", None, Some(Test)),
        ],
        // Unpacked into a folder of any name, Kaggle's names still count; beside folders of classes they do not.
        &[("dogs-vs-cats/cat.1.jpg", Some("cat"), None), ("dogs-vs-cats/dog.2.jpg", Some("dog"), None)],
        &[("cats/cat.1.jpg", Some("cats"), None), ("dogs/dog.2.jpg", Some("dogs"), None)],
        &[("cats\\images\\1.jpg", Some("cats"), None), ("C:\\x\\dogs\\2.jpg", Some("dogs"), None)],
        &[
            ("IMG_1234.jpg", None, None),
            ("photos/DSC_0001.jpg", None, None),
            ("a.b.jpg", None, None),
            ("2024.01.jpg", None, None),
        ],
    ];
    for rows in layouts {
        let plan = plan(rows.iter().map(|(name, ..)| file(name, jpeg(8, 8))).collect());
        assert_eq!(refused(&plan), []);
        let got: Vec<_> = plan.entries.iter().map(|entry| (entry.class.as_deref(), entry.split)).collect();
        let expected: Vec<_> = rows.iter().map(|(_, class, split)| (*class, *split)).collect();
        assert_eq!(got, expected, "{rows:?}");
    }
}

#[test]
fn every_kind_of_picture_is_known_by_its_content() {
    let gif = [b"GIF89a\x08\0\x08\0\0\0\0".as_slice(), &[9; 20], b"\x3b"].concat();
    let mut bmp = b"BM\x40\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0".to_vec();
    bmp.extend((-2i32).to_le_bytes());
    bmp.resize(64, 0);
    let good =
        [("a.jpg", jpeg(200, 100)), ("b.txt", png(16_384, 3000)), ("c", webp(7, 9)), ("d.gif", gif), ("e.bmp", bmp)];
    let plan = plan(good.iter().map(|(name, bytes)| file(name, bytes.clone())).collect());
    assert_eq!(refused(&plan), []);
    assert_eq!(plan.entries.len(), 5);
    assert!(plan.entries.iter().zip(&good).all(|(entry, (_, bytes))| entry.kind == Kind::Picture(bytes.clone())));
}

#[test]
fn what_cannot_be_used_is_named_with_its_reason() {
    let mut thumbnail = jpeg(8, 8);
    // A segment that holds a whole small JPEG, then the picture proper without its end.
    let inner = jpeg(4, 4);
    let mut segment = vec![0xff, 0xe1];
    segment.extend(((inner.len() + 2) as u16).to_be_bytes());
    segment.extend(inner);
    thumbnail.splice(2..2, segment);
    thumbnail.truncate(thumbnail.len() - 2);
    let rows: [(&str, Vec<u8>, Why); 17] = [
        ("empty.jpg", vec![], Why::Empty),
        ("words.jpg", b"hello, I am no picture".to_vec(), Why::Unknown),
        ("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), Why::Unknown),
        ("one.byte", vec![0xff], Why::Unknown),
        ("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), Why::Foreign("HEIC")),
        ("new.avif", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif".to_vec(), Why::Foreign("AVIF")),
        ("scan.tif", b"II*\0\x08\0\0\0aaaaaaaa".to_vec(), Why::Foreign("TIFF")),
        ("wide.png", png(20_000, 20_000), Why::TooLarge { width: 20_000, height: 20_000 }),
        ("tall.jpg", jpeg(1, 16_385), Why::TooLarge { width: 1, height: 16_385 }),
        ("area.png", png(8001, 8000), Why::TooLarge { width: 8001, height: 8000 }),
        ("liar.png", png(u32::MAX, u32::MAX), Why::TooLarge { width: 4_294_967_295, height: 4_294_967_295 }),
        ("flat.png", png(0, 5), Why::Broken),
        ("half.jpg", jpeg(8, 8)[..40].to_vec(), Why::CutOff),
        ("half.png", png(8, 8)[..45].to_vec(), Why::CutOff),
        ("half.webp", webp(8, 8)[..35].to_vec(), Why::CutOff),
        ("thumb.jpg", thumbnail, Why::CutOff),
        ("masks/cat.png", png(8, 8), Why::Annotation),
    ];
    let plan = plan(rows.iter().map(|(name, bytes, _)| file(name, bytes.clone())).collect());
    assert_eq!(plan.entries, []);
    assert_eq!(refused(&plan), rows.iter().map(|(name, _, why)| (*name, why)).collect::<Vec<_>>());
    for refused in &plan.refused {
        let sentence = refused.why.to_string();
        assert!(sentence.ends_with('.') && sentence.len() > 15, "{sentence}");
    }
    let large = Why::TooLarge { width: 20_000, height: 20_000 }.to_string();
    assert!(large.contains("20000 × 20000") && large.contains("16384"), "{large}");
}

#[test]
fn housekeeping_files_pass_in_silence() {
    let names = ["__MACOSX/cats/._tom.jpg", "cats/.DS_Store", "cats/Thumbs.db", ".hidden/../.x", "desktop.ini"];
    let plan = plan(names.iter().map(|name| file(name, *b"whatever")).collect());
    assert_eq!(plan, Plan::default());
}

#[test]
fn names_are_shown_and_never_followed() {
    let rows = [
        ("../../etc/passwd", "etc/passwd"),
        ("/abs/x.jpg", "abs/x.jpg"),
        ("..\\..\\win\\x.jpg", "win/x.jpg"),
        ("a\0b\n\x1b[31m.jpg", "ab[31m.jpg"),
        ("cats/\u{202e}gpj.exe", "cats/gpj.exe"),
        ("...", "..."),
        ("../..", "unnamed"),
        ("", "unnamed"),
    ];
    for (name, shown) in rows {
        assert_eq!(clean(name), shown);
    }
    let long = "ä".repeat(5000) + "/end.jpg";
    assert_eq!((clean(&long).chars().count(), clean(&long).ends_with("end.jpg")), (120, true));
    // Markup stays text; steps upwards make no class.
    let markup = "<img src=x onerror=alert(1)>";
    let packed = zip(&[
        ("../../../dogs/rex.jpg", &jpeg(8, 8)),
        (&format!("{markup}/tom.jpg"), &jpeg(8, 8)),
        ("../up.jpg", &jpeg(8, 8)),
    ]);
    let plan = plan(vec![file("evil.zip", packed)]);
    assert_eq!(refused(&plan), []);
    let expected =
        [("dogs/rex.jpg", Some("dogs")), ("<img src=x onerror=alert(1)>/tom.jpg", Some(markup)), ("up.jpg", None)];
    assert_eq!(classes(&plan), expected.into());
}

#[test]
fn cifar_records_become_pictures() {
    let plan = plan(vec![file("sets/catdog_train.bin", cifar(&[3, 5, 5])), file("test_batch.bin", cifar(&[0, 9]))]);
    assert_eq!(refused(&plan), []);
    let got: Vec<_> =
        plan.entries.iter().map(|e| (e.name.as_str(), e.class.as_deref().unwrap_or("-"), e.split)).collect();
    let expected = [
        ("sets/catdog_train.bin 00001", "cat", Some(Split::Train)),
        ("sets/catdog_train.bin 00002", "dog", Some(Split::Train)),
        ("sets/catdog_train.bin 00003", "dog", Some(Split::Train)),
        ("test_batch.bin 00001", "airplane", Some(Split::Test)),
        ("test_batch.bin 00002", "truck", Some(Split::Test)),
    ];
    assert_eq!(got, expected);
    let Kind::Raw { pixels, width, height } = &plan.entries[0].kind else { panic!("pixels were expected") };
    // Planes of 1,024 that begin at 0, 80 and 160; the second pixel is one more in each.
    assert_eq!((*width, *height, &pixels[..6]), (32, 32, &[0, 82, 164, 1, 83, 165][..]));
}

#[test]
fn a_broken_cifar_file_gives_its_whole_records() {
    let whole = cifar(&[3, 5, 3]);
    let rows: [(Vec<u8>, usize, Vec<Why>); 5] = [
        (whole[..7000].to_vec(), 2, vec![Why::RecordCut { records: 2, rest: 854 }]),
        (whole[..3000].to_vec(), 0, vec![Why::Unknown]),
        (cifar(&[3, 77, 5]), 2, vec![Why::RecordLabel { records: 1 }]),
        (cifar(&[99, 77, 5]), 0, vec![Why::RecordLabel { records: 2 }]),
        (
            [cifar(&[3, 10, 5]), vec![1]].concat(),
            2,
            vec![Why::RecordLabel { records: 1 }, Why::RecordCut { records: 3, rest: 1 }],
        ),
    ];
    for (bytes, good, whys) in rows {
        let plan = plan(vec![file("data.bin", bytes)]);
        assert_eq!((plan.entries.len(), plan.refused.iter().map(|r| r.why.clone()).collect::<Vec<_>>()), (good, whys));
    }
}

#[test]
fn one_in_five_of_each_class_is_kept_for_testing() {
    let pictures = |count: usize| {
        let of = |class: &str, count: usize| {
            let class = class.to_string();
            (0..count).map(move |i| Decoded {
                name: format!("{class}/{i}"),
                class: Some(class.clone()),
                split: None,
                pixels: vec![i as u8; 12],
            })
        };
        of("dog", 3 * count).chain(of("Cat", count)).chain(of("zebra", 1)).collect::<Vec<_>>()
    };
    let own = assemble(pictures(10), 2, 7);
    let set = own.dataset.expect("three classes are enough");
    assert_eq!((&set.classes[..], set.train, set.len()), (&["Cat", "dog", "zebra"].map(String::from)[..], 33, 41));
    assert_eq!(own.counts, [("Cat".into(), 10), ("dog".into(), 30), ("zebra".into(), 1)]);
    let count = |range: std::ops::Range<usize>, label| set.labels[range].iter().filter(|l| **l == label).count();
    assert_eq!([0, 1, 2].map(|label| count(set.test(), label)), [2, 6, 0], "a single picture is learnt from");
    // Each sample is the picture of its name.
    for (index, name) in own.names.iter().enumerate() {
        let (class, number) = name.split_once('/').expect("class and number");
        assert_eq!(set.classes[set.labels[index] as usize], class);
        assert_eq!(set.pixels(index), Some(&[number.parse::<u8>().expect("a number"); 12][..]));
    }
    // The same files in another order are the same set; another seed is another split.
    let mut turned = pictures(10);
    turned.reverse();
    assert_eq!(assemble(turned, 2, 7).names, own.names);
    let held = |seed| assemble(pictures(10), 2, seed).names[33..].iter().cloned().collect::<BTreeSet<_>>();
    assert_ne!(held(7), held(8));
    assert_eq!(own.names.iter().collect::<BTreeSet<_>>().len(), 41, "nothing twice, nothing lost");
}

#[test]
fn folders_that_name_a_split_are_heeded() {
    let of = |rows: &[(&str, &str)]| {
        let files = rows.iter().map(|(name, _)| file(name, jpeg(8, 8))).collect();
        let own = assembled(&plan(files), 2, 7);
        let set = own.dataset.expect("two classes");
        let mut got: Vec<_> = own
            .names
            .iter()
            .enumerate()
            .map(|(i, name)| (name.clone(), if i < set.train { "train" } else { "test" }))
            .collect();
        got.sort();
        let mut expected: Vec<_> = rows.iter().map(|(name, split)| (name.to_string(), *split)).collect();
        expected.sort();
        assert_eq!(got, expected);
    };
    of(&[
        ("train/cat/1.jpg", "train"),
        ("train/dog/1.jpg", "train"),
        ("valid/cat/2.jpg", "test"),
        ("test/dog/2.jpg", "test"),
    ]);
    of(&[("cat/1.jpg", "train"), ("dog/1.jpg", "train"), ("test/cat/2.jpg", "test")]);
    // Only training pictures, or only test pictures: then some of each class are held back after all.
    for folder in ["train", "test"] {
        let files =
            (0..20).map(|i| file(&format!("{folder}/{}.{i}.jpg", if i < 10 { "cat" } else { "dog" }), jpeg(8, 8)));
        let set = assembled(&plan(files.collect()), 2, 7).dataset.expect("two classes");
        assert_eq!((set.train, set.test().len()), (16, 4), "{folder}");
    }
}

#[test]
fn too_little_to_learn_from_is_said_and_can_still_be_looked_at() {
    let of = |names: &[&str]| {
        let own = assembled(&plan(names.iter().map(|name| file(name, jpeg(8, 8))).collect()), 2, 7);
        (own.dataset.err(), own.loose.len())
    };
    assert_eq!(of(&[]), (Some(Problem::NoPictures), 0));
    assert_eq!(of(&["a.jpg", "b.jpg"]), (Some(Problem::NoClasses), 2));
    assert_eq!(of(&["cats/a.jpg", "b.jpg"]), (Some(Problem::OneClass("cats".into())), 2));
    assert_eq!(of(&["cats/a.jpg", "dogs/b.jpg", "c.jpg"]), (None, 1));
    for problem in [Problem::NoPictures, Problem::NoClasses, Problem::OneClass("cats".into())] {
        assert!(problem.to_string().ends_with('.'));
    }
}

#[test]
fn real_folders_of_photographs() {
    let Some(bytes) = real("photos_folders.zip") else { return };
    let plan = plan(vec![file("photos_folders.zip", bytes)]);
    assert_eq!(refused(&plan), []);
    let own = assembled(&plan, 4, 7);
    assert_eq!(own.counts, [("cats".into(), 150), ("dogs".into(), 150)]);
    let set = own.dataset.expect("two classes");
    assert_eq!((set.train, set.len()), (240, 300));
}

#[test]
fn real_names_of_kaggle() {
    let Some(bytes) = real("photos_kaggle.zip") else { return };
    let plan = plan(vec![file("photos_kaggle.zip", bytes)]);
    assert_eq!(refused(&plan), []);
    let own = assembled(&plan, 4, 7);
    assert_eq!(own.counts, [("cat".into(), 20), ("dog".into(), 20)]);
    assert_eq!(own.dataset.expect("two classes").train, 32);
}

#[test]
fn real_cifar_files() {
    let (Some(train), Some(test)) = (real("catdog_train.bin"), real("catdog_test.bin")) else { return };
    let cut = plan(vec![file("catdog_train.bin", &train[..train.len() - 1])]);
    assert_eq!((cut.entries.len(), refused(&cut).len()), (9999, 1));
    let plan = plan(vec![file("catdog_train.bin", train), file("catdog_test.bin", test)]);
    assert_eq!(refused(&plan), []);
    let own = assembled(&plan, 32, 7);
    let set = own.dataset.expect("two classes");
    assert_eq!((&set.classes[..], set.train, set.len()), (&["cat", "dog"].map(String::from)[..], 10_000, 11_000));
    let dogs = set.labels[set.test()].iter().filter(|label| **label == 1).count();
    assert_eq!(dogs, 500);
}

#[test]
fn real_pets_with_masks_and_boxes() {
    let Some(bytes) = real("pets_masks_boxes.zip") else { return };
    let plan = plan(vec![file("pets_masks_boxes.zip", bytes)]);
    assert_eq!(plan.refused.len(), 48, "24 masks and 24 boxes");
    assert!(plan.refused.iter().all(|refused| refused.why == Why::Annotation));
    assert_eq!(assembled(&plan, 4, 7).counts, [("cat".into(), 12), ("dog".into(), 12)]);
    assert_eq!(classes(&plan)["images/Abyssinian_140.jpg"], Some("cat"));
}
