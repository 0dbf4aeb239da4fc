//! A board: memory that a leader and a hand share, where the page is isolated from other origins. What each step needs is put
//! there instead of into letters, so that neither waits for an event loop: a letter takes its writer some 30 µs, and its
//! reader as much.
//!
//! Orders are numbered, those in letters too, and obeyed in the order of their numbers. A board has a place for one order of
//! each [`Kind`]; where it is not free, since the hand has not read what was there before, the order goes into a letter.

use super::serve;
use js_sys::{Array, Float32Array, Float64Array, Int32Array, JsString, Reflect, SharedArrayBuffer};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Atomics)]
    fn load(words: &Int32Array, at: u32) -> i32;
    #[wasm_bindgen(js_namespace = Atomics)]
    fn store(words: &Int32Array, at: u32, word: i32);
    #[wasm_bindgen(js_namespace = Atomics)]
    fn exchange(words: &Int32Array, at: u32, word: i32) -> i32;
    #[wasm_bindgen(js_namespace = Atomics)]
    fn notify(words: &Int32Array, at: u32);
    #[wasm_bindgen(js_namespace = Atomics)]
    fn wait(words: &Int32Array, at: u32, word: i32, milliseconds: f64) -> JsString;
}

/// Orders that come with every step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Gradient,
    Descend,
}

// Words: the number of the last order that was given, of the last that was read from the board, of the order in each place,
// of the orders that the loss and the part are of; whether the hand waits for a letter.
const GIVEN: u32 = 0;
const READ: u32 = 1;
const PLACES: u32 = 2;
const LOSS: u32 = 4;
const PART: u32 = 5;
const ASLEEP: u32 = 6;
const WORDS: u32 = 8;

/// Numbers that say when a step is; each place has them, and behind both is the loss.
const MOMENT: u32 = 6;

/// How often a word is looked at before its change is waited for: some 100 µs, the time that two workers differ by.
const LOOKS: usize = 2000;

/// The longest wait for a change, in milliseconds: for so long letters are not heard.
const PATIENCE: f64 = 5.0;

/// One side's view of it.
#[derive(Clone)]
pub struct Board {
    memory: SharedArrayBuffer,
    words: Int32Array,
    moments: Float64Array,
    /// What each kind of order brings, and a part that comes back.
    given: Float32Array,
    sum: Float32Array,
    part: Float32Array,
}

impl Board {
    /// For batches of so many numbers, and parts of so many; `None` where workers share no memory.
    pub fn new(given: u32, part: u32) -> Option<Board> {
        let isolated = Reflect::get(&serve::scope(), &"crossOriginIsolated".into()).ok()?;
        if !isolated.is_truthy() {
            return None;
        }
        let bytes = 4 * WORDS + 8 * (2 * MOMENT + 1) + 4 * (given + 2 * part);
        Some(Board::on(SharedArrayBuffer::new(bytes), given, part))
    }

    fn on(memory: SharedArrayBuffer, given: u32, part: u32) -> Board {
        let moments = 4 * WORDS;
        let start = moments + 8 * (2 * MOMENT + 1);
        let numbers =
            |from: u32, count| Float32Array::new_with_byte_offset_and_length(&memory, start + 4 * from, count);
        Board {
            words: Int32Array::new_with_byte_offset_and_length(&memory, 0, WORDS),
            moments: Float64Array::new_with_byte_offset_and_length(&memory, moments, 2 * MOMENT + 1),
            given: numbers(0, given),
            sum: numbers(given, part),
            part: numbers(given + part, part),
            memory,
        }
    }

    /// What it takes to have it elsewhere: a letter's array.
    pub fn letter(&self) -> JsValue {
        Array::of3(&self.memory, &self.given.length().into(), &self.part.length().into()).into()
    }

    pub fn read(letter: JsValue) -> Option<Board> {
        let letter = letter.dyn_into::<Array>().ok()?;
        let count = |at| letter.get(at).as_f64().map(|count| count as u32);
        Some(Board::on(letter.get(0).dyn_into().ok()?, count(1)?, count(2)?))
    }

    fn place(&self, kind: Kind) -> (u32, &Float32Array) {
        match kind {
            Kind::Gradient => (PLACES, &self.given),
            Kind::Descend => (PLACES + 1, &self.sum),
        }
    }

    fn moment(&self, kind: Kind) -> Float64Array {
        let from = if kind == Kind::Gradient { 0 } else { MOMENT };
        self.moments.subarray(from, from + MOMENT)
    }

    /// Puts order `number` there, if there is room.
    pub fn put(&self, number: i32, kind: Kind, moment: &[f64], numbers: &[f32]) -> bool {
        let (place, array) = self.place(kind);
        if load(&self.words, READ) < load(&self.words, place) || array.length() as usize != numbers.len() {
            return false;
        }
        array.copy_from(numbers);
        self.moment(kind).copy_from(moment);
        store(&self.words, place, number);
        true
    }

    /// Says that order `number` was given, there or in a letter; whether the hand must be woken by one.
    pub fn tell(&self, number: i32) -> bool {
        store(&self.words, GIVEN, number);
        notify(&self.words, GIVEN);
        exchange(&self.words, ASLEEP, 0) == 1
    }

    fn find(&self, number: i32) -> Option<Kind> {
        [Kind::Gradient, Kind::Descend].into_iter().find(|kind| load(&self.words, self.place(*kind).0) == number)
    }

    /// Reads order `number`, if it is there.
    pub fn order(&self, number: i32) -> Option<(Kind, Vec<f64>, Vec<f32>)> {
        let kind = self.find(number)?;
        let order = (kind, self.moment(kind).to_vec(), self.place(kind).1.to_vec());
        store(&self.words, READ, number);
        Some(order)
    }

    /// Whether the hand may wait for a letter: order `number` is in one, or was not given for a while.
    pub fn rests(&self, number: i32) -> bool {
        if self.wait(GIVEN, number) {
            return self.find(number).is_none();
        }
        store(&self.words, ASLEEP, 1);
        // It may have been given in between: then whoever is first takes the word back.
        load(&self.words, GIVEN) < number || exchange(&self.words, ASLEEP, 0) == 0
    }

    pub fn put_loss(&self, number: i32, loss: f32) {
        self.moments.set_index(2 * MOMENT, loss.into());
        store(&self.words, LOSS, number);
    }

    pub fn put_part(&self, number: i32, part: &[f32]) {
        self.part.copy_from(part);
        store(&self.words, PART, number);
        notify(&self.words, PART);
    }

    /// The loss of the part that order `number` asked for, if it is known.
    pub fn loss(&self, number: i32) -> Option<f32> {
        (load(&self.words, LOSS) == number).then(|| self.moments.get_index(2 * MOMENT) as f32)
    }

    /// Whether the part that order `number` asked for is there; waits for it a while.
    pub fn has_part(&self, number: i32) -> bool {
        self.wait(PART, number)
    }

    pub fn part(&self) -> &Float32Array {
        &self.part
    }

    /// Until a word has reached a number: whether it has, soon.
    fn wait(&self, word: u32, number: i32) -> bool {
        for _ in 0..LOOKS {
            if load(&self.words, word) >= number {
                return true;
            }
        }
        let seen = load(&self.words, word);
        if seen < number {
            wait(&self.words, word, seen, PATIENCE);
        }
        load(&self.words, word) >= number
    }
}
