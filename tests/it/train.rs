//! A session: it learns, keeps what it learnt through edits and moves, and refuses what does not fit in a sentence.

use pollster::block_on;
use whisker::data::{self, Request};
use whisker::device::{Device, cpu::Cpu};
use whisker::spec::{Data, Spec};
use whisker::train::Session;

fn cpu() -> Device {
    Device::Cpu(Cpu::default())
}

pub fn open(document: &str) -> Session {
    let spec = Spec::parse(document).unwrap();
    let data = match &spec.data {
        Data::Given { .. } => None,
        Data::Set(set) => {
            let request =
                Request { seed: spec.seed, size: set.size, train: set.train, test: set.test, ..Request::default() };
            Some((data::find(set.set).unwrap().make)(&request))
        }
    };
    block_on(Session::create(spec, cpu(), data)).unwrap()
}

pub fn losses(session: &mut Session, steps: usize) -> Vec<f32> {
    let mut losses = Vec::new();
    while losses.len() < steps {
        losses.extend(block_on(session.steps(steps - losses.len())).unwrap().iter().map(|made| made.loss));
    }
    losses
}

const MOONS: &str = r#"{"version": 1, "data": {"set": "moons", "train": 300, "test": 100}, "batch": 30,
    "layers": [{"type": "dense", "units": 16, "activation": "tanh"}, {"type": "dense", "units": 2}],
    "optimizer": {"type": "adam", "learning-rate": 0.01}}"#;

const PICTURES: &str = r#"{"version": 1, "data": {"set": "cats-dogs", "size": 24, "train": 64, "test": 16, "augment": ["flip", "shift", "colour"]},
    "batch": 16, "layers": [{"type": "conv2d", "filters": 8, "activation": "relu"}, {"type": "batch-norm"},
    {"type": "max-pool2d"}, {"type": "dropout", "rate": 0.2}, {"type": "flatten"}, {"type": "dense", "units": 2}]}"#;

#[test]
fn moons_are_learnt() {
    let mut session = open(MOONS);
    let before = block_on(session.evaluate()).unwrap();
    losses(&mut session, 300);
    let after = block_on(session.evaluate()).unwrap();
    assert!(after.accuracy() > 0.95, "from {} to {}", before.accuracy(), after.accuracy());
    assert!(after.loss < before.loss / 4.0);
    assert_eq!(session.epoch(), 30.0);
}

#[test]
fn the_same_document_gives_the_same_bits() {
    for document in [MOONS, PICTURES] {
        let [first, second] = [0, 1].map(|_| {
            let mut session = open(document);
            (losses(&mut session, 12), block_on(session.weights()).unwrap())
        });
        assert_eq!(first, second);
    }
}

/// Whoever brings a batch hears its loss while the gradients are still to be computed.
#[test]
fn a_loss_is_known_before_its_step_is_taken() {
    let given = r#"{"version": 1, "data": {"input": [6, 6, 1], "target": "class"}, "batch": 4, "loss": "cross-entropy",
        "layers": [{"type": "conv2d", "filters": 3}, {"type": "batch-norm"}, {"type": "max-pool2d"}, {"type": "flatten"},
        {"type": "dense", "units": 2, "activation": "softmax"}], "penalty": {"l2": 0.01},
        "optimizer": {"type": "adam", "learning-rate": 0.01}}"#;
    let x: Vec<f32> = (0..4 * 36).map(|i| (i % 7) as f32 - 3.0).collect();
    let y = [0.0, 1.0, 1.0, 0.0];
    let (mut whole, mut begun) = (open(given), open(given));
    for step in 0..3 {
        let loss = block_on(whole.train_batch(&x, &y)).unwrap();
        let before = block_on(begun.weights()).unwrap();
        assert_eq!(block_on(begun.begin_batch(&x, &y)), Ok(loss), "step {step}");
        let now = block_on(begun.weights()).unwrap();
        let trained = |name: &str| !name.contains("moving");
        for (before, now) in before.iter().zip(&now).filter(|(before, _)| trained(&before.name)) {
            assert_eq!(before, now, "step {step}: nothing was learnt yet");
        }
        block_on(begun.settle()).unwrap();
        assert_eq!(block_on(begun.weights()).unwrap(), block_on(whole.weights()).unwrap(), "step {step}");
    }
}

#[test]
fn rewinding_gives_the_same_run_again() {
    let mut session = open(PICTURES);
    let first = losses(&mut session, 6);
    block_on(session.rewind()).unwrap();
    assert_eq!(session.step(), 0);
    assert_eq!(losses(&mut session, 6), first);
}

#[test]
fn an_edit_keeps_the_layers_that_did_not_change() {
    let mut session = open(MOONS);
    losses(&mut session, 20);
    let before = block_on(session.weights()).unwrap();
    let edited = MOONS.replace(
        r#"{"type": "dense", "units": 2}"#,
        r#"{"type": "dense", "units": 8, "name": "new"}, {"type": "dense", "units": 2, "name": "last"}"#,
    );
    block_on(session.revise(Spec::parse(&edited).unwrap(), None)).unwrap();
    let after = block_on(session.weights()).unwrap();
    let named = |weights: &[whisker::train::Weight], name: &str| {
        weights.iter().find(|weight| weight.name == name).map(|weight| weight.data.clone())
    };
    for name in ["dense-1/kernel", "dense-1/bias"] {
        assert_eq!(named(&before, name), named(&after, name), "{name}");
    }
    assert!(named(&after, "new/kernel").is_some());
    assert_eq!(session.step(), 20, "the steps go on");
    losses(&mut session, 5);
}

#[test]
fn a_change_of_rate_or_batch_needs_no_reset() {
    let mut session = open(MOONS);
    losses(&mut session, 10);
    let before = block_on(session.weights()).unwrap();
    for (from, to) in [("0.01", "0.0"), (r#""batch": 30"#, r#""batch": 15"#)] {
        let edited = MOONS.replace("0.01", "0.0").replace(from, to);
        block_on(session.revise(Spec::parse(&edited).unwrap(), None)).unwrap();
    }
    losses(&mut session, 3);
    assert_eq!(block_on(session.weights()).unwrap(), before, "a rate of 0 changes nothing");
}

#[test]
fn moving_to_another_device_goes_on_as_if_nothing_happened() {
    let mut stayed = open(PICTURES);
    let mut moved = open(PICTURES);
    losses(&mut stayed, 4);
    losses(&mut moved, 4);
    block_on(moved.move_to(cpu())).unwrap();
    assert_eq!(losses(&mut stayed, 4), losses(&mut moved, 4));
}

#[test]
fn weights_go_out_and_in() {
    let mut session = open(MOONS);
    let initial = block_on(session.weights()).unwrap();
    losses(&mut session, 10);
    block_on(session.set_weights(&initial)).unwrap();
    assert_eq!(block_on(session.weights()).unwrap(), initial);
    let mut wrong = initial[0].clone();
    wrong.name = "dense-9/kernel".into();
    let error = block_on(session.set_weights(&[wrong])).unwrap_err();
    assert!(error.contains("dense-9/kernel") && error.contains("dense-1/kernel"), "{error}");
    let mut wrong = initial[0].clone();
    wrong.data.pop();
    assert!(block_on(session.set_weights(&[wrong])).unwrap_err().contains("31 numbers"));
}

#[test]
fn what_does_not_fit_is_said() {
    let mut session = open(MOONS);
    let say = |error: Result<f32, String>| error.unwrap_err();
    assert!(say(block_on(session.train_batch(&[1.0, 2.0, 3.0], &[0.0]))).contains("whole number of samples"));
    assert!(say(block_on(session.train_batch(&[], &[]))).contains("at least one"));
    assert!(say(block_on(session.train_batch(&[1.0, 2.0], &[0.0, 1.0]))).contains("but 2 came"));
    assert!(say(block_on(session.train_batch(&[1.0, 2.0], &[2.0]))).contains("from 0 to 1"));
    let given =
        r#"{"version": 1, "data": {"input": [4], "target": "class"}, "layers": [{"type": "dense", "units": 3}]}"#;
    let mut session = open(given);
    assert!(block_on(session.steps(1)).unwrap_err().contains("trainBatch"));
    assert!(block_on(session.evaluate()).unwrap_err().contains("test split"));
    assert_eq!(block_on(session.predict(&[0.0; 8])).unwrap().len(), 6);
}

const WORDS: &str = r#"{"version": 1, "data": {"input": [5], "target": "class"}, "optimizer": {"type": "adam", "learning-rate": 0.02},
    "layers": [{"type": "embedding", "vocabulary": 7, "units": 6}, {"type": "LAYER", "units": 12, "return-sequences": true},
    {"type": "dense", "units": 7}]}"#;

#[test]
fn the_next_word_is_learnt_by_every_layer_that_reads_step_by_step() {
    // word after word counts up by 2 in circles of 7, so that the next one follows from the last
    let x: Vec<f32> = (0..7).flat_map(|start| (0..5).map(move |i| ((start + 2 * i) % 7) as f32)).collect();
    let y: Vec<f32> = x.iter().map(|word| (word + 2.0) % 7.0).collect();
    for layer in ["simple-rnn", "lstm", "gru"] {
        let mut session = open(&WORDS.replace("LAYER", layer));
        let first = block_on(session.train_batch(&x, &y)).unwrap();
        // every word as likely as any other: ln 7 = 1.95
        assert!((first - 1.95).abs() < 0.3, "{layer} starts at {first}");
        let losses: Vec<f32> = (0..150).map(|_| block_on(session.train_batch(&x, &y)).unwrap()).collect();
        assert!(losses[149] < 0.1, "{layer} ends at {}", losses[149]);
        let output = block_on(session.predict(&x)).unwrap();
        let said: Vec<f32> = output.chunks(7).map(|row| whisker::train::answer::largest(row) as f32).collect();
        assert_eq!(said, y, "{layer}");
    }
}

#[test]
fn words_that_no_embedding_knows_are_told() {
    let mut session = open(&WORDS.replace("LAYER", "gru"));
    for bad in [7.0, -1.0, 0.5, f32::NAN] {
        let x = [0.0, 1.0, 2.0, bad, 3.0];
        for error in
            [block_on(session.train_batch(&x, &[0.0; 5])).unwrap_err(), block_on(session.predict(&x)).unwrap_err()]
        {
            assert!(error.contains("from 0 to 6") && error.contains(&format!("x holds {bad}")), "{error}");
        }
    }
    let error = block_on(session.train_batch(&[0.0; 5], &[0.0; 4])).unwrap_err();
    assert!(error.contains("5 for each sample, but 4 came"), "{error}");
}

#[test]
fn a_picture_is_looked_at_layer_by_layer() {
    let mut session = open(PICTURES);
    losses(&mut session, 2);
    session.draw(&[0]).unwrap();
    let x = session.data().unwrap().sample(0);
    let layers = block_on(session.inspect(&x)).unwrap();
    let counts: Vec<usize> = layers.iter().map(Vec::len).collect();
    assert_eq!(counts, [24 * 24 * 8, 24 * 24 * 8, 12 * 12 * 8, 12 * 12 * 8, 1152, 2]);
    assert_eq!(block_on(session.predict(&x)).unwrap(), layers[5]);
    let made = block_on(session.step_on_one()).unwrap();
    assert!(made.loss.is_finite() && made.step == 3);
}
