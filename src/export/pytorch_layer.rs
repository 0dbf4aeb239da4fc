//! The layers of PyTorch: what a module makes in `__init__`, and what it does with it in `forward`.
//!
//! Where a network has layers for pictures, [h, w, c] is kept as [c, h, w] on the way through, as PyTorch wants it. What
//! works on our last axis, and whatever reads the numbers in their order, turns the picture round first.

use super::{
    Cell, Function, Kind, Layer, Network, Window,
    code::{Writer, number, pair},
};

/// How one network is laid out.
pub struct Dialect<'a> {
    pub network: &'a Network,
    /// Whether [h, w, c] is kept with the channels first.
    pub first: bool,
    /// The batch normalisation that carries the remark.
    remarked: Option<usize>,
}

impl Dialect<'_> {
    pub fn new(network: &Network) -> Dialect<'_> {
        let first = network.any(|layer| works_on_pictures(&layer.kind));
        let normalises = |layer: &&Layer| matches!(layer.kind, Kind::BatchNorm { .. });
        Dialect { network, first, remarked: network.used().find(normalises).map(|layer| layer.place) }
    }

    /// Whether a value of this shape is kept with its channels first.
    pub fn turned(&self, shape: &[usize]) -> bool {
        self.first && shape.len() == 3
    }

    /// A value with its channels last.
    pub fn last(&self, value: &str, shape: &[usize]) -> String {
        if self.turned(shape) { format!("{value}.permute(0, 2, 3, 1)") } else { value.to_string() }
    }

    /// A value whose channels are last as it is kept.
    fn kept(&self, value: String, shape: &[usize]) -> String {
        if self.turned(shape) { format!("{value}.permute(0, 3, 1, 2)") } else { value }
    }

    /// The module's attribute for a layer, where it has one.
    pub fn attribute(&self, w: &mut Writer, layer: &Layer) {
        let start = if layer.function.rectifies() { "he" } else { "glorot" };
        let (input, id) = (&layer.shapes[0], &layer.id);
        let channels = *input.last().expect("an axis");
        let bias = |bias: &bool| if *bias { "" } else { ", bias=False" };
        let text = match &layer.kind {
            Kind::Dense { units, bias: has } => format!("{start}(nn.Linear({channels}, {units}{}))", bias(has)),
            Kind::Rbm { units } => format!("glorot(nn.Linear({channels}, {units}))"),
            Kind::Conv2d { filters, window, groups, bias: has } => {
                let groups = if *groups == 1 { String::new() } else { format!(", groups={groups}") };
                let size = pair(window.size, '(', ')');
                let rest = format!("{}{groups}{}", moves(window), bias(has));
                format!("{start}(nn.Conv2d({channels}, {filters}, {size}{rest}))")
            }
            Kind::DepthwiseConv2d { window, multiplier, bias: has } => {
                let size = pair(window.size, '(', ')');
                let rest = format!("{}, groups={channels}{}", moves(window), bias(has));
                format!("{start}(nn.Conv2d({channels}, {}, {size}{rest}))", channels * multiplier)
            }
            Kind::Conv2dTranspose { filters, kernel, stride, crop, bias: has, .. } => {
                let (size, strides) = (pair(*kernel, '(', ')'), pair(*stride, '(', ')'));
                let mut rest = format!(", stride={strides}");
                let before = crop.map(|[before, _]| before.max(0) as usize);
                if before != [0, 0] {
                    rest += &format!(", padding={}", pair(before, '(', ')'));
                }
                let added = crop.map(|[_, after]| (-after).max(0) as usize);
                if added != [0, 0] {
                    rest += &format!(", output_padding={}", pair(added, '(', ')'));
                }
                format!("{start}(nn.ConvTranspose2d({channels}, {filters}, {size}{rest}{}))", bias(has))
            }
            Kind::Dropout { rate } => format!("nn.Dropout({})", number(*rate)),
            Kind::BatchNorm { momentum, epsilon } => {
                let class = if self.turned(input) { "BatchNorm2d" } else { "BatchNorm1d" };
                // 1 − 0.9 without the last digits of binary
                let share: f64 = format!("{:.12}", 1.0 - momentum).parse().expect("a number");
                let (share, epsilon) = (number(share), number(*epsilon));
                if self.remarked == Some(layer.place) {
                    w.line("# momentum is the share of the new here; the moving variance is the unbiased one");
                }
                format!("nn.{class}({channels}, eps={epsilon}, momentum={share})")
            }
            Kind::LayerNorm { epsilon } => format!("nn.LayerNorm({channels}, eps={})", number(*epsilon)),
            Kind::Embedding { vocabulary, units } => {
                w.line(format!("self.{id} = nn.Embedding({vocabulary}, {units})"));
                return w.line(format!("nn.init.normal_(self.{id}.weight, std=0.05)"));
            }
            Kind::Position { length } => format!("nn.Parameter(0.05 * torch.randn({length}, {channels}))"),
            Kind::Recurrent { cell, units, .. } => {
                let class = match cell {
                    Cell::Simple => "RNN",
                    Cell::Lstm => "LSTM",
                    Cell::Gru => "GRU",
                };
                format!("recurrent(nn.{class}({channels}, {units}, batch_first=True))")
            }
            Kind::Attention { heads, .. } => format!("nn.MultiheadAttention({channels}, {heads}, batch_first=True)"),
            Kind::MaxPool2d { .. }
            | Kind::AvgPool2d { .. }
            | Kind::GlobalMaxPool2d
            | Kind::GlobalAvgPool2d
            | Kind::Upsample2d { .. }
            | Kind::Flatten
            | Kind::Reshape
            | Kind::Activation
            | Kind::GaussianNoise { .. }
            | Kind::Add
            | Kind::Multiply
            | Kind::Concat { .. } => return,
        };
        w.line(format!("self.{id} = {text}"));
    }

    /// What `forward` does for a layer.
    pub fn step(&self, w: &mut Writer, layer: &Layer) {
        let (reads, to, id) = (self.network.reads(layer), self.network.writes(layer), &layer.id);
        let (input, output) = (&layer.shapes[0], &layer.shape);
        let mut from = reads[0].to_string();
        let on_last = |module: &str| self.kept(format!("self.{module}({})", self.last(&from, input)), output);
        let value = match &layer.kind {
            Kind::Dense { .. } | Kind::Rbm { .. } | Kind::LayerNorm { .. } => on_last(id),
            Kind::Embedding { .. } => {
                let indices = format!("{}.long()", self.last(&from, input));
                self.kept(format!("self.{id}({indices})"), output)
            }
            Kind::Conv2d { window, .. } | Kind::DepthwiseConv2d { window, .. } => {
                if is_padded_apart(window) {
                    w.line("# the odd row and column of padding stand at the end");
                    from = padded(window, &from, "");
                }
                format!("self.{id}({from})")
            }
            Kind::Conv2dTranspose { crop, .. } => {
                let odd = crop.iter().any(|[before, after]| after > before);
                let [h, w_] = [output[0], output[1]];
                let cut = if odd { format!("[:, :, :{h}, :{w_}]") } else { String::new() };
                format!("self.{id}({from}){cut}")
            }
            Kind::MaxPool2d { window } => {
                let mut rest = String::new();
                if is_padded_apart(window) {
                    from = padded(window, &from, ", value=-torch.inf");
                } else if window.is_padded() {
                    rest = format!(", padding={}", pair(window.before, '(', ')'));
                }
                format!("F.max_pool2d({from}, {}{rest})", pooled(window))
            }
            Kind::AvgPool2d { window } if is_padded_apart(window) => {
                let ones = padded(window, &format!("torch.ones_like({from}[:1, :1])"), "");
                w.line("# the padding is not counted");
                w.line(format!("ones = F.avg_pool2d({ones}, {})", pooled(window)));
                format!("F.avg_pool2d({}, {}) / ones", padded(window, &from, ""), pooled(window))
            }
            Kind::AvgPool2d { window } => {
                let rest = match window.is_padded() {
                    true => format!(", padding={}, count_include_pad=False", pair(window.before, '(', ')')),
                    false => String::new(),
                };
                format!("F.avg_pool2d({from}, {}{rest})", pooled(window))
            }
            Kind::GlobalMaxPool2d => format!("{from}.amax((2, 3))"),
            Kind::GlobalAvgPool2d => format!("{from}.mean((2, 3))"),
            Kind::Upsample2d { factor, bilinear: false } => format!("F.interpolate({from}, scale_factor={factor})"),
            Kind::Upsample2d { factor, bilinear: true } => {
                format!("F.interpolate({from}, scale_factor={factor}, mode=\"bilinear\")")
            }
            Kind::Flatten => {
                if self.turned(input) {
                    w.line("# channels last before the picture becomes a row: the weights after it count on that");
                }
                format!("{}.flatten(1)", self.last(&from, input))
            }
            Kind::Reshape => {
                let sizes = output.iter().map(|size| format!(", {size}")).collect::<String>();
                self.kept(format!("{}.reshape(-1{sizes})", self.last(&from, input)), output)
            }
            Kind::Activation => {
                return w.line(match self.function(layer, &from) {
                    Some(value) => format!("{to} = {value}"),
                    None if from == to => format!("# {id} is linear: {to} stays as it is"),
                    None => format!("{to} = {from}"),
                });
            }
            Kind::Dropout { .. } => format!("self.{id}({from})"),
            Kind::GaussianNoise { stddev } => {
                let noise = format!("{} * torch.randn_like({from})", number(*stddev));
                format!("{from} + {noise} if self.training else {from}")
            }
            Kind::BatchNorm { .. } if self.turned(input) || input.len() == 1 => format!("self.{id}({from})"),
            Kind::BatchNorm { .. } => format!("self.{id}({from}.flatten(0, -2)).view({from}.shape)"),
            Kind::Position { .. } => format!("{from} + self.{id}[:{}]", input[0]),
            Kind::Recurrent { sequences, .. } => {
                w.line(format!("{to}, _ = self.{id}({from})"));
                if *sequences {
                    return;
                }
                format!("{to}[:, -1]")
            }
            Kind::Attention { causal, .. } => {
                let mask = match causal {
                    true => {
                        let time = input[0];
                        w.line("# what must not be seen");
                        w.line(format!(
                            "mask = torch.ones({time}, {time}, dtype=torch.bool, device={from}.device).triu(1)"
                        ));
                        ", attn_mask=mask"
                    }
                    false => "",
                };
                w.line(format!("{to}, _ = self.{id}({from}, {from}, {from}{mask}, need_weights=False)"));
                return;
            }
            Kind::Add => reads.join(" + "),
            Kind::Multiply => reads.join(" * "),
            Kind::Concat { axis } => {
                let axis = if self.turned(output) { [2, 3, 1][*axis] } else { axis + 1 };
                format!("torch.cat(({}), dim={axis})", reads.join(", "))
            }
        };
        let value = match layer.kind {
            Kind::Rbm { .. } => format!("torch.sigmoid({value})"),
            _ => self.function(layer, &value).unwrap_or(value),
        };
        w.line(format!("{to} = {value}"));
    }

    /// The layer's function of a value; `None` where it has none.
    fn function(&self, layer: &Layer, x: &str) -> Option<String> {
        Some(match layer.function {
            Function::Linear => return None,
            Function::Relu => format!("F.relu({x})"),
            Function::LeakyRelu => format!("F.leaky_relu({x}, 0.01)"),
            Function::Elu => format!("F.elu({x})"),
            Function::Gelu => format!("F.gelu({x})"),
            Function::Silu => format!("F.silu({x})"),
            Function::Sigmoid => format!("torch.sigmoid({x})"),
            Function::Tanh => format!("torch.tanh({x})"),
            Function::Softplus => format!("F.softplus({x})"),
            Function::Softmax => {
                let axis = if self.turned(&layer.shape) { "1" } else { "-1" };
                format!("F.softmax({x}, dim={axis})")
            }
            Function::Step => format!("({x} >= 0).float()"),
        })
    }
}

/// Whether a layer needs [c, h, w].
fn works_on_pictures(kind: &Kind) -> bool {
    match kind {
        Kind::Conv2d { .. }
        | Kind::Conv2dTranspose { .. }
        | Kind::DepthwiseConv2d { .. }
        | Kind::MaxPool2d { .. }
        | Kind::AvgPool2d { .. }
        | Kind::GlobalMaxPool2d
        | Kind::GlobalAvgPool2d
        | Kind::Upsample2d { .. } => true,
        Kind::Dense { .. }
        | Kind::Flatten
        | Kind::Reshape
        | Kind::Activation
        | Kind::Dropout { .. }
        | Kind::GaussianNoise { .. }
        | Kind::BatchNorm { .. }
        | Kind::LayerNorm { .. }
        | Kind::Embedding { .. }
        | Kind::Position { .. }
        | Kind::Recurrent { .. }
        | Kind::Attention { .. }
        | Kind::Add
        | Kind::Multiply
        | Kind::Concat { .. }
        | Kind::Rbm { .. } => false,
    }
}

/// Whether the padding must be laid on before: convolutions and pooling pad both ends alike.
fn is_padded_apart(window: &Window) -> bool {
    !window.is_even()
}

fn padded(window: &Window, x: &str, value: &str) -> String {
    let ([t, l], [b, r]) = (window.before, window.after);
    format!("F.pad({x}, ({l}, {r}, {t}, {b}){value})")
}

/// Strides, padding and dilation of a convolution, where they are not PyTorch's own.
fn moves(window: &Window) -> String {
    let mut text = String::new();
    if window.stride != [1, 1] {
        text += &format!(", stride={}", pair(window.stride, '(', ')'));
    }
    if window.is_padded() && window.is_even() {
        text += &format!(", padding={}", pair(window.before, '(', ')'));
    }
    if window.dilation != [1, 1] {
        text += &format!(", dilation={}", pair(window.dilation, '(', ')'));
    }
    text
}

fn pooled(window: &Window) -> String {
    let size = pair(window.size, '(', ')');
    if window.stride == window.size { size } else { format!("{size}, {}", pair(window.stride, '(', ')')) }
}
