//! What the page makes of the engine's events.

use super::{Action, Cell, Edit, Effect, Notice, State, Tone, reduce};
use crate::{
    exchange::protocol::Ask,
    paint::format,
    spec::Data,
    ui::{language::fill, shared::Shared},
    worker::protocol::{Command, Device, Ending, Event, Files, Progress, Snapshot, Subject},
};

/// Shares of right answers that are worth saying, in percent.
const MILESTONES: [u32; 8] = [60, 70, 80, 90, 95, 97, 98, 99];

pub fn hear(state: &mut State, event: Event) -> Vec<Effect> {
    let words = state.words;
    match event {
        Event::Ready { device, name, reason, webgpu } => {
            let changed = state.engine.device.is_some_and(|before| before != device);
            let engine = &mut state.engine;
            engine.moving = false;
            (engine.device, engine.name, engine.reason, engine.webgpu) = (Some(device), name, reason, webgpu);
            if changed {
                let name = match device {
                    Device::Cpu => words.device_cpu,
                    Device::WebGpu => words.device_webgpu,
                };
                state.say(fill(words.device_now, &[("device", name)]));
            }
            Vec::new()
        }
        Event::Preparing { done, of } => {
            state.preparing = (done < of).then_some((done, of));
            Vec::new()
        }
        Event::Opened(opened) => {
            let same = (state.opened.as_ref()).is_some_and(|before| {
                (before.train, before.test, &before.classes) == (opened.train, opened.test, &opened.classes)
            });
            if !opened.kept {
                state.curves = Shared::default();
                (state.evaluation, state.run.milestone) = (None, 0);
            }
            state.run.step = opened.step;
            state.opened = Some(Shared::new(opened));
            let mut effects = Vec::new();
            if !same {
                state.cell = None;
                effects.push(Effect::Send(Command::Grid(state.grid())));
                effects.extend(state.ask_augmented());
                if state.covers.is_empty() {
                    effects.push(Effect::Send(Command::Covers));
                }
            }
            if state.own() {
                effects.extend(learn_own(state));
            }
            effects
        }
        Event::Pictures(pictures) => {
            let first = pictures.indices.first().copied();
            state.pictures = Shared::new(pictures);
            // A picture of the grid is looked at, unless somebody looks at one of their own.
            let own = state.look.as_ref().is_some_and(|look| look.index.is_none());
            match (state.subject, first) {
                (None, Some(first)) if !own => reduce(state, Action::Look(Subject::Sample(first))),
                _ => Vec::new(),
            }
        }
        Event::Progress(progress) => {
            advance(state, &progress);
            Vec::new()
        }
        Event::Snapshot(snapshot) => {
            draw(state, *snapshot);
            Vec::new()
        }
        Event::Ended(ending) => {
            state.run.playing = false;
            let sentence = match ending {
                Ending::Epochs(n) => fill(words.ended_epochs, &[("n", &n.to_string())]),
                Ending::Accuracy(share) => fill(words.ended_accuracy, &[("share", &format::percent(share))]),
                Ending::Patience(n) => fill(words.ended_patience, &[("n", &n.to_string())]),
                Ending::Diverged => words.diverged.to_string(),
            };
            let tone = if ending == Ending::Diverged { Tone::Trouble } else { Tone::Done };
            state.notify(Notice::new(tone, sentence));
            Vec::new()
        }
        Event::Files(files) => take(state, files),
        Event::Cell { truth, said, pictures } => {
            if let Some(cell) = &mut state.cell
                && (cell.truth, cell.said) == (truth, said)
            {
                *cell = Cell { truth, said, pictures: Some(Shared::new(pictures)) };
            }
            Vec::new()
        }
        Event::Cover { set, pictures } => {
            let mut covers = state.covers.to_vec();
            covers.push((set, Shared::new(pictures)));
            state.covers = Shared::new(covers);
            Vec::new()
        }
        Event::Augmented(pictures) => {
            state.augmented = Shared::new(pictures);
            Vec::new()
        }
        Event::Taken(bytes) => vec![Effect::Ask(Ask::Taken(bytes))],
        Event::Trouble(sentence) => {
            state.run.doubt = true;
            state.run.playing &= state.opened.is_some();
            state.notify(Notice::new(Tone::Trouble, sentence));
            Vec::new()
        }
    }
}

/// The user's own pictures say only now which classes there are and how many of each split; the document follows.
fn learn_own(state: &mut State) -> Option<Effect> {
    let opened = state.opened.clone()?;
    let mut spec = crate::spec::Spec::clone(&state.spec);
    let Data::Set(set) = &mut spec.data else { return None };
    let sizes = (opened.train as usize, opened.test as usize);
    let told = (set.train, set.test) == sizes;
    (set.train, set.test) = sizes;
    let mut sample = state.survey.sample.clone();
    sample.classes = Some(opened.classes.len()).filter(|count| *count > 0);
    state.survey = Shared::new(crate::spec::survey(&spec, &sample));
    state.spec = Shared::new(spec);
    (!told).then_some(Effect::Follow { keep: true })
}

fn advance(state: &mut State, progress: &Progress) {
    let run = &mut state.run;
    (run.step, run.epoch) = (progress.step, progress.epoch);
    if std::mem::take(&mut run.doubt) {
        run.playing = progress.running;
    }
    if progress.samples_per_second > 0.0 {
        run.samples_per_second = progress.samples_per_second;
    }
    if !progress.train.is_empty() {
        state.curves.change().add_train(&progress.train);
    }
}

fn draw(state: &mut State, snapshot: Snapshot) {
    state.answers = Shared::new(snapshot.grid);
    if let Some(look) = snapshot.look {
        state.look = Some(Shared::new(look));
    }
    if let Some(boundary) = snapshot.boundary {
        state.boundary = Some(Shared::new(boundary));
    }
    let Some(evaluation) = snapshot.evaluation else { return };
    if state.evaluation.as_ref().is_some_and(|before| before.step == evaluation.step && **before == evaluation) {
        return;
    }
    state.curves.change().add_test(&evaluation);
    if let Some(share) = evaluation.accuracy {
        let reached = MILESTONES.iter().rev().find(|mark| share * 100.0 >= **mark as f32).copied().unwrap_or(0);
        if reached > state.run.milestone && evaluation.step > 0 {
            state.run.milestone = reached;
            let (epoch, share) = (format::fixed(f64::from(state.run.epoch), 1), format::percent(share));
            state.say(fill(state.words.milestone, &[("epoch", &epoch), ("share", &share)]));
        }
    }
    state.evaluation = Some(Shared::new(evaluation));
}

/// Files were read: their pictures become the set, or the picture that is looked at.
fn take(state: &mut State, files: Files) -> Vec<Effect> {
    let words = state.words;
    let mut effects = Vec::new();
    if files.accepted == 0 && files.refused.is_empty() {
        state.notify(Notice::new(Tone::Trouble, words.files_none));
        return effects;
    }
    if !files.classes.is_empty() {
        let listed: Vec<String> =
            files.classes.iter().map(|(name, count)| format!("{} {name}", format::count(u64::from(*count)))).collect();
        let (n, classes) = (format::count(u64::from(files.accepted)), listed.join(", "));
        effects = match &state.spec.data {
            Data::Set(set) if set.set == "own" => {
                let spec = crate::spec::Spec::clone(&state.spec);
                state.adopt(spec, true)
            }
            Data::Set(_) | Data::Given { .. } => reduce(state, Action::Edit(Edit::Set("own"))),
        };
        state.notify(Notice::new(Tone::Done, fill(words.files_taken, &[("n", &n), ("classes", &classes)])));
    } else if files.accepted > 0 {
        state.subject = None;
        state.notify(Notice::new(Tone::Done, words.files_looked));
    }
    if !files.refused.is_empty() {
        let n = format::count(files.refused.len() as u64);
        let mut notice = Notice::new(Tone::Trouble, fill(words.files_refused, &[("n", &n)]));
        notice.lines = files.refused.iter().map(|(name, why)| format!("{name}: {why}")).collect();
        state.notify(notice);
    }
    effects
}
