//! The page's end: starts the desk's worker, sends it [`Ask`]s and hands on its [`Answer`]s.

use super::protocol::{Answer, Ask};
use crate::worker::{
    client::Wire,
    protocol::{pack, unpack},
};

/// The name of the desk's worker, by which www/engine_worker.js knows what to load.
const DESK: &str = "whisker-exchange";

pub struct Client(Wire);

impl Client {
    /// Starts a worker; `on_answer` hears everything it says. The error is a sentence.
    pub fn start(on_answer: impl Fn(Answer) + 'static) -> Result<Client, String> {
        let wire = Wire::start(DESK, move |message| {
            on_answer(match message {
                Ok(data) => unpack(&js_sys::Uint8Array::new(&data).to_vec()).unwrap_or_else(Answer::Trouble),
                Err(why) => Answer::Trouble(format!(
                    "The part of Whisker that writes and reads files stopped: {why}. Close the panel and open it again."
                )),
            });
        })?;
        Ok(Client(wire))
    }

    /// Sends what is asked, now or as soon as the desk is there.
    pub fn send(&self, ask: &Ask) {
        self.0.send(pack(ask));
    }
}
