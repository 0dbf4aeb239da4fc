//! What follows from what: an action changes the state and asks the outside for effects.

use std::rc::Rc;

use super::{Action, Cell, Edit, Effect, Notice, Run, State, Tone, edit, hear};
use crate::{
    exchange::protocol::{Answer, Ask},
    share,
    spec::Spec,
    ui::{language::fill, shared::Shared},
    worker::protocol::{Choice, Command, Subject},
};

/// What follows from an action.
pub fn reduce(state: &mut State, action: Action) -> Vec<Effect> {
    let words = state.words;
    match action {
        Action::Start { device } => {
            state.engine.choice = device;
            let mut effects = vec![];
            if device != Choice::Auto {
                effects.push(Effect::Send(Command::Device(device)));
            }
            effects.push(Effect::Follow { keep: false });
            effects
        }
        Action::Edit(edit) => {
            let spec = edit.apply(&state.spec);
            if spec == *state.spec {
                return Vec::new();
            }
            if let Some(open) = edit.opens(&state.spec, state.open) {
                state.open = open;
            }
            state.history.push(state.spec.clone(), edit.thread());
            let said = edit.spoken(&state.spec, words);
            let effects = state.adopt(spec, edit.keeps());
            if let Some(said) = said {
                state.say(said);
            }
            effects
        }
        Action::Undo => match state.history.undo(state.spec.clone()) {
            Some(spec) => {
                state.say(words.undone);
                let keep = spec.seed == state.spec.seed;
                state.adopt(Spec::clone(&spec), keep)
            }
            None => Vec::new(),
        },
        Action::Redo => match state.history.redo(state.spec.clone()) {
            Some(spec) => {
                state.say(words.redone);
                let keep = spec.seed == state.spec.seed;
                state.adopt(Spec::clone(&spec), keep)
            }
            None => Vec::new(),
        },
        Action::Open(spec) => {
            if *spec == *state.spec {
                return Vec::new();
            }
            state.history.push(state.spec.clone(), None);
            state.open = None;
            state.say(fill(words.opened, &[("name", &spec.name)]));
            state.adopt(*spec, false)
        }
        Action::Read { text, from } => match Spec::parse(&text) {
            Ok(spec) => reduce(state, Action::Open(Box::new(spec))),
            Err(error) => {
                let why = error.to_string();
                let sentence = match from {
                    Some(address) => fill(words.source_bad, &[("address", &address), ("why", &why)]),
                    None => fill(words.document_bad, &[("why", &why)]),
                };
                state.notify(Notice::new(Tone::Trouble, sentence));
                Vec::new()
            }
        },
        Action::Toggle => reduce(state, if state.run.playing { Action::Pause } else { Action::Play }),
        Action::Play => {
            if !state.works() {
                state.show_mistake();
                return Vec::new();
            }
            state.run.playing = true;
            state.say(words.started);
            vec![Effect::Send(Command::Play)]
        }
        Action::Pause => {
            state.run.resume = false;
            if !std::mem::take(&mut state.run.playing) {
                return Vec::new();
            }
            let step = state.run.step.to_string();
            state.say(fill(words.paused, &[("step", &step)]));
            vec![Effect::Send(Command::Pause)]
        }
        Action::Step(stride) => {
            if !state.works() {
                state.show_mistake();
                return Vec::new();
            }
            let pause = std::mem::take(&mut state.run.playing).then_some(Effect::Send(Command::Pause));
            pause.into_iter().chain([Effect::Send(Command::Step(stride))]).collect()
        }
        Action::Rewind => {
            state.run = Run { playing: false, ..Run::default() };
            state.curves = Shared::default();
            state.evaluation = None;
            state.cell = None;
            state.say(words.rewound);
            vec![Effect::Send(Command::Rewind)]
        }
        Action::Dice(seed) => reduce(state, Action::Edit(Edit::Seed(seed))),
        Action::Device(choice) => {
            state.engine.choice = choice;
            state.engine.moving = true;
            vec![Effect::Send(Command::Device(choice))]
        }
        Action::Look(subject) => {
            state.subject = match subject {
                Subject::Sample(index) => Some(index),
                Subject::Own { .. } | Subject::Point(..) => None,
            };
            let look = Effect::Send(Command::Look(subject));
            std::iter::once(look).chain(state.ask_augmented()).collect()
        }
        Action::Expand(open) => {
            state.open = open;
            Vec::new()
        }
        Action::Place(place) => {
            state.place = place;
            Vec::new()
        }
        Action::Cell(None) => {
            state.cell = None;
            Vec::new()
        }
        Action::Cell(Some((truth, said))) => {
            state.cell = Some(Cell { truth, said, pictures: None });
            vec![Effect::Send(Command::Cell { truth, said })]
        }
        Action::MorePictures => {
            state.page += 1;
            vec![Effect::Send(Command::Grid(state.grid()))]
        }
        Action::View(view) => {
            state.view = view;
            // a phone shows one thing at a time
            state.panel.open = false;
            Vec::new()
        }
        Action::Theme(theme) => {
            state.theme = theme;
            Vec::new()
        }
        Action::Chart(chart) => {
            state.chart = chart;
            Vec::new()
        }
        Action::Reading(0) => {
            state.notify(Notice::new(Tone::Trouble, words.files_none));
            Vec::new()
        }
        Action::Reading(count) => {
            state.say(fill(words.reading, &[("n", &count.to_string())]));
            Vec::new()
        }
        Action::Files { files, more } => vec![Effect::Send(Command::Own { files, more })],
        Action::Share => vec![Effect::Copy(share::write(&state.spec))],
        Action::Shared(done) => {
            match done {
                true => state.notify(Notice::new(Tone::Done, words.shared)),
                false => state.notify(Notice::new(Tone::Trouble, words.share_failed)),
            }
            Vec::new()
        }
        Action::Save => {
            let (name, text) = (edit::file_name(&state.spec.name), state.spec.to_string());
            vec![Effect::Download { name, bytes: text.into_bytes() }]
        }
        Action::Panel(open) => {
            state.panel.open = open;
            state.show_code().into_iter().collect()
        }
        Action::Press(what) => vec![Effect::Ask(Ask::Press(what))],
        Action::Copied(done) => {
            let (tone, sentence) =
                if done { (Tone::Done, words.code_copied) } else { (Tone::Trouble, words.copy_failed) };
            state.notify(Notice::new(tone, sentence));
            Vec::new()
        }
        Action::Models(files) => vec![state.tell_desk(), Effect::Ask(Ask::Files(files))],
        Action::Answered(answer) => answered(state, *answer),
        Action::Trouble(sentence) => {
            state.notify(Notice::new(Tone::Trouble, sentence));
            Vec::new()
        }
        Action::Dismiss(id) => {
            state.notices.change().retain(|notice| notice.id != id);
            Vec::new()
        }
        Action::Heard(event) => hear::hear(state, *event),
    }
}

/// What the desk of code and files answers.
fn answered(state: &mut State, answer: Answer) -> Vec<Effect> {
    let words = state.words;
    match answer {
        Answer::Ready => Vec::new(),
        Answer::Parts(changed) => {
            let parts = state.panel.parts.change();
            for (name, html) in changed {
                let html: Rc<str> = html.into();
                match parts.iter_mut().find(|(other, _)| *other == name) {
                    Some((_, before)) => *before = html,
                    None => parts.push((name, html)),
                }
            }
            Vec::new()
        }
        Answer::Show => {
            state.panel.open = true;
            Vec::new()
        }
        Answer::Take => vec![Effect::Send(Command::Take)],
        Answer::Curves => {
            let (train, test) = (state.curves.train.clone(), state.curves.test.clone());
            vec![Effect::Ask(Ask::Curves { train, test })]
        }
        Answer::Download { name, bytes } => {
            state.notify(Notice::new(Tone::Done, fill(words.kept_file, &[("name", &name)])));
            vec![Effect::Download { name, bytes: bytes.0 }]
        }
        Answer::Draw { name, svg, width, height } => vec![Effect::Draw { name, svg, width, height }],
        Answer::Open { document, weights } => match Spec::parse(&document) {
            Ok(spec) => {
                let name = spec.name.clone();
                let mut effects = reduce(state, Action::Open(Box::new(spec)));
                if state.works() {
                    effects.push(Effect::Send(Command::Put(weights)));
                }
                state.notify(Notice::new(Tone::Done, fill(words.opened, &[("name", &name)])));
                effects
            }
            Err(error) => {
                state.notify(Notice::new(Tone::Trouble, fill(words.document_bad, &[("why", &error.to_string())])));
                Vec::new()
            }
        },
        Answer::Trouble(sentence) => {
            state.notify(Notice::new(Tone::Trouble, sentence));
            Vec::new()
        }
    }
}
