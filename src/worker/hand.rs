//! A hand's worker: obeys what comes in letters and on the board, in the order in which it was given.

use super::board::Board;
use super::crew::{self, BOARD, NUMBERS, Spares, each_step};
use super::serve;
use crate::train::crew::{Hand, Order};
use js_sys::{Array, Float32Array};
use wasm_bindgen::{JsCast, JsValue};

/// A hand at work, and what it has of its leader.
#[derive(Default)]
struct Desk {
    hand: Hand,
    /// With the number of the last order that was obeyed.
    board: Option<(Board, i32)>,
    /// Arrays that go back with the next part, and those that parts are written into.
    read: Vec<Float32Array>,
    spares: Spares,
}

impl Desk {
    /// Obeys the next order if it is on the board; whether it was.
    async fn look(&mut self) -> bool {
        let Some((board, done)) = &mut self.board else { return false };
        let Some((kind, moment, numbers)) = board.order(*done + 1) else { return false };
        *done += 1;
        let done = self.obey(each_step(kind, &moment, numbers)).await;
        match (done, &self.board) {
            (Ok(Some(loss)), Some((board, number))) => {
                board.put_loss(*number, loss);
                board.put_part(*number, self.hand.part());
            }
            (Ok(_), _) => {}
            (Err(trouble), _) => drop(serve::scope().post_message(&trouble.into())),
        }
        true
    }

    /// Obeys a letter; one that only wakes says nothing.
    async fn open(&mut self, letter: &JsValue) {
        let Some(parts) = letter.dyn_ref::<Array>() else { return };
        if parts.get(0) == BOARD {
            self.board = Board::read(parts.get(NUMBERS)).map(|board| (board, 0));
            return;
        }
        let order = crew::read(parts);
        match &order {
            Some(Order::Open(_)) => self.board = None,
            _ => self.board.iter_mut().for_each(|(_, done)| *done += 1),
        }
        if let Ok(array) = parts.get(NUMBERS).dyn_into::<Float32Array>() {
            match order {
                Some(Order::Descend { .. }) => self.spares.put(array),
                _ => self.read.push(array),
            }
        }
        let scope = serve::scope();
        let _ = match self.obey(order).await {
            Ok(None) => Ok(()),
            Ok(Some(loss)) => {
                let _ = scope.post_message(&loss.into());
                self.read.insert(0, self.spares.array(self.hand.part()));
                let moved: Array = self.read.iter().map(Float32Array::buffer).collect();
                let letter: Array = self.read.drain(..).collect();
                scope.post_message_with_transfer(&letter, &moved)
            }
            Err(trouble) => scope.post_message(&trouble.into()),
        };
    }

    async fn obey(&mut self, order: Option<Order<'_>>) -> Result<Option<f32>, String> {
        self.hand.obey(order.ok_or("The leader said something unreadable.")?).await
    }

    /// Whether the next order comes in a letter, if it comes.
    fn rests(&self) -> bool {
        self.board.as_ref().is_none_or(|(board, done)| board.rests(*done + 1))
    }
}

/// Obeys until the worker is ended: what a hand's worker does.
pub(super) async fn obey() {
    let letters = serve::Inbox::open();
    // The leader sends once it has heard something.
    let _ = serve::scope().post_message(&JsValue::NULL);
    let mut desk = Desk::default();
    loop {
        if desk.look().await {
            continue;
        }
        match letters.next() {
            Some(letter) => desk.open(&letter).await,
            None if desk.rests() => letters.wait().await,
            None => {}
        }
    }
}
