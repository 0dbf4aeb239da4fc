//! The engine as a program has it: a session, of which nothing is drawn. Each [`Call`] is one or two of its methods, and the
//! result is the [`Reply`].

use super::pick::{self, Gpu};
use super::program::{Call, Reply};
use super::protocol::Choice;
use super::{host, set};
use crate::spec::Spec;
use crate::train::Session;

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
    pub async fn call(&mut self, call: Call) -> Result<Reply, String> {
        match call {
            Call::Create { document, device, workers } => {
                let spec = Spec::parse(&document).map_err(|error| error.to_string())?;
                let data = set::make(&spec).await?;
                let first = pick::exactly(device, &mut self.gpu).await?;
                let mut session = Session::create(spec, first, data).await?;
                if let Some(crew) = host::crew(workers.map_or(0, |workers| workers as usize - 1)) {
                    session.employ(crew, &document);
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
                let session = self.session()?;
                let (mut left, mut loss) = (steps as usize, f32::NAN);
                while left > 0 {
                    let made = session.steps(left).await?;
                    left -= made.len();
                    loss = made.last().expect("a step was made").loss;
                }
                let milliseconds = host::now() - start;
                let samples = f64::from(steps) * session.spec().batch as f64;
                let samples_per_second = if milliseconds > 0.0 { 1000.0 * samples / milliseconds } else { 0.0 };
                Ok(Reply::Trained { step: session.step() as u32, loss, milliseconds, samples_per_second })
            }
            Call::TrainBatch { x, y } => Ok(Reply::Loss(self.session()?.train_batch(&x, &y).await?)),
            Call::Evaluate => {
                let evaluation = self.session()?.evaluate().await?;
                Ok(Reply::Evaluated { loss: evaluation.loss, accuracy: Some(evaluation.accuracy()) })
            }
            Call::Predict { x } => Ok(Reply::Predicted(self.session()?.predict(&x).await?)),
            Call::Weights => Ok(Reply::Weights(self.session()?.weights().await?)),
            Call::SetWeights(weights) => {
                self.session()?.set_weights(&weights).await?;
                Ok(Reply::Done)
            }
        }
    }

    /// Uses an idle moment to draw samples ahead; `false` when all is done.
    pub fn idle(&mut self) -> bool {
        self.session.as_mut().is_some_and(|session| session.prepare(16))
    }

    fn session(&mut self) -> Result<&mut Session, String> {
        self.session.as_mut().ok_or_else(|| "There is no network yet: open a document first.".into())
    }
}
