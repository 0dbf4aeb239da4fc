// Writes models as TensorFlow.js itself saves them, with inputs and what it answers: FOLDER/NAME/{model.json, weights.bin, x.npy, y.npy}.

import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const folder = resolve(process.argv[2]);
// the library lies beside the models
const tf = createRequire(join(folder, 'from.js'))('@tensorflow/tfjs');

function residual() {
  const inputs = tf.input({ shape: [10, 8, 3] });
  const x = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false }).apply(inputs);
  const y = tf.layers.batchNormalization().apply(x);
  const sum = tf.layers.add().apply([x, tf.layers.leakyReLU({ alpha: 0.01 }).apply(y)]);
  const flat = tf.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }).apply(sum);
  return tf.model({ inputs, outputs: tf.layers.dense({ units: 2 }).apply(flat) });
}

const { layers } = tf;
const MODELS = {
  residual,
  picture: () =>
    tf.sequential({
      layers: [
        layers.conv2d({ inputShape: [10, 8, 3], filters: 5, kernelSize: [3, 2], activation: 'relu', strides: 2 }),
        layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthMultiplier: 2, activation: 'tanh' }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 3, activation: 'softmax' }),
      ],
    }),
  recurrent: () =>
    tf.sequential({
      layers: [
        layers.lstm({ inputShape: [6, 4], units: 5, recurrentActivation: 'sigmoid', returnSequences: true }),
        layers.layerNormalization(),
        layers.simpleRNN({ units: 3 }),
        layers.dense({ units: 2 }),
      ],
    }),
};

/** An array as numpy reads it. */
function npy(tensor) {
  const shape = `(${tensor.shape.join(', ')},)`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const head = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n';
  const size = Buffer.alloc(2);
  size.writeUInt16LE(head.length);
  const start = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), size, Buffer.from(head)]);
  return Buffer.concat([start, Buffer.from(tensor.dataSync().buffer)]);
}

for (const [name, make] of Object.entries(MODELS)) {
  const own = join(folder, `${name}-tensorflowjs`);
  mkdirSync(own, { recursive: true });
  const model = make();
  // every array is another than what a layer starts with
  model.setWeights(model.getWeights().map((weight, i) => tf.randomUniform(weight.shape, 0.1, 0.5, 'float32', i + 1)));
  const x = tf.randomUniform([4, ...model.inputs[0].shape.slice(1)], 0, 1, 'float32', 7);
  writeFileSync(join(own, 'x.npy'), npy(x));
  writeFileSync(join(own, 'y.npy'), npy(model.predict(x)));
  const save = async ({ modelTopology, weightSpecs, weightData }) => {
    const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
    writeFileSync(join(own, 'model.json'), JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest }));
    writeFileSync(join(own, 'weights.bin'), Buffer.from(weightData));
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  };
  await model.save(tf.io.withSaveHandler(save));
}
