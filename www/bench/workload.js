// What is measured: five networks that stand for what people train, and two matrix products. Facts only; how they are
// timed is in measure.js.

const given = (input, target) => ({ input, target });
const conv = (filters, more) => ({ type: 'conv2d', filters, kernel: 3, padding: 'same', ...more });
const pool = { type: 'max-pool2d' };
const relu = { activation: 'relu' };
const normed = filters => [conv(filters, { bias: false }), { type: 'batch-norm' }, { type: 'activation', function: 'relu' }, pool];
const adam = { type: 'adam', 'learning-rate': 0.001 };

const document = (name, data, batch, layers, more) => ({ version: 1, name, seed: 7, data, layers, optimizer: adam, batch, ...more });

/** id, what it is called, what it is, its document, and its GFLOP a step: three times the forward pass. */
export const WORKLOADS = [
  {
    id: 'cnn-32',
    label: 'Cat or dog',
    help: 'Three convolutions on pictures of 32 × 32 pixels, 32 at a time.',
    gflop: 0.551,
    document: document('cnn-32', given([32, 32, 3], 'class'), 32, [
      conv(16, relu), pool, conv(32, relu), pool, conv(64, relu), pool,
      { type: 'flatten' }, { type: 'dense', units: 64, ...relu }, { type: 'dense', units: 2 },
    ]),
  },
  {
    id: 'cnn-64',
    label: 'A deeper one',
    help: 'Four convolutions with batch normalisation on 64 × 64 pixels, 32 at a time.',
    gflop: 2.6,
    document: document('cnn-64', given([64, 64, 3], 'class'), 32, [
      ...normed(16), ...normed(32), ...normed(64), ...normed(64),
      { type: 'global-avg-pool2d' }, { type: 'dense', units: 2 },
    ]),
  },
  {
    id: 'lstm-text',
    label: 'Letter by letter',
    help: 'An LSTM of 64 units reads 32 letters and guesses each next one, 16 texts at a time.',
    gflop: 0.0881,
    document: document('lstm-text', given([32], 'class'), 16, [
      { type: 'embedding', vocabulary: 64, units: 32 },
      { type: 'lstm', units: 64, 'return-sequences': true },
      { type: 'dense', units: 64 },
    ]),
  },
  {
    id: 'mlp-digits',
    label: 'Digits',
    help: 'Three dense layers on 784 numbers, 64 samples at a time.',
    gflop: 0.0419,
    document: document('mlp-digits', given([784], 'class'), 64, [
      { type: 'dense', units: 128, ...relu }, { type: 'dense', units: 64, ...relu }, { type: 'dense', units: 10 },
    ]),
  },
  {
    id: 'mlp-2d',
    label: 'Points in the plane',
    help: 'Three tiny layers, 10 points at a time; what counts is how little surrounds a step.',
    gflop: 0.00000528,
    document: document('mlp-2d', given([2], 'value'), 10, [
      { type: 'dense', units: 8, activation: 'tanh' },
      { type: 'dense', units: 8, activation: 'tanh' },
      { type: 'dense', units: 1, activation: 'tanh' },
    ], { loss: 'mean-squared-error', optimizer: { type: 'sgd', 'learning-rate': 0.03 } }),
  },
];

/** The same small network on a set of points of its own, for `train(n)`: many steps for one call. */
export const POINTS = document('mlp-2d in train(n)', { set: 'circle', train: 500, test: 100 }, 10, [
  { type: 'dense', units: 8, activation: 'tanh' },
  { type: 'dense', units: 8, activation: 'tanh' },
  { type: 'dense', units: 2 },
], { loss: 'cross-entropy', optimizer: { type: 'sgd', 'learning-rate': 0.03 } });

/** The first network on drawn pictures, for `train(n)`: an epoch of 20 steps is one submission. */
export const PICTURES = { ...WORKLOADS[0].document, name: 'cnn-32 in train(n)', data: { set: 'cats-dogs', size: 32, train: 640, test: 32 } };

/** `count` products of n × n matrices, one after the other: what one more of them costs is a product and nothing else. */
export const products = (n, count) => document(`${count} products`, given([n], 'value'), n,
  Array.from({ length: count }, () => ({ type: 'dense', units: n, bias: false })),
  { loss: 'mean-squared-error', optimizer: { type: 'sgd' } });

/** Numbers in [0, 1) that depend on the seed alone: Lehmer's generator with Park and Miller's factor. */
export function random(seed) {
  let state = seed;
  return () => (state = state * 16807 % 2147483647) / 2147483647;
}

/** One fixed batch for a document without a set: numbers -1 to 1, or indices; classes, or values of ±0.8. */
export function batch({ data, layers, batch: count }) {
  const next = random(count + 1);
  const size = count * data.input.reduce((a, b) => a * b, 1);
  const [first, last] = [layers[0], layers.at(-1)];
  const input = first.type === 'embedding' ? () => Math.floor(next() * first.vocabulary) : () => next() * 2 - 1;
  const target = data.target === 'class' ? () => Math.floor(next() * last.units) : () => (next() < 0.5 ? -0.8 : 0.8);
  const positions = first.type === 'embedding' ? data.input[0] : 1;
  const answers = data.target === 'class' ? count * positions : count * last.units;
  return { x: Float32Array.from({ length: size }, input), y: Float32Array.from({ length: answers }, target) };
}
