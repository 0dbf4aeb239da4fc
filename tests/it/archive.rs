//! Zips: whole, cut, lying, exploding. The answer is always a plan that names what is wrong.

use std::io::Write;

use whisker::data::files::{Kind, MOST_BYTES, Why, plan};
use whisker::tensor::random::Stream;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::files::{cifar, classes, file, jpeg, png, real, refused, webp, zip};

#[test]
fn a_zip_is_its_files() {
    let (cat, dog) = (jpeg(8, 8), png(9, 9));
    let inner = zip(&[("x.jpg", &cat)]);
    let packed = zip(&[
        ("cats/", b""),
        ("cats/tom.jpg", &cat),
        ("dogs/rex.png", &dog),
        ("dogs/readme.txt", b"about dogs"),
        ("more.zip", &inner),
        ("__MACOSX/cats/._tom.jpg", b"x"),
        ("cats/none.jpg", b""),
    ]);
    let plan = plan(vec![file("pets.zip", packed), file("dogs/rover.jpg", jpeg(7, 7))]);
    let expected = [("cats/tom.jpg", Some("cats")), ("dogs/rex.png", Some("dogs")), ("dogs/rover.jpg", Some("dogs"))];
    assert_eq!(classes(&plan), expected.into());
    assert_eq!(plan.entries[1].kind, Kind::Picture(dog));
    let expected = [("dogs/readme.txt", &Why::Unknown), ("more.zip", &Why::Nested), ("cats/none.jpg", &Why::Empty)];
    assert_eq!(refused(&plan), expected);
}

#[test]
fn an_empty_zip_is_empty() {
    let plan = plan(vec![file("nothing.zip", zip(&[]))]);
    assert_eq!((plan.entries.len(), refused(&plan)), (0, vec![("nothing.zip", &Why::Empty)]));
}

/// Members whose lengths stand behind them are how macOS and every streaming tool write.
#[test]
fn a_zip_without_its_end_gives_what_came_before() {
    let pictures: Vec<Vec<u8>> = (0..20).map(|i| [jpeg(8, 8), vec![i; 100 + usize::from(i)]].concat()).collect();
    let names: Vec<String> = (0..20).map(|i| format!("{}/{i}.jpg", if i % 2 == 0 { "cats" } else { "dogs" })).collect();
    let members: Vec<(&str, &[u8])> =
        names.iter().map(String::as_str).zip(pictures.iter().map(Vec::as_slice)).collect();
    let mut stream = ZipWriter::new_stream(Vec::new());
    for (name, bytes) in &members {
        stream.start_file(*name, SimpleFileOptions::default()).expect("a member begins");
        stream.write_all(bytes).expect("a member is written");
    }
    let streamed = stream.finish().expect("the zip ends").into_inner();
    for (kind, whole) in [("lengths before", zip(&members)), ("lengths behind", streamed)] {
        assert_eq!(plan(vec![file("a.zip", whole.clone())]).entries.len(), 20, "{kind}");
        let mut last = 0;
        for part in 0..20 {
            let cut = whole.len() * part / 20;
            let plan = plan(vec![file("a.zip", &whole[..cut])]);
            assert!(!plan.refused.is_empty(), "{kind}, {part}/20: a cut is never silent");
            assert!(plan.entries.len() >= last, "{kind}, {part}/20: more bytes gave fewer files");
            last = plan.entries.len();
            for (entry, (name, bytes)) in plan.entries.iter().zip(&members) {
                assert_eq!((entry.name.as_str(), &entry.kind), (*name, &Kind::Picture(bytes.to_vec())), "{kind}");
            }
            if cut >= 4 {
                let (name, why) = *refused(&plan).last().expect("a cut is never silent");
                assert_eq!((name, why), ("a.zip", &Why::ZipCut { read: last }), "{kind}, {part}/20");
            }
        }
        assert!(last >= 12, "{kind}: only {last} of 20 before the last twentieth, which is the list of members");
    }
}

/// Any byte may be wrong; the answer is always a plan.
#[test]
fn no_zip_and_no_picture_makes_it_fall() {
    let whole = zip(&[
        ("cats/a.jpg", &jpeg(8, 8)),
        ("dogs/b.png", &png(8, 8)),
        ("c.webp", &webp(8, 8)),
        ("d.bin", &cifar(&[3])),
    ]);
    let seeds = [whole, jpeg(8, 8), png(8, 8), webp(8, 8), zip(&[])];
    let mut stream = Stream::new(1, 2);
    for (kind, seed) in seeds.iter().enumerate() {
        for round in 0..400 {
            let mut bytes = seed.clone();
            for _ in 0..1 + stream.below(8) {
                let at = stream.below(bytes.len());
                bytes[at] = [0, 0xff, 0x7f, 0x80, stream.below(256) as u8][stream.below(5)];
            }
            bytes.truncate(bytes.len() - stream.below(bytes.len() / 2) * (round % 2));
            let plan = plan(vec![file("x", bytes)]);
            assert!(plan.entries.len() + plan.refused.len() >= 1, "kind {kind}, round {round}: nothing is said");
        }
    }
}

#[test]
fn a_zip_that_lies_about_sizes_is_not_believed() {
    let good = zip(&[("cats/a.jpg", &jpeg(8, 8)), ("dogs/b.jpg", &jpeg(8, 8))]);
    // The unpacked size stands 22 bytes into a member's header and 24 into its line of the list; the packed size 4 before.
    let list = good.windows(4).position(|w| w == b"PK\x01\x02").expect("there is a list");
    for value in [0u32, 1, 1 << 30, u32::MAX - 1] {
        for at in [22, list + 24, 18, list + 20] {
            let mut bytes = good.clone();
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            let plan = plan(vec![file("liar.zip", bytes)]);
            assert!(plan.entries.iter().all(|entry| entry.kind == Kind::Picture(jpeg(8, 8))), "{value} at {at}");
            assert!(classes(&plan).contains_key("dogs/b.jpg"), "{value} at {at}: {:?}", plan.refused);
        }
    }
}

#[test]
fn a_bomb_does_not_go_off() {
    // 40 MB of zeros in 40 kB; more than 200 times its size, and no picture.
    let zeros = vec![0; 40 << 20];
    let packed = zip(&[("cats/a.jpg", &jpeg(8, 8)), ("cats/bomb.jpg", &zeros), ("dogs/b.jpg", &jpeg(8, 8))]);
    assert!(packed.len() < 100_000);
    let plan = plan(vec![file("bomb.zip", packed)]);
    assert_eq!(refused(&plan), [("cats/bomb.jpg", &Why::Bomb)]);
    assert_eq!(plan.entries.len(), 2);
}

#[test]
fn many_members_stop_at_the_common_limit() {
    // Each of 1 MB unpacks from 1 kB, which is let through; 300 of them, from two zips, are more than may be.
    let block = [jpeg(8, 8), vec![0; 1 << 20]].concat();
    let names: Vec<String> = (0..150).map(|i| format!("cats/{i}.jpg")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &block[..1 << 20])).collect();
    let packed = zip(&members);
    let plan = plan(vec![file("a.zip", packed.clone()), file("b.zip", packed), file("c.jpg", jpeg(8, 8))]);
    assert_eq!(plan.entries.len(), (MOST_BYTES >> 20) + 1, "256 MB, and the loose picture after them");
    assert_eq!(refused(&plan), [("cats/106.jpg", &Why::TooMuch { members: 44 })]);
}

#[test]
fn locked_and_damaged_members_are_named() {
    let good = zip(&[("a.jpg", &jpeg(8, 8)), ("b.jpg", &jpeg(8, 8))]);
    let list = good.windows(4).position(|w| w == b"PK\x01\x02").expect("there is a list");
    let with = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        plan(vec![file("x.zip", bytes)])
    };
    assert_eq!(refused(&with(list + 8, 1)), [("a.jpg", &Why::Locked)]);
    assert_eq!(refused(&with(list + 10, 14)), [("a.jpg", &Why::Packing)]);
    // A byte of the packed data, some way behind the first member's header and name.
    let broken = with(30 + 5 + 6, 0xee);
    assert_eq!(refused(&broken), [("a.jpg", &Why::Damaged)]);
    assert_eq!(broken.entries.len(), 1);
}

#[test]
fn a_real_zip_cut_anywhere_is_counted_and_named() {
    let Some(bytes) = real("photos_kaggle.zip") else { return };
    for part in 1..20 {
        let plan = plan(vec![file("photos_kaggle.zip", &bytes[..bytes.len() * part / 20])]);
        let read = plan.entries.len();
        assert!(read + 2 >= 2 * part && read <= 40, "{part}/20 of the file gave {read} of 40 pictures");
        assert_eq!(refused(&plan).last(), Some(&("photos_kaggle.zip", &Why::ZipCut { read })));
    }
}
