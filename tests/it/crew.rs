//! A step shared by several: the same numbers as alone, but for rounding; the same bits twice; weights that stay together
//! through whatever happens in between.

use crate::train::{losses, open};
use pollster::block_on;
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use whisker::train::crew::{Crew, Hand, Order, Part, Parts};

/// Hands in the same thread, and the parts they have said.
struct Here {
    hands: Vec<Hand>,
    said: Vec<Vec<f32>>,
    losses: Vec<f32>,
    /// How many gradients may still be asked for.
    patience: usize,
    /// Whether they say their losses while the leader is still at its own part.
    prompt: bool,
    /// How often gradients were taken.
    taken: Rc<RefCell<usize>>,
    gradients: Rc<RefCell<usize>>,
}

impl Crew for Here {
    fn others(&self) -> usize {
        self.hands.len()
    }

    fn tell(&mut self, which: usize, order: Order) {
        if matches!(order, Order::Gradient { .. }) && which == 0 {
            self.losses.clear();
        }
        *self.gradients.borrow_mut() += usize::from(matches!(order, Order::Gradient { .. }));
        let hand = &mut self.hands[which];
        if let Some(loss) = block_on(hand.obey(order)).unwrap() {
            self.losses.push(loss);
            self.said.push(hand.part().to_vec());
        }
    }

    fn listen(&mut self) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(std::future::ready(()))
    }

    fn losses(&self) -> Option<Vec<f32>> {
        (self.prompt || self.said.is_empty()).then(|| self.losses.clone())
    }

    fn parts(&mut self) -> Parts {
        let said = std::mem::take(&mut self.said);
        self.patience = self.patience.saturating_sub(1);
        *self.taken.borrow_mut() += 1;
        let patient = self.patience > 0;
        let parts = said.into_iter().map(|part| Box::new(part) as Box<dyn Part>).collect();
        Box::pin(std::future::ready(if patient { Ok(parts) } else { Err("a hand is gone".into()) }))
    }
}

fn crew(others: usize, patience: usize) -> (Box<Here>, Rc<RefCell<usize>>) {
    let gradients = Rc::default();
    let hands = (0..others).map(|_| Hand::default()).collect();
    let gradients_of_all = Rc::clone(&gradients);
    let here = Here {
        hands,
        said: vec![],
        losses: vec![],
        patience,
        prompt: true,
        taken: Rc::default(),
        gradients: gradients_of_all,
    };
    (Box::new(here), gradients)
}

const PICTURES: &str = r#"{"version": 1, "data": {"set": "cats-dogs", "size": 24, "train": 64, "test": 16, "augment": ["flip", "shift", "colour", "noise"]},
    "batch": 16, "layers": [{"type": "conv2d", "filters": 64, "kernel": 5, "activation": "relu"},
    {"type": "max-pool2d"}, {"type": "dropout", "rate": 0.2}, {"type": "gaussian-noise"}, {"type": "flatten"}, {"type": "dense", "units": 2}],
    "penalty": {"l2": 0.001}, "clip-norm": 1}"#;

fn close(own: &[f32], other: &[f32], most: f32) {
    assert_eq!(own.len(), other.len());
    for (a, b) in own.iter().zip(other) {
        assert!((a - b).abs() <= most * b.abs(), "{own:?} and {other:?}");
    }
}

#[test]
fn a_shared_step_is_the_same_step() {
    let alone = losses(&mut open(PICTURES), 6);
    for others in [1, 2, 4] {
        let runs = [0, 1].map(|_| {
            let (hands, gradients) = crew(others, usize::MAX);
            let mut session = open(PICTURES);
            session.employ(hands, PICTURES);
            assert_eq!(session.workers(), others + 1);
            let run = losses(&mut session, 6);
            assert_eq!(*gradients.borrow(), 6 * others, "all six steps were shared");
            (run, block_on(session.weights()).unwrap())
        });
        assert_eq!(runs[0], runs[1], "{others} others: the same bits twice");
        close(&runs[0].0, &alone, 1e-4);
    }
}

#[test]
fn a_batch_that_is_brought_is_shared_and_its_loss_told_before_the_step_ends() {
    let set =
        r#"{"set": "cats-dogs", "size": 24, "train": 64, "test": 16, "augment": ["flip", "shift", "colour", "noise"]}"#;
    let given = PICTURES.replace(set, r#"{"input": [24, 24, 3], "target": "class"}"#);
    let lenient = given.replace(r#""penalty": {"l2": 0.001}, "#, "");
    assert!(given != PICTURES && lenient != given);
    let x: Vec<f32> = (0..16 * 24 * 24 * 3).map(|i| (i * 7919 % 1000) as f32 / 1000.0).collect();
    let y: Vec<f32> = (0..16).map(|i| (i % 2) as f32).collect();
    // Hands that say their losses at once or only with their gradients, and one that is lost when its second loss was told.
    let cases = [(usize::MAX, true), (usize::MAX, false), (3, true), (3, false)];
    for (document, (patience, prompt)) in
        [&given, &lenient].iter().flat_map(|document| cases.map(|case| (document, case)))
    {
        let mut alone = open(document);
        let mut shared = open(document);
        let mut hands = crew(2, patience).0;
        hands.prompt = prompt;
        let taken = Rc::clone(&hands.taken);
        shared.employ(hands, document);
        for step in 0..4 {
            let own = block_on(alone.train_batch(&x, &y)).unwrap();
            let told = block_on(shared.begin_batch(&x, &y)).unwrap();
            close(&[told], &[own], 1e-4);
            // The penalty comes with the step.
            let early = prompt && *document == &lenient;
            assert!(patience < 4 || *taken.borrow() == step + usize::from(!early), "step {step}");
        }
        block_on(shared.settle()).unwrap();
        assert_eq!(shared.workers(), if patience == usize::MAX { 3 } else { 1 });
        let answers = [&mut alone, &mut shared].map(|session| block_on(session.predict(&x)).unwrap());
        close(&answers[1], &answers[0], 1e-3);
    }
}

#[test]
fn a_small_step_or_one_with_batch_statistics_is_not_shared() {
    let small = PICTURES.replace("\"filters\": 64", "\"filters\": 1");
    let statistics =
        PICTURES.replace("{\"type\": \"max-pool2d\"}", "{\"type\": \"max-pool2d\"}, {\"type\": \"batch-norm\"}");
    for document in [small, statistics] {
        let mut session = open(&document);
        session.employ(crew(1, usize::MAX).0, &document);
        assert_eq!(session.workers(), 1);
        assert_eq!(losses(&mut session, 3), losses(&mut open(&document), 3));
    }
}

#[test]
fn weights_stay_together_through_edits_and_lonely_steps() {
    let [alone, shared] = [false, true].map(|shared| {
        let mut session = open(PICTURES);
        if shared {
            session.employ(crew(1, usize::MAX).0, PICTURES);
        }
        let mut run = losses(&mut session, 2);
        run.push(block_on(session.step_on_one()).unwrap().loss);
        run.extend(losses(&mut session, 2));
        let edited =
            PICTURES.replace("\"units\": 2", "\"units\": 8, \"name\": \"a\"}, {\"type\": \"dense\", \"units\": 2");
        block_on(session.revise(whisker::spec::Spec::parse(&edited).unwrap(), None)).unwrap();
        session.employ_again(&edited);
        run.extend(losses(&mut session, 3));
        let width = 24 * 24 * 3;
        let x: Vec<f32> = (0..16 * width).map(|i| (i % 97) as f32 / 97.0).collect();
        let y: Vec<f32> = (0..16).map(|i| (i % 2) as f32).collect();
        run.extend((0..3).map(|_| block_on(session.train_batch(&x, &y)).unwrap()));
        block_on(session.rewind()).unwrap();
        run.extend(losses(&mut session, 2));
        run
    });
    close(&shared, &alone, 1e-3);
}

#[test]
fn when_a_hand_is_lost_the_rest_goes_on_alone() {
    let mut session = open(PICTURES);
    session.employ(crew(1, 3).0, PICTURES);
    let alone = losses(&mut open(PICTURES), 6);
    close(&losses(&mut session, 6), &alone, 1e-4);
    assert_eq!(session.workers(), 1);
}
