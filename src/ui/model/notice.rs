//! Notices: short messages at the edge of the page that can be put away.

use super::State;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub id: u32,
    pub tone: Tone,
    pub sentence: String,
    /// Further lines, such as the files that could not be used.
    pub lines: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something went well; it goes by itself.
    Done,
    /// Something to be read.
    Trouble,
}

/// How many are shown at a time.
const MOST: usize = 3;

impl Notice {
    pub fn new(tone: Tone, sentence: impl Into<String>) -> Notice {
        Notice { id: 0, tone, sentence: sentence.into(), lines: Vec::new() }
    }
}

impl State {
    /// Shows and speaks a notice; one that says the same as another takes its place.
    pub fn notify(&mut self, notice: Notice) {
        self.say(notice.sentence.clone());
        let id = self.spoken.0;
        let notices = self.notices.change();
        notices.retain(|other| other.sentence != notice.sentence);
        if notices.len() == MOST {
            notices.remove(0);
        }
        notices.push(Notice { id, ..notice });
    }
}
