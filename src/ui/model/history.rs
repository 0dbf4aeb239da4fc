//! Undo and redo: the documents before this one and after it.

use crate::{spec::Spec, ui::shared::Shared};

/// How many steps back are kept.
const MOST: usize = 200;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    past: Vec<Shared<Spec>>,
    future: Vec<Shared<Spec>>,
    /// What the last edit was about; edits that go on with it, such as a slider being drawn, are one step.
    thread: Option<String>,
}

impl History {
    /// Remembers the document as it was before an edit.
    pub fn push(&mut self, before: Shared<Spec>, thread: Option<String>) {
        self.future.clear();
        let goes_on = thread.is_some() && thread == self.thread;
        self.thread = thread;
        if goes_on {
            return;
        }
        if self.past.len() == MOST {
            self.past.remove(0);
        }
        self.past.push(before);
    }

    /// The document before `now`.
    pub fn undo(&mut self, now: Shared<Spec>) -> Option<Shared<Spec>> {
        self.thread = None;
        let before = self.past.pop()?;
        self.future.push(now);
        Some(before)
    }

    /// The document that was undone last.
    pub fn redo(&mut self, now: Shared<Spec>) -> Option<Shared<Spec>> {
        self.thread = None;
        let after = self.future.pop()?;
        self.past.push(now);
        Some(after)
    }

    /// Ends the thread: the next edit is a step of its own.
    pub fn rest(&mut self) {
        self.thread = None;
    }

    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}
