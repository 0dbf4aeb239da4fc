//! The desk of code and files: whatever is asked, its HTML is whole and a user's words stay words.

use crate::{documents::presets, keras, onnx};
use whisker::exchange::{
    desk::Desk,
    protocol::{Answer, Ask, Given, Taken, Tensor},
};
use whisker::export::{ABOUT, FORMATS, FRAMEWORKS, Model, Samples, bundle};
use whisker::spec::Spec;
use whisker::worker::protocol::{Bytes, File, Floats, pack, unpack};

fn parts(answers: Vec<Answer>) -> Vec<(String, String)> {
    let parts = |answer| match answer {
        Answer::Parts(parts) => parts,
        _ => Vec::new(),
    };
    answers.into_iter().flat_map(parts).collect()
}

fn document(text: String) -> Ask {
    Ask::Document { document: text, classes: None }
}

/// Every element that opens closes, in order.
fn is_whole(what: &str, html: &str) {
    let mut open = Vec::new();
    for tag in html.split('<').skip(1) {
        let tag = tag.split('>').next().expect("a split has a first part");
        let name = |tag: &str| tag.split([' ', '/']).next().unwrap_or_default().to_string();
        match tag.strip_prefix('/') {
            Some(end) => assert_eq!(open.pop(), Some(name(end)), "{what}"),
            None if tag.ends_with('/') => {}
            None => open.push(name(tag)),
        }
    }
    assert!(open.is_empty(), "{what}: {open:?}");
}

#[test]
fn every_view_of_every_preset_is_whole() {
    for (name, spec) in presets() {
        let mut desk = Desk::default();
        let first = parts(desk.hear(document(spec.to_string())));
        assert!(first.iter().any(|(part, html)| part == "body" && html.contains("data-of=\"0\"")), "{name}");
        let tabs = FRAMEWORKS.iter().flat_map(|row| [format!("tab:{}", row.id), "file:1".to_string()]);
        let pairs = FRAMEWORKS.iter().map(|row| format!("right={}", row.id));
        let formats = FORMATS.iter().map(|format| format!("format:{}", format.id));
        let presses = tabs
            .chain(["view:compare".to_string()])
            .chain(pairs)
            .chain(["view:files".to_string()])
            .chain(formats)
            .chain(["view:facts".to_string()]);
        for press in presses {
            for (part, html) in parts(desk.hear(Ask::Press(press.clone()))) {
                if part != "style" {
                    is_whole(&format!("{name}, {press}, {part}"), &html);
                }
            }
        }
    }
}

#[test]
fn words_of_the_user_are_no_markup() {
    let document = |name: &str| {
        document(format!(
            r#"{{ "name": "{name}", "data": {{ "set": "moons" }}, "layers": [
            {{ "type": "dense", "units": 3, "name": "{name}" }}, {{ "type": "dense", "units": 2 }}] }}"#
        ))
    };
    let mut desk = Desk::default();
    let mut all = parts(desk.hear(document("<img src=x onerror=alert(1)>")));
    for press in ["view:compare", "view:files", "view:code", "tab:pytorch", "file:1", "svg"] {
        for answer in desk.hear(Ask::Press(press.into())) {
            match answer {
                Answer::Parts(parts) => all.extend(parts),
                Answer::Download { name, bytes } => all.push((name, String::from_utf8(bytes.0).expect("text"))),
                _ => {}
            }
        }
    }
    assert!(all.iter().any(|(_, html)| html.contains("&lt;img")), "the name is shown");
    for (part, html) in all {
        assert!(!html.contains("<img"), "{part}");
    }
}

#[test]
fn a_broken_network_leaves_the_last_code_and_says_why() {
    let mut desk = Desk::default();
    let good = r#"{ "data": { "set": "moons" }, "layers": [{ "type": "dense", "units": 2 }] }"#;
    desk.hear(document(good.into()));
    let bad = r#"{ "data": { "set": "cats-dogs" }, "layers": [{ "type": "dense", "units": 2 }] }"#;
    let after = parts(desk.hear(document(bad.into())));
    assert!(after.iter().any(|(part, html)| part == "notes" && html.contains("desk-broken")), "{after:?}");
    assert!(after.iter().all(|(part, _)| part != "body"), "the code stays");
}

#[test]
fn only_what_an_edit_changed_flashes() {
    let mut desk = Desk::default();
    let with = |units: usize| {
        document(format!(
            r#"{{ "data": {{ "set": "moons" }}, "layers": [{{ "type": "dense", "units": {units} }}, {{ "type": "dense", "units": 2 }}] }}"#
        ))
    };
    desk.hear(with(4));
    let after = parts(desk.hear(with(5)));
    let body = after.iter().find(|(part, _)| part == "body").map(|(_, html)| html.as_str()).expect("the code");
    assert_eq!(body.matches(" data-new").count(), 1, "{body}");
    // whoever only looks at another tab sees nothing flash
    let other = parts(desk.hear(Ask::Press("tab:pytorch".into())));
    assert!(other.iter().all(|(_, html)| !html.contains(" data-new")));
}

#[test]
fn every_fact_has_words_and_a_source() {
    for row in ABOUT {
        let facts = [row.makers, row.first, row.last, row.languages, row.written, row.mode, row.cuda, row.distributed];
        for fact in facts.iter().chain(&[row.mobile, row.praised, row.weak]) {
            assert!(!fact.is_empty(), "{}", row.name);
        }
        assert!(row.source.starts_with("https://"), "{}", row.name);
    }
    for framework in FRAMEWORKS.iter().filter(|row| !["rust", "javascript"].contains(&row.id)) {
        assert!(ABOUT.iter().any(|row| row.name == framework.label), "{} is not in the table", framework.id);
    }
}

#[test]
fn what_the_page_gives_out_opens_there_again() {
    for (name, spec) in presets() {
        let network = keras::network(&spec);
        let own: Vec<Tensor> = keras::weights(&network, 3).into_iter().map(Tensor::from).collect();
        let samples = |count: usize| Floats(vec![0.5; 8 * count]);
        let taken = Taken {
            weights: own.clone(),
            x: samples(network.input.count()),
            expected: samples(network.last().shape.count()),
            ..Taken::default()
        };
        // the others hold weights alone, or have no reader here
        for format in ["keras", "keras-h5", "tensorflowjs", "deeplearning4j"] {
            let what = format!("{format} of {name}");
            let mut desk = Desk::default();
            desk.hear(document(spec.to_string()));
            desk.hear(Ask::Press("view:files".into()));
            desk.hear(Ask::Press(format!("format:{format}")));
            assert!(desk.hear(Ask::Press("get".into())).contains(&Answer::Take), "{what}");
            let answers = desk.hear(Ask::Taken(Bytes(pack(&taken))));
            let [Answer::Download { name: zip, bytes }] = &answers[..] else { panic!("{what}: {answers:?}") };
            let answers = desk.hear(Ask::Files(vec![File { name: zip.clone(), bytes: bytes.clone() }]));
            let open = answers.iter().find_map(|answer| match answer {
                Answer::Open { document, weights } => Some((document.clone(), weights.clone())),
                _ => None,
            });
            let (document, given) = open.unwrap_or_else(|| panic!("{what}: {answers:?}"));
            assert_eq!(document, spec.to_json().to_string(), "{what}");
            let mut given: Given = unpack(&given.0).expect("weights");
            let mut own = own.clone();
            given.weights.sort_by(|a, b| a.name.cmp(&b.name));
            own.sort_by(|a, b| a.name.cmp(&b.name));
            assert_eq!(given.weights, own, "{what}");
        }
    }
}

#[test]
fn what_the_page_gives_out_for_others_it_opens_again() {
    for id in ["onnx", "caffe"] {
        let format = FORMATS.iter().find(|row| row.id == id).expect("a format");
        for (name, spec) in presets() {
            let own = onnx::network(&spec);
            let (weights, outputs) = (onnx::weights(&own), own.last().shape.count());
            let (x, expected) = (vec![0.5; 8 * own.input.count()], vec![0.5; 8 * outputs]);
            let samples = Samples { x, expected, classes: Vec::new() };
            let model = Model { network: &own, weights: &weights };
            let (zip, _) = bundle(format, &model, &samples).expect("a zip");
            let mut desk = Desk::default();
            let answers = desk.hear(Ask::Files(vec![File { name: format!("{id}.zip"), bytes: Bytes(zip) }]));
            let open = answers.iter().find_map(|answer| match answer {
                Answer::Open { document, weights } => Some((document, weights.0.len())),
                _ => None,
            });
            let (document, bytes) = open.unwrap_or_else(|| panic!("{id} of {name}: {answers:?}"));
            let back = onnx::network(&Spec::parse(document).expect("a document"));
            let kinds = |network| onnx::essence(network).into_iter().map(|layer| layer.kind).collect::<Vec<_>>();
            assert_eq!(kinds(&back), kinds(&own), "{id} of {name}");
            let numbers: usize = weights.iter().map(|weight| 4 * weight.data.len()).sum();
            assert!(bytes >= numbers, "{id} of {name}: {bytes} bytes of weights, where there are {numbers}");
        }
    }
}
