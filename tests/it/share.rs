//! Links: whatever is shared opens as the same experiment, and a bad link is told from a good one.

use whisker::{share, spec::Spec};

fn example() -> Spec {
    Spec::parse(
        r#"{ "name": "Füchse & Katzen", "data": { "set": "moons" }, "layers": [{ "type": "dense", "units": 16, "activation": "tanh" },
             { "type": "dense", "units": 16, "activation": "tanh" }, { "type": "dense", "units": 2 }],
             "optimizer": { "type": "sgd", "momentum": 0.9 } }"#,
    )
    .expect("a document")
}

#[test]
fn a_link_opens_as_the_experiment_that_was_shared() {
    let link = share::write(&example());
    assert!(link.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{link}");
    assert!(link.len() < 300, "{} letters", link.len());
    assert_eq!(share::read(&link), Ok(example()));
    assert_eq!(share::read(&format!("#{link}")), Ok(example()));
}

#[test]
fn plain_json_and_presets_open_too() {
    let json = example().to_json().to_string();
    assert_eq!(share::read(&json), Ok(example()));
    let escaped: String = json.bytes().map(|byte| format!("%{byte:02X}")).collect();
    assert_eq!(share::read(&escaped), Ok(example()));
    assert_eq!(share::read("spiral").map(|spec| spec.name), Ok("Spiral".to_string()));
    assert!(share::read("spirale").expect_err("no preset").contains("Did you mean \"spiral\"?"));
}

#[test]
fn a_link_cut_anywhere_is_called_incomplete() {
    let link = share::write(&example());
    for length in 3..link.len() {
        let said = share::read(&link[..length]).expect_err("a cut link");
        assert!(said.contains("incomplete"), "cut to {length} of {}: {said}", link.len());
    }
}

#[test]
fn a_link_with_one_changed_letter_never_opens_as_another_experiment() {
    let link = share::write(&example());
    for place in 3..link.len() {
        let mut letters = link.clone().into_bytes();
        letters[place] = if letters[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(letters).expect("letters");
        match share::read(&changed) {
            Err(said) => assert!(said.contains("damaged") || said.contains("incomplete"), "{place}: {said}"),
            Ok(spec) => panic!("letter {place} changed and it opened as {spec}"),
        }
    }
    assert!(share::read("w1.ä").expect_err("no letters of a link").contains("damaged"));
    assert!(share::read("w2.AAAA").expect_err("a later version").contains("newer"));
}
