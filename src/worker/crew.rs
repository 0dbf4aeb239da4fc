//! Hands in workers of their own, and the letters between them and the one who leads: a kind, a text, a few numbers, and one
//! array that changes hands without a copy. What comes with every step goes over a [`Board`] where there can be one.

use super::board::{Board, Kind};
use super::client;
use super::serve::{self, Breath};
use crate::nn::Target;
use crate::spec::Sample;
use crate::train::compose::{Batch, Table};
use crate::train::crew::{Crew, Moment, Opening, Order, Part, Parts};
use js_sys::{Array, Float32Array, Float64Array, Function, Promise, Uint8Array};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, Worker};

/// How the name of a hand's worker ends; it begins with that of its leader, so that both load the same program.
pub(super) const HAND: &str = "-hand";

/// What the letter is called that brings a [`Board`].
pub(super) const BOARD: &str = "board";

/// Where that array stands in a letter.
pub(super) const NUMBERS: u32 = 3;

/// Workers that share steps; each starts when it is first told something.
pub struct Workers {
    others: Vec<Option<Other>>,
    inbox: Rc<RefCell<Inbox>>,
    breath: Rc<Breath>,
}

/// One of them; what it was told before it was there waits.
struct Other {
    worker: Worker,
    waiting: Rc<RefCell<Option<Vec<(Array, Array)>>>>,
    /// There once a step was shared since the last [`Order::Open`], and how many orders it was given since.
    board: Option<(Board, i32)>,
    /// How many numbers of a batch it is given, and the order that asked for its last part if that was on the board.
    given: usize,
    asked: Option<i32>,
    _hear: Closure<dyn Fn(MessageEvent)>,
    _fail: Closure<dyn Fn(web_sys::Event)>,
}

/// What they have said.
#[derive(Default)]
struct Inbox {
    /// For each the parts that nobody has taken yet, or why there are none.
    parts: Vec<VecDeque<Result<Float32Array, String>>>,
    /// For each the loss of the part that it is at, if it is known.
    losses: Vec<Option<f32>>,
    wake: Option<Function>,
    spares: Spares,
}

/// Arrays that came and were read: the next letters are written into them, since new memory is slow the first time.
#[derive(Default)]
pub(super) struct Spares(Vec<Float32Array>);

impl Spares {
    /// The most arrays that are kept.
    const MOST: usize = 16;

    pub fn put(&mut self, array: Float32Array) {
        if self.0.len() == Spares::MOST {
            self.0.remove(0);
        }
        self.0.push(array);
    }

    pub fn array(&mut self, numbers: &[f32]) -> Float32Array {
        let found = self.0.iter().position(|array| array.length() as usize == numbers.len());
        match found.map(|place| self.0.swap_remove(place)) {
            Some(array) => {
                array.copy_from(numbers);
                array
            }
            None => Float32Array::from(numbers),
        }
    }
}

/// A part of another; read, its array is kept for later letters.
struct Came {
    array: Float32Array,
    inbox: Rc<RefCell<Inbox>>,
}

impl Part for Came {
    fn put(&self, to: &mut [f32]) {
        self.array.copy_to(to);
    }
}

impl Part for Board {
    fn put(&self, to: &mut [f32]) {
        self.part().copy_to(to);
    }
}

impl Drop for Came {
    fn drop(&mut self) {
        self.inbox.borrow_mut().spares.put(self.array.clone());
    }
}

impl Workers {
    pub fn new(count: usize) -> Workers {
        let inbox = Inbox { parts: vec![VecDeque::new(); count], losses: vec![None; count], ..Inbox::default() };
        Workers {
            others: (0..count).map(|_| None).collect(),
            inbox: Rc::new(RefCell::new(inbox)),
            breath: Rc::new(Breath::new()),
        }
    }
}

impl Other {
    fn start(which: usize, inbox: &Rc<RefCell<Inbox>>) -> Result<Other, String> {
        let name = format!("{}{HAND}", serve::scope().name());
        let worker = client::launch(&name).map_err(|_| "the browser lets no worker start another")?;
        let waiting = Rc::new(RefCell::new(Some(vec![])));
        let (queue, port, letters) = (waiting.clone(), worker.clone(), inbox.clone());
        let hear = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(letters) = queue.take() {
                letters.iter().for_each(|letter| post(&port, letter));
            }
            // The loss of a part; a part and the arrays that came with what led to it, or why there is none.
            if let Some(loss) = message.data().as_f64() {
                letters.borrow_mut().losses[which] = Some(loss as f32);
                return;
            }
            match message.data().dyn_into::<Array>() {
                Ok(arrays) => {
                    let mut arrays = arrays.iter().filter_map(|array| array.dyn_into::<Float32Array>().ok());
                    let part = arrays.next();
                    arrays.for_each(|array| letters.borrow_mut().spares.put(array));
                    part.into_iter().for_each(|part| say(&letters, which, Ok(part)));
                }
                Err(other) => other.as_string().into_iter().for_each(|trouble| say(&letters, which, Err(trouble))),
            }
        });
        worker.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        let letters = inbox.clone();
        let fail = Closure::<dyn Fn(web_sys::Event)>::new(move |error: web_sys::Event| {
            error.prevent_default();
            say(&letters, which, Err("a worker stopped".into()));
        });
        worker.set_onerror(Some(fail.as_ref().unchecked_ref()));
        Ok(Other { worker, waiting, board: None, given: 0, asked: None, _hear: hear, _fail: fail })
    }

    fn tell(&mut self, order: Order, spares: &mut Spares) {
        let brought = match &order {
            Order::Open(_) => {
                self.board = None;
                None
            }
            Order::Gradient { moment, given } => {
                (self.given, self.asked) = (given.len(), None);
                Some((Kind::Gradient, moment, given))
            }
            Order::Descend { moment, sum } => {
                if self.board.is_none() && self.waiting.borrow().is_none() {
                    self.put_up(sum.len());
                }
                Some((Kind::Descend, moment, sum))
            }
            Order::Write { .. } | Order::WriteBytes { .. } => None,
        };
        let Some((board, number)) = &mut self.board else { return self.write(order, spares) };
        *number += 1;
        let (board, number) = (board.clone(), *number);
        if let Some((kind, moment, numbers)) = brought
            && board.put(number, kind, &written(moment), numbers)
        {
            if kind == Kind::Gradient {
                self.asked = Some(number);
            }
        } else {
            self.write(order, spares);
        }
        if board.tell(number) {
            self.worker.post_message(&JsValue::NULL).expect("null is plain data");
        }
    }

    /// Puts up a board for parts of so many numbers, where memory can be shared.
    fn put_up(&mut self, part: usize) {
        if let Some(board) = Board::new(self.given as u32, part as u32) {
            let letter = Array::of4(&BOARD.into(), &"".into(), &Float64Array::new_with_length(0), &board.letter());
            post(&self.worker, &(letter, Array::new()));
            self.board = Some((board, 0));
        }
    }

    fn write(&self, order: Order, spares: &mut Spares) {
        let letter = write(order, spares);
        match &mut *self.waiting.borrow_mut() {
            Some(waiting) => waiting.push(letter),
            None => post(&self.worker, &letter),
        }
    }

    /// The board and the order on it that asked for the last part.
    fn asked(&self) -> Option<(&Board, i32)> {
        let (board, _) = self.board.as_ref()?;
        Some((board, self.asked?))
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Crew for Workers {
    fn others(&self) -> usize {
        self.others.len()
    }

    fn tell(&mut self, which: usize, order: Order) {
        if self.others[which].is_none() {
            match Other::start(which, &self.inbox) {
                Ok(other) => self.others[which] = Some(other),
                Err(trouble) => say(&self.inbox, which, Err(trouble)),
            }
        }
        let mut inbox = self.inbox.borrow_mut();
        if let Order::Gradient { .. } = order {
            inbox.losses[which] = None;
        }
        if let Some(other) = &mut self.others[which] {
            other.tell(order, &mut inbox.spares);
        }
    }

    fn listen(&mut self) -> Pin<Box<dyn Future<Output = ()>>> {
        let on_boards = self.others.iter().flatten().all(|other| other.asked().is_some());
        let breath = self.breath.clone();
        Box::pin(async move {
            if !on_boards {
                breath.take().await;
            }
        })
    }

    fn losses(&self) -> Option<Vec<f32>> {
        let inbox = self.inbox.borrow();
        let loss = |(other, said): (&Option<Other>, &Option<f32>)| match other.as_ref()?.asked() {
            Some((board, number)) => board.loss(number),
            None => *said,
        };
        self.others.iter().zip(&inbox.losses).map(loss).collect()
    }

    fn parts(&mut self) -> Parts {
        let asked = |other: &Option<Other>| other.as_ref()?.asked().map(|(board, number)| (board.clone(), number));
        let asked: Vec<_> = self.others.iter().map(asked).collect();
        let (inbox, breath) = (self.inbox.clone(), self.breath.clone());
        Box::pin(async move {
            let mut parts = Vec::new();
            for (which, asked) in asked.into_iter().enumerate() {
                parts.push(part(which, asked, &inbox, &breath).await?);
            }
            Ok(parts)
        })
    }
}

/// One part: on the board that it was asked for on, else in a letter; and so is why there is none.
async fn part(
    which: usize,
    asked: Option<(Board, i32)>,
    inbox: &Rc<RefCell<Inbox>>,
    breath: &Breath,
) -> Result<Box<dyn Part>, String> {
    loop {
        let came = inbox.borrow_mut().parts[which].pop_front();
        if let Some(came) = came {
            return came.map(|array| Box::new(Came { array, inbox: inbox.clone() }) as Box<dyn Part>);
        }
        match &asked {
            Some((board, number)) if board.has_part(*number) => return Ok(Box::new(board.clone())),
            Some(_) => breath.take().await,
            None => {
                let promise = Promise::new(&mut |wake, _| inbox.borrow_mut().wake = Some(wake));
                let _ = JsFuture::from(promise).await;
            }
        }
    }
}

fn say(inbox: &RefCell<Inbox>, which: usize, part: Result<Float32Array, String>) {
    let mut inbox = inbox.borrow_mut();
    inbox.parts[which].push_back(part);
    if let Some(wake) = inbox.wake.take() {
        let _ = wake.call0(&JsValue::NULL);
    }
}

fn post(worker: &Worker, (letter, moved): &(Array, Array)) {
    worker.post_message_with_transfer(letter, moved).expect("a letter is plain data");
}

/// An order as a letter, [kind, text, words, numbers], and what of it changes hands.
fn write(order: Order, spares: &mut Spares) -> (Array, Array) {
    let mut text = String::new();
    let (kind, words, numbers) = match order {
        Order::Open(Opening { document, sample, table, part, parts }) => {
            text = document;
            let class = usize::from(sample.target == Target::Class);
            let (is_table, Table { rows, train, pictures }) = match table {
                Some(table) => (1, table),
                None => (0, Table { rows: 0, train: 0, pictures: false }),
            };
            // No network has 0 classes.
            let classes = sample.classes.unwrap_or(0);
            let mut words = vec![part, parts, class, classes, is_table, rows, train, usize::from(pictures)];
            words.extend(&sample.shape[..]);
            ("open", words.into_iter().map(|word| word as f64).collect(), JsValue::UNDEFINED)
        }
        Order::Write { name, offset, numbers } => {
            text = name;
            ("write", vec![offset as f64], spares.array(&numbers).into())
        }
        Order::WriteBytes { name, offset, bytes } => {
            text = name;
            ("bytes", vec![offset as f64], Uint8Array::from(&bytes[..]).into())
        }
        Order::Gradient { moment, given } => {
            let given = if given.is_empty() { JsValue::UNDEFINED } else { spares.array(&given).into() };
            ("gradient", written(&moment), given)
        }
        Order::Descend { moment, sum } => ("descend", written(&moment), spares.array(&sum).into()),
    };
    let moved = Array::new();
    if let Some(buffer) = js_sys::Reflect::get(&numbers, &"buffer".into()).ok().filter(JsValue::is_object) {
        moved.push(&buffer);
    }
    (Array::of4(&kind.into(), &text.into(), &Float64Array::from(&words[..]), &numbers), moved)
}

fn written(moment: &Moment) -> Vec<f64> {
    let Moment { batch, step, rate, position, slot } = moment;
    let of_the_set = f64::from(u8::from(matches!(batch, Batch::Order(_))));
    vec![of_the_set, batch.count() as f64, *step as f64, f64::from(*rate), f64::from(*position), f64::from(*slot)]
}

fn read_moment(words: &[f64]) -> Option<Moment> {
    let &[of_the_set, count, step, rate, position, slot] = words else { return None };
    let batch = if of_the_set == 1.0 { Batch::Order(count as usize) } else { Batch::Given(count as usize) };
    Some(Moment { batch, step: step as u64, rate: rate as f32, position: position as f32, slot: slot as f32 })
}

fn read_opening(document: String, words: &[f64]) -> Option<Opening> {
    let words: Vec<usize> = words.iter().map(|&word| word as usize).collect();
    let (&[part, parts, class, classes, is_table, rows, train, pictures], shape) = words.split_first_chunk()?;
    let target = if class == 1 { Target::Class } else { Target::Value };
    let sample = Sample { shape: shape.into(), target, classes: Some(classes).filter(|classes| *classes > 0) };
    let table = (is_table == 1).then_some(Table { rows, train, pictures: pictures == 1 });
    Some(Opening { document, sample, table, part, parts })
}

/// The order that a letter is; `None` for anything else.
pub(super) fn read(letter: &Array) -> Option<Order<'static>> {
    let (text, words) = (letter.get(1).as_string()?, letter.get(2).dyn_into::<Float64Array>().ok()?.to_vec());
    let offset = words.first().map_or(0, |offset| *offset as usize);
    let numbers = || Some(letter.get(NUMBERS).dyn_into::<Float32Array>().ok()?.to_vec());
    Some(match letter.get(0).as_string()?.as_str() {
        "open" => Order::Open(read_opening(text, &words)?),
        "write" => Order::Write { name: text, offset, numbers: numbers()?.into() },
        "bytes" => {
            let bytes = letter.get(NUMBERS).dyn_into::<Uint8Array>().ok()?.to_vec();
            Order::WriteBytes { name: text, offset, bytes: bytes.into() }
        }
        "gradient" => each_step(Kind::Gradient, &words, numbers().unwrap_or_default())?,
        "descend" => each_step(Kind::Descend, &words, numbers()?)?,
        _ => return None,
    })
}

pub(super) fn each_step(kind: Kind, moment: &[f64], numbers: Vec<f32>) -> Option<Order<'static>> {
    let (moment, numbers) = (read_moment(moment)?, numbers.into());
    Some(match kind {
        Kind::Gradient => Order::Gradient { moment, given: numbers },
        Kind::Descend => Order::Descend { moment, sum: numbers },
    })
}
