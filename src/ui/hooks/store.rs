//! The state in its place: actions go through `reduce`, effects go out, the engine's events come in.
//!
//! Events that only bring newer numbers wait for the next frame and are drawn together; all others are drawn at once.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use super::{Listener, files, window};
use crate::{
    exchange::{client::Client as Desk, protocol::Ask},
    share,
    ui::{
        app::Start,
        language,
        model::{Action, Effect, State, reduce},
    },
    worker::{
        client::Client,
        protocol::{Command, Event, Progress},
    },
};

/// How long the engine and the address wait for the end of a row of edits, in milliseconds.
const SETTLE: u32 = 40;
const ADDRESS: u32 = 300;
/// Numbers are drawn so often at most: more cannot be read, and the engine needs the time.
const REST: f64 = 60.0;

/// The state, and the way to change it.
pub struct Store {
    pub core: Rc<Core>,
    pub dispatch: Callback<Action>,
}

/// A way to act on a page from outside it, for as long as the page stands.
#[derive(Clone, Default)]
pub struct Remote(Rc<RefCell<Far>>);

#[derive(Default)]
struct Far {
    core: Weak<Core>,
    /// What was asked for before the page stood.
    early: Vec<Action>,
}

impl Remote {
    pub fn act(&self, action: Action) {
        let core = self.0.borrow().core.upgrade();
        match core {
            Some(core) => core.act(action),
            None => self.0.borrow_mut().early.push(action),
        }
    }

    fn arrive(&self, core: &Rc<Core>) {
        let early = {
            let mut far = self.0.borrow_mut();
            far.core = Rc::downgrade(core);
            std::mem::take(&mut far.early)
        };
        early.into_iter().for_each(|action| core.act(action));
    }
}

impl PartialEq for Remote {
    fn eq(&self, other: &Remote) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

pub struct Core {
    pub state: RefCell<State>,
    client: RefCell<Option<Client>>,
    /// What writes code and files, once it was asked.
    desk: RefCell<Option<Desk>>,
    /// The document has changed since the engine was told; whether its weights may stay.
    owed: Cell<Option<bool>>,
    settling: RefCell<Option<Timeout>>,
    addressing: RefCell<Option<Timeout>>,
    waiting: RefCell<Vec<Event>>,
    frame: Cell<bool>,
    /// When numbers were drawn last.
    drawn: Cell<f64>,
    pausing: RefCell<Option<Timeout>>,
    redraw: RefCell<Option<Callback<()>>>,
    in_address: bool,
    on_progress: Callback<Progress>,
}

#[hook]
pub fn use_store(start: &Start) -> Store {
    let update = use_force_update();
    let core = use_memo((), |()| Core::new(start));
    let dispatch = {
        let core = core.clone();
        use_callback((), move |action, ()| core.act(action))
    };
    {
        let (core, start) = (core.clone(), start.clone());
        use_effect_with((), move |()| {
            *core.redraw.borrow_mut() = Some(Callback::from(move |()| update.force_update()));
            core.begin(&start);
            start.remote.arrive(&core);
            let address = core.in_address.then(|| {
                let core = core.clone();
                Listener::new(window(), "hashchange", move |_| core.read_address())
            });
            move || {
                drop(address);
                core.end();
            }
        });
    }
    Store { core, dispatch }
}

impl Core {
    fn new(start: &Start) -> Core {
        let words = language::find(&window().navigator().language().unwrap_or_default());
        let mut state = State::new(start.spec.clone(), words);
        state.theme = start.theme;
        Core {
            state: RefCell::new(state),
            client: RefCell::default(),
            desk: RefCell::default(),
            owed: Cell::default(),
            settling: RefCell::default(),
            addressing: RefCell::default(),
            waiting: RefCell::default(),
            frame: Cell::default(),
            drawn: Cell::default(),
            pausing: RefCell::default(),
            redraw: RefCell::default(),
            in_address: start.page,
            on_progress: start.on_progress.clone(),
        }
    }

    fn begin(self: &Rc<Self>, start: &Start) {
        let core = Rc::downgrade(self);
        let client = Client::start(move |event| {
            if let Some(core) = core.upgrade() {
                core.hear(event);
            }
        });
        match client {
            Ok(client) => *self.client.borrow_mut() = Some(client),
            Err(sentence) => self.act(Action::Trouble(sentence)),
        }
        self.act(Action::Start { device: start.device });
        if let Some(sentence) = &start.trouble {
            self.act(Action::Trouble(sentence.clone()));
        }
    }

    fn end(&self) {
        self.client.take();
        self.desk.take();
        self.settling.take();
        self.addressing.take();
        self.pausing.take();
        self.redraw.take();
    }

    /// Does what an action asks for and draws the page.
    pub fn act(self: &Rc<Self>, action: Action) {
        self.apply(action);
        self.draw();
    }

    fn apply(self: &Rc<Self>, action: Action) {
        let effects = reduce(&mut self.state.borrow_mut(), action);
        effects.into_iter().for_each(|effect| self.effect(effect));
    }

    fn draw(&self) {
        if let Some(redraw) = &*self.redraw.borrow() {
            redraw.emit(());
        }
    }

    fn effect(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::Send(command) => {
                self.follow();
                self.send(&command);
            }
            Effect::Follow { keep } => {
                self.owed.set(Some(keep && self.owed.get().unwrap_or(true)));
                let core = Rc::downgrade(self);
                *self.settling.borrow_mut() = Some(Timeout::new(SETTLE, move || {
                    if let Some(core) = core.upgrade() {
                        core.follow();
                    }
                }));
                if self.in_address {
                    let core = Rc::downgrade(self);
                    *self.addressing.borrow_mut() = Some(Timeout::new(ADDRESS, move || {
                        if let Some(core) = core.upgrade() {
                            core.write_address();
                        }
                    }));
                }
            }
            Effect::Copy(fragment) => self.copy(&fragment),
            Effect::Ask(ask) => self.ask(&ask),
            Effect::Draw { name, svg, width, height } => {
                let core = Rc::downgrade(self);
                spawn_local(async move {
                    if files::draw(&name, &svg, width, height).await.is_err()
                        && let Some(core) = core.upgrade()
                    {
                        let sentence = core.state.borrow().words.share_failed;
                        core.act(Action::Trouble(sentence.to_string()));
                    }
                });
            }
            Effect::Download { name, bytes } => {
                if files::download(&name, &bytes).is_err() {
                    let sentence = self.state.borrow().words.share_failed;
                    self.apply(Action::Trouble(sentence.to_string()));
                }
            }
        }
    }

    /// Asks the desk of code and files, which is there from the first question on.
    fn ask(self: &Rc<Self>, ask: &Ask) {
        if self.desk.borrow().is_none() {
            let core = Rc::downgrade(self);
            let desk = Desk::start(move |answer| {
                if let Some(core) = core.upgrade() {
                    core.act(Action::Answered(Box::new(answer)));
                }
            });
            match desk {
                Ok(desk) => *self.desk.borrow_mut() = Some(desk),
                Err(sentence) => self.apply(Action::Trouble(sentence)),
            }
        }
        if let Some(desk) = &*self.desk.borrow() {
            desk.send(ask);
        }
    }

    fn send(&self, command: &Command) {
        if let Some(client) = &*self.client.borrow() {
            client.send(command);
        }
    }

    /// Tells the engine the document, if it changed and works.
    fn follow(&self) {
        let state = self.state.borrow();
        if !state.works() {
            return;
        }
        if let Some(keep) = self.owed.take() {
            self.settling.take();
            let document = state.spec.to_json().to_string();
            self.send(&Command::Open { document, keep });
        }
    }

    /// An event of the engine.
    fn hear(self: &Rc<Self>, event: Event) {
        if let Event::Progress(progress) = &event {
            self.on_progress.emit(progress.clone());
        }
        let later = matches!(event, Event::Progress(_) | Event::Snapshot(_));
        let hidden = window().document().is_some_and(|document| document.hidden());
        self.waiting.borrow_mut().push(event);
        if !later || hidden {
            return self.catch_up();
        }
        if self.frame.replace(true) {
            return;
        }
        let left = REST - (now() - self.drawn.get());
        if left <= 0.0 {
            return self.next_frame();
        }
        let core = Rc::downgrade(self);
        *self.pausing.borrow_mut() = Some(Timeout::new(left as u32, move || {
            if let Some(core) = core.upgrade() {
                core.next_frame();
            }
        }));
    }

    fn next_frame(self: &Rc<Self>) {
        let core = Rc::downgrade(self);
        let draw = Closure::once_into_js(move || {
            if let Some(core) = core.upgrade() {
                core.frame.set(false);
                core.drawn.set(now());
                core.catch_up();
            }
        });
        let _ = window().request_animation_frame(draw.unchecked_ref());
    }

    fn catch_up(self: &Rc<Self>) {
        let events = self.waiting.take();
        if events.is_empty() {
            return;
        }
        for event in events {
            self.apply(Action::Heard(Box::new(event)));
        }
        self.draw();
    }

    fn address(&self) -> String {
        format!("#{}", share::write(&self.state.borrow().spec))
    }

    /// Keeps the experiment in the page's address. Where that is not allowed, the page works without.
    fn write_address(&self) {
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&self.address()));
        }
    }

    /// Somebody put another link into the address bar.
    fn read_address(self: &Rc<Self>) {
        let hash = window().location().hash().unwrap_or_default();
        let fragment = hash.trim_start_matches('#');
        if fragment.is_empty() || hash == self.address() {
            return;
        }
        match share::read(fragment) {
            Ok(spec) => self.act(Action::Open(Box::new(spec))),
            Err(error) => {
                let sentence = format!("{error} {}", self.state.borrow().words.kept);
                self.act(Action::Trouble(sentence));
            }
        }
    }

    fn copy(self: &Rc<Self>, fragment: &str) {
        if self.in_address {
            self.write_address();
        }
        let location = window().location().href().unwrap_or_default();
        let link = format!("{}#{fragment}", location.split('#').next().unwrap_or_default());
        let clipboard: JsValue = window().navigator().clipboard().into();
        let core = Rc::downgrade(self);
        spawn_local(async move {
            // Absent where the page is not served safely.
            let done = match clipboard.dyn_ref::<web_sys::Clipboard>() {
                Some(clipboard) => JsFuture::from(clipboard.write_text(&link)).await.is_ok(),
                None => false,
            };
            if let Some(core) = core.upgrade() {
                core.act(Action::Shared(done));
            }
        });
    }
}

fn now() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}
