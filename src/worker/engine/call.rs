//! Calls of the programming interface: each is one or two of [`Session`]'s methods, and its result is the reply.

use super::Engine;
use crate::spec::Spec;
use crate::train::Session;
use crate::worker::program::{Call, Reply};
use crate::worker::protocol::Choice;
use crate::worker::{host, pick};

impl Engine {
    /// Answers a call of a program.
    pub async fn call(&mut self, call: Call) -> Result<Reply, String> {
        match call {
            Call::Create { document, device, workers } => {
                let spec = Spec::parse(&document).map_err(|error| error.to_string())?;
                let data = self.make(&spec).await?;
                self.choice = device;
                let (device, _) = pick::exactly(device, &mut self.gpu).await?;
                let mut session = Session::create(spec, device, data).await?;
                if let Some(crew) = host::crew(workers.map_or(0, |workers| workers as usize - 1)) {
                    session.employ(crew);
                }
                let (device, _) = pick::kind(session.device());
                self.session = Some(session);
                if self.choice == Choice::Auto {
                    // A caller waits for the first step anyway: the race is run before it.
                    self.settle().await?;
                }
                let device = self.session.as_ref().map_or(device, |session| pick::kind(session.device()).0);
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
}
