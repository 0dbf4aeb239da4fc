//! Upsampling: every pixel becomes a block. [n, h, w, c] → [n, h·factor, w·factor, c].

use super::{Build, Group, Layer, Remedy, Trouble, Work, none, picture};
use crate::{
    graph::Id,
    nn::field::{About, Field, Kind, Value, Values, Word},
    tensor::Shape,
};

pub static UPSAMPLE2D: Layer = Layer {
    about: About {
        id: "upsample2d",
        label: "Upsampling",
        help: "Makes the picture larger by a whole factor.",
        fields: &[
            Field::new("factor", "Factor", "How many times larger.", Kind::Count { min: 1, max: 32 }, Value::Count(2)),
            Field::new(
                "method",
                "Method",
                "What the new pixels hold.",
                Kind::Choice(METHODS),
                Value::Choice("nearest"),
            ),
        ],
    },
    group: Group::Pictures,
    joins: false,
    work: Some(Work { shape, parameters: none, build }),
};

const METHODS: &[Word] = &[
    Word::new("nearest", "Nearest", "Each pixel is repeated."),
    Word::new("bilinear", "Bilinear", "Neighbours are mixed by distance."),
];

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let [h, w, channels] = picture("Upsampling", &inputs[0])?;
    if values.choice("method") == "bilinear" {
        let message = "Bilinear upsampling cannot be computed yet; nearest can.";
        return Err(Trouble::new(message).at("method").mend(Remedy::Set("method", Value::Choice("nearest"))));
    }
    let factor = values.count("factor");
    Ok([h * factor, w * factor, channels].into())
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], _: &[Id]) -> Id {
    let [batch, h, w, channels] = b.sizes(inputs[0])[..] else { unreachable!("a batch of pictures") };
    let factor = values.count("factor");
    let spaced = b.graph.reshape(inputs[0], [batch, h, 1, w, 1, channels]);
    let blocks = b.graph.broadcast(spaced, [batch, h, factor, w, factor, channels]);
    b.graph.reshape(blocks, [batch, h * factor, w * factor, channels])
}
