//! Max pooling: the largest number of each window, so that small shifts do not matter.
//!
//! x: [n, h, w, c] → [n, h', w', c]; padding never wins.

use super::{Build, Group, Layer, Remedy, Trouble, Work, none, picture, window};
use crate::{
    graph::{Id, op::Pool},
    nn::field::{About, Field, Kind, Value, Values},
    tensor::Shape,
};

pub static MAX_POOL2D: Layer = Layer {
    about: About {
        id: "max-pool2d",
        label: "Max pooling",
        help: words!("Keeps the largest number of each window: smaller maps, small shifts forgiven."),
        fields: FIELDS,
    },
    group: Group::Pictures,
    joins: false,
    work: Work::new(shape, none, build),
};

/// The fields of both poolings.
pub const FIELDS: &[Field] = &[
    Field::new("size", "Window", "The height and width of a window.", SIDES, Value::Size([2, 2])),
    Field::like("stride", "Stride", "How far the window moves; as far as it is large, unless set.", SIDES, "size"),
    window::VALID,
];

const SIDES: Kind = Kind::Size { min: 1, max: 256 };

/// The shape that a pooling makes.
pub fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let [h, w, channels] = picture("Pooling", &inputs[0])?;
    let (size, stride) = (values.size("size"), values.size("stride"));
    let side = |length, i: usize| window::axis(length, size[i], stride[i], 1, values.choice("padding"));
    match (side(h, 0), side(w, 1)) {
        (Some(rows), Some(columns)) => Ok([rows.output, columns.output, channels].into()),
        _ => {
            let message = format!("The window of {} × {} is larger than the picture's {h} × {w}.", size[0], size[1]);
            Err(Trouble::new(message).at("size").mend(|| match h.min(w) {
                1 => Remedy::Remove,
                _ => Remedy::Set("padding", Value::Choice("same")),
            }))
        }
    }
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], _: &[Id]) -> Id {
    let pool = pool(b, values, inputs[0]);
    b.graph.max_pool(pool, inputs[0])
}

/// The windows of a pooling over a batch of pictures.
pub fn pool(b: &Build, values: &Values, x: Id) -> Pool {
    let [batch, h, w, channels] = b.sizes(x)[..] else { unreachable!("a batch of pictures") };
    let (size, stride) = (values.size("size"), values.size("stride"));
    let axis = |length, i: usize| {
        window::axis(length, size[i], stride[i], 1, values.choice("padding")).expect("a window that fits")
    };
    let (rows, columns) = (axis(h, 0), axis(w, 1));
    Pool {
        batch,
        input: [h, w],
        channels,
        output: [rows.output, columns.output],
        size,
        stride,
        padding: [rows.before, columns.before],
    }
}
