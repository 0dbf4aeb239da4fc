//! The engine as a program has it: a session, of which nothing is drawn. Each [`Call`] is one or two of its methods, and the
//! result is the [`Reply`].

use super::pick::{self, Gpu};
use super::program::{Call, Reply};
use super::protocol::Choice;
use super::{host, set};
use crate::spec::Spec;
use crate::train::Session;
use std::future::Future;
use std::pin::Pin;

/// What trains and answers behind a program.
pub struct Solo {
    session: Option<Session>,
    gpu: Gpu,
}

impl Default for Solo {
    fn default() -> Solo {
        Solo { session: None, gpu: Gpu::Unknown }
    }
}

impl Solo {
    /// Answers a call.
    pub async fn call(&mut self, call: &Call) -> Result<Reply, String> {
        match call {
            Call::TrainBatch { x, y } => Ok(Reply::Loss(self.open()?.begin_batch(x, y).await?)),
            _ => self.rare(call).await,
        }
    }

    /// Answers what is not called again and again. A function of its own, since a browser compiles what runs often once more.
    fn rare<'a>(&'a mut self, call: &'a Call) -> Pin<Box<dyn Future<Output = Result<Reply, String>> + 'a>> {
        Box::pin(self.answer(call))
    }

    async fn answer(&mut self, call: &Call) -> Result<Reply, String> {
        match call {
            Call::Create { document, device, workers } => {
                let device = *device;
                let spec = Spec::parse(document).map_err(|error| error.to_string())?;
                let data = set::make(&spec).await?;
                // Two sessions at a time would take twice the memory, and to open a graphics card takes long.
                let old = self.session.take().map(Session::close);
                let first = match old.filter(|old| pick::suits(device, old)) {
                    Some(old) => old,
                    None => pick::exactly(device, &mut self.gpu).await?,
                };
                let mut session = Session::create(spec, first, data).await?;
                if let Some(crew) = host::crew(workers.map_or(0, |workers| workers as usize - 1)) {
                    session.employ(crew, document);
                }
                // A caller waits for the first step anyway: the race is run before it.
                if device == Choice::Auto
                    && let (Some(faster), _) = pick::again(device, &mut self.gpu, &session).await?
                {
                    session.move_to(faster).await?;
                }
                let (device, _) = pick::kind(session.device());
                self.session = Some(session);
                Ok(Reply::Created { device })
            }
            Call::Train { steps } => {
                let start = host::now();
                let session = self.session().await?;
                let (mut left, mut loss) = (*steps as usize, f32::NAN);
                while left > 0 {
                    let made = session.steps(left).await?;
                    left -= made.len();
                    loss = made.last().expect("a step was made").loss;
                }
                let milliseconds = host::now() - start;
                let samples = f64::from(*steps) * session.spec().batch as f64;
                let samples_per_second = if milliseconds > 0.0 { 1000.0 * samples / milliseconds } else { 0.0 };
                Ok(Reply::Trained { step: session.step() as u32, loss, milliseconds, samples_per_second })
            }
            Call::TrainBatch { .. } => unreachable!("it was answered already"),
            Call::Evaluate => {
                let evaluation = self.session().await?.evaluate().await?;
                Ok(Reply::Evaluated { loss: evaluation.loss, accuracy: Some(evaluation.accuracy()) })
            }
            Call::Predict { x } => Ok(Reply::Predicted(self.session().await?.predict(x).await?)),
            Call::Weights => Ok(Reply::Weights(self.session().await?.weights().await?)),
            Call::SetWeights(weights) => {
                self.session().await?.set_weights(weights).await?;
                Ok(Reply::Done)
            }
        }
    }

    /// Uses an idle moment to go on with the last step and to draw samples ahead; `false` when all is done.
    pub async fn idle(&mut self) -> Result<bool, String> {
        match &mut self.session {
            Some(session) => {
                session.go_on().await?;
                Ok(session.prepare(16))
            }
            None => Ok(false),
        }
    }

    fn open(&mut self) -> Result<&mut Session, String> {
        self.session.as_mut().ok_or_else(|| "There is no network yet: open a document first.".into())
    }

    /// The session, the last step ended.
    async fn session(&mut self) -> Result<&mut Session, String> {
        let session = self.open()?;
        session.settle().await?;
        Ok(session)
    }
}
