//! The far end of the channel, in a dedicated worker: hears commands, lets the [`Engine`] work between them.

use super::engine::Engine;
use super::protocol::{Command, Device, Event};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent};

/// Commands that came, and whoever waits for one.
#[derive(Default)]
struct Inbox {
    commands: VecDeque<Result<Command, String>>,
    waiting: Option<js_sys::Function>,
}

/// Serves commands until the worker is ended.
pub async fn serve() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let inbox = Rc::new(RefCell::new(Inbox::default()));
    let letters = inbox.clone();
    let hear = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        let command = serde_wasm_bindgen::from_value(message.data());
        let command = command.map_err(|error| format!("The page said something unreadable: {error}."));
        let mut inbox = letters.borrow_mut();
        inbox.commands.push_back(command);
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
        breath.take().await;
        while let Some(command) = next(&inbox) {
            match command {
                Ok(command) => engine.handle(command).await,
                Err(trouble) => post(Event::Trouble(trouble)),
            }
        }
        if engine.is_playing() {
            engine.work().await;
        } else if !engine.idle().await {
            wait(&inbox).await;
        }
    }
}

fn next(inbox: &Rc<RefCell<Inbox>>) -> Option<Result<Command, String>> {
    inbox.borrow_mut().commands.pop_front()
}

/// Until a command comes.
async fn wait(inbox: &Rc<RefCell<Inbox>>) {
    if !inbox.borrow().commands.is_empty() {
        return;
    }
    let promise = js_sys::Promise::new(&mut |wake, _| inbox.borrow_mut().waiting = Some(wake));
    let _ = JsFuture::from(promise).await;
}

fn post(event: Event) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(false);
    let event = event.serialize(&serializer).expect("every event can be serialised");
    scope.post_message(&event).expect("an event is plain data");
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
