//! Several who share a step: each computes the gradient of its part of the batch, all parts are summed in the order of the
//! parts, and each takes the same step along the sum. So all hold the same weights, bit for bit, and only gradients travel.
//!
//! The one who has the session leads. The others are [`Hand`]s, wherever they run; a [`Crew`] is the way to them. A step is
//! shared where that pays ([`WORTH`]) and where a part of a batch can be told from the whole: not with batch normalisation.

use super::compose::{self, Batch, Composer, Table};
use super::{Purpose, Session};
use crate::device::Device;
use crate::graph::{Graph, Node, Op, Rows};
use crate::plan::Tick;
use crate::spec::{Penalty, Sample, Spec, step};
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

/// Multiplications from which on a step is worth sharing; telling each other costs about a tenth of that.
pub const WORTH: usize = 20_000_000;

/// How often the leader looks up from its gradient to see whether all losses are known.
const LOOKS: usize = 3;

/// What the leader asks of a hand.
#[derive(Clone, Debug, PartialEq)]
pub enum Order<'a> {
    /// Make ready for another document; weights and data follow.
    Open(Opening),
    Write {
        name: String,
        offset: usize,
        numbers: Cow<'a, [f32]>,
    },
    WriteBytes {
        name: String,
        offset: usize,
        bytes: Cow<'a, [u8]>,
    },
    /// Compute the gradient of your part, and say it. `given`: x of its rows and behind it y, where the batch was brought.
    Gradient {
        moment: Moment,
        given: Cow<'a, [f32]>,
    },
    /// Take a step along the sum of all parts. Where there are two, this is the leader's alone, which is known before the sum.
    Descend {
        moment: Moment,
        sum: Cow<'a, [f32]>,
    },
}

/// What a hand must know of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    pub document: String,
    pub sample: Sample,
    pub table: Option<Table>,
    /// Which part of each batch is its own, of how many.
    pub part: usize,
    pub parts: usize,
}

/// When a step is, and on what.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The whole batch.
    pub batch: Batch,
    /// Counted from 0.
    pub step: u64,
    /// The scheduled rate, and where in the epoch and the log it is.
    pub rate: f32,
    pub position: f32,
    pub slot: f32,
}

/// A part as it came.
pub trait Part {
    /// Copies its numbers, of which there are as many as in every part of a network.
    fn put(&self, to: &mut [f32]);
}

impl Part for Vec<f32> {
    fn put(&self, to: &mut [f32]) {
        to.copy_from_slice(self);
    }
}

/// What was promised: a part from each of the others, in their order.
pub type Parts = Pin<Box<dyn Future<Output = Result<Vec<Box<dyn Part>>, String>>>>;

/// The way to the others.
pub trait Crew {
    fn others(&self) -> usize;

    /// Gives an order to one of the others, counted from 0.
    fn tell(&mut self, which: usize, order: Order);

    /// Hears what was said meanwhile.
    fn listen(&mut self) -> Pin<Box<dyn Future<Output = ()>>>;

    /// The losses of the parts that were asked for last, in their order, if all were said; each is said before its gradient.
    fn losses(&self) -> Option<Vec<f32>>;

    /// The gradients that were asked for last.
    fn parts(&mut self) -> Parts;
}

/// What is still to be done of a shared step.
pub(super) enum Owed {
    /// All are at their parts.
    Sum(Moment),
    /// The others take the step along the sum, which has so many terms; this session does not yet.
    Step(Moment, usize),
}

/// A session's crew, and how much of the session they know.
pub(super) struct Shared {
    crew: Box<dyn Crew>,
    /// The session's document as it was read; none once that was revised. (To write one anew takes code that nothing else in
    /// the engine needs.)
    pub document: Option<String>,
    /// They have the document and the data.
    pub open: bool,
    /// They have the weights.
    pub synced: bool,
    /// Whether a step on such a batch is worth sharing.
    worth: Option<(Batch, bool)>,
    /// What each was given for the step that is not over, should one of them be lost in the middle of it.
    given: Vec<Vec<f32>>,
}

impl Shared {
    pub fn tell_all(&mut self, order: &Order) {
        (0..self.crew.others()).for_each(|which| self.crew.tell(which, order.clone()));
    }
}

/// The rows of part `which` of `parts` of a batch.
pub fn rows(batch: usize, which: usize, parts: usize) -> Rows {
    let from = batch * which / parts;
    Rows { from, count: batch * (which + 1) / parts - from, whole: batch }
}

/// How many numbers a step sums itself: each of two hears the other's part; where there are more, the leader sums them.
fn terms(parts: usize) -> usize {
    if parts == 2 { 2 } else { 1 }
}

impl Session {
    /// Shares large steps with others from now on; `document` is the text that the session was made of.
    pub fn employ(&mut self, crew: Box<dyn Crew>, document: &str) {
        let document = Some(document.into());
        self.shared = Some(Shared { crew, document, open: false, synced: false, worth: None, given: vec![] });
    }

    /// Goes on sharing after a revision; `document` is the text that it was revised to.
    pub fn employ_again(&mut self, document: &str) {
        if let Some(shared) = &mut self.shared {
            shared.document = Some(document.into());
        }
    }

    /// How many share the steps on the document's batches.
    pub fn workers(&mut self) -> usize {
        let batch = self.spec.batch;
        let batch = if self.data.is_some() { Batch::Order(batch) } else { Batch::Given(batch) };
        if self.is_shared(batch) { self.parts() } else { 1 }
    }

    pub(super) fn parts(&self) -> usize {
        1 + self.shared.as_ref().map_or(0, |shared| shared.crew.others())
    }

    /// Whether steps on such a batch are shared.
    pub(super) fn is_shared(&mut self, batch: Batch) -> bool {
        let parts = self.parts();
        let whole = batch.count();
        if parts < 2 || whole < parts || self.layout.moving > 0 || !matches!(self.device, Device::Cpu(_)) {
            return false;
        }
        if self.shared.as_ref().is_none_or(|shared| shared.document.is_none()) {
            return false;
        }
        if let Some((of, worth)) = self.shared.as_ref().and_then(|shared| shared.worth)
            && of == batch
        {
            return worth;
        }
        // A step is thrice the way forward, which is put together in a moment.
        let graph = self.composer().answer(Batch::Given(whole));
        let worth = 3 * multiplications(&graph) >= WORTH;
        if let Some(shared) = &mut self.shared {
            shared.worth = Some((batch, worth));
        }
        worth
    }

    /// Begins a step that is shared, once [`Session::introduce`] was called: the others are told of it before this session takes
    /// the step before, if that is owed. `given`: x and y where the batch was brought, each a number of whole rows. The loss of
    /// this session's part, times the part's share of the batch.
    pub(super) async fn join(&mut self, moment: Moment, given: [&[f32]; 2]) -> Result<f32, String> {
        self.sum().await?;
        let (parts, count) = (self.parts(), moment.batch.count());
        let own = |which: usize| {
            let rows = rows(count, which, parts);
            given.map(|numbers| {
                let width = numbers.len() / count;
                &numbers[rows.from * width..][..rows.count * width]
            })
        };
        if let Some(shared) = &mut self.shared {
            shared.given = (1..parts).map(|which| own(which).concat()).collect();
            for (which, given) in shared.given.iter().enumerate() {
                shared.crew.tell(which, Order::Gradient { moment: moment.clone(), given: given.into() });
            }
        }
        self.settle().await?;
        let loss = self.begin_part(&moment, 0, parts, own(0)).await?;
        self.owed = Some(Owed::Sum(moment));
        Ok(loss)
    }

    /// The loss of a shared step that was begun, as soon as it is known; `own` is that of this session's part.
    pub(super) async fn shared_loss(&mut self, batch: Batch, own: f32) -> Result<f32, String> {
        // Without a penalty it is the sum of the parts' losses, which are there before the gradients.
        let plain = self.spec.penalty == Penalty::default();
        let told = |session: &Session| {
            let others = session.shared.as_ref()?.crew.losses()?;
            Some(others.into_iter().fold(own, |sum, loss| sum + loss))
        };
        if plain {
            for _ in 0..LOOKS {
                self.device.advance();
                let Some(shared) = &mut self.shared else { break };
                shared.crew.listen().await;
                if let Some(loss) = told(self) {
                    return Ok(loss);
                }
            }
        }
        self.sum().await?;
        if plain && let Some(loss) = told(self) {
            return Ok(loss);
        }
        let terms = if let Some(Owed::Step(_, terms)) = self.owed { terms } else { 1 };
        self.settle().await?;
        let program = self.program(Purpose::Descend(batch, terms)).await?;
        self.loss(program).await
    }

    /// Brings the parts of a step that was begun together, if one was. Where one of the others is lost, the crew is given up and
    /// this session does their parts too.
    pub async fn sum(&mut self) -> Result<(), String> {
        let begun = self.owed.take_if(|owed| matches!(owed, Owed::Sum(_)));
        let Some(Owed::Sum(moment)) = begun else { return Ok(()) };
        self.device.finish();
        let terms = terms(self.parts());
        if terms == 2 {
            self.pass(&moment);
        }
        let others = match &mut self.shared {
            Some(shared) => shared.crew.parts().await,
            None => Ok(vec![]),
        };
        let others = match others {
            Ok(others) => others,
            Err(_) => self.stand_in(&moment).await?,
        };
        let count = self.device.numbers(compose::PARTS[0]).len();
        match &others[..] {
            [other] => other.put(self.device.room(compose::PARTS[1], count)),
            _ => {
                let mut numbers = vec![0.0; count];
                for part in others {
                    part.put(&mut numbers);
                    let sum = self.device.room(compose::PARTS[0], count);
                    sum.iter_mut().zip(&numbers).for_each(|(sum, part)| *sum += part);
                }
                self.pass(&moment);
            }
        }
        self.owed = Some(Owed::Step(moment, terms));
        Ok(())
    }

    /// Has all others take the step along this session's part, or sum.
    fn pass(&mut self, moment: &Moment) {
        let Session { shared, device, .. } = self;
        if let Some(shared) = shared {
            let sum = device.numbers(compose::PARTS[0]).into();
            shared.tell_all(&Order::Descend { moment: moment.clone(), sum });
        }
    }

    /// The parts of the others, who are given up.
    async fn stand_in(&mut self, moment: &Moment) -> Result<Vec<Box<dyn Part>>, String> {
        let Some(shared) = self.shared.take() else { return Ok(vec![]) };
        let own = self.device.numbers(compose::PARTS[0]).to_vec();
        let parts = shared.given.len() + 1;
        let mut others: Vec<Box<dyn Part>> = Vec::new();
        for (which, given) in shared.given.iter().enumerate() {
            let given = self.unpacked(given, rows(moment.batch.count(), which + 1, parts).count);
            self.begin_part(moment, which + 1, parts, given).await?;
            self.device.finish();
            others.push(Box::new(self.device.numbers(compose::PARTS[0]).to_vec()));
        }
        self.device.write(compose::PARTS[0], 0, &own);
        Ok(others)
    }

    /// Does what others wait for: all that is left of the last step but this session's own step along the sum.
    pub async fn go_on(&mut self) -> Result<(), String> {
        self.device.finish();
        self.sum().await
    }

    /// Does what is left of the last step.
    pub async fn settle(&mut self) -> Result<(), String> {
        self.go_on().await?;
        if let Some(Owed::Step(moment, terms)) = self.owed.take() {
            let program = self.program(Purpose::Descend(moment.batch, terms)).await?;
            self.run_at(program, &moment);
        }
        Ok(())
    }

    /// Gives the others what they lack.
    pub(super) async fn introduce(&mut self) -> Result<(), String> {
        let parts = self.parts();
        let Some(&Shared { open, synced, .. }) = self.shared.as_ref() else { return Ok(()) };
        if open && synced {
            return Ok(());
        }
        self.settle().await?;
        if !open {
            let document = self.shared.as_ref().and_then(|shared| shared.document.clone());
            let opening = Opening {
                document: document.expect("what is shared has a document"),
                sample: self.network.sample.clone(),
                table: self.table(),
                part: 0,
                parts,
            };
            if let Some(shared) = &mut self.shared {
                (shared.open, shared.synced, shared.worth) = (true, false, None);
                for which in 0..shared.crew.others() {
                    shared.crew.tell(which, Order::Open(Opening { part: which + 1, ..opening.clone() }));
                }
            }
            self.upload().await?;
        }
        let memory = self.memory().await?;
        self.write(&memory.trained, &memory.moving, &memory.states);
        if let Some(shared) = &mut self.shared {
            shared.synced = true;
        }
        Ok(())
    }

    /// x and y of so many rows that were given; nothing where nothing was.
    fn unpacked<'a>(&self, given: &'a [f32], count: usize) -> [&'a [f32]; 2] {
        let target = if given.is_empty() { 0 } else { Composer::target(&self.composer()).count() };
        given.split_at(given.len() - count * target).into()
    }

    /// Begins with a part of a batch: what it takes to say its loss, times the part's share of the batch.
    async fn begin_part(
        &mut self,
        moment: &Moment,
        part: usize,
        parts: usize,
        given: [&[f32]; 2],
    ) -> Result<f32, String> {
        let rows = rows(moment.batch.count(), part, parts);
        if !given[0].is_empty() {
            self.write_batch(rows.count, given);
        }
        let program = self.program(Purpose::Part(moment.batch, rows)).await?;
        self.device.begin(self.programs[program].loaded, self.tick_at(program, moment), "loss");
        self.loss(program).await
    }

    /// The loss that a program has computed.
    pub(super) async fn loss(&mut self, program: usize) -> Result<f32, String> {
        Ok(self.device.read(self.programs[program].loaded, "loss").await?[0])
    }

    pub(super) fn write_batch(&mut self, count: usize, [x, y]: [&[f32]; 2]) {
        self.device.write(&compose::x(count), 0, x);
        self.device.write(&compose::y(count), 0, y);
    }

    fn tick_at(&self, program: usize, moment: &Moment) -> Tick {
        let named = [
            (step::RATE, moment.rate),
            (step::COUNT, moment.step as f32),
            (compose::POSITION, moment.position),
            (compose::SLOT, moment.slot),
        ];
        self.programs[program].plan.turn(self.spec.seed, moment.step as u32, &named)
    }

    fn run_at(&mut self, program: usize, moment: &Moment) {
        let tick = self.tick_at(program, moment);
        self.device.run(self.programs[program].loaded, &[tick]);
    }
}

/// One of the others: a session without data of its own that does as it is told.
#[derive(Default)]
pub struct Hand {
    session: Option<(Session, usize, usize)>,
}

impl Hand {
    /// Does as it is told; where that is to compute its part, it says the part's loss and leaves the rest to [`Hand::part`].
    pub async fn obey(&mut self, order: Order<'_>) -> Result<Option<f32>, String> {
        if let Order::Open(opening) = order {
            let spec = Spec::parse(&opening.document).map_err(|error| error.to_string())?;
            let device = Device::Cpu(crate::device::cpu::Cpu::new());
            let session = Session::on(spec, &opening.sample, opening.table, device)?;
            self.session = Some((session, opening.part, opening.parts));
            return Ok(None);
        }
        let (session, part, parts) = self.session.as_mut().ok_or("There is no document yet: open one first.")?;
        match order {
            Order::Open(_) => unreachable!("it was opened above"),
            Order::Write { name, offset, numbers } => session.device.write(&name, offset, &numbers),
            Order::WriteBytes { name, offset, bytes } => session.device.write_bytes(&name, offset, &bytes),
            Order::Gradient { moment, given } => {
                let count = rows(moment.batch.count(), *part, *parts).count;
                let given = session.unpacked(&given, count);
                return session.begin_part(&moment, *part, *parts, given).await.map(Some);
            }
            Order::Descend { moment, sum } => {
                let terms = terms(*parts);
                session.device.write(compose::PARTS[terms - 1], 0, &sum);
                session.owed = Some(Owed::Step(moment, terms));
                session.settle().await?;
            }
        }
        Ok(None)
    }

    /// The part whose loss was said last, once the rest of it is computed: its gradient, and behind it its loss and share of right
    /// answers, all times its share of the batch.
    pub fn part(&mut self) -> &[f32] {
        let Some((session, ..)) = &mut self.session else { return &[] };
        session.device.finish();
        session.device.numbers(compose::PARTS[0])
    }
}

/// The multiplications of a graph's products and convolutions.
fn multiplications(graph: &Graph) -> usize {
    let of = |node: &Node| match &node.op {
        Op::Matmul { transpose_a, .. } => {
            let a = graph.shape(node.inputs[0]);
            node.shape.count() * a[a.len() - if *transpose_a { 2 } else { 1 }]
        }
        Op::Conv { conv, .. } => {
            let [_, w, y] = conv.shapes();
            y.iter().product::<usize>() * w[..3].iter().product::<usize>()
        }
        _ => 0,
    };
    graph.nodes.iter().map(of).sum()
}
