//! Whisker's weights as a PyTorch module keeps them: names, axes and the order of gates.

use super::{Cell, Kind, Layer, Network, code::Writer, name::quoted, wrap::PYTHON};

/// The names, within the module, of the weights that the penalty is on.
pub fn penalised(network: &Network) -> Vec<String> {
    let of = |layer: &Layer| match layer.kind {
        Kind::Attention { .. } => vec!["in_proj_weight", "out_proj.weight"],
        Kind::Recurrent { .. } => vec!["weight_ih_l0", "weight_hh_l0"],
        _ if layer.parameters.iter().any(|one| one.penalised) => vec!["weight"],
        _ => Vec::new(),
    };
    network.used().flat_map(|layer| of(layer).into_iter().map(|name| format!("{}.{name}", layer.id))).collect()
}

/// The program that puts weights from `weights.npz` into the module.
pub fn loader(network: &Network) -> Writer {
    let mut w = Writer::breaking("    ", PYTHON);
    w.line("\"\"\"Puts Whisker's weights, from weights.npz, into the model of train.py.\"\"\"\n\nimport numpy as np\nimport torch\n\n");
    if network.any(|layer| matches!(layer.kind, Kind::Recurrent { cell: Cell::Gru, .. })) {
        w.line(
            "def gates(weight):
    \"\"\"From z, r, h to PyTorch's order r, z, n.\"\"\"
    z, r, h = weight.chunk(3, dim=-1)
    return torch.cat((r, z, h), dim=-1)

",
        );
    }
    w.block("def load(model, path=\"weights.npz\"):", |w| {
        w.line("weights = {name: torch.from_numpy(value) for name, value in np.load(path).items()}\nstate = {");
        w.indented(|w| {
            for layer in network.used() {
                let rows = rows(layer);
                w.of(layer, |w| {
                    rows.iter().for_each(|(name, value)| w.line(format!("\"{}{name}\": {value},", layer.id)))
                });
            }
        });
        w.line("}\nmodel.load_state_dict(state)");
    });
    w
}

/// (what follows the layer's name in the module's state, the expression that makes it)
fn rows(layer: &Layer) -> Vec<(&'static str, String)> {
    let weight = |name: &str| {
        let one = layer.parameters.iter().find(|one| one.name == name).expect("a parameter of the layer");
        format!("weights[{}]", quoted(&one.full))
    };
    let with_bias = |kernel: String| {
        let bias = layer.parameters.iter().any(|one| one.name == "bias").then(|| (".bias", weight("bias")));
        [(".weight", kernel)].into_iter().chain(bias).collect()
    };
    match layer.kind {
        Kind::Dense { .. } | Kind::Rbm { .. } => with_bias(weight("kernel") + ".T"),
        Kind::Conv2d { .. } | Kind::Conv2dTranspose { .. } => with_bias(weight("kernel") + ".permute(3, 2, 0, 1)"),
        Kind::DepthwiseConv2d { .. } => with_bias(weight("kernel") + ".flatten(2).unsqueeze(2).permute(3, 2, 0, 1)"),
        Kind::BatchNorm { .. } => vec![
            (".weight", weight("gamma")),
            (".bias", weight("beta")),
            (".running_mean", weight("moving-mean")),
            (".running_var", weight("moving-variance")),
            (".num_batches_tracked", "torch.tensor(0)".to_string()),
        ],
        Kind::LayerNorm { .. } => vec![(".weight", weight("gamma")), (".bias", weight("beta"))],
        Kind::Embedding { .. } => vec![(".weight", weight("embeddings"))],
        Kind::Position { .. } => vec![("", weight("embeddings"))],
        Kind::Recurrent { cell: Cell::Gru, .. } => vec![
            (".weight_ih_l0", format!("gates({}).T", weight("kernel"))),
            (".weight_hh_l0", format!("gates({}).T", weight("recurrent-kernel"))),
            (".bias_ih_l0", format!("gates({}[0])", weight("bias"))),
            (".bias_hh_l0", format!("gates({}[1])", weight("bias"))),
        ],
        Kind::Recurrent { .. } => vec![
            (".weight_ih_l0", weight("kernel") + ".T"),
            (".weight_hh_l0", weight("recurrent-kernel") + ".T"),
            (".bias_ih_l0", weight("bias")),
            (".bias_hh_l0", format!("torch.zeros_like({})", weight("bias"))),
        ],
        Kind::Attention { .. } => {
            let joined = |names: [&str; 3], axis| format!("torch.cat(({}), dim={axis})", names.map(weight).join(", "));
            vec![
                (".in_proj_weight", joined(["query", "key", "value"], 1) + ".T"),
                (".in_proj_bias", joined(["query-bias", "key-bias", "value-bias"], 0)),
                (".out_proj.weight", weight("output") + ".T"),
                (".out_proj.bias", weight("output-bias")),
            ]
        }
        Kind::MaxPool2d { .. }
        | Kind::AvgPool2d { .. }
        | Kind::GlobalMaxPool2d
        | Kind::GlobalAvgPool2d
        | Kind::Upsample2d { .. }
        | Kind::Flatten
        | Kind::Reshape
        | Kind::Activation
        | Kind::Dropout { .. }
        | Kind::GaussianNoise { .. }
        | Kind::Add
        | Kind::Multiply
        | Kind::Concat { .. } => Vec::new(),
    }
}
