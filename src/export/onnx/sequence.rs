//! Layers that read sequences. ONNX's recurrent operations have time in front: [time, n, in] → [time, directions, n, units].

use super::{
    build::{Builder, permute},
    proto::Attribute::{Whole, Wholes},
};
use crate::tensor::Shape;

/// Low enough that the share of a place that must not be seen is 0, and finite.
const UNSEEN: f32 = -1e30;

impl Builder<'_> {
    /// A recurrent layer; `order` gives for each of ONNX's gates the place of ours.
    pub fn steps(
        &mut self,
        x: &str,
        op: &'static str,
        order: &[usize],
        units: usize,
        sequences: bool,
    ) -> Result<String, String> {
        let gates = order.len();
        let arrange = |rows: &[f32], width: usize| -> Vec<f32> {
            order.iter().flat_map(|gate| rows[gate * units * width..][..units * width].to_vec()).collect()
        };
        let mut weights = Vec::new();
        for name in ["kernel", "recurrent-kernel"] {
            let weight = self.weight(name)?;
            let width = weight.shape[0];
            let (_, rows) = permute(&weight.shape, &weight.data, &[1, 0]);
            weights.push(self.numbers(name, [1, gates * units, width], arrange(&rows, width)));
        }
        let bias = self.weight("bias")?;
        let (input, state) = bias.data.split_at(gates * units);
        // only a GRU has a bias of the state's own
        let state = if state.is_empty() { vec![0.0; gates * units] } else { arrange(state, 1) };
        let bias = self.numbers("bias", [1, 2 * gates * units], [arrange(input, 1), state].concat());
        let x = self.transpose("time-first", x, &[1, 0, 2]);
        let mut attributes = vec![("hidden_size", Whole(units as i64))];
        if op == "GRU" {
            attributes.push(("linear_before_reset", Whole(1)));
        }
        let y = self.own(op, &[&x, &weights[0], &weights[1], &bias], attributes);
        if sequences {
            let one = self.wholes("directions", &[1]);
            let y = self.part("states", "Squeeze", &[&y, &one], vec![]);
            return Ok(self.transpose("batch-first", &y, &[1, 0, 2]));
        }
        // the last step's: [time, 1, n, units] → [1, n, units] → [n, units]
        let last = self.wholes("last", &[-1]);
        let y = self.part("last-state", "Gather", &[&y, &last], vec![("axis", Whole(0))]);
        let axes = self.wholes("axes", &[0, 1]);
        Ok(self.part("state", "Squeeze", &[&y, &axes], vec![]))
    }

    pub fn attention(&mut self, x: &str, shape: &Shape, heads: usize, causal: bool) -> Result<String, String> {
        let (time, width) = (shape[0], shape[1]);
        let apart = self.wholes("apart", &[0, time as i64, heads as i64, (width / heads) as i64]);
        let mut parts = Vec::new();
        // [n, heads, time, width], the keys turned for the product
        for (short, name, axes) in
            [("q", "query", [0, 2, 1, 3]), ("k", "key", [0, 2, 3, 1]), ("v", "value", [0, 2, 1, 3])]
        {
            let (w, bias) = (self.parameter(name)?, self.parameter(&format!("{name}-bias"))?);
            let product = self.part(&format!("{short}-product"), "MatMul", &[x, &w], vec![]);
            let mut y = self.part(&format!("{short}-sum"), "Add", &[&product, &bias], vec![]);
            if name == "query" {
                let scale = self.numbers("scale", [], vec![1.0 / ((width / heads) as f32).sqrt()]);
                y = self.part("q-scaled", "Mul", &[&y, &scale], vec![]);
            }
            let y = self.part(&format!("{short}-heads"), "Reshape", &[&y, &apart], vec![]);
            parts.push(self.part(short, "Transpose", &[&y], vec![("perm", Wholes(axes.to_vec()))]));
        }
        let mut scores = self.part("scores", "MatMul", &[&parts[0], &parts[1]], vec![]);
        if causal {
            let mask = (0..time).flat_map(|row| (0..time).map(move |column| if column > row { UNSEEN } else { 0.0 }));
            let mask = self.numbers("mask", [time, time], mask.collect());
            scores = self.part("seen", "Add", &[&scores, &mask], vec![]);
        }
        let shares = self.part("shares", "Softmax", &[&scores], vec![("axis", Whole(-1))]);
        let mixed = self.part("mixed", "MatMul", &[&shares, &parts[2]], vec![]);
        let mixed = self.transpose("time", &mixed, &[0, 2, 1, 3]);
        let whole = self.wholes("whole", &[0, time as i64, width as i64]);
        let mixed = self.part("together", "Reshape", &[&mixed, &whole], vec![]);
        let (w, bias) = (self.parameter("output")?, self.parameter("output-bias")?);
        let y = self.part("output-product", "MatMul", &[&mixed, &w], vec![]);
        Ok(self.own("Add", &[&y, &bias], vec![]))
    }
}
