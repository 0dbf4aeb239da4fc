//! The far end of the channel, in a dedicated worker: hears commands of the page, or a program's calls, and has them done.

use super::crew;
use super::engine::Engine;
use super::hand;
use super::program::object;
use super::protocol::{Device, Event, pack, unpack};
use super::solo::Solo;
use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent};

/// Begins to serve the page. What is not asynchronous is compiled with this package and at its level, not with the program.
pub fn start_page() {
    start(page());
}

/// Begins to serve a program.
pub fn start_program() {
    start(program());
}

/// Serves, or shares steps with the worker that started this one, if this is what it is there for.
fn start(serve: impl Future<Output = ()> + 'static) {
    match scope().name().ends_with(crew::HAND) {
        true => wasm_bindgen_futures::spawn_local(hand::obey()),
        false => wasm_bindgen_futures::spawn_local(serve),
    }
}

pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Obeys the page until the worker is ended; works between its commands, which come as bytes.
async fn page() {
    let inbox = Inbox::open();
    let mut engine = Engine::new(post);
    // The page sends once it has heard that the engine is there.
    post(Event::Ready {
        device: Device::Cpu,
        name: "CPU".into(),
        reason: "The CPU starts at once; WebGPU is tried next.".into(),
        webgpu: true,
    });
    let breath = Breath::new();
    loop {
        while let Some(letter) = inbox.next() {
            match unpack(&letter.unchecked_into::<Uint8Array>().to_vec()) {
                Ok(command) => engine.handle(command).await,
                Err(trouble) => post(Event::Trouble(trouble)),
            }
        }
        if engine.is_playing() {
            engine.work().await;
        } else if !engine.idle().await {
            inbox.wait().await;
            continue;
        }
        breath.take().await;
    }
}

/// Answers a program until the worker is ended; its calls come as objects.
async fn program() {
    let inbox = Inbox::open();
    let (mut solo, mut spare) = (Solo::default(), object::Spare::default());
    // It sends once it has heard anything.
    scope().post_message(&js_sys::Object::new()).expect("an object is plain data");
    let breath = Breath::new();
    loop {
        while let Some(letter) = inbox.next() {
            let (back, call) = object::read(&letter, &mut spare);
            let result = match &call {
                Ok(call) => solo.call(call).await,
                Err(error) => Err(error.clone()),
            };
            spare.keep(call);
            let (answer, moved) = object::write(back, result);
            scope().post_message_with_transfer(&answer, &moved).expect("an answer is plain data");
        }
        match solo.idle().await {
            Ok(true) => breath.take().await,
            Ok(false) => inbox.wait().await,
            Err(trouble) => post(Event::Trouble(trouble)),
        }
    }
}

/// Trouble is said in a plain string, which programs understand too.
pub(super) fn post(event: Event) {
    let sent = match event {
        Event::Trouble(sentence) => scope().post_message(&sentence.into()),
        event => {
            let bytes = Uint8Array::from(&pack(&event)[..]);
            scope().post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()))
        }
    };
    sent.expect("an event is plain data");
}

/// Letters that came, and whoever waits for one.
pub(super) struct Inbox(Rc<RefCell<Letters>>);

#[derive(Default)]
struct Letters {
    come: VecDeque<JsValue>,
    waiting: Option<js_sys::Function>,
}

impl Inbox {
    pub fn open() -> Inbox {
        let letters: Rc<RefCell<Letters>> = Rc::default();
        let inbox = Inbox(letters.clone());
        let hear = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            let mut letters = letters.borrow_mut();
            letters.come.push_back(message.data());
            if let Some(wake) = letters.waiting.take() {
                let _ = wake.call0(&JsValue::NULL);
            }
        });
        scope().set_onmessage(Some(hear.as_ref().unchecked_ref()));
        // It hears for as long as there is a worker.
        hear.forget();
        inbox
    }

    pub fn next(&self) -> Option<JsValue> {
        self.0.borrow_mut().come.pop_front()
    }

    /// Until a letter comes.
    pub async fn wait(&self) {
        if !self.0.borrow().come.is_empty() {
            return;
        }
        let promise = js_sys::Promise::new(&mut |wake, _| self.0.borrow_mut().waiting = Some(wake));
        let _ = JsFuture::from(promise).await;
    }
}

/// Lets messages in: a timer would wait four milliseconds each time, a message to oneself does not.
pub(super) struct Breath {
    channel: MessageChannel,
    wake: Rc<RefCell<Option<js_sys::Function>>>,
    _hear: Closure<dyn Fn()>,
}

impl Breath {
    pub fn new() -> Breath {
        let channel = MessageChannel::new().expect("a worker has channels");
        let wake: Rc<RefCell<Option<js_sys::Function>>> = Rc::default();
        let waiting = wake.clone();
        let hear = Closure::<dyn Fn()>::new(move || {
            if let Some(wake) = waiting.borrow_mut().take() {
                let _ = wake.call0(&JsValue::NULL);
            }
        });
        channel.port1().set_onmessage(Some(hear.as_ref().unchecked_ref()));
        Breath { channel, wake, _hear: hear }
    }

    pub async fn take(&self) {
        let promise = js_sys::Promise::new(&mut |wake, _| *self.wake.borrow_mut() = Some(wake));
        self.channel.port2().post_message(&JsValue::NULL).expect("a channel to oneself is open");
        let _ = JsFuture::from(promise).await;
    }
}
