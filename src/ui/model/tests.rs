//! What follows from what: rows of actions and the state that they lead to.

use super::*;
use crate::{
    nn::Value,
    spec::{LayerSpec, PRESETS},
    ui::language::LANGUAGES,
    worker::protocol::{Ending, Files, Point, Progress, Snapshot},
};

fn fresh() -> State {
    let spec = Spec::parse(PRESETS[0].document).unwrap();
    let mut state = State::new(spec, LANGUAGES[0]);
    reduce(&mut state, Action::Start { device: Choice::Auto });
    state
}

fn opened(kept: bool) -> Event {
    let classes = vec!["cat".into(), "dog".into()];
    Event::Opened(Opened { kept, step: 0, shape: vec![32, 32, 3], classes, train: 2000, test: 400, points: None })
}

fn hear(state: &mut State, event: Event) -> Vec<Effect> {
    reduce(state, Action::Heard(Box::new(event)))
}

fn edit(state: &mut State, edit: spec::Edit) -> Vec<Effect> {
    reduce(state, Action::Edit(Edit::Plain(edit)))
}

#[test]
fn every_edit_is_undone_and_redone() {
    let edits = vec![
        Edit::Plain(spec::Edit::Insert { at: 1, layer: LayerSpec::fresh("dropout") }),
        Edit::Plain(spec::Edit::Remove(0)),
        Edit::Plain(spec::Edit::Move { from: 0, to: 2 }),
        Edit::Plain(spec::Edit::Set { layer: 0, field: "filters", value: Value::Count(7) }),
        Edit::Plain(spec::Edit::Name { layer: 0, name: Some("first".into()) }),
        Edit::Plain(spec::Edit::Batch(17)),
        Edit::Plain(spec::Edit::Train(1234)),
        Edit::Plain(spec::Edit::Optimizer(crate::nn::OPTIMIZERS[0])),
        Edit::Plain(spec::Edit::Schedule(crate::nn::SCHEDULES[3])),
        Edit::Duplicate(0),
        Edit::Title("Another".into()),
        Edit::Seed(99),
        Edit::Set("spiral"),
        Edit::Size(48),
        Edit::Test(100),
        Edit::Augment(crate::nn::AUGMENTS[5]),
        Edit::Tune("learning-rate", Value::Number(0.5)),
        Edit::L1(0.1),
        Edit::L2(0.1),
        Edit::Clip(Some(1.0)),
        Edit::Epochs(3),
        Edit::Stop(Some(spec::Stop::Patience(2))),
    ];
    for edit in edits {
        let mut state = fresh();
        let before = state.spec.clone();
        reduce(&mut state, Action::Edit(edit.clone()));
        let after = state.spec.clone();
        assert_ne!(*before, *after, "{edit:?} changes the document");
        reduce(&mut state, Action::Undo);
        assert_eq!(*state.spec, *before, "undo of {edit:?}");
        reduce(&mut state, Action::Redo);
        assert_eq!(*state.spec, *after, "redo of {edit:?}");
    }
}

#[test]
fn a_slider_that_is_drawn_is_one_step_back() {
    let mut state = fresh();
    let start = state.spec.learning_rate();
    for rate in [0.002, 0.003, 0.004] {
        reduce(&mut state, Action::Edit(Edit::Tune("learning-rate", Value::Number(rate))));
    }
    reduce(&mut state, Action::Undo);
    assert_eq!(state.spec.learning_rate(), start);
    assert!(!state.history.can_undo());
}

#[test]
fn an_edit_that_changes_nothing_is_no_step() {
    let mut state = fresh();
    let batch = state.spec.batch;
    assert_eq!(edit(&mut state, spec::Edit::Batch(batch)), []);
    assert!(!state.history.can_undo());
}

#[test]
fn a_mistake_stops_training_and_its_mend_resumes_it() {
    let mut state = fresh();
    reduce(&mut state, Action::Play);
    let flatten = state.spec.layers.iter().position(|layer| layer.kind.about.id == "flatten").unwrap();
    let effects = edit(&mut state, spec::Edit::Remove(flatten));
    assert_eq!(effects, [Effect::Send(Command::Pause), Effect::Follow { keep: true }]);
    assert!(!state.works() && !state.run.playing);

    let mend = state.survey.mistakes[0].mend.clone().expect("the mistake can be mended");
    let effects = reduce(&mut state, Action::Edit(Edit::Mend(mend)));
    assert!(state.works());
    assert_eq!(effects, [Effect::Follow { keep: true }, Effect::Send(Command::Play)]);
}

#[test]
fn what_cannot_be_trained_is_not_played_but_explained() {
    let mut state = fresh();
    let last = state.spec.layers.len() - 1;
    edit(&mut state, spec::Edit::Set { layer: last, field: "units", value: Value::Count(3) });
    assert_eq!(reduce(&mut state, Action::Play), []);
    assert_eq!(state.notices.len(), 1);
    assert_eq!(state.open, Some(last));
}

#[test]
fn a_new_seed_starts_over_and_a_new_rate_does_not() {
    let mut state = fresh();
    assert_eq!(reduce(&mut state, Action::Dice(3)), [Effect::Follow { keep: false }]);
    let rate = Action::Edit(Edit::Tune("learning-rate", Value::Number(0.5)));
    assert_eq!(reduce(&mut state, rate), [Effect::Follow { keep: true }]);
}

#[test]
fn the_open_layer_stays_open_where_it_goes() {
    let mut state = fresh();
    reduce(&mut state, Action::Expand(Some(2)));
    edit(&mut state, spec::Edit::Insert { at: 0, layer: LayerSpec::fresh("dropout") });
    assert_eq!(state.open, Some(3));
    edit(&mut state, spec::Edit::Move { from: 3, to: 1 });
    assert_eq!(state.open, Some(1));
    edit(&mut state, spec::Edit::Remove(1));
    assert_eq!(state.open, None);
}

#[test]
fn the_first_pictures_are_asked_for_and_the_first_is_looked_at() {
    let mut state = fresh();
    let effects = hear(&mut state, opened(false));
    let grid: Vec<u32> = (2000..2000 + GRID).collect();
    let asked = [Command::Grid(grid.clone()), Command::Augmented, Command::Covers];
    assert_eq!(effects, asked.map(Effect::Send));
    let pictures = Pictures { indices: grid, ..Pictures::default() };
    let effects = hear(&mut state, Event::Pictures(pictures));
    assert_eq!(effects[0], Effect::Send(Command::Look(Subject::Sample(2000))));
    reduce(&mut state, Action::MorePictures);
    assert_eq!(state.grid()[0], 2000 + GRID);
}

#[test]
fn curves_go_on_over_an_edit_and_end_with_a_rewind() {
    let mut state = fresh();
    hear(&mut state, opened(false));
    let train = vec![Point { step: 1, loss: 0.7, accuracy: Some(0.5) }];
    hear(&mut state, Event::Progress(Progress { step: 1, train, ..Progress::default() }));
    hear(&mut state, opened(true));
    assert_eq!(state.curves.train.len(), 1);
    reduce(&mut state, Action::Rewind);
    assert_eq!((state.curves.train.len(), state.run.step), (0, 0));
}

#[test]
fn the_start_milestones_and_the_end_are_spoken() {
    let mut state = fresh();
    reduce(&mut state, Action::Play);
    let mut heard = vec![state.spoken.1.clone()];
    for (step, accuracy) in [(10, 0.55), (20, 0.72), (30, 0.73), (40, 0.96)] {
        let evaluation = Some(Evaluation { step, accuracy: Some(accuracy), ..Evaluation::default() });
        let before = state.spoken.0;
        hear(&mut state, Event::Snapshot(Box::new(Snapshot { step, evaluation, ..Snapshot::default() })));
        if state.spoken.0 > before {
            heard.push(state.spoken.1.clone());
        }
    }
    hear(&mut state, Event::Ended(Ending::Epochs(20)));
    heard.push(state.spoken.1.clone());
    assert_eq!(heard, ["Training", "Epoch 0.0: 72 % right", "Epoch 0.0: 96 % right", "Finished after 20 epochs"]);
    assert!(!state.run.playing);
}

#[test]
fn own_pictures_become_the_set_and_broken_ones_are_named() {
    let mut state = fresh();
    let files = Files {
        classes: vec![("cats".into(), 3), ("dogs".into(), 2)],
        accepted: 5,
        refused: vec![("a.png".into(), "it ends too early".into())],
    };
    let effects = hear(&mut state, Event::Files(files));
    assert!(state.own());
    assert_eq!(effects, [Effect::Follow { keep: true }]);
    let last = state.notices.last().unwrap();
    assert_eq!((last.tone, last.lines.as_slice()), (Tone::Trouble, &["a.png: it ends too early".to_string()][..]));

    // The engine knows how many of each split there are; the document takes that over.
    let classes = vec!["cats".into(), "dogs".into()];
    let opened = Opened { kept: true, step: 0, shape: vec![32, 32, 3], classes, train: 4, test: 1, points: None };
    let effects = hear(&mut state, Event::Opened(opened));
    assert_eq!(effects.last(), Some(&Effect::Follow { keep: true }));
    assert!(matches!(&state.spec.data, Data::Set(set) if (set.train, set.test) == (4, 1)));

    reduce(&mut state, Action::Undo);
    assert!(!state.own());
}

#[test]
fn a_bad_document_leaves_everything_as_it_was() {
    let mut state = fresh();
    let before = state.spec.clone();
    let text = r#"{ "version": 1, "layers": [{ "type": "dens" }] }"#.to_string();
    assert_eq!(reduce(&mut state, Action::Read { text, from: None }), []);
    assert_eq!(state.spec, before);
    assert_eq!(state.notices[0].tone, Tone::Trouble);
}

#[test]
fn after_trouble_the_button_says_what_the_engine_does() {
    let mut state = fresh();
    reduce(&mut state, Action::Play);
    hear(&mut state, Event::Trouble("There are no pictures yet.".into()));
    assert!(!state.run.playing, "nothing is open that could be trained");

    hear(&mut state, opened(false));
    reduce(&mut state, Action::Play);
    hear(&mut state, Event::Trouble("The device was lost.".into()));
    hear(&mut state, Event::Progress(Progress { running: false, ..Progress::default() }));
    assert!(!state.run.playing);

    // Without trouble, an old report does not undo a press of the button.
    reduce(&mut state, Action::Play);
    hear(&mut state, Event::Progress(Progress { running: false, ..Progress::default() }));
    assert!(state.run.playing);
}
