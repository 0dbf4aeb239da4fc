//! Schedules: how the learning rate changes as training goes. One row each in [`SCHEDULES`].
//!
//! rate = learning-rate · s(e) · min(1, (t + 1) / warmup): t counts steps from 0, e epochs from 0 with its fraction.
//! To add one: a row with its s.

use std::fmt;

use super::field::{About, Field, Kind, Value, Values};

/// Every schedule that a document may name.
pub static SCHEDULES: &[&Schedule] = &[
    &Schedule {
        about: About {
            id: "constant",
            label: words!("Constant"),
            help: words!("The learning rate stays as it is."),
            fields: &[WARMUP],
        },
        share: |_, _| 1.0,
    },
    &Schedule {
        about: About {
            id: "step",
            label: words!("Stairs"),
            help: words!("The learning rate drops by a factor every few epochs."),
            fields: &[
                Field::needed(
                    "every",
                    "Every",
                    "How many epochs a stair is long.",
                    Kind::Number { min: 1e-3, max: 1e6, log: false },
                    Value::Number(10.0),
                ),
                factor(0.5),
                WARMUP,
            ],
        },
        share: |values, epoch| shrunk(values, (epoch / values.number("every")).floor()),
    },
    &Schedule {
        about: About {
            id: "exponential",
            label: words!("Exponential"),
            help: words!("The learning rate shrinks by a factor each epoch, smoothly."),
            fields: &[factor(0.9), WARMUP],
        },
        share: |values, epoch| shrunk(values, epoch),
    },
    &Schedule {
        about: About {
            id: "cosine",
            label: words!("Cosine"),
            help: words!("The learning rate glides to 0 along half a wave."),
            fields: &[EPOCHS, WARMUP],
        },
        share: |values, epoch| 0.5 * (1.0 + libm::cos(std::f64::consts::PI * way(values, epoch))),
    },
    &Schedule {
        about: About {
            id: "linear",
            label: words!("Linear"),
            help: words!("The learning rate falls to 0 in a straight line; with a warm-up it is a triangle."),
            fields: &[EPOCHS, WARMUP],
        },
        share: |values, epoch| 1.0 - way(values, epoch),
    },
];

/// The factor so many times over.
fn shrunk(values: &Values, times: f64) -> f64 {
    if times == 0.0 { 1.0 } else { libm::exp(times * libm::log(values.number("factor"))) }
}

/// How far it is on the way to 0: from 0 to 1.
fn way(values: &Values, epoch: f64) -> f64 {
    (epoch / values.number("epochs")).min(1.0)
}

const EPOCHS: Field = Field::needed(
    "epochs",
    "Epochs",
    "When it reaches 0.",
    Kind::Number { min: 1e-3, max: 1e6, log: false },
    Value::Number(20.0),
);

const WARMUP: Field = Field::new(
    "warmup",
    "Warm-up",
    "Over how many steps the learning rate rises to its full size.",
    Kind::Count { min: 0, max: 1_000_000 },
    Value::Count(0),
);

const fn factor(start: f64) -> Field {
    Field::needed(
        "factor",
        "Factor",
        "What the learning rate is multiplied by.",
        Kind::Number { min: 0.0, max: 10.0, log: false },
        Value::Number(start),
    )
}

/// One row of [`SCHEDULES`].
pub struct Schedule {
    pub about: About,
    /// s: (values, epochs so far with their fraction) → the share of the learning rate.
    pub share: fn(&Values, f64) -> f64,
}

impl Schedule {
    /// The learning rate of step `step`, counted from 0; `base` is the optimizer's.
    pub fn rate(&self, values: &Values, base: f64, step: u64, steps_per_epoch: f64) -> f64 {
        let warm = match values.count("warmup") {
            0 => 1.0,
            warmup => ((step + 1) as f64 / warmup as f64).min(1.0),
        };
        base * (self.share)(values, step as f64 / steps_per_epoch.max(1.0)) * warm
    }
}

/// The row of this name.
pub fn find(id: &str) -> Option<&'static Schedule> {
    SCHEDULES.iter().copied().find(|schedule| schedule.about.id == id)
}

/// The schedule of a document that names none.
pub fn usual() -> &'static Schedule {
    SCHEDULES[0]
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Schedule) -> bool {
        self.about.id == other.about.id
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.about.id)
    }
}
