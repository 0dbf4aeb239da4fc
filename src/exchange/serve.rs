//! The far end of the channel, in a worker of its own: hears what is asked and lets the [`Desk`] answer.

use super::{
    desk::Desk,
    protocol::{Answer, Ask},
};
use crate::worker::protocol::{pack, unpack};
use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Answers until the worker is ended.
pub fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let desk = RefCell::new(Desk::default());
    let hear = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        let ask: Result<Ask, String> = unpack(&message.data().unchecked_into::<Uint8Array>().to_vec());
        match ask {
            Ok(ask) => desk.borrow_mut().hear(ask).iter().for_each(post),
            Err(sentence) => post(&Answer::Trouble(sentence)),
        }
    });
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    // it listens for as long as the worker is there
    hear.forget();
    post(&Answer::Ready);
}

fn post(answer: &Answer) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let bytes = Uint8Array::from(&pack(answer)[..]);
    scope.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer())).expect("an answer is plain data");
}
