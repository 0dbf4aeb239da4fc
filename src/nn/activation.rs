//! Activation functions: one row each, used by the `activation` field of layers and by the layer `activation`.

use crate::graph::{Graph, Id};

use super::field::{Field, Kind, Value, Word};

/// One row of [`ACTIVATIONS`].
#[derive(Debug)]
pub struct Activation {
    pub word: Word,
    /// Whether kernels before it start with He's normal numbers rather than Glorot's uniform ones.
    pub rectifies: bool,
    /// Whether a gradient flows through it.
    pub differentiable: bool,
    pub apply: fn(&mut Graph, Id) -> Id,
}

/// Every activation, in the order of the palette.
pub static ACTIVATIONS: &[Activation] = &[
    row("linear", "Linear", "Leaves the number as it is.", false, |_, x| x),
    row("relu", "ReLU", "Keeps what is positive and cuts the rest to 0.", true, Graph::relu),
    row("leaky-relu", "Leaky ReLU", "Keeps what is positive; the rest shrinks to a hundredth.", true, |g, x| {
        let small = g.scale(x, 0.01);
        g.max(x, small)
    }),
    row("elu", "ELU", "Keeps what is positive; the rest bends smoothly towards −1.", true, |g, x| {
        let zero = g.scalar(0.0);
        let below = g.min(x, zero);
        let bent = g.exp(below);
        let bent = g.shift(bent, -1.0);
        let positive = g.less(zero, x);
        g.select(positive, x, bent)
    }),
    row("gelu", "GELU", "x times the chance that a normal number is below x.", true, |g, x| {
        let scaled = g.scale(x, std::f32::consts::FRAC_1_SQRT_2);
        let erf = g.erf(scaled);
        let twice = g.shift(erf, 1.0);
        let chance = g.scale(twice, 0.5);
        g.mul(x, chance)
    }),
    row("silu", "SiLU", "x times sigmoid of x.", true, |g, x| {
        let gate = g.sigmoid(x);
        g.mul(x, gate)
    }),
    row("sigmoid", "Sigmoid", "Squeezes every number into 0 to 1.", false, Graph::sigmoid),
    row("tanh", "Tanh", "Squeezes every number into −1 to 1.", false, Graph::tanh),
    row("softplus", "Softplus", "A smooth ReLU: log(1 + eˣ).", false, Graph::softplus),
    row("softmax", "Softmax", "Turns the last axis into shares that sum to 1.", false, |g, x| {
        let last = g.shape(x).len() - 1;
        g.softmax(x, last)
    }),
    Activation {
        word: Word::new("step", "Step", "1 from 0 upwards, else 0: McCulloch and Pitts' neuron. It has no gradient."),
        rectifies: false,
        differentiable: false,
        apply: nodes!(|_, _| Graph::step),
    },
];

/// The same as words of a choice.
pub static WORDS: [Word; ACTIVATIONS.len()] = {
    let mut words = [ACTIVATIONS[0].word; ACTIVATIONS.len()];
    let mut i = 0;
    while i < words.len() {
        words[i] = ACTIVATIONS[i].word;
        i += 1;
    }
    words
};

/// The field `activation` of a layer with weights.
pub const FIELD: Field = Field::new(
    "activation",
    "Activation",
    "The function that every result goes through.",
    Kind::Choice(&WORDS),
    Value::Choice("linear"),
);

/// The row of this name.
pub fn find(id: &str) -> &'static Activation {
    ACTIVATIONS.iter().find(|row| row.word.id == id).expect("an activation's id")
}

const fn row(
    id: &'static str,
    label: &'static str,
    help: &'static str,
    rectifies: bool,
    apply: fn(&mut Graph, Id) -> Id,
) -> Activation {
    Activation { word: Word::new(id, label, help), rectifies, differentiable: true, apply: nodes!(|_, _| apply) }
}
