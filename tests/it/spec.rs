//! The document: what is read, what is refused and in which words, what a network comes to, and what mends it.

use whisker::{
    nn::{LAYERS, LOSSES, OPTIMIZERS, SCHEDULES, Value},
    spec::{Data, Edit, LayerSpec, PRESETS, Sample, Spec, Survey, check, names, survey},
};

fn parse(text: &str) -> Spec {
    Spec::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A document over brought pictures of 8 × 8 × 3 with these layers.
fn with_layers(layers: &str) -> Spec {
    parse(&format!(r#"{{ "data": {{ "input": [8, 8, 3] }}, "layers": [{layers}] }}"#))
}

fn look(spec: &Spec) -> Survey {
    survey(spec, &Sample::of(spec))
}

#[test]
fn the_document_of_the_description_reads_prints_and_counts() {
    let spec = parse(
        r#"{ "version": 1, "name": "Points", "seed": 3,
             "data": { "set": "spiral", "train": 500, "test": 100, "noise": 0.2 },
             "layers": [ { "type": "dense", "units": 8, "activation": "tanh" }, { "type": "dropout", "rate": 0.3 },
                         { "type": "dense", "units": 2, "name": "out" } ],
             "loss": "cross-entropy", "optimizer": { "type": "sgd", "learning-rate": 0.03, "momentum": 0.9 },
             "schedule": { "type": "cosine", "epochs": 20, "warmup": 5 }, "penalty": { "l2": 0.001 }, "clip-norm": 1,
             "stop": { "patience": 5 }, "batch": 16, "epochs": 30 }"#,
    );
    assert_eq!(Spec::from_json(&spec.to_json()), Ok(spec.clone()));
    assert_eq!(parse(&spec.to_string()), spec);
    let network = check(&spec).expect("a sound network");
    let names: Vec<String> = network.parameters().map(|(name, one)| format!("{name} {}", one.shape)).collect();
    assert_eq!(names, ["dense-1/kernel 2 × 8", "dense-1/bias 8", "out/kernel 8 × 2", "out/bias 2"]);
    assert_eq!(network.count(), 2 * 8 + 8 + 8 * 2 + 2);
}

#[test]
fn defaults_and_their_spelled_out_twins_are_one_document() {
    let short = r#"{ "data": { "set": "moons" }, "layers": [{ "type": "dense", "units": 2 }] }"#;
    let long = r#"{ "version": 1, "seed": 7, "data": { "set": "moons", "size": 32, "train": 2000, "test": 400, "augment": [] },
        "layers": [{ "type": "dense", "units": 2.0, "activation": "linear", "bias": true }], "loss": "cross-entropy",
        "optimizer": { "type": "adam", "learning-rate": 0.001, "beta-1": 0.9, "beta-2": 0.999, "epsilon": 1e-8 },
        "schedule": { "type": "constant", "warmup": 0 }, "penalty": { "l1": 0, "l2": 0 }, "batch": 32, "epochs": 20,
        "clip-norm": null, "stop": null }"#;
    assert_eq!(parse(short), parse(long));
    assert_eq!(
        parse(long).to_json().to_string(),
        r#"{"version":1,"data":{"set":"moons"},"layers":[{"type":"dense","units":2}]}"#
    );
}

#[test]
fn every_row_survives_the_round_through_json() {
    for layer in LAYERS {
        let spec = Spec::new(Data::set("moons").unwrap(), vec![LayerSpec::fresh(layer.about.id)]);
        assert_eq!(Spec::from_json(&spec.to_json()), Ok(spec), "{}", layer.about.id);
    }
    for about in OPTIMIZERS.iter().map(|row| &row.about).chain(SCHEDULES.iter().map(|row| &row.about)) {
        let place = if OPTIMIZERS.iter().any(|row| row.about.id == about.id) { "optimizer" } else { "schedule" };
        let mut fields = vec![format!("\"type\": \"{}\"", about.id)];
        for (field, value) in whisker::nn::Values::fresh(about.fields).chosen() {
            fields.push(format!("\"{}\": {}", field.id, value.to_json()));
        }
        let text = format!(r#"{{ "data": {{ "input": [2] }}, "layers": [], "{place}": {{ {} }} }}"#, fields.join(", "));
        assert_eq!(parse(&parse(&text).to_string()), parse(&text), "{}", about.id);
    }
}

#[test]
fn ids_are_kebab_case_and_sentences_end() {
    let heads = (LAYERS.iter().map(|row| &row.about))
        .chain(LOSSES.iter().map(|row| &row.about))
        .chain(OPTIMIZERS.iter().map(|row| &row.about))
        .chain(SCHEDULES.iter().map(|row| &row.about));
    for about in heads {
        let kebab = |id: &str| id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        assert!(kebab(about.id), "{}", about.id);
        assert!(about.help.ends_with(['.', '?']), "{}: {}", about.id, about.help);
        for field in about.fields {
            assert!(kebab(field.id) && field.help.ends_with('.'), "{}: {}", about.id, field.id);
        }
    }
}

/// (document, what its error must say)
const REFUSED: &[(&str, &[&str])] = &[
    ("", &["not a JSON document"]),
    ("{ \"data\": ", &["not a JSON document", "line 1"]),
    ("[]", &["expected an object", "found []"]),
    ("{}", &["data", "missing"]),
    (r#"{ "version": 2, "data": { "set": "moons" }, "layers": [] }"#, &["version", "expected 1, found 2", "newer"]),
    (r#"{ "dta": {}, "layers": [] }"#, &["\"dta\"", "Did you mean \"data\"?", "layers"]),
    (r#"{ "data": {}, "layers": [] }"#, &["data", "set", "input"]),
    (r#"{ "data": { "set": "mons" }, "layers": [] }"#, &["data.set", "Did you mean \"moons\"?", "spiral"]),
    (r#"{ "data": { "set": "moons", "size": -3 }, "layers": [] }"#, &["data.size", "24 to 256", "found -3"]),
    (r#"{ "data": { "set": "moons", "train": 1e300 }, "layers": [] }"#, &["data.train", "whole number"]),
    (r#"{ "data": { "set": "moons", "train": 1e999 }, "layers": [] }"#, &["not a JSON document", "range"]),
    (r#"{ "data": { "set": "moons", "noise": NaN }, "layers": [] }"#, &["not a JSON document"]),
    (r#"{ "data": { "set": "moons", "target": "class" }, "layers": [] }"#, &["data", "\"set\"", "input, target"]),
    (r#"{ "data": { "input": [0] }, "layers": [] }"#, &["data.input", "at least 1", "found [0]"]),
    (r#"{ "data": { "input": [99999999, 99999999] }, "layers": [] }"#, &["data.input"]),
    (r#"{ "data": { "input": [2], "target": "klass" }, "layers": [] }"#, &["data.target", "\"class\"?"]),
    (r#"{ "data": { "set": "moons" } }"#, &["layers", "missing"]),
    (r#"{ "data": { "set": "moons" }, "layers": {} }"#, &["layers", "expected a list", "found an object"]),
    (r#"{ "data": { "set": "moons" }, "layers": [3] }"#, &["layers[0]", "expected an object", "found 3"]),
    (r#"{ "data": { "set": "moons" }, "layers": [{}] }"#, &["layers[0]", "type"]),
    (
        r#"{ "data": { "set": "moons" }, "layers": [{ "type": "Conv2D" }] }"#,
        &["layers[0].type", "\"Conv2D\"", "Did you mean \"conv2d\"?", "max-pool2d"],
    ),
    (r#"{ "data": { "set": "moons" }, "layers": [{ "type": "dense" }] }"#, &["layers[0].units", "missing", "65536"]),
    (
        r#"{ "data": { "set": "moons" }, "layers": [{ "type": "dense", "unit": 3 }] }"#,
        &["layers[0]", "in dense", "\"unit\"", "\"units\"?", "activation", "bias"],
    ),
    (
        r#"{ "data": { "set": "moons" }, "layers": [{ "type": "dense", "units": -3 }] }"#,
        &["layers[0].units", "found -3"],
    ),
    (r#"{ "data": { "set": "moons" }, "layers": [{ "type": "dense", "units": 2.5 }] }"#, &["found 2.5"]),
    (
        r#"{ "data": { "set": "moons" }, "layers": [{ "type": "dense", "units": "3" }] }"#,
        &["whole number", "found \"3\""],
    ),
    (
        r#"{ "data": { "set": "moons" }, "layers": [{ "type": "dense", "units": 3, "activation": "rleu" }] }"#,
        &["layers[0].activation", "relu", "Did you mean \"relu\"?"],
    ),
    (
        r#"{ "data": { "set": "moons" }, "layers": [{ "type": "dense", "units": 3, "bias": 1 }] }"#,
        &["layers[0].bias", "true or false", "found 1"],
    ),
    (
        r#"{ "data": { "set": "moons" }, "layers": [{ "type": "conv2d", "filters": 3, "kernel": [3, 3, 3] }] }"#,
        &["layers[0].kernel", "[height, width]", "found [3, 3, 3]"],
    ),
    (
        r#"{ "data": { "set": "moons" }, "layers": [{ "type": "flatten", "inputs": "input" }] }"#,
        &["layers[0].inputs", "list"],
    ),
    (r#"{ "data": { "set": "moons" }, "layers": [], "loss": "mse" }"#, &["loss", "\"mse\"", "mean-squared-error"]),
    (
        r#"{ "data": { "set": "moons" }, "layers": [], "optimizer": { "type": "adm" } }"#,
        &["optimizer.type", "Did you mean \"adam\"?"],
    ),
    (
        r#"{ "data": { "set": "moons" }, "layers": [], "optimizer": { "type": "adam", "momentum": 0.9 } }"#,
        &["optimizer", "in adam", "\"momentum\"", "beta-1"],
    ),
    (r#"{ "data": { "set": "moons" }, "layers": [], "optimizer": "adam" }"#, &["optimizer", "expected an object"]),
    (r#"{ "data": { "set": "moons" }, "layers": [], "schedule": { "type": "step" } }"#, &["schedule.every", "missing"]),
    (r#"{ "data": { "set": "moons" }, "layers": [], "batch": 0 }"#, &["batch", "from 1 to"]),
    (r#"{ "data": { "set": "moons" }, "layers": [], "seed": -1 }"#, &["seed", "found -1"]),
    (r#"{ "data": { "set": "moons" }, "layers": [], "penalty": { "l3": 1 } }"#, &["penalty", "\"l3\"", "l1, l2"]),
    (
        r#"{ "data": { "set": "moons", "augment": ["flipp"] }, "layers": [] }"#,
        &["data.augment[0]", "Did you mean \"flip\"?", "rotate"],
    ),
    (r#"{ "data": { "set": "moons", "augment": [] }, "augment": [], "layers": [] }"#, &["augment", "twice"]),
    (
        r#"{ "data": { "set": "moons" }, "layers": [], "stop": { "accuracy": 1, "patience": 1 } }"#,
        &["stop", "not both"],
    ),
];

#[test]
fn a_bad_document_is_refused_in_words() {
    for (text, says) in REFUSED {
        let error = Spec::parse(text).expect_err(text).to_string();
        for part in *says {
            assert!(error.contains(part), "{text}\nsays: {error}\nlacks: {part}");
        }
        assert!(error.len() < 900, "{error}");
    }
}

#[test]
fn hostile_documents_end_in_a_sentence() {
    let deep = "[".repeat(100_000);
    assert!(Spec::parse(&deep).is_err());
    let long = format!("\"{}\"", "x".repeat(2 << 20));
    assert!(Spec::parse(&long).expect_err("too long").message.contains("bytes"));
    let many =
        format!(r#"{{ "data": {{ "set": "moons" }}, "layers": [{}] }}"#, vec![r#"{"type":"flatten"}"#; 5000].join(","));
    assert!(Spec::parse(&many).expect_err("too many").message.contains("too many"));
    let name = format!(r#"{{ "data": {{ "set": "moons" }}, "layers": [{{ "type": "{}" }}] }}"#, "y".repeat(100_000));
    assert!(Spec::parse(&name).expect_err("no such layer").message.len() < 1000);
}

/// (layers over 8 × 8 × 3, the layer at fault, what is said, what the button says)
const MENDED: &[(&str, Option<usize>, &str, &str)] = &[
    (r#"{"type":"conv2d","filters":2},{"type":"dense","units":2}"#, Some(1), "one score for each class", "Add Flatten"),
    (r#"{"type":"conv2d","filters":2}"#, Some(0), "one score for each class", "Add Flatten and Dense"),
    (
        r#"{"type":"flatten"},{"type":"conv2d","filters":2},{"type":"flatten"}"#,
        Some(1),
        "needs a picture",
        "Add Reshape",
    ),
    (
        r#"{"type":"conv2d","filters":2,"kernel":9,"padding":"valid"},{"type":"flatten"}"#,
        Some(0),
        "9 × 9, more than the picture's 8 × 8",
        "Set padding to same",
    ),
    (r#"{"type":"max-pool2d","size":9},{"type":"flatten"}"#, Some(0), "larger than the picture", "Set padding to same"),
    (
        r#"{"type":"conv2d","filters":4,"groups":2},{"type":"flatten"}"#,
        Some(0),
        "cannot share 3 channels",
        "Set groups to 1",
    ),
    (
        r#"{"type":"conv2d","filters":4,"name":"a"},{"type":"conv2d","filters":6,"stride":2},{"type":"add","inputs":["a","conv2d-2"]},{"type":"flatten"}"#,
        Some(2),
        "equal shapes, but one is 8 × 8 × 4 and another 4 × 4 × 6",
        "Add Convolution",
    ),
    (
        r#"{"type":"flatten"},{"type":"dense","units":3},{"type":"add","inputs":["flatten-1","dense-1"]}"#,
        Some(2),
        "equal shapes",
        "Add Dense",
    ),
    (r#"{"type":"flatten"},{"type":"add"}"#, Some(1), "joins two branches", "Join flatten-1 and input"),
    (r#"{"type":"flatten","inputs":["inptu"]}"#, Some(0), "no layer called \"inptu\"", "Read from input"),
    (r#"{"type":"flatten"},{"type":"flatten","inputs":["xyz"]}"#, Some(1), "no layer called", "Leave it out"),
    (r#"{"type":"flatten","inputs":["input","input"]}"#, Some(0), "takes one input", "Read from input alone"),
    (
        r#"{"type":"flatten","inputs":["flatten-1"]}"#,
        Some(0),
        "reads, in the end, from itself",
        "Read from the layer before",
    ),
    (
        r#"{"type":"flatten","name":"a"},{"type":"dropout","name":"a"}"#,
        Some(1),
        "Two layers are called a",
        "Take the name off",
    ),
    (r#"{"type":"flatten","name":"a/b"}"#, Some(0), "cannot be a name", "Take the name off"),
    (r#"{"type":"flatten","name":"input"}"#, Some(0), "name of the data", "Take the name off"),
    (r#"{"type":"reshape","shape":[5,5]},{"type":"flatten"}"#, Some(0), "25 numbers", "Set shape to 8 × 8 × 3"),
    (r#"{"type":"lstm","units":4}"#, Some(0), "LSTM needs a sequence", "Add Reshape"),
    (r#"{"type":"flatten"},{"type":"gru","units":4}"#, Some(1), "but gets 192", "Add Reshape"),
    (
        r#"{"type":"reshape","shape":[2,2,2,24]},{"type":"simple-rnn","units":4}"#,
        Some(1),
        "but gets 2 × 2 × 2 × 24",
        "Take it out",
    ),
    (
        r#"{"type":"upsample2d","factor":32},{"type":"reshape","shape":[4096,48]},{"type":"lstm","units":4}"#,
        Some(2),
        "reads 512 steps at most, but gets 4096",
        "Add Reshape",
    ),
    (r#"{"type":"attention"},{"type":"flatten"}"#, Some(0), "Attention needs a sequence", "Add Reshape"),
    (
        r#"{"type":"reshape","shape":[8,24]},{"type":"attention","heads":7},{"type":"flatten"}"#,
        Some(1),
        "7 heads cannot share 24 numbers evenly",
        "Set heads to 6",
    ),
    (
        r#"{"type":"reshape","shape":[8,24]},{"type":"position","length":7},{"type":"flatten"}"#,
        Some(1),
        "8 places, but there are vectors for 7",
        "Set length to 8",
    ),
    (
        r#"{"type":"flatten"},{"type":"dense","units":3},{"type":"embedding","vocabulary":4,"units":3},{"type":"flatten"}"#,
        Some(2),
        "which no layer makes",
        "Read from input",
    ),
    (
        r#"{"type":"flatten"},{"type":"conv2d-transpose","filters":4},{"type":"flatten"}"#,
        Some(1),
        "Transposed convolution needs a picture",
        "Add Reshape",
    ),
    (
        r#"{"type":"depthwise-conv2d","kernel":9,"padding":"valid"},{"type":"flatten"}"#,
        Some(0),
        "9 × 9, more than the picture's 8 × 8",
        "Set padding to same",
    ),
    ("", None, "no layers yet", "Add a Dense layer"),
    (
        r#"{"type":"flatten"},{"type":"concat","inputs":["input","flatten-1"]}"#,
        Some(1),
        "agree in all axes",
        "Add Flatten",
    ),
    (
        r#"{"type":"concat","axis":0,"inputs":["input","input"]},{"type":"flatten"}"#,
        Some(0),
        "Axis 0 is the batch",
        "Set axis to -1",
    ),
];

#[test]
fn each_mistake_is_told_and_one_click_mends_it() {
    for (layers, place, says, button) in MENDED {
        let spec = with_layers(layers);
        let mistakes = check(&spec).expect_err(layers);
        let mistake =
            mistakes.iter().find(|one| one.message.contains(says)).unwrap_or_else(|| panic!("{layers}\n{mistakes:#?}"));
        assert_eq!(mistake.layer, *place, "{layers}");
        let mend = mistake.mend.as_ref().unwrap_or_else(|| panic!("no mend: {layers}"));
        assert_eq!(mend.label, *button, "{layers}");
        let mended = mend.apply(&spec);
        assert_eq!(parse(&mended.to_string()), mended);
        let left = look(&mended).mistakes;
        assert!(!left.iter().any(|one| one.message == mistake.message), "{layers}\nstill says {left:#?}");
    }
}

#[test]
fn mends_alone_lead_from_a_heap_of_mistakes_to_a_network() {
    let text = r#"{ "data": { "set": "moons" }, "batch": 65536, "loss": "hinge", "layers": [
        { "type": "conv2d", "filters": 3 }, { "type": "add" }, { "type": "dense", "units": 7, "inputs": ["nobody"] } ] }"#;
    let mut spec = parse(text);
    for _ in 0..10 {
        let Err(mistakes) = check(&spec) else { return };
        spec = mistakes[0].mend.as_ref().unwrap_or_else(|| panic!("{mistakes:#?}")).apply(&spec);
    }
    panic!("ten clicks were not enough: {spec}");
}

#[test]
fn the_output_must_fit_the_classes_of_the_set() {
    let spec =
        parse(r#"{ "data": { "set": "moons" }, "layers": [{ "type": "dense", "units": 5 }, { "type": "dropout" }] }"#);
    let mistakes = check(&spec).expect_err("five scores");
    assert!(mistakes[0].message.contains("5 scores, but there are 2 classes"), "{mistakes:#?}");
    let mended = mistakes[0].mend.as_ref().expect("a mend").apply(&spec);
    assert_eq!(mended.layers[0].values.count("units"), 2);
    assert!(check(&mended).is_ok());
}

#[test]
fn a_loss_must_fit_the_target() {
    for (target, loss, fits) in [
        ("class", "cross-entropy", true),
        ("class", "hinge", false),
        ("class", "mean-squared-error", false),
        ("value", "cross-entropy", false),
        ("value", "huber", true),
        ("value", "binary-cross-entropy", true),
    ] {
        let spec = parse(&format!(
            r#"{{ "data": {{ "input": [3], "target": "{target}" }}, "layers": [{{ "type": "dense", "units": 2 }}], "loss": "{loss}" }}"#
        ));
        assert_eq!(check(&spec).is_ok(), fits, "{target} {loss}");
        if let Err(mistakes) = check(&spec) {
            assert!(check(&mistakes[0].mend.as_ref().expect("a mend").apply(&spec)).is_ok());
        }
    }
}

#[test]
fn sizes_beyond_memory_are_told_not_tried() {
    let wide = r#"{"type":"flatten"},{"type":"dense","units":65536},{"type":"dense","units":65536},{"type":"dense","units":2}"#;
    let mistakes = check(&with_layers(wide)).expect_err("4 billion weights");
    assert!(mistakes[0].message.contains("million parameters"), "{mistakes:#?}");
    let high = vec![r#"{"type":"upsample2d","factor":32}"#; 40].join(",") + r#",{"type":"flatten"}"#;
    let mistakes = check(&with_layers(&high)).expect_err("32^40 times larger");
    assert!(mistakes[0].message.contains("larger than this page can hold"), "{mistakes:#?}");
    let big = parse(
        r#"{ "data": { "input": [256, 256, 3] }, "batch": 60000, "layers": [{ "type": "flatten" }, { "type": "dense", "units": 2 }] }"#,
    );
    let mistakes = check(&big).expect_err("a large batch");
    assert!(mistakes[0].message.contains("A batch of 60000"), "{mistakes:#?}");
    assert!(check(&mistakes[0].mend.as_ref().expect("a mend").apply(&big)).is_ok());
    // (input, layers, what is said): what a layer holds inside counts, and so do the steps of all layers together
    for (input, layers, says) in [
        ("[4]", r#"{"type":"embedding","vocabulary":65536,"units":65536}"#, "million parameters"),
        ("[16384, 4]", r#"{"type":"attention","heads":4}"#, "attention-1 makes"),
        ("[1024, 4]", r#"{"type":"attention","heads":4}"#, "A batch of 32"),
        ("[512, 1024]", r#"{"type":"lstm","units":1024}"#, "A batch of 32"),
        (
            "[500, 2]",
            r#"{"type":"gru","units":2,"return-sequences":true},{"type":"lstm","units":2,"return-sequences":true},{"type":"simple-rnn","units":2}"#,
            "1500 steps together",
        ),
    ] {
        let spec = parse(&format!(r#"{{ "data": {{ "input": {input}, "target": "value" }}, "layers": [{layers}] }}"#));
        let mistakes = check(&spec).expect_err(layers);
        assert!(mistakes[0].message.contains(says), "{layers}: {mistakes:#?}");
    }
}

#[test]
fn an_embedding_of_a_picture_is_told() {
    let spec = parse(
        r#"{ "data": { "set": "cats-dogs" }, "layers": [{ "type": "flatten" }, { "type": "embedding", "vocabulary": 4, "units": 2 }, { "type": "flatten" }, { "type": "dense", "units": 2 }] }"#,
    );
    let mistakes = check(&spec).expect_err("pictures are no words");
    assert!(mistakes[0].message.contains("the data set holds pictures"), "{mistakes:#?}");
    assert!(check(&mistakes[0].mend.as_ref().expect("a mend").apply(&spec)).is_ok());
}

#[test]
fn shapes_above_a_mistake_are_known() {
    let survey = look(&with_layers(r#"{"type":"conv2d","filters":4},{"type":"lstm","units":3},{"type":"flatten"}"#));
    assert_eq!(survey.pieces[0].as_ref().map(|piece| piece.shape.to_string()), Some("8 × 8 × 4".to_string()));
    assert!(survey.pieces[1].is_none() && survey.pieces[2].is_none());
}

#[test]
fn windows_stop_where_the_description_says() {
    // (layer, the shape it makes of 8 × 8 × 3): same: ⌈8/3⌉ = 3; valid: ⌊(8 − 5)/2⌋ + 1 = 2, ⌊(8 − 3)/2⌋ + 1 = 3
    for (layer, shape) in [
        (r#"{"type":"conv2d","filters":5,"stride":3}"#, "3 × 3 × 5"),
        (r#"{"type":"conv2d","filters":5,"kernel":[5,3],"stride":2,"padding":"valid"}"#, "2 × 3 × 5"),
        (r#"{"type":"conv2d","filters":5,"dilation":2,"padding":"valid"}"#, "4 × 4 × 5"),
        (r#"{"type":"max-pool2d","size":3}"#, "2 × 2 × 3"),
        (r#"{"type":"max-pool2d","size":3,"padding":"same"}"#, "3 × 3 × 3"),
        (r#"{"type":"avg-pool2d","size":[2,4],"stride":1}"#, "7 × 5 × 3"),
        (r#"{"type":"upsample2d","factor":3}"#, "24 × 24 × 3"),
        (r#"{"type":"upsample2d","method":"bilinear"}"#, "16 × 16 × 3"),
        (r#"{"type":"conv2d-transpose","filters":5}"#, "16 × 16 × 5"),
        (r#"{"type":"conv2d-transpose","filters":5,"kernel":[4,1],"stride":[3,2],"padding":"valid"}"#, "25 × 15 × 5"),
        (r#"{"type":"depthwise-conv2d","multiplier":2,"stride":3}"#, "3 × 3 × 6"),
        (r#"{"type":"rbm","units":5}"#, "8 × 8 × 5"),
        (r#"{"type":"embedding","vocabulary":9,"units":4}"#, "8 × 8 × 3 × 4"),
        (r#"{"type":"global-avg-pool2d"}"#, "3"),
        (r#"{"type":"dense","units":7}"#, "8 × 8 × 7"),
        (r#"{"type":"concat","inputs":["input","input"]}"#, "8 × 8 × 6"),
        (r#"{"type":"concat","axis":1,"inputs":["input","input"]}"#, "16 × 8 × 3"),
    ] {
        let survey = look(&with_layers(layer));
        assert_eq!(survey.pieces[0].as_ref().map(|piece| piece.shape.to_string()), Some(shape.to_string()), "{layer}");
    }
}

#[test]
fn a_layer_may_read_from_one_further_down() {
    let spec = with_layers(
        r#"{"type":"add","inputs":["a","b"]},{"type":"dense","units":2,"name":"out"},
           {"type":"flatten","name":"a","inputs":["input"]},{"type":"activation","function":"relu","name":"b"},
           {"type":"dropout","inputs":["out"]}"#,
    );
    let network = check(&spec).expect("a graph without circles");
    assert_eq!(network.order, [2, 3, 0, 1, 4]);
    assert_eq!(network.output().to_string(), "2");
}

#[test]
fn unnamed_layers_are_counted_with_the_named_ones() {
    let spec = with_layers(r#"{"type":"dense","units":1,"name":"x"},{"type":"flatten"},{"type":"dense","units":1}"#);
    assert_eq!(names(&spec.layers), ["x", "flatten-1", "dense-2"]);
}

#[test]
fn edits_keep_references_pointing_where_they_pointed() {
    let spec = with_layers(
        r#"{"type":"conv2d","filters":4},{"type":"conv2d","filters":4},{"type":"conv2d","filters":4},
           {"type":"add","inputs":["conv2d-1","conv2d-3"]},{"type":"flatten"},{"type":"dense","units":2}"#,
    );
    let inputs = |spec: &Spec| {
        let add = spec.layers.iter().find(|layer| layer.kind.about.id == "add").expect("the add");
        add.inputs.clone().expect("inputs").join(" ")
    };
    let conv = LayerSpec::fresh("conv2d").with("filters", Value::Count(4));
    let inserted = Edit::Insert { at: 1, layer: conv.clone() }.apply(&spec);
    assert_eq!(inputs(&inserted), "conv2d-1 conv2d-4");
    let before_add = Edit::Insert { at: 3, layer: conv }.apply(&spec);
    assert_eq!(inputs(&before_add), "conv2d-1 conv2d-4", "the new layer stands between");
    let removed = Edit::Remove(0).apply(&spec);
    assert_eq!(inputs(&removed), "input conv2d-2");
    let moved = Edit::Move { from: 0, to: 1 }.apply(&spec);
    assert_eq!(inputs(&moved), "conv2d-2 conv2d-3");
    let named = Edit::Name { layer: 0, name: Some("stem".into()) }.apply(&spec);
    assert_eq!(inputs(&named), "stem conv2d-3");
    assert_eq!(Edit::Remove(99).apply(&spec), spec);
}

#[test]
fn softmax_before_cross_entropy_and_steps_are_worth_a_word() {
    let survey = look(&with_layers(
        r#"{"type":"flatten"},{"type":"dense","units":4,"activation":"step"},{"type":"dense","units":2,"activation":"softmax"}"#,
    ));
    assert!(survey.mistakes.is_empty());
    let said: Vec<&str> = survey.advice.iter().map(|one| one.message.as_str()).collect();
    assert!(said[0].contains("no gradient") && said[1].contains("applies softmax itself"), "{said:?}");
}

#[test]
fn every_preset_is_sound() {
    for (i, preset) in PRESETS.iter().enumerate() {
        let spec = parse(preset.document);
        check(&spec).unwrap_or_else(|mistakes| panic!("{}: {mistakes:#?}", preset.id));
        let survey = look(&spec);
        assert!(survey.advice.is_empty(), "{}: {:#?}", preset.id, survey.advice);
        assert_eq!(parse(&spec.to_string()), spec, "{}", preset.id);
        assert!(PRESETS[..i].iter().all(|other| other.id != preset.id), "{} is there twice", preset.id);
    }
}
