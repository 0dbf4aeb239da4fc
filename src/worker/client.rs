//! The near end of the channel: starts an engine's worker, sends it [`Command`]s and hands on its [`Event`]s.
//!
//! Messages wait until the worker has said that it is there. Dropping a [`Wire`] ends its worker and frees all that it holds.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{Blob, BlobPropertyBag, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

use super::protocol::{Command, Event, pack, unpack};
use crate::nn::json::Json;

/// The name of an engine's worker.
pub const ENGINE: &str = "whisker-page";

/// The engine and the way to it.
pub struct Client(Wire);

/// A worker and the way to it: messages go as bytes.
pub struct Wire {
    worker: Worker,
    /// What is to be sent once the worker's program is there; `None` from then on.
    waiting: Rc<RefCell<Option<Vec<Uint8Array>>>>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(web_sys::Event)>,
}

#[wasm_bindgen]
extern "C" {
    /// Where this very module was loaded from; the worker's files lie beside it.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static HERE: String;
}

impl Client {
    /// Starts a worker; `on_event` hears everything it says. The error is a sentence.
    pub fn start(on_event: impl Fn(Event) + 'static) -> Result<Client, String> {
        let wire = Wire::start(ENGINE, move |message| {
            on_event(match message {
                Ok(data) => match data.as_string() {
                    Some(trouble) => Event::Trouble(trouble),
                    None => unpack(&Uint8Array::new(&data).to_vec()).unwrap_or_else(Event::Trouble),
                },
                Err(why) => Event::Trouble(format!(
                    "The engine stopped: {why}. Reload the page; the document is kept in its address."
                )),
            });
        });
        Ok(Client(wire.map_err(|why| format!("The engine could not start: {why}."))?))
    }

    /// Sends a command, now or as soon as the engine is there.
    pub fn send(&self, command: &Command) {
        self.0.send(pack(command));
    }
}

impl Wire {
    /// Starts a worker of this name; `hear` hears everything it says, and why it stopped. The error is a reason.
    pub fn start(name: &str, hear: impl Fn(Result<JsValue, String>) + 'static) -> Result<Wire, String> {
        let worker = launch(name).map_err(|error| words(&error))?;
        let waiting = Rc::new(RefCell::new(Some(Vec::new())));
        let hear: Rc<dyn Fn(Result<JsValue, String>)> = Rc::new(hear);

        let heard = hear.clone();
        let (queue, port) = (waiting.clone(), worker.clone());
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(messages) = queue.take() {
                messages.iter().for_each(|message| post(&port, message));
            }
            heard(Ok(message.data()));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

        let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |error: web_sys::Event| {
            error.prevent_default();
            let message = js_sys::Reflect::get(&error, &"message".into()).ok().and_then(|text| text.as_string());
            hear(Err(message.unwrap_or_else(|| "its file could not be loaded".to_string())));
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));

        Ok(Wire { worker, waiting, _on_message: on_message, _on_error: on_error })
    }

    /// Sends a message, now or as soon as the program is there.
    pub fn send(&self, message: Vec<u8>) {
        let message = Uint8Array::from(&message[..]);
        match &mut *self.waiting.borrow_mut() {
            Some(waiting) => waiting.push(message),
            None => post(&self.worker, &message),
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// A frame without an origin of its own may not start a worker by its address, but may by a blob that imports it.
pub fn launch(name: &str) -> Result<Worker, JsValue> {
    let address = HERE.with(|here| Url::new_with_base("engine_worker.js", here))?.href();
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name(name);
    Worker::new_with_options(&address, &options).or_else(|_| {
        let kind = BlobPropertyBag::new();
        kind.set_type("text/javascript");
        let source = Array::of1(&format!("import {};", Json::from(address.as_str())).into());
        let address = Url::create_object_url_with_blob(&Blob::new_with_str_sequence_and_options(&source, &kind)?)?;
        Worker::new_with_options(&address, &options)
    })
}

fn post(worker: &Worker, message: &Uint8Array) {
    worker.post_message_with_transfer(message, &Array::of1(&message.buffer())).expect("a message is plain data");
}

fn words(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_else(|| "the browser gave no reason".to_string()),
    }
}
