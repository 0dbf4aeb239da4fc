//! Several who share a step: each computes the gradient of its part of the batch, all parts are summed in the order of the
//! parts, and each takes the same step along the sum. So all hold the same weights, bit for bit, and only gradients travel.
//!
//! The one who has the session leads. The others are [`Hand`]s, wherever they run; a [`Crew`] is the way to them. A step is
//! shared where that pays ([`WORTH`]) and where a part of a batch can be told from the whole: not with batch normalisation.

use super::compose::{Batch, Composer, Table};
use super::{Purpose, Session};
use crate::device::Device;
use crate::graph::{Graph, Node, Op, Rows};
use crate::spec::{Sample, Spec, step};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// Multiplications from which on a step is worth sharing; telling each other costs about a tenth of that.
pub const WORTH: usize = 20_000_000;

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
    /// Take a step along the sum of all parts. Where there are two, this is the leader's alone, which is known before the sum.
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

/// The way to the others.
pub trait Crew {
    fn others(&self) -> usize;

    /// Gives an order to one of the others, counted from 0; numbers go along as a copy.
    fn tell(&mut self, which: usize, order: Order);

    /// The gradients that were asked for last.
    fn parts(&mut self) -> Parts;
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
        self.shared = Some(Shared { crew, document: Some(document.into()), open: false, synced: false, worth: None });
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

    /// The sum of all parts of a step, once [`Session::introduce`] was called; the others take the step, and
    /// [`Session::settle`] is left to do. `given`: x and y where the batch was brought, each a number of whole rows. Where one
    /// of the others is lost, the crew is given up: `false`.
    pub(super) async fn join(&mut self, moment: Moment, given: [&[f32]; 2]) -> Result<bool, String> {
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
        }
        let mut sum = Rc::new(self.gradient(&moment, 0, parts, own(0)).await?);
        if parts == 2 {
            self.tell_all(&moment, &sum);
        }
        let others = match &mut self.shared {
            Some(shared) => shared.crew.parts().await,
            None => Ok(vec![]),
        };
        let Ok(others) = others else {
            self.shared = None;
            return Ok(false);
        };
        for part in others {
            add(&mut sum, &part);
        }
        if parts > 2 {
            self.tell_all(&moment, &sum);
        }
        self.owed = Some((moment, sum));
        Ok(true)
    }

    fn tell_all(&mut self, moment: &Moment, sum: &Rc<Vec<f32>>) {
        if let Some(shared) = &mut self.shared {
            shared.tell_all(&Order::Descend { moment: moment.clone(), sum: sum.clone() });
        }
    }

    /// Does what is left of the last step: takes it along the sum of all parts, or all that comes after its loss.
    pub async fn settle(&mut self) -> Result<(), String> {
        self.device.finish();
        if let Some((moment, sum)) = self.owed.take() {
            let program = self.program(Purpose::Descend(moment.batch)).await?;
            self.device.write(super::compose::SUM, 0, &sum);
            self.run_at(program, &moment);
        }
        Ok(())
    }

    /// Gives the others what they lack.
    pub(super) async fn introduce(&mut self) -> Result<(), String> {
        let parts = self.parts();
        let Some(shared) = &self.shared else { return Ok(()) };
        let (open, synced) = (shared.open, shared.synced);
        if !open {
            let opening = Opening {
                document: shared.document.clone().expect("what is shared has a document"),
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
        if !(open && synced) {
            let memory = self.memory().await?;
            self.write(&memory.trained, &memory.moving, &memory.states);
            if let Some(shared) = &mut self.shared {
                shared.synced = true;
            }
        }
        Ok(())
    }

    /// The gradient of a part of a batch, and behind it the part's loss and share of right answers, all times the part's
    /// share of the batch.
    async fn gradient(
        &mut self,
        moment: &Moment,
        part: usize,
        parts: usize,
        [x, y]: [&[f32]; 2],
    ) -> Result<Vec<f32>, String> {
        let rows = rows(moment.batch.count(), part, parts);
        if !x.is_empty() {
            self.device.write(&super::compose::x(rows.count), 0, x);
            self.device.write(&super::compose::y(rows.count), 0, y);
        }
        let program = self.program(Purpose::Part(moment.batch, rows)).await?;
        self.run_at(program, moment);
        let loaded = self.programs[program].loaded;
        self.device.read(loaded, "part").await
    }

    fn run_at(&mut self, program: usize, moment: &Moment) {
        let named = [
            (step::RATE, moment.rate),
            (step::COUNT, moment.step as f32),
            (super::compose::POSITION, moment.position),
            (super::compose::SLOT, moment.slot),
        ];
        let Session { programs, device, spec, .. } = self;
        let tick = programs[program].plan.turn(spec.seed, moment.step as u32, &named);
        device.run(programs[program].loaded, &[tick]);
    }
}

/// One of the others: a session without data of its own that does as it is told.
#[derive(Default)]
pub struct Hand {
    session: Option<(Session, usize, usize)>,
    /// The numbers of its part, once it was asked for them.
    pub own: Vec<f32>,
}

impl Hand {
    /// Does as it is told, and says whether that was to compute its part.
    pub async fn obey(&mut self, order: Order) -> Result<bool, String> {
        if let Order::Open(opening) = order {
            let spec = Spec::parse(&opening.document).map_err(|error| error.to_string())?;
            let device = Device::Cpu(crate::device::cpu::Cpu::new());
            let session = Session::on(spec, &opening.sample, opening.table, device)?;
            self.session = Some((session, opening.part, opening.parts));
            return Ok(false);
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
                self.own = session.gradient(&moment, *part, *parts, [x, y]).await?;
                return Ok(true);
            }
            Order::Descend { moment, mut sum } => {
                if *parts == 2 {
                    add(&mut sum, &self.own);
                }
                session.owed = Some((moment, sum));
                session.settle().await?;
            }
        }
        Ok(false)
    }
}

/// Adds a part to others; nobody else holds them any more.
fn add(sum: &mut Rc<Vec<f32>>, part: &[f32]) {
    assert_eq!(part.len(), sum.len(), "all parts are of one network");
    let sum = Rc::get_mut(sum).expect("no letter holds it any more");
    sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
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
