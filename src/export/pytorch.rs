//! PyTorch: a module, and the loop that trains it.

use super::{
    Cell, Framework, Kind, Layer, Loss, Network, Optimizer, Program, Schedule, Source,
    code::{Writer, number},
    keras,
    name::remark,
    pytorch_layer::Dialect,
    pytorch_weight,
    wrap::PYTHON,
};
use crate::{nn::Target, spec::Stop};

pub static PYTORCH: Framework = Framework { id: "pytorch", label: "PyTorch", language: "python", write };

fn write(network: &Network) -> Program {
    let mut p = Program::begin(network);
    for layer in network.used().filter(|layer| matches!(layer.kind, Kind::Rbm { .. })) {
        p.note_on(layer, super::keras_layer::RBM);
    }
    let mut w = Writer::breaking("    ", PYTHON);
    let w = &mut w;
    w.line(format!("\"\"\"{}, in PyTorch.\"\"\"\n", remark(&network.title)));
    if network.schedule != Schedule::Constant
        && matches!(network.schedule, Schedule::Cosine { .. } | Schedule::Step { .. })
    {
        w.line("import math\n");
    }
    w.line("import numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\nfrom torch.utils.data import DataLoader, TensorDataset\n");
    constants(w, network);
    starts(w, network);
    module(w, network);
    keras::data(w, network);
    augment(w, network);
    loss(w, network);
    prepare(w, network);
    train_epoch(w, network);
    evaluate(w, network);
    main(w, network);
    let whole = std::mem::replace(w, Writer::new(""));
    p.file("train.py", whole);
    p.file("weights.py", pytorch_weight::loader(network));
    p
}

fn constants(w: &mut Writer, network: &Network) {
    w.line("DEVICE = \"cuda\" if torch.cuda.is_available() else \"cpu\"");
    w.line(format!("SEED = {}", network.seed));
    w.line(match network.data.set {
        Some(_) => format!("TRAIN = {}", network.data.train),
        None => {
            format!("TRAIN = {}  # how many of your samples to learn from; the rest is for testing", network.data.train)
        }
    });
    w.line(format!("BATCH = {}\nEPOCHS = {}", network.batch, network.epochs));
    if network.schedule != Schedule::Constant {
        w.line(match network.data.set {
            None => "STEPS_PER_EPOCH = 1  # a batch that the caller brings counts as an epoch in Whisker's schedule",
            Some(_) => "STEPS_PER_EPOCH = TRAIN // BATCH",
        });
    }
    w.line("\ntorch.manual_seed(SEED)\n\n");
}

/// Functions that give layers Whisker's initial values.
fn starts(w: &mut Writer, network: &Network) {
    let weighs = |layer: &Layer| {
        matches!(
            layer.kind,
            Kind::Dense { .. }
                | Kind::Rbm { .. }
                | Kind::Conv2d { .. }
                | Kind::DepthwiseConv2d { .. }
                | Kind::Conv2dTranspose { .. }
        )
    };
    if network.any(|layer| weighs(layer) && layer.function.rectifies()) {
        w.line(
            "def he(layer):
    nn.init.kaiming_normal_(layer.weight, nonlinearity=\"relu\")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer

",
        );
    }
    if network.any(|layer| weighs(layer) && !layer.function.rectifies()) {
        w.line(
            "def glorot(layer):
    nn.init.xavier_uniform_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer

",
        );
    }
    if network.any(|layer| matches!(layer.kind, Kind::Recurrent { .. })) {
        let of =
            |wanted: Cell| network.any(|layer| matches!(layer.kind, Kind::Recurrent { cell, .. } if cell == wanted));
        w.block("def recurrent(layer):", |w| {
            w.line("nn.init.xavier_uniform_(layer.weight_ih_l0)");
            w.line("for gate in layer.weight_hh_l0.chunk(layer.weight_hh_l0.shape[0] // layer.hidden_size):");
            w.line("    nn.init.orthogonal_(gate)");
            w.line("nn.init.zeros_(layer.bias_ih_l0)\nnn.init.zeros_(layer.bias_hh_l0)");
            if of(Cell::Simple) || of(Cell::Lstm) {
                w.line("if not isinstance(layer, nn.GRU):");
                w.line("    layer.bias_hh_l0.requires_grad_(False)  # there are two biases here; Whisker has one");
            }
            if of(Cell::Lstm) {
                w.line("if isinstance(layer, nn.LSTM):");
                w.line("    nn.init.ones_(layer.bias_ih_l0.data[layer.hidden_size : 2 * layer.hidden_size])");
            }
            w.line("return layer\n\n");
        });
    }
}

fn module(w: &mut Writer, network: &Network) {
    let dialect = Dialect::new(network);
    w.block("class Network(nn.Module):", |w| {
        w.block("def __init__(self):", |w| {
            w.line("super().__init__()");
            for layer in network.used() {
                w.of(layer, |w| dialect.attribute(w, layer));
            }
        });
        w.blank();
        w.block("def forward(self, x):", |w| {
            if dialect.turned(&network.input) {
                w.line("x = x.permute(0, 3, 1, 2)  # channels first: (n, h, w, c) to (n, c, h, w)");
            }
            let input = network.variable(Source::Input);
            if input != "x" {
                w.line(format!("{input} = x"));
            }
            for layer in network.used() {
                w.of(layer, |w| dialect.step(w, layer));
            }
            let output = dialect.last("x", &network.last().shape);
            w.line(format!("return {output}"));
        });
    });
    w.line("\n");
}

/// Augmentation of a batch on its device: one affine map a picture, and then its numbers.
fn augment(w: &mut Writer, network: &Network) {
    if network.augment.is_empty() {
        return;
    }
    let has = |id: &str| network.augment.contains(&id);
    w.block("def augment(x):", |w| {
        w.line("\"\"\"Pictures (n, h, w, c), each changed in its own way.\"\"\"\nn = len(x)\n");
        w.block("def uniform(low, high):", |w| w.line("return torch.empty(n, device=x.device).uniform_(low, high)"));
        w.blank();
        if ["flip", "shift", "rotate", "crop"].into_iter().any(has) {
            w.line("where = torch.eye(3, device=x.device).repeat(n, 1, 1)");
            let map = |w: &mut Writer, rows: &[&str]| {
                w.line("step = torch.eye(3, device=x.device).repeat(n, 1, 1)");
                rows.iter().for_each(|row| w.line(row));
                w.line("where = where @ step");
            };
            if has("flip") {
                map(w, &["step[:, 0, 0] = uniform(-1.0, 1.0).sign()"]);
            }
            if has("shift") {
                map(w, &["step[:, 0, 2] = uniform(-0.25, 0.25)", "step[:, 1, 2] = uniform(-0.25, 0.25)"]);
            }
            if has("rotate") {
                map(
                    w,
                    &[
                        "angle = torch.deg2rad(uniform(-15.0, 15.0))",
                        "step[:, 0, 0], step[:, 1, 1] = angle.cos(), angle.cos()",
                        "step[:, 0, 1] = -angle.sin() * x.shape[1] / x.shape[2]",
                        "step[:, 1, 0] = angle.sin() * x.shape[2] / x.shape[1]",
                    ],
                );
            }
            if has("crop") {
                map(
                    w,
                    &[
                        "size = uniform(0.75, 1.0)",
                        "step[:, 0, 0], step[:, 1, 1] = size, size",
                        "step[:, 0, 2] = uniform(-1.0, 1.0) * (1 - size)",
                        "step[:, 1, 2] = uniform(-1.0, 1.0) * (1 - size)",
                    ],
                );
            }
            w.line("grid = F.affine_grid(where[:, :2], (n, x.shape[3], *x.shape[1:3]), align_corners=False)");
            w.line("x = F.grid_sample(x.permute(0, 3, 1, 2), grid, padding_mode=\"border\", align_corners=False)");
            w.line("x = x.permute(0, 2, 3, 1)");
        }
        if has("colour") {
            w.line("bright, contrast, strength = (");
            w.line("    uniform(low, high).view(n, 1, 1, 1) for low, high in ((-0.1, 0.1), (0.8, 1.2), (0.7, 1.3))\n)");
            w.line("grey = x.mean(3, keepdim=True)");
            w.line("x = (((x - grey) * strength + grey - 0.5) * contrast + 0.5 + bright).clamp(0, 1)");
        }
        if has("noise") {
            w.line("x = (x + 0.04 * torch.randn_like(x)).clamp(0, 1)");
        }
        w.line("return x");
    });
    w.line("\n");
}

fn loss(w: &mut Writer, network: &Network) {
    let positions = network.target == Target::Class && network.last().shape.len() > 1;
    w.block("def loss_of(output, y):", |w| {
        w.line(match network.loss {
            Loss::CrossEntropy if positions => {
                "return F.cross_entropy(output.flatten(0, -2), y.flatten())  # takes logits: the softmax is inside"
            }
            Loss::CrossEntropy => "return F.cross_entropy(output, y)  # takes logits: the softmax is inside",
            Loss::BinaryCrossEntropy => {
                "return F.binary_cross_entropy_with_logits(output, y)  # takes logits: the sigmoid is inside"
            }
            Loss::MeanSquaredError => "return F.mse_loss(output, y)",
            Loss::MeanAbsoluteError => "return F.l1_loss(output, y)",
            Loss::Huber => "return F.huber_loss(output, y)",
            Loss::Hinge => "return F.relu(1 - y * output).mean()  # targets are -1 and 1",
        });
    });
    w.line("\n");
    if network.has_penalty() {
        w.block("def penalty(model):", |w| {
            w.line("weights = (");
            pytorch_weight::penalised(network).iter().for_each(|name| w.line(format!("    model.{name},")));
            w.line(")");
            let parts: Vec<String> = [(network.penalty.l1, "weight.abs()"), (network.penalty.l2, "weight.square()")]
                .into_iter()
                .filter(|(factor, _)| *factor != 0.0)
                .map(|(factor, sizes)| format!("{} * {sizes}.sum()", number(factor)))
                .collect();
            w.line(format!("return sum({} for weight in weights)", parts.join(" + ")));
        });
        w.line("\n");
    }
}

/// The function `prepare`: the optimizer, and the schedule where there is one.
fn prepare(w: &mut Writer, network: &Network) {
    let scheduled = has_schedule(network);
    if scheduled {
        w.block("def share(step):", |w| {
            w.line("\"\"\"The share of the learning rate in a step, counted from 0.\"\"\"");
            let factor = match network.schedule {
                Schedule::Constant => String::new(),
                Schedule::Step { every, factor } => {
                    format!("{} ** math.floor(epoch / {})", number(factor), number(every))
                }
                Schedule::Exponential { factor } => format!("{} ** epoch", number(factor)),
                Schedule::Cosine { epochs } => {
                    format!("0.5 * (1 + math.cos(math.pi * min(1.0, epoch / {})))", number(epochs))
                }
                Schedule::Linear { epochs } => format!("(1 - min(1.0, epoch / {}))", number(epochs)),
            };
            if !factor.is_empty() {
                w.line("epoch = step / STEPS_PER_EPOCH");
            }
            let warm = match network.warmup {
                0 => None,
                warmup => Some(format!("min(1.0, (step + 1) / {warmup})")),
            };
            let all: Vec<String> = [Some(factor).filter(|text| !text.is_empty()), warm].into_iter().flatten().collect();
            w.line(format!("return {}", all.join(" * ")));
        });
        w.line("\n");
    }
    w.block("def prepare(model):", |w| {
        let rate = number(network.rate);
        let head = "optimizer = torch.optim";
        w.line(match network.optimizer {
            Optimizer::Sgd { momentum: 0.0, .. } => format!("{head}.SGD(model.parameters(), lr={rate})"),
            Optimizer::Sgd { momentum, nesterov } => {
                let nesterov = if nesterov { ", nesterov=True" } else { "" };
                format!("{head}.SGD(model.parameters(), lr={rate}, momentum={}{nesterov})", number(momentum))
            }
            Optimizer::Rmsprop { rho, epsilon } => {
                format!("{head}.RMSprop(model.parameters(), lr={rate}, alpha={}, eps={})", number(rho), number(epsilon))
            }
            Optimizer::Adagrad { epsilon } => {
                format!("{head}.Adagrad(model.parameters(), lr={rate}, eps={})", number(epsilon))
            }
            Optimizer::Adam { beta_1, beta_2, epsilon, decay } => {
                let mut rest = String::new();
                if (beta_1, beta_2) != (0.9, 0.999) {
                    rest += &format!(", betas=({}, {})", number(beta_1), number(beta_2));
                }
                if epsilon != 1e-8 {
                    rest += &format!(", eps={}", number(epsilon.max(1e-12)));
                }
                match decay {
                    Some(decay) => {
                        format!("{head}.AdamW(model.parameters(), lr={rate}{rest}, weight_decay={})", number(decay))
                    }
                    None => format!("{head}.Adam(model.parameters(), lr={rate}{rest})"),
                }
            }
        });
        if scheduled {
            w.line("return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, share)");
        } else {
            w.line("return (optimizer,)");
        }
    });
    w.line("\n");
}

fn has_schedule(network: &Network) -> bool {
    network.schedule != Schedule::Constant || network.warmup > 0
}

fn train_epoch(w: &mut Writer, network: &Network) {
    let schedule = if has_schedule(network) { ", schedule" } else { "" };
    w.block(format!("def train_epoch(model, loader, optimizer{schedule}):"), |w| {
        w.line("\"\"\"One epoch; the mean of the losses before each step.\"\"\"");
        w.line("model.train()\ntotal = 0.0\nfor x, y in loader:");
        w.indented(|w| {
            w.line("x, y = x.to(DEVICE), y.to(DEVICE)");
            let x = if network.augment.is_empty() { "x" } else { "augment(x)" };
            let penalty = if network.has_penalty() { " + penalty(model)" } else { "" };
            w.line(format!("loss = loss_of(model({x}), y){penalty}"));
            w.line("optimizer.zero_grad()\nloss.backward()");
            if let Some(most) = network.clip_norm {
                w.line(format!("nn.utils.clip_grad_norm_(model.parameters(), {})", number(most)));
            }
            w.line("optimizer.step()");
            if has_schedule(network) {
                w.line("schedule.step()");
            }
            w.line("total += loss.item()");
        });
        w.line("return total / len(loader)");
    });
    w.line("\n");
}

fn evaluate(w: &mut Writer, network: &Network) {
    let classes = network.target == Target::Class;
    w.line("@torch.no_grad()");
    w.block("def evaluate(model, loader):", |w| {
        w.line("model.eval()");
        w.line(if classes { "total = right = count = 0" } else { "total = count = 0" });
        w.line("for x, y in loader:");
        w.indented(|w| {
            w.line("x, y = x.to(DEVICE), y.to(DEVICE)\noutput = model(x)");
            w.line("total += loss_of(output, y).item() * len(y)");
            if classes {
                w.line("right += (output.argmax(-1) == y).float().mean().item() * len(y)");
            }
            w.line("count += len(y)");
        });
        w.line(if classes { "return total / count, right / count" } else { "return total / count" });
    });
    w.line("\n");
}

fn main(w: &mut Writer, network: &Network) {
    let classes = network.target == Target::Class;
    w.block("def loaders():", |w| {
        let kind = if classes { "torch.long" } else { "torch.float32" };
        w.line(format!(
            "train, test = (\n    TensorDataset(torch.from_numpy(x), torch.from_numpy(y).to({kind})) for x, y in load_data()\n)"
        ));
        w.line("return DataLoader(train, BATCH, shuffle=True, drop_last=True), DataLoader(test, 256)");
    });
    w.line("\n");
    w.block("def main():", |w| {
        w.line("train, test = loaders()\nmodel = Network().to(DEVICE)");
        let (unpacked, passed) = match has_schedule(network) {
            true => ("optimizer, schedule", "optimizer, schedule"),
            false => ("(optimizer,)", "optimizer"),
        };
        w.line(format!("{unpacked} = prepare(model)"));
        if let Some(Stop::Patience(_)) = network.stop {
            w.line("best, waited = float(\"inf\"), 0");
        }
        w.line("for epoch in range(EPOCHS):");
        w.indented(|w| {
            w.line(format!("loss = train_epoch(model, train, {passed})"));
            match classes {
                true => {
                    w.line("test_loss, accuracy = evaluate(model, test)");
                    w.line("print(f\"epoch {epoch + 1}: loss {loss:.4f}, test {test_loss:.4f}, accuracy {accuracy:.4f}\")");
                }
                false => {
                    w.line("test_loss = evaluate(model, test)");
                    w.line("print(f\"epoch {epoch + 1}: loss {loss:.4f}, test loss {test_loss:.4f}\")");
                }
            }
            match network.stop {
                Some(Stop::Accuracy(share)) if classes => w.line(format!("if accuracy >= {share:?}:\n    break")),
                Some(Stop::Patience(epochs)) => w.line(format!(
                    "best, waited = (test_loss, 0) if test_loss < best else (best, waited + 1)\nif waited >= {epochs}:\n    break"
                )),
                Some(Stop::Accuracy(_)) | None => {}
            }
        });
        w.line("torch.save(model.state_dict(), \"model.pt\")");
    });
    w.line("\n\nif __name__ == \"__main__\":\n    main()");
}
