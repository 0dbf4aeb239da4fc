//! Several who share a step: each computes the gradient of its part of the batch, all parts are summed in the order of the
//! parts, and each takes the same step along the sum. So all hold the same weights, bit for bit, and only gradients travel.
//!
//! The one who has the session leads. The others are [`Hand`]s, wherever they run; a [`Crew`] is the way to them. A step is
//! shared where that pays ([`WORTH`]) and where a part of a batch can be told from the whole: not with batch normalisation.

use super::compose::{Batch, Composer, Table};
use super::{Purpose, Session};
use crate::device::Device;
use crate::graph::{Graph, Node, Op, Rows};
use crate::plan::Tick;
use crate::spec::{Penalty, Sample, Spec, step};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// Multiplications from which on a step is worth sharing; telling each other costs about a tenth of that.
pub const WORTH: usize = 20_000_000;

/// How often the leader looks up from its gradient to see whether all losses are known.
const LOOKS: usize = 3;

/// What the leader asks of a hand.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Make ready for another document; weights and data follow.
    Open(Opening),
    Write {
        name: String,
        offset: usize,
        numbers: Vec<f32>,
    },
    WriteBytes {
        name: String,
        offset: usize,
        bytes: Vec<u8>,
    },
    /// Compute the gradient of your part, and say it. `given`: x of its rows and behind it y, where the batch was brought.
    Gradient {
        moment: Moment,
        given: Vec<f32>,
    },
    /// Take a step along the sum of all parts.
    Descend {
        moment: Moment,
        sum: Rc<Vec<f32>>,
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

/// What was promised: a part from each of the others, in their order.
pub type Parts = Pin<Box<dyn Future<Output = Result<Vec<Vec<f32>>, String>>>>;

/// The losses of those parts, if all are known by now.
pub type Losses = Pin<Box<dyn Future<Output = Option<Vec<f32>>>>>;

/// The way to the others.
pub trait Crew {
    fn others(&self) -> usize;

    /// Gives an order to one of the others, counted from 0.
    fn tell(&mut self, which: usize, order: Order);

    /// Hears what was said meanwhile; the losses come before the gradients.
    fn losses(&mut self) -> Losses;

    /// The gradients that were asked for last.
    fn parts(&mut self) -> Parts;
}

/// What is still to be done of a shared step.
#[derive(Clone)]
pub(super) enum Owed {
    /// The others and this session are at their parts, this one with this program.
    Sum(Moment, usize),
    /// The others take the step along the sum; this session does not yet.
    Step(Moment, Rc<Vec<f32>>),
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
    /// x and y of the last batch that was brought, should one of them be lost in the middle of a step.
    given: [Vec<f32>; 2],
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

impl Session {
    /// Shares large steps with others from now on; `document` is the text that the session was made of.
    pub fn employ(&mut self, crew: Box<dyn Crew>, document: &str) {
        self.shared = Some(Shared {
            crew,
            document: Some(document.into()),
            open: false,
            synced: false,
            worth: None,
            given: [vec![], vec![]],
        });
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
        let graph = self.composer().part(batch, rows(whole, 0, parts));
        let worth = multiplications(&graph) * parts >= WORTH;
        if let Some(shared) = &mut self.shared {
            shared.worth = Some((batch, worth));
        }
        worth
    }

    /// Begins a step that is shared, once [`Session::introduce`] was called: the others are told of it before this session takes
    /// the step before, if that is owed. `given`: x and y where the batch was brought, each a number of whole rows.
    pub(super) async fn join(&mut self, moment: Moment, given: [&[f32]; 2]) -> Result<(), String> {
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
            for which in 1..parts {
                shared.crew.tell(which - 1, Order::Gradient { moment: moment.clone(), given: own(which).concat() });
            }
            for (kept, given) in shared.given.iter_mut().zip(given) {
                kept.clear();
                kept.extend_from_slice(given);
            }
        }
        self.settle().await?;
        let program = self.begin_part(&moment, 0, parts, own(0)).await?;
        self.owed = Some(Owed::Sum(moment, program));
        Ok(())
    }

    /// The loss of a shared step, as soon as it is known.
    pub(super) async fn shared_loss(&mut self, batch: Batch) -> Result<f32, String> {
        // Without a penalty it is the sum of the parts' losses, which are there before the gradients.
        let plain = self.spec.penalty == Penalty::default();
        if plain && let Some(&Owed::Sum(_, program)) = self.owed.as_ref() {
            for _ in 0..LOOKS {
                self.device.advance();
                let Some(shared) = &mut self.shared else { break };
                if let Some(others) = shared.crew.losses().await {
                    let own = self.loss(program).await?;
                    return Ok(others.into_iter().fold(own, |sum, loss| sum + loss));
                }
            }
        }
        self.sum().await?;
        let purpose = match &self.owed {
            Some(Owed::Step(_, sum)) if plain => return Ok(sum[sum.len() - 2]),
            Some(_) => Purpose::Descend(batch),
            None => Purpose::Step(batch),
        };
        self.settle().await?;
        let program = self.program(purpose).await?;
        self.loss(program).await
    }

    /// Sums the parts of a step that was begun, if one was, and tells the others. Where one of them is lost, the crew is given up
    /// and the step is made alone.
    pub async fn sum(&mut self) -> Result<(), String> {
        let Some(Owed::Sum(moment, program)) = self.owed.clone() else { return Ok(()) };
        self.owed = None;
        let mut sum = self.end_part(program).await?;
        let others = match &mut self.shared {
            Some(shared) => shared.crew.parts().await,
            None => Ok(vec![]),
        };
        let Ok(others) = others else {
            let [x, y] = self.shared.take().map_or_else(Default::default, |shared| shared.given);
            let program = self.program(Purpose::Step(moment.batch)).await?;
            if !x.is_empty() {
                self.write_batch(moment.batch.count(), [&x, &y]);
            }
            self.run_at(program, &moment);
            return Ok(());
        };
        for part in others {
            assert_eq!(part.len(), sum.len(), "all parts are of one network");
            sum.iter_mut().zip(&part).for_each(|(sum, part)| *sum += part);
        }
        let sum = Rc::new(sum);
        if let Some(shared) = &mut self.shared {
            shared.tell_all(&Order::Descend { moment: moment.clone(), sum: sum.clone() });
        }
        self.owed = Some(Owed::Step(moment, sum));
        Ok(())
    }

    /// Does what others wait for: all that is left of the last step but this session's own step along the sum.
    pub async fn go_on(&mut self) -> Result<(), String> {
        self.device.finish();
        self.sum().await
    }

    /// Does what is left of the last step.
    pub async fn settle(&mut self) -> Result<(), String> {
        self.go_on().await?;
        if let Some(Owed::Step(moment, sum)) = self.owed.take() {
            let program = self.program(Purpose::Descend(moment.batch)).await?;
            self.device.write(super::compose::SUM, 0, &sum);
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

    /// Begins with a part of a batch: what it takes to say the loss, times the part's share of the batch. The program that does it.
    async fn begin_part(
        &mut self,
        moment: &Moment,
        part: usize,
        parts: usize,
        given: [&[f32]; 2],
    ) -> Result<usize, String> {
        let rows = rows(moment.batch.count(), part, parts);
        if !given[0].is_empty() {
            self.write_batch(rows.count, given);
        }
        let program = self.program(Purpose::Part(moment.batch, rows)).await?;
        self.device.begin(self.programs[program].loaded, self.tick_at(program, moment), "loss");
        Ok(program)
    }

    /// The gradient of a part that was begun, and behind it the part's loss and share of right answers, all times the part's
    /// share of the batch.
    async fn end_part(&mut self, program: usize) -> Result<Vec<f32>, String> {
        self.device.finish();
        self.device.read(self.programs[program].loaded, "part").await
    }

    /// The loss that a program has computed.
    pub(super) async fn loss(&mut self, program: usize) -> Result<f32, String> {
        Ok(self.device.read(self.programs[program].loaded, "loss").await?[0])
    }

    pub(super) fn write_batch(&mut self, count: usize, [x, y]: [&[f32]; 2]) {
        self.device.write(&super::compose::x(count), 0, x);
        self.device.write(&super::compose::y(count), 0, y);
    }

    fn tick_at(&self, program: usize, moment: &Moment) -> Tick {
        let named = [
            (step::RATE, moment.rate),
            (step::COUNT, moment.step as f32),
            (super::compose::POSITION, moment.position),
            (super::compose::SLOT, moment.slot),
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
    /// The program of the part that it is at.
    begun: Option<usize>,
}

impl Hand {
    /// Does as it is told; where that is to compute its part, it says the part's loss and leaves the rest to [`Hand::part`].
    pub async fn obey(&mut self, order: Order) -> Result<Option<f32>, String> {
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
                let target = if given.is_empty() { 0 } else { Composer::target(&session.composer()).count() };
                let (x, y) = given.split_at(given.len() - count * target);
                let program = session.begin_part(&moment, *part, *parts, [x, y]).await?;
                self.begun = Some(program);
                return session.loss(program).await.map(Some);
            }
            Order::Descend { moment, sum } => {
                session.owed = Some(Owed::Step(moment, sum));
                session.settle().await?;
            }
        }
        Ok(None)
    }

    /// The numbers of the part whose loss was said last.
    pub async fn part(&mut self) -> Result<Vec<f32>, String> {
        match (&mut self.session, self.begun.take()) {
            (Some((session, ..)), Some(program)) => session.end_part(program).await,
            _ => Err("No part was asked for.".into()),
        }
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
