//! The page as plain data: what it shows ([`State`]), what can happen ([`Action`]), what follows ([`reduce`]).
//!
//! Nothing here knows a browser. `reduce` changes the state and answers with [`Effect`]s for the outside: commands to
//! the engine, files, the clipboard. The numbers of training come from the engine's events and are only kept to be
//! drawn. A change of the document goes through [`history`], so that each can be undone.

use std::rc::Rc;

use crate::{
    exchange::protocol::{Answer as Desk, Ask},
    spec::{self, Data, Sample, Spec, Survey},
    ui::{language::Words, shared::Shared},
    worker::protocol::{
        Answer, Boundary, Choice, Command, Device, Evaluation, Event, File, Look, Opened, Pictures, Stride, Subject,
    },
};

pub mod arc;
pub mod curve;
pub mod edit;
mod hear;
pub mod history;
pub mod notice;
mod reduce;
pub mod summary;
#[cfg(test)]
mod tests;

pub use curve::Curves;
pub use edit::Edit;
pub use history::History;
pub use notice::{Notice, Tone};
pub use reduce::reduce;

/// How many pictures the grid shows.
pub const GRID: u32 = 25;

/// Everything that the page shows.
#[derive(Clone, Debug)]
pub struct State {
    pub words: &'static Words,
    pub spec: Shared<Spec>,
    /// What the document comes to, and what is wrong with it.
    pub survey: Shared<Survey>,
    pub history: History,
    pub engine: Engine,
    pub run: Run,
    pub curves: Shared<Curves>,
    /// What the engine has opened; `None` until it says so.
    pub opened: Option<Shared<Opened>>,
    pub preparing: Option<(u32, u32)>,
    pub pictures: Shared<Pictures>,
    /// What the network says of the pictures of the grid.
    pub answers: Shared<Vec<Answer>>,
    /// What augmentation makes of the picture that is looked at.
    pub augmented: Shared<Pictures>,
    /// A look at what is in the sets of pictures, by their names.
    pub covers: Shared<Vec<(String, Shared<Pictures>)>>,
    /// Which page of pictures the grid shows.
    pub page: u32,
    pub subject: Option<u32>,
    pub look: Option<Shared<Look>>,
    pub evaluation: Option<Shared<Evaluation>>,
    pub boundary: Option<Shared<Boundary>>,
    pub cell: Option<Cell>,
    /// The layer whose fields are open.
    pub open: Option<usize>,
    /// Where the palette puts its layer.
    pub place: usize,
    pub view: View,
    pub theme: ThemeChoice,
    pub chart: Chart,
    pub notices: Shared<Vec<Notice>>,
    pub panel: Panel,
    /// The last thing to be spoken, and how many there were, so that the same words can be spoken twice.
    pub spoken: (u32, String),
}

/// The engine, as far as the page knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Engine {
    /// `None` until the engine has said where it computes.
    pub device: Option<Device>,
    pub name: String,
    pub reason: String,
    pub webgpu: bool,
    pub choice: Choice,
    /// Another device was asked for and has not answered yet.
    pub moving: bool,
}

/// How training goes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Run {
    pub playing: bool,
    /// Training goes on by itself when the mistake is mended that stopped it.
    pub resume: bool,
    /// Something went wrong in the engine: whether it still trains is what it says next.
    pub doubt: bool,
    pub step: u32,
    pub epoch: f32,
    pub samples_per_second: f32,
    /// The last share of right answers that was spoken, in percent.
    pub milestone: u32,
}

/// The panel of code and files, which is drawn elsewhere: here are its pieces of HTML by name.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    pub open: bool,
    pub parts: Shared<Vec<(String, Rc<str>)>>,
}

/// The pictures of one cell of the confusion matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub truth: u32,
    pub said: u32,
    /// `None` until they have come.
    pub pictures: Option<Shared<Pictures>>,
}

/// The part of the page that a phone shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    Data,
    #[default]
    Network,
    Result,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    #[default]
    Auto,
    Light,
    Dark,
}

/// How the curves are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    pub accuracy: bool,
    pub log: bool,
    pub smooth: bool,
}

/// Everything that can happen.
#[derive(Clone, Debug)]
pub enum Action {
    /// The page stands and the engine is starting.
    Start {
        device: Choice,
    },
    Edit(Edit),
    Undo,
    Redo,
    /// Another experiment: a preset, a file, a link.
    Open(Box<Spec>),
    /// A document's text that came from outside; where from is told if it cannot be read.
    Read {
        text: String,
        from: Option<String>,
    },
    Toggle,
    Play,
    Pause,
    Step(Stride),
    Rewind,
    Dice(u32),
    Device(Choice),
    Look(Subject),
    Expand(Option<usize>),
    Place(usize),
    Cell(Option<(u32, u32)>),
    MorePictures,
    View(View),
    Theme(ThemeChoice),
    Chart(Chart),
    /// Files were chosen and are being read.
    Reading(usize),
    /// Some of them are read; more may follow.
    Files {
        files: Vec<File>,
        more: bool,
    },
    Share,
    Save,
    Shared(bool),
    /// The panel of code and files opens or closes.
    Panel(bool),
    /// Something in it was used.
    Press(String),
    /// Its code was copied.
    Copied(bool),
    /// Files of which one is a model.
    Models(Vec<File>),
    /// The desk behind the panel has answered.
    Answered(Box<Desk>),
    Trouble(String),
    Dismiss(u32),
    Heard(Box<Event>),
}

/// What the outside is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Send(Command),
    /// The document changed: the engine and the address should follow, at the latest before the next command.
    Follow {
        keep: bool,
    },
    /// The experiment's link should be copied.
    Copy(String),
    Download {
        name: String,
        bytes: Vec<u8>,
    },
    /// The desk of code and files is asked.
    Ask(Ask),
    /// A drawing is to be kept as pixels.
    Draw {
        name: String,
        svg: String,
        width: u32,
        height: u32,
    },
}

impl State {
    /// The page with a document open and nothing computed yet.
    pub fn new(spec: Spec, words: &'static Words) -> State {
        let survey = spec::survey(&spec, &Sample::of(&spec));
        State {
            words,
            survey: Shared::new(survey),
            spec: Shared::new(spec),
            history: History::default(),
            engine: Engine::default(),
            run: Run::default(),
            curves: Shared::default(),
            opened: None,
            preparing: None,
            pictures: Shared::default(),
            answers: Shared::default(),
            augmented: Shared::default(),
            covers: Shared::default(),
            page: 0,
            subject: None,
            look: None,
            evaluation: None,
            boundary: None,
            cell: None,
            open: None,
            place: 0,
            view: View::default(),
            theme: ThemeChoice::default(),
            chart: Chart { smooth: true, ..Chart::default() },
            notices: Shared::default(),
            panel: Panel::default(),
            spoken: (0, String::new()),
        }
    }

    /// Whether the document can be trained.
    pub fn works(&self) -> bool {
        self.survey.mistakes.is_empty()
    }

    /// Whether the samples are points in the plane.
    pub fn plane(&self) -> bool {
        self.survey.sample.shape.len() == 1
    }

    /// The names of the classes, as far as they are known.
    pub fn classes(&self) -> &[String] {
        self.opened.as_ref().map_or(&[], |opened| &opened.classes)
    }

    /// Says something to those who do not see the page.
    pub fn say(&mut self, sentence: impl Into<String>) {
        self.spoken = (self.spoken.0 + 1, sentence.into());
    }

    /// Takes up a document, whoever brought it, and answers with what the engine must know.
    fn adopt(&mut self, spec: Spec, keep: bool) -> Vec<Effect> {
        let same_data = spec.data == self.spec.data;
        let same_augment = spec.augment == self.spec.augment;
        let mut sample = Sample::of(&spec);
        if sample.classes.is_none() && same_data {
            sample.classes = self.opened.as_ref().map(|opened| opened.classes.len()).filter(|count| *count > 0);
        }
        self.survey = Shared::new(spec::survey(&spec, &sample));
        self.spec = Shared::new(spec);
        self.open = self.open.filter(|open| *open < self.spec.layers.len());
        if !same_data {
            (self.page, self.subject, self.cell) = (0, None, None);
        }
        if !self.works() {
            self.run.resume |= self.run.playing;
            let stop = std::mem::take(&mut self.run.playing).then_some(Effect::Send(Command::Pause));
            return stop.into_iter().chain([Effect::Follow { keep }]).chain(self.show_code()).collect();
        }
        let mut effects = vec![Effect::Follow { keep }];
        effects.extend(self.show_code());
        if !same_augment {
            effects.extend(self.ask_augmented());
        }
        if std::mem::take(&mut self.run.resume) {
            self.run.playing = true;
            effects.push(Effect::Send(Command::Play));
        }
        effects
    }
}

impl State {
    /// The pictures that the grid shows: from the test split, so that right and wrong mean something.
    pub fn grid(&self) -> Vec<u32> {
        let Some(opened) = &self.opened else { return Vec::new() };
        let (first, count) = if opened.test > 0 { (opened.train, opened.test) } else { (0, opened.train) };
        let shown = GRID.min(count);
        (0..shown).map(|i| first + (self.page * GRID + i) % count.max(1)).collect()
    }

    /// Asks what augmentation makes of the picture that is looked at, where there is any.
    fn ask_augmented(&mut self) -> Option<Effect> {
        if self.spec.augment.is_empty() || self.plane() {
            self.augmented = Shared::default();
            return None;
        }
        Some(Effect::Send(Command::Augmented))
    }

    /// Tells the open panel the document.
    fn show_code(&self) -> Option<Effect> {
        self.panel.open.then(|| self.tell_desk())
    }

    fn tell_desk(&self) -> Effect {
        let classes = self.survey.sample.classes.map(|count| count as u32);
        Effect::Ask(Ask::Document { document: self.spec.to_json().to_string(), classes })
    }

    /// Opens the card of the first mistake and says what it is.
    fn show_mistake(&mut self) {
        if let Some(mistake) = self.survey.mistakes.first() {
            let (layer, sentence) = (mistake.layer, mistake.message.clone());
            self.open = layer.or(self.open);
            self.view = View::Network;
            self.notify(Notice::new(Tone::Trouble, sentence));
        }
    }

    /// Whether this document's data are the user's own pictures.
    pub fn own(&self) -> bool {
        matches!(&self.spec.data, Data::Set(set) if set.set == "own")
    }
}
