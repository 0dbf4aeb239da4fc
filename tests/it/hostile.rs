//! Files of networks from somebody who means harm: a sentence for each, and no more memory than a tab has.

use crate::{
    allocator,
    documents::presets,
    experiment::random_document,
    onnx::{network, weights, written},
    strangers::Maker,
};
use whisker::export::onnx::proto::Attribute::{Float, Whole, Wholes};
use whisker::import::{Upload, read};
use whisker::protobuf::Writer;
use whisker::spec::Spec;
use whisker::tensor::{Shape, random::Stream};

const MEMORY: usize = 256 << 20;

/// Whatever comes of it, it is a network or a sentence, within the memory.
fn says(what: &str, files: &[Upload]) -> Result<(), String> {
    let (read, most) = allocator::most(|| read(files));
    assert!(most < MEMORY, "{what}: {} MB", most >> 20);
    let sentence = match read {
        Ok(_) => return Ok(()),
        Err(sentence) => sentence,
    };
    let plain = sentence.ends_with('.') && sentence.len() > 20 && sentence.len() < 2000;
    assert!(plain && !sentence.contains(char::is_control), "{what}: {sentence:?}");
    Err(sentence)
}

fn refuses(what: &str, bytes: Vec<u8>) -> String {
    says(what, &[Upload { name: "evil.onnx".into(), bytes }]).expect_err(what)
}

/// Small networks that together have every kind of layer.
fn samples(format: &str) -> Vec<(String, Vec<Upload>)> {
    let moons = presets().into_iter().filter(|(id, _)| *id == "moons").map(|(id, spec)| (id.to_string(), spec));
    let documents = moons.chain((0..24).map(|seed| (format!("random {seed}"), random_document(seed))));
    let write = |(name, spec): (String, Spec)| {
        let network = network(&spec);
        Some((name, written(format, &network, &weights(&network)).ok()?))
    };
    documents.filter_map(write).collect()
}

fn copy(files: &[Upload]) -> Vec<Upload> {
    files.iter().map(|file| Upload { name: file.name.clone(), bytes: file.bytes.clone() }).collect()
}

/// Every file of a format cut off at many places, and with bytes changed, moved, doubled and left out.
fn battered(format: &str, changes: usize) {
    let mut stream = Stream::new(11, 4);
    for (name, files) in samples(format) {
        for place in 0..files.len() {
            let whole = &files[place].bytes;
            let step = (whole.len() / 300).max(1);
            for length in (0..whole.len()).step_by(step) {
                let mut cut = copy(&files);
                cut[place].bytes.truncate(length);
                let _ = says(&format!("{format} of {name}, {length} bytes"), &cut);
            }
            for round in 0..changes {
                let mut changed = copy(&files);
                let bytes = &mut changed[place].bytes;
                for _ in 0..1 + stream.below(4) {
                    let (at, to) = (stream.below(bytes.len()), stream.below(bytes.len()));
                    match stream.below(6) {
                        0 => drop(bytes.remove(at)),
                        1 => bytes.insert(at, stream.below(256) as u8),
                        2 => bytes.swap(at, to),
                        3 => bytes[at] ^= 1 << stream.below(8),
                        4 => bytes.copy_within(at..(at + 8).min(whole.len() - 8).max(at), to.min(whole.len() / 2)),
                        _ => bytes[at] = [0, 1, 127, 128, 255][stream.below(5)],
                    }
                }
                let _ = says(&format!("{format} of {name}, change {round}"), &changed);
            }
        }
    }
}

#[test]
fn battered_onnx_files_are_sentences() {
    battered("onnx", 2000);
}

/// A model around what `graph` writes.
fn model(graph: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut w = Writer::default();
    w.whole(1, 8);
    w.message(7, graph);
    w.message(8, |w| w.whole(2, 17));
    w.bytes
}

#[test]
fn claims_of_sizes_are_held_against_the_bytes() {
    // a field of ten gigabytes, a graph of as many
    for field in [7, 5] {
        let mut w = Writer::default();
        w.whole(1, 8);
        w.bytes.extend([field << 3 | 2, 0x80, 0xc8, 0xaf, 0xa0, 0x25]);
        refuses("ten gigabytes", w.bytes);
    }
    let rows: [(&[i64], &str); 4] = [
        (&[1 << 33, 1], "asks for"),
        (&[i64::MAX, i64::MAX], "more numbers"),
        (&[-1], "negative"),
        (&[1; 100], "axes"),
    ];
    for (dims, part) in rows {
        let bytes = model(|w| {
            w.message(1, |w| {
                w.text(1, "x");
                w.text(1, "w");
                w.text(2, "y");
                w.text(4, "MatMul");
            });
            w.message(5, |w| {
                w.wholes(1, dims);
                w.whole(2, 1);
                w.text(8, "w");
                w.data(9, &[0; 64]);
            });
            for (field, name) in [(11, "x"), (12, "y")] {
                w.message(field, |w| {
                    w.text(1, name);
                    w.message(2, |w| {
                        w.message(1, |w| {
                            w.message(2, |w| {
                                for size in [1, 8] {
                                    w.message(1, |w| w.whole(1, size));
                                }
                            })
                        })
                    });
                });
            }
        });
        let why = refuses(part, bytes);
        assert!(why.contains(part), "{why}");
    }
}

#[test]
fn what_lies_elsewhere_is_not_fetched() {
    let bytes = model(|w| {
        w.message(1, |w| {
            w.text(1, "w");
            w.text(2, "y");
            w.text(4, "Relu");
        });
        w.message(5, |w| {
            w.wholes(1, &[4]);
            w.whole(2, 1);
            w.text(8, "w");
            w.message(13, |w| {
                w.text(1, "location");
                w.text(2, "../../etc/passwd");
            });
            w.whole(14, 1);
        });
        for (field, name) in [(11, "x"), (12, "y")] {
            w.message(field, |w| {
                w.text(1, name);
                w.message(2, |w| {
                    w.message(1, |w| w.message(2, |w| (0..2).for_each(|_| w.message(1, |w| w.whole(1, 4)))))
                });
            });
        }
    });
    let why = refuses("external data", bytes);
    assert!(why.contains("another file"), "{why}");
}

#[test]
fn bombs_do_not_go_off() {
    // a small shape that asks for much, again and again
    let mut m = Maker::new(&[4]);
    m.graph.wholes.push(("shape".into(), vec![2000, 2000]));
    m.node("ConstantOfShape", &["shape"], "a0", &[]);
    for i in 0..200 {
        m.node("Add", &[&format!("a{i}"), &format!("a{i}")], &format!("a{}", i + 1), &[]);
    }
    m.node("Add", &["x", "a200"], "out", &[]);
    let why = refuses("repeated sums", m.bytes("out"));
    assert!(why.contains("too long"), "{why}");
    // every array is kept to the end
    let mut m = Maker::new(&[4]);
    m.graph.wholes.push(("shape".into(), vec![2000, 2000]));
    let names: Vec<String> = (0..100).map(|i| format!("a{i}")).collect();
    names.iter().for_each(|name| m.node("ConstantOfShape", &["shape"], name, &[]));
    m.node("Concat", &names.iter().map(String::as_str).collect::<Vec<_>>(), "all", &[("axis", Whole(0))]);
    m.node("Add", &["x", "all"], "out", &[]);
    refuses("many arrays", m.bytes("out"));
    for (op, attributes) in [
        ("Expand", vec![]),
        ("Tile", vec![]),
        ("Conv", vec![("pads", Wholes(vec![1 << 19; 4]))]),
        ("ConvTranspose", vec![("strides", Wholes(vec![1 << 19; 2]))]),
        ("MaxPool", vec![("kernel_shape", Wholes(vec![1 << 40, 1]))]),
        ("Pad", vec![("pads", Wholes(vec![i64::MAX; 8]))]),
        ("AveragePool", vec![("kernel_shape", Wholes(vec![0, 0])), ("strides", Wholes(vec![0, 0]))]),
        ("Upsample", vec![("mode", Float(3.0))]),
        ("Slice", vec![("starts", Wholes(vec![i64::MIN])), ("ends", Wholes(vec![i64::MAX]))]),
        ("BatchNormalization", vec![]),
        ("LSTM", vec![("hidden_size", Whole(i64::MAX))]),
        ("Gemm", vec![]),
        ("Resize", vec![]),
        ("Split", vec![("axis", Whole(i64::MIN))]),
        ("CumSum", vec![]),
        ("OneHot", vec![]),
        ("Range", vec![]),
        ("GroupNormalization", vec![("num_groups", Whole(0))]),
        ("DepthToSpace", vec![("blocksize", Whole(i64::MAX))]),
        ("Transpose", vec![("perm", Wholes(vec![0; 200]))]),
        ("Unsqueeze", vec![("axes", Wholes(vec![i64::MIN, i64::MAX]))]),
    ] {
        // on what is known, and on what flows
        for (x, sizes) in [("k", &[4][..]), ("x", &[3, 4, 4])] {
            for many in [vec![1 << 40, 1 << 40], vec![i64::MAX; 3], vec![-5, 0, 7], vec![0], vec![1, 3, 4, 4], vec![]] {
                let mut m = Maker::new(sizes);
                m.graph.floats.push(("k".into(), Shape::from(&[1, 3, 4, 4][..]), vec![1.0; 48]));
                m.graph.floats.push(("w".into(), Shape::from(&[3, 3, 1, 1][..]), vec![1.0; 9]));
                m.graph.wholes.push(("many".into(), many));
                for second in ["many", "w", "k"] {
                    let mut own = Maker::new(sizes);
                    own.graph.floats.clone_from(&m.graph.floats);
                    own.graph.wholes.clone_from(&m.graph.wholes);
                    own.node(op, &[x, second, second, "many"], "y", &attributes);
                    own.node("Add", &["x", "y"], "out", &[]);
                    let _ = says(op, &[Upload { name: "evil.onnx".into(), bytes: own.bytes("out") }]);
                }
            }
        }
    }
}

#[test]
fn long_chains_and_nested_graphs_end() {
    let mut m = Maker::new(&[4]);
    m.node("Relu", &["x"], "a0", &[]);
    for i in 0..19_000 {
        m.node(["Relu", "Tanh"][i % 2], &[&format!("a{i}")], &format!("a{}", i + 1), &[]);
    }
    let why = refuses("a long chain", m.bytes("a19000"));
    assert!(why.contains("layers"), "{why}");
    // graphs in attributes of nodes of graphs: none is looked into
    let mut inner = Vec::new();
    for _ in 0..2000 {
        let mut w = Writer::default();
        w.message(1, |w| {
            w.text(4, "If");
            w.message(5, |w| {
                w.text(1, "then_branch");
                w.data(6, &inner);
            });
        });
        inner = w.bytes;
    }
    let bytes = model(|w| w.bytes = inner.clone());
    refuses("nested graphs", bytes);
    // fields in fields where a shape belongs
    let mut deep = vec![0x0a, 0x00];
    for _ in 0..3000 {
        let mut w = Writer::default();
        w.data(1, &deep);
        deep = w.bytes;
    }
    refuses("deep messages", model(|w| w.data(11, &deep)));
}

#[test]
fn names_are_shown_and_never_believed() {
    let mut m = Maker::new(&[4]);
    let name = "<img src=x onerror=alert(1)>\u{7}\n".repeat(40);
    m.node("Exp", &["x"], &name, &[]);
    let why = refuses("markup", m.bytes(&name));
    assert!(why.contains("<img") && why.contains('…'), "{why}");
    // as names of layers they are texts of at most so many letters, without slashes
    let mut m = Maker::new(&[4]);
    let weight = format!("../{}\u{0}<b>.weight", "x/".repeat(300));
    m.graph.floats.push((weight.clone(), Shape::from(&[4, 2][..]), vec![0.5; 8]));
    m.node("MatMul", &["x", &weight], "input", &[]);
    let imported = read(&[Upload { name: "n.onnx".into(), bytes: m.bytes("input") }]).expect("a network");
    Spec::from_json(&imported.document.expect("a document")).expect("a document that is read");
    assert!(imported.weights[0].name.len() < 80 && imported.weights[0].name.ends_with("/kernel"));
}

#[test]
fn battered_caffe_files_are_sentences() {
    battered("caffe", 300);
    let deep = format!("layer {}{}", "{ a ".repeat(50_000), "}".repeat(50_000));
    let files = [("deep.prototxt", deep.into_bytes()), ("net.caffemodel", samples("caffe")[0].1[0].bytes.clone())];
    let files = files.map(|(name, bytes)| Upload { name: name.into(), bytes });
    assert!(says("deep prototxt", &files).expect_err("it is deep").contains("too deep"));
}

#[path = "../../fuzz/open.rs"]
mod fuzzed;

/// What an hour of cargo-fuzz found worth keeping: inputs of up to 3,000 bytes, each of which goes ways that no other goes.
#[test]
fn the_fuzzer_s_corpus_is_opened_or_refused_in_a_sentence() {
    let kept = std::fs::File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus.zip")).expect("the corpus");
    let mut kept = zip::ZipArchive::new(kept).expect("a zip");
    assert!(kept.len() > 2000, "{} inputs", kept.len());
    for place in 0..kept.len() {
        let mut input = Vec::new();
        std::io::copy(&mut kept.by_index(place).expect("an input"), &mut input).expect("its bytes");
        fuzzed::open(&input);
    }
}
