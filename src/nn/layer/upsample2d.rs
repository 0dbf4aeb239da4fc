//! Upsampling: every pixel becomes a block. [n, h, w, c] → [n, h·factor, w·factor, c].
//!
//! Bilinear: the middle of the i-th new pixel lies at (i + ½) / factor − ½ of the old ones and mixes its two neighbours by
//! distance; beyond the edge the last pixel goes on.

use super::{Build, Group, Layer, Trouble, Work, none, picture};
use crate::{
    graph::{Graph, Id},
    nn::field::{About, Field, Kind, Value, Values, Word},
    tensor::{Shape, Tensor},
};

pub static UPSAMPLE2D: Layer = Layer {
    about: About {
        id: "upsample2d",
        label: "Upsampling",
        help: words!("Makes the picture larger by a whole factor."),
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
    work: Work::new(shape, none, build),
};

const METHODS: &[Word] = &[
    Word::new("nearest", "Nearest", "Each pixel is repeated."),
    Word::new("bilinear", "Bilinear", "Neighbours are mixed by distance."),
];

fn shape(values: &Values, inputs: &[Shape]) -> Result<Shape, Trouble> {
    let [h, w, channels] = picture("Upsampling", &inputs[0])?;
    let factor = values.count("factor");
    Ok([h * factor, w * factor, channels].into())
}

fn build(b: &mut Build, values: &Values, inputs: &[Id], _: &[Id]) -> Id {
    let [batch, h, w, channels] = b.sizes(inputs[0])[..] else { unreachable!("a batch of pictures") };
    let factor = values.count("factor");
    if values.choice("method") == "bilinear" {
        let taller = mix(b.graph, inputs[0], 1, factor);
        return mix(b.graph, taller, 2, factor);
    }
    let spaced = b.graph.reshape(inputs[0], [batch, h, 1, w, 1, channels]);
    let blocks = b.graph.broadcast(spaced, [batch, h, factor, w, factor, channels]);
    b.graph.reshape(blocks, [batch, h * factor, w * factor, channels])
}

/// Makes one axis longer: the new pixel p of each old one is a weighted sum of this one, the one before and the one after.
fn mix(g: &mut Graph, x: Id, axis: usize, factor: usize) -> Id {
    let mut sizes = g.shape(x).to_vec();
    let length = sizes[axis];
    // the same pixels moved by one place, the edge repeated
    let part = |g: &mut Graph, from: usize, count: usize| {
        let (mut start, mut counts) = (vec![0; sizes.len()], sizes.clone());
        (start[axis], counts[axis]) = (from, count);
        g.slice(x, &start, &counts, &vec![1; sizes.len()])
    };
    let (before, after) = match length {
        1 => (x, x),
        _ => {
            let (first, rest) = (part(g, 0, 1), part(g, 0, length - 1));
            let before = g.concat(&[first, rest], axis);
            let (rest, last) = (part(g, 1, length - 1), part(g, length - 1, 1));
            (before, g.concat(&[rest, last], axis))
        }
    };
    // how far each of the new pixels lies from the old one
    let apart = |p: usize| (p as f64 + 0.5) / factor as f64 - 0.5;
    let weights: [fn(f64) -> f64; 3] = [|d| (-d).max(0.0), |d| 1.0 - d.abs(), |d| d.max(0.0)];
    let mut spaced = sizes.clone();
    spaced.insert(axis + 1, 1);
    let mut of_weights = vec![1; spaced.len()];
    of_weights[axis + 1] = factor;
    let parts = [before, x, after].into_iter().zip(weights).map(|(x, weight)| {
        let weights = (0..factor).map(|p| weight(apart(p)) as f32).collect();
        let weights = g.constant(Tensor::new(of_weights.clone(), weights));
        let x = g.reshape(x, spaced.clone());
        g.mul(x, weights)
    });
    let [a, b, c] = parts.collect::<Vec<Id>>()[..] else { unreachable!("three parts") };
    let sum = g.add(a, b);
    let sum = g.add(sum, c);
    sizes[axis] *= factor;
    g.reshape(sum, sizes)
}
