//! Loss, optimizer and schedule of Keras 3, as Keras and TensorFlow programs share them.

use super::{
    Loss, Network, Optimizer, Schedule,
    code::{Writer, number},
};

/// The head of a program: constants, and the class of a rate that rises.
pub fn constants(w: &mut Writer, network: &Network, short_batches: bool) {
    w.line(format!("SEED = {}", network.seed));
    w.line(match network.data.set {
        Some(_) => format!("TRAIN = {}", network.data.train),
        None => {
            format!("TRAIN = {}  # how many of your samples to learn from; the rest is for testing", network.data.train)
        }
    });
    let rest = network.data.train % network.batch;
    w.line(match short_batches && network.data.set.is_some() && rest > 0 {
        true => {
            format!("BATCH = {}  # fit learns from the last {rest} samples too; Whisker leaves them out", network.batch)
        }
        false => format!("BATCH = {}", network.batch),
    });
    w.line(format!("EPOCHS = {}", network.epochs));
    if network.schedule != Schedule::Constant {
        w.line(match network.data.set {
            None => "STEPS_PER_EPOCH = 1  # a batch that the caller brings counts as an epoch in Whisker's schedule",
            Some(_) if short_batches && rest > 0 => "STEPS_PER_EPOCH = -(-TRAIN // BATCH)",
            Some(_) => "STEPS_PER_EPOCH = TRAIN // BATCH",
        });
    }
    w.line("\nkeras.utils.set_random_seed(SEED)\n");
    if network.has_penalty() {
        let (l1, l2) = (number(network.penalty.l1), number(network.penalty.l2));
        w.line(format!("penalty = keras.regularizers.L1L2(l1={l1}, l2={l2})\n"));
    }
    w.blank();
}

/// Classes for training: a rate that rises.
pub fn classes(w: &mut Writer, network: &Network) {
    if network.warmup > 0 {
        w.line(
            "class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    \"\"\"Lets the learning rate rise over the first steps.\"\"\"

    def __init__(self, schedule, steps):
        self.schedule = schedule
        self.steps = steps

    def __call__(self, step):
        rate = self.schedule(step) if callable(self.schedule) else self.schedule
        return rate * ops.minimum(1.0, (ops.cast(step, \"float32\") + 1.0) / self.steps)

    def get_config(self):
        return {\"schedule\": self.schedule, \"steps\": self.steps}

",
        );
    }
}

/// `optimizer = …`, with its schedule before it.
pub fn optimizer(w: &mut Writer, network: &Network) {
    let base = number(network.rate);
    let of = |epochs: f64| match epochs {
        1.0 => "STEPS_PER_EPOCH".to_string(),
        _ => format!("{} * STEPS_PER_EPOCH", number(epochs)),
    };
    let schedules = "keras.optimizers.schedules";
    let mut rate = match network.schedule {
        Schedule::Constant => base,
        Schedule::Step { every, factor } => format!(
            "{schedules}.ExponentialDecay({base}, decay_steps={}, decay_rate={}, staircase=True)",
            of(every),
            number(factor)
        ),
        Schedule::Exponential { factor } => {
            format!("{schedules}.ExponentialDecay({base}, decay_steps=STEPS_PER_EPOCH, decay_rate={})", number(factor))
        }
        Schedule::Cosine { epochs } => format!("{schedules}.CosineDecay({base}, decay_steps={})", of(epochs)),
        Schedule::Linear { epochs } => {
            format!("{schedules}.PolynomialDecay({base}, decay_steps={}, end_learning_rate=0.0)", of(epochs))
        }
    };
    let scheduled = network.schedule != Schedule::Constant;
    if scheduled {
        w.line(format!("schedule = {rate}"));
        rate = "schedule".into();
    }
    if network.warmup > 0 {
        w.line(format!("schedule = WarmUp({rate}, {})", network.warmup));
        rate = "schedule".into();
    }
    let clip = network.clip_norm.map_or(String::new(), |most| format!(", global_clipnorm={}", number(most)));
    let optimizers = "keras.optimizers";
    let text = match network.optimizer {
        Optimizer::Sgd { momentum: 0.0, .. } => format!("optimizer = {optimizers}.SGD({rate}{clip})"),
        Optimizer::Sgd { momentum, nesterov } => {
            if scheduled || network.warmup > 0 {
                w.line("# the momentum holds steps here, rate included; Whisker's holds gradients: they part where the rate changes");
            }
            let nesterov = if nesterov { ", nesterov=True" } else { "" };
            format!("optimizer = {optimizers}.SGD({rate}, momentum={}{nesterov}{clip})", number(momentum))
        }
        Optimizer::Rmsprop { rho, epsilon } => {
            w.line("# epsilon stands under the root here, beside it in Whisker: so its square");
            let epsilon = squared(epsilon);
            format!("optimizer = {optimizers}.RMSprop({rate}, rho={}, epsilon={epsilon}{clip})", number(rho))
        }
        Optimizer::Adagrad { epsilon } => {
            w.line("# epsilon stands under the root here, beside it in Whisker: so its square");
            let epsilon = squared(epsilon);
            format!("optimizer = {optimizers}.Adagrad({rate}, initial_accumulator_value=0.0, epsilon={epsilon}{clip})")
        }
        Optimizer::Adam { beta_1, beta_2, epsilon, decay } => {
            let betas = match (beta_1, beta_2) {
                (0.9, 0.999) => String::new(),
                _ => format!(", beta_1={}, beta_2={}", number(beta_1), number(beta_2)),
            };
            // both put epsilon beside the root, Keras before the root is corrected for its start: too small to matter
            let rest = format!("{betas}, epsilon={}", number(epsilon.max(1e-12)));
            match decay {
                Some(decay) => {
                    format!("optimizer = {optimizers}.AdamW({rate}, weight_decay={}{rest}{clip})", number(decay))
                }
                None => format!("optimizer = {optimizers}.Adam({rate}{rest}{clip})"),
            }
        }
    };
    w.line(text);
}

/// An epsilon that is moved under the root; no less than what keeps 0 / 0 away.
fn squared(epsilon: f64) -> String {
    number(format!("{:.6e}", (epsilon * epsilon).max(1e-30)).parse().expect("a number"))
}

/// The loss as an object of `keras.losses`, and what it takes.
pub fn loss(loss: Loss) -> (&'static str, &'static str) {
    match loss {
        Loss::CrossEntropy => {
            ("SparseCategoricalCrossentropy(from_logits=True)", "  # takes logits: the softmax is inside")
        }
        Loss::BinaryCrossEntropy => ("BinaryCrossentropy(from_logits=True)", "  # takes logits: the sigmoid is inside"),
        Loss::MeanSquaredError => ("MeanSquaredError()", ""),
        Loss::MeanAbsoluteError => ("MeanAbsoluteError()", ""),
        Loss::Huber => ("Huber(delta=1.0)", ""),
        Loss::Hinge => ("Hinge()", "  # targets are -1 and 1"),
    }
}
