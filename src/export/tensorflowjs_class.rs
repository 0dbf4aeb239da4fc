//! Classes that a TensorFlow.js program brings along: layers and optimizers that the library lacks, or has otherwise.

use super::{
    Cell, Function, Kind, Network, Optimizer,
    code::{Writer, number},
};

/// Classes of layers, as far as the network has them.
pub fn layers(w: &mut Writer, network: &Network) {
    let has = |test: &dyn Fn(&Kind) -> bool| network.any(|layer| test(&layer.kind));
    let penalty = if network.has_penalty() { ", penalty" } else { "" };
    let mut classes: Vec<(&str, String)> = Vec::new();
    if !network.augment.is_empty() {
        classes.push(("Augment", augment(network)));
    }
    if has(&|kind| matches!(kind, Kind::Conv2d { .. }) && is_special(kind)) {
        classes.push(("GroupedConv2D", GROUPED_CONV.replace(", penalty", penalty)));
    }
    if has(&|kind| matches!(kind, Kind::AvgPool2d { .. }) && is_special(kind)) {
        classes.push(("PaddedAveragePooling2D", AVERAGE.into()));
    }
    if has(&|kind| matches!(kind, Kind::Upsample2d { bilinear: true, .. })) {
        classes.push(("BilinearUpSampling2D", BILINEAR.into()));
    }
    if has(&|kind| matches!(kind, Kind::Position { .. })) {
        classes.push(("Position", POSITION.into()));
    }
    if has(&|kind| matches!(kind, Kind::Recurrent { cell: Cell::Gru, .. })) {
        classes.push(("ResetAfterGRU", GRU.replace(", penalty", penalty)));
    }
    if has(&|kind| matches!(kind, Kind::Attention { .. })) {
        classes.push(("SelfAttention", ATTENTION.replace(", penalty", penalty)));
    }
    if network.any(|layer| layer.function == Function::Step) {
        classes.push(("Step", STEP.into()));
    }
    if classes.is_empty() {
        return;
    }
    w.line("const only = inputs => (Array.isArray(inputs) ? inputs[0] : inputs);\n");
    for (name, text) in classes {
        w.line(text);
        w.line(format!("tf.serialization.registerClass({name});\n"));
    }
}

/// What no layer of the library does, or does without a right gradient.
pub fn is_special(kind: &Kind) -> bool {
    match kind {
        Kind::Conv2d { window, groups, .. } => *groups > 1 || window.dilation != [1, 1],
        Kind::AvgPool2d { window } => window.is_padded(),
        _ => false,
    }
}

const GROUPED_CONV: &str = "\
/** A convolution in groups or with dilation: the library has no groups, and for dilation no gradient. */
class GroupedConv2D extends tf.layers.Layer {
  static className = 'GroupedConv2D';

  constructor({ filters, kernelSize, strides, padding, dilationRate, groups, useBias, ...rest }) {
    super(rest);
    this.own = { filters, kernelSize, strides, padding, dilationRate, groups, useBias };
    this.start = rest.kernelInitializer ?? glorot();
  }

  build([, , , channels]) {
    const { filters, kernelSize, groups, useBias } = this.own;
    const sizes = [...kernelSize, channels / groups, filters];
    this.kernel = this.addWeight('kernel', sizes, 'float32', this.start, penalty);
    if (useBias) this.bias = this.addWeight('bias', [filters], 'float32', tf.initializers.zeros());
    super.build();
  }

  computeOutputShape([n, ...sizes]) {
    const { filters, kernelSize, strides, padding, dilationRate } = this.own;
    const length = i => {
      const room = padding === 'same' ? 0 : (kernelSize[i] - 1) * dilationRate[i];
      return Math.ceil((sizes[i] - room) / strides[i]);
    };
    return [n, length(0), length(1), filters];
  }

  call(inputs) {
    return tf.tidy(() => {
      const { strides, padding, groups, dilationRate } = this.own;
      const kernels = tf.split(spread(this.kernel.read(), dilationRate), groups, 3);
      const parts = tf.split(only(inputs), groups, 3);
      const y = tf.concat(parts.map((part, i) => tf.conv2d(part, kernels[i], strides, padding)), 3);
      return this.bias ? y.add(this.bias.read()) : y;
    });
  }

  getConfig() {
    return { ...super.getConfig(), ...this.own };
  }
}

/** The kernel with zeros in the gaps. */
function spread(kernel, [down, across]) {
  const [h, w, input, filters] = kernel.shape;
  const [tall, wide] = [(h - 1) * down + 1, (w - 1) * across + 1];
  const rows = kernel.reshape([h, 1, w, input * filters]).pad([[0, 0], [0, down - 1], [0, 0], [0, 0]]);
  const lines = rows.reshape([h * down, w, 1, input * filters]).slice(0, tall);
  const all = lines.pad([[0, 0], [0, 0], [0, across - 1], [0, 0]]).reshape([tall, w * across, input, filters]);
  return all.slice([0, 0], [tall, wide]);
}
";

const AVERAGE: &str = "\
/** An average without the padding; the library's gradient counts the padding in. */
class PaddedAveragePooling2D extends tf.layers.Layer {
  static className = 'PaddedAveragePooling2D';

  constructor({ poolSize, strides, padding, ...rest }) {
    super(rest);
    this.own = { poolSize, strides, padding };
  }

  computeOutputShape([n, h, w, c]) {
    const { poolSize, strides, padding } = this.own;
    const length = (size, i) => Math.floor((size + padding[i][0] + padding[i][1] - poolSize[i]) / strides[i]) + 1;
    return [n, length(h, 0), length(w, 1), c];
  }

  call(inputs) {
    return tf.tidy(() => {
      const { poolSize, strides, padding } = this.own;
      const pool = x => tf.avgPool(x.pad([[0, 0], ...padding, [0, 0]]), poolSize, strides, 'valid');
      const x = only(inputs);
      return pool(x).div(pool(tf.ones([1, x.shape[1], x.shape[2], 1])));
    });
  }

  getConfig() {
    return { ...super.getConfig(), ...this.own };
  }
}
";

const BILINEAR: &str = "\
/** Upsampling between the middles of pixels; the library's layer counts from their corners. */
class BilinearUpSampling2D extends tf.layers.Layer {
  static className = 'BilinearUpSampling2D';

  constructor({ factor, ...rest }) {
    super(rest);
    this.factor = factor;
  }

  computeOutputShape([n, h, w, c]) {
    return [n, h * this.factor, w * this.factor, c];
  }

  /** (size * factor, size): what each new place takes of the old ones. */
  shares(size) {
    const share = (to, from) => {
      const middle = Math.min(Math.max((to + 0.5) / this.factor - 0.5, 0), size - 1);
      return Math.max(0, 1 - Math.abs(middle - from));
    };
    const places = Array.from({ length: size }, (_, from) => from);
    return tf.tensor2d(Array.from({ length: size * this.factor }, (_, to) => places.map(from => share(to, from))));
  }

  call(inputs) {
    return tf.tidy(() => {
      const x = only(inputs);
      const [n, h, w, c] = x.shape;
      const tall = tf.matMul(this.shares(h), x.reshape([n, h, w * c])).reshape([-1, w, c]);
      return tf.matMul(this.shares(w), tall).reshape(this.computeOutputShape(x.shape));
    });
  }

  getConfig() {
    return { ...super.getConfig(), factor: this.factor };
  }
}
";

const POSITION: &str = "\
/** Adds a learnt vector for each place in the sequence. */
class Position extends tf.layers.Layer {
  static className = 'Position';

  constructor({ length, ...rest }) {
    super(rest);
    this.length = length;
  }

  build([, , width]) {
    const start = tf.initializers.randomNormal({ stddev: 0.05, seed: seed++ });
    this.embeddings = this.addWeight('embeddings', [this.length, width], 'float32', start);
    super.build();
  }

  call(inputs) {
    return tf.tidy(() => {
      const x = only(inputs);
      return x.add(this.embeddings.read().slice(0, x.shape[1]));
    });
  }

  getConfig() {
    return { ...super.getConfig(), length: this.length };
  }
}
";

const GRU: &str = "\
/** A GRU with the reset gate after the product, as in Keras and cuDNN: the library's refuses that. */
class ResetAfterGRU extends tf.layers.Layer {
  static className = 'ResetAfterGRU';

  constructor({ units, returnSequences = false, ...rest }) {
    super(rest);
    this.own = { units, returnSequences };
  }

  build([, , width]) {
    const { units } = this.own;
    this.kernel = this.addWeight('kernel', [width, 3 * units], 'float32', glorot(), penalty);
    this.recurrent = this.addWeight('recurrent', [units, 3 * units], 'float32', orthogonal(), penalty);
    this.bias = this.addWeight('bias', [2, 3 * units], 'float32', tf.initializers.zeros());
    super.build();
  }

  computeOutputShape([n, time]) {
    const { units, returnSequences } = this.own;
    return returnSequences ? [n, time, units] : [n, units];
  }

  call(inputs) {
    return tf.tidy(() => {
      const x = only(inputs);
      const [n, time, width] = x.shape;
      const [fromInput, fromState] = tf.unstack(this.bias.read());
      const all = x.reshape([-1, width]).matMul(this.kernel.read()).add(fromInput).reshape([n, time, -1]);
      let h = tf.zeros([n, this.own.units]);
      const states = tf.unstack(all, 1).map(now => {
        const [az, ar, ah] = tf.split(now, 3, 1);
        const [bz, br, bh] = tf.split(h.matMul(this.recurrent.read()).add(fromState), 3, 1);
        const [z, r] = [tf.sigmoid(az.add(bz)), tf.sigmoid(ar.add(br))];
        const fresh = tf.tanh(ah.add(r.mul(bh)));
        h = z.mul(h).add(tf.sub(1, z).mul(fresh));
        return h;
      });
      return this.own.returnSequences ? tf.stack(states, 1) : h;
    });
  }

  getConfig() {
    return { ...super.getConfig(), ...this.own };
  }
}
";

const ATTENTION: &str = "\
/** Self-attention with several heads, of which the library has none. */
class SelfAttention extends tf.layers.Layer {
  static className = 'SelfAttention';

  constructor({ heads, causal = false, ...rest }) {
    super(rest);
    this.own = { heads, causal };
  }

  build([, , width]) {
    const names = ['query', 'key', 'value', 'result'];
    const matrix = name => this.addWeight(name, [width, width], 'float32', glorot(), penalty);
    const bias = name => this.addWeight(`${name}-bias`, [width], 'float32', tf.initializers.zeros());
    this.matrices = names.map(matrix);
    this.biases = names.map(bias);
    super.build();
  }

  call(inputs) {
    return tf.tidy(() => {
      const x = only(inputs);
      const [n, time, width] = x.shape;
      const size = width / this.own.heads;
      const project = (rows, i) => rows.matMul(this.matrices[i].read()).add(this.biases[i].read());
      const rows = x.reshape([n * time, width]);
      const heads = i => project(rows, i).reshape([n, time, this.own.heads, size]).transpose([0, 2, 1, 3]);
      let scores = tf.matMul(heads(0), heads(1), false, true).div(Math.sqrt(size));
      if (this.own.causal) {
        const seen = tf.linalg.bandPart(tf.ones([time, time]), -1, 0);
        scores = scores.add(seen.sub(1).mul(1e30));
      }
      const mixed = tf.matMul(tf.softmax(scores), heads(2)).transpose([0, 2, 1, 3]);
      return project(mixed.reshape([n * time, width]), 3).reshape([n, time, width]);
    });
  }

  getConfig() {
    return { ...super.getConfig(), ...this.own };
  }
}
";

const STEP: &str = "\
/** 1 from 0 upwards, else 0: it has no gradient. */
class Step extends tf.layers.Layer {
  static className = 'Step';

  call(inputs) {
    return tf.tidy(() => tf.sub(1, tf.step(only(inputs).neg())));
  }
}
";

/// Changes pictures while training alone: one affine map a picture, and then their numbers.
fn augment(network: &Network) -> String {
    let has = |id: &str| network.augment.contains(&id);
    let mut lines: Vec<String> = Vec::new();
    let mut put = |text: &str| lines.extend(text.split('\n').map(str::to_string));
    put("/** Changes each picture in its own way, while training alone. */\nclass Augment extends tf.layers.Layer {");
    put("  static className = 'Augment';\n\n  call(inputs, { training = false }) {\n    return tf.tidy(() => {");
    put("      let x = only(inputs);\n      if (!training) return x.clone();");
    let moves = ["flip", "shift", "rotate", "crop"].into_iter().any(has);
    put(if moves { "      const [n, h, w] = x.shape;" } else { "      const [n] = x.shape;" });
    if moves {
        put("      const random = (low, high) => low + (high - low) * Math.random();");
        put("      // pixels to places from -1 to 1, what is done there, and back to pixels");
        put("      const places = [[2 / w, 0, 1 / w - 1], [0, 2 / h, 1 / h - 1], [0, 0, 1]];");
        put("      const pixels = [[w / 2, 0, (w - 1) / 2], [0, h / 2, (h - 1) / 2], [0, 0, 1]];");
        put("      const maps = Array.from({ length: n }, () => {\n        const steps = [pixels];");
        if has("flip") {
            put("        steps.push([[Math.random() < 0.5 ? -1 : 1, 0, 0], [0, 1, 0], [0, 0, 1]]);");
        }
        if has("shift") {
            put("        steps.push([[1, 0, random(-0.25, 0.25)], [0, 1, random(-0.25, 0.25)], [0, 0, 1]]);");
        }
        if has("rotate") {
            put("        const angle = (random(-15, 15) * Math.PI) / 180;");
            put("        const [cos, sin] = [Math.cos(angle), Math.sin(angle)];");
            put("        steps.push([[cos, (-sin * h) / w, 0], [(sin * w) / h, cos, 0], [0, 0, 1]]);");
        }
        if has("crop") {
            put("        const size = random(0.75, 1);\n        const free = () => random(-1, 1) * (1 - size);");
            put("        steps.push([[size, 0, free()], [0, size, free()], [0, 0, 1]]);");
        }
        put("        return [...steps, places].reduce(product).flat().slice(0, 8);\n      });");
        put("      x = tf.image.transform(x, tf.tensor2d(maps), 'bilinear', 'nearest');");
    }
    if has("colour") {
        put("      const ranges = [[-0.1, 0.1], [0.8, 1.2], [0.7, 1.3]];");
        put("      const drawn = ranges.map(([low, high]) => tf.randomUniform([n, 1, 1, 1], low, high));");
        put("      const [bright, contrast, strength] = drawn;");
        put("      const grey = x.mean(3, true);");
        put("      x = x.sub(grey).mul(strength).add(grey).sub(0.5).mul(contrast).add(0.5).add(bright);");
        put("      x = x.clipByValue(0, 1);");
    }
    if has("noise") {
        put("      x = x.add(tf.randomNormal(x.shape, 0, 0.04)).clipByValue(0, 1);");
    }
    put("      return x;\n    });\n  }\n}");
    if moves {
        put("\n/** The product of two matrices of 3 by 3. */\nfunction product(a, b) {");
        put("  return a.map(row => [0, 1, 2].map(j => row[0] * b[0][j] + row[1] * b[1][j] + row[2] * b[2][j]));\n}");
    }
    lines.join("\n") + "\n"
}

/// Classes of optimizers, and what clips gradients, as far as they are needed.
pub fn optimizers(w: &mut Writer, network: &Network) {
    if let Optimizer::Adam { decay: Some(_), .. } = network.optimizer {
        w.line(ADAMW);
    }
    if let Optimizer::Adagrad { .. } = network.optimizer {
        w.line(ADAGRAD);
    }
    if let Some(most) = network.clip_norm {
        w.line(CLIP.replace("MOST", &number(most)));
    }
}

const ADAMW: &str = "\
/** Adam with decoupled weight decay, of which the library has none. */
class AdamW extends tf.AdamOptimizer {
  constructor(learningRate, beta1, beta2, epsilon, decay) {
    super(learningRate, beta1, beta2, epsilon);
    this.decay = decay;
  }

  applyGradients(gradients) {
    const kept = 1 - this.learningRate * this.decay;
    for (const { name } of gradients) {
      const weight = tf.engine().registeredVariables[name];
      tf.tidy(() => weight.assign(weight.mul(kept)));
    }
    super.applyGradients(gradients);
  }
}
";

const ADAGRAD: &str = "\
/** AdaGrad with epsilon beside the root: the library's has 1e-7 under it. */
class AdaGrad extends tf.AdagradOptimizer {
  constructor(learningRate, epsilon) {
    super(learningRate, 0);
    this.epsilon = epsilon;
    this.sums = {};
  }

  applyGradients(gradients) {
    for (const { name, tensor } of gradients) {
      tf.tidy(() => {
        const weight = tf.engine().registeredVariables[name];
        const sum = (this.sums[name] ??= tf.zerosLike(weight).variable(false));
        sum.assign(sum.add(tensor.square()));
        weight.assign(weight.sub(tensor.mul(this.learningRate).div(sum.sqrt().add(this.epsilon))));
      });
    }
    this.incrementIterations();
  }
}
";

const CLIP: &str = "\
/** Makes all gradients smaller where their norm is larger than MOST: no optimizer here does that. */
function clipped(optimizer) {
  const apply = optimizer.applyGradients.bind(optimizer);
  optimizer.applyGradients = gradients =>
    tf.tidy(() => {
      const norm = tf.addN(gradients.map(({ tensor }) => tensor.square().sum())).sqrt();
      const share = tf.minimum(1, tf.div(MOST, norm));
      apply(gradients.map(({ name, tensor }) => ({ name, tensor: tensor.mul(share) })));
    });
  return optimizer;
}
";
