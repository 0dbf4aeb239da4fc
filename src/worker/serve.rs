//! The far end of the channel, in a dedicated worker: hears commands, lets the [`Engine`] work between them.

use super::crew;
use super::engine::Engine;
use super::program::{Call, object};
use super::protocol::{Command, Device, Event, pack, unpack};
use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent};

/// What came in: a command of the page, as bytes, or a program's call, as an object.
enum Letter {
    Command(Result<Command, String>),
    Call(object::Back, Result<Call, String>),
}

/// Letters that came, and whoever waits for one.
#[derive(Default)]
struct Inbox {
    letters: VecDeque<Letter>,
    waiting: Option<js_sys::Function>,
}

/// Begins what this worker is there for: to serve commands, or to share steps with the worker that started it.
///
/// Not asynchronous, so that all that follows is compiled with this package and at its level, not with the program.
pub fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    match scope.name() == crew::HAND {
        true => wasm_bindgen_futures::spawn_local(crew::serve()),
        false => wasm_bindgen_futures::spawn_local(serve()),
    }
}

/// Serves commands until the worker is ended.
async fn serve() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let inbox = Rc::new(RefCell::new(Inbox::default()));
    let letters = inbox.clone();
    let hear = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        let data = message.data();
        let letter = match data.dyn_ref::<Uint8Array>() {
            Some(bytes) => Letter::Command(unpack(&bytes.to_vec())),
            None => {
                let (back, call) = object::read(&data);
                Letter::Call(back, call)
            }
        };
        let mut inbox = letters.borrow_mut();
        inbox.letters.push_back(letter);
        if let Some(wake) = inbox.waiting.take() {
            let _ = wake.call0(&JsValue::NULL);
        }
    });
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
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
        while let Some(letter) = next(&inbox) {
            match letter {
                Letter::Command(Ok(command)) => engine.handle(command).await,
                Letter::Command(Err(trouble)) => post(Event::Trouble(trouble)),
                Letter::Call(back, call) => {
                    let result = match call {
                        Ok(call) => engine.call(call).await,
                        Err(error) => Err(error),
                    };
                    let (answer, moved) = object::write(back, result);
                    scope.post_message_with_transfer(&answer, &moved).expect("an answer is plain data");
                }
            }
        }
        if engine.is_playing() {
            engine.work().await;
        } else if !engine.idle().await {
            wait(&inbox).await;
            continue;
        }
        breath.take().await;
    }
}

fn next(inbox: &Rc<RefCell<Inbox>>) -> Option<Letter> {
    inbox.borrow_mut().letters.pop_front()
}

/// Until a letter comes.
async fn wait(inbox: &Rc<RefCell<Inbox>>) {
    if !inbox.borrow().letters.is_empty() {
        return;
    }
    let promise = js_sys::Promise::new(&mut |wake, _| inbox.borrow_mut().waiting = Some(wake));
    let _ = JsFuture::from(promise).await;
}

/// Trouble is said in a plain string, which programs understand too.
pub(super) fn post(event: Event) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let sent = match event {
        Event::Trouble(sentence) => scope.post_message(&sentence.into()),
        event => {
            let bytes = Uint8Array::from(&pack(&event)[..]);
            scope.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()))
        }
    };
    sent.expect("an event is plain data");
}

/// Lets messages in: a timer would wait four milliseconds each time, a message to oneself does not.
struct Breath {
    channel: MessageChannel,
    wake: Rc<RefCell<Option<js_sys::Function>>>,
    _hear: Closure<dyn Fn()>,
}

impl Breath {
    fn new() -> Breath {
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

    async fn take(&self) {
        let promise = js_sys::Promise::new(&mut |wake, _| *self.wake.borrow_mut() = Some(wake));
        self.channel.port2().post_message(&JsValue::NULL).expect("a channel to oneself is open");
        let _ = JsFuture::from(promise).await;
    }
}
