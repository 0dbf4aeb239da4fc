// Runs the written TensorFlow.js programs under Node: for each folder named a line, as common.py says it.
// Its CPU is slow: of a long epoch the first batches alone are learnt from, of as many numbers as this; all with WHOLE=1.

import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const NUMBERS = process.env.WHOLE ? Infinity : 300_000;

async function one(folder) {
  const own = name => import(pathToFileURL(join(folder, 'tensorflowjs', name)));
  const [train, weights] = [await own('train.mjs'), await own('weights.mjs')];
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  const read = stem => train.readNpy(join(folder, `${stem}.npy`));
  const model = train.buildModel();
  await weights.load(model, join(folder, 'weights.safetensors'));
  const [theirs, ours] = [model.predict(await read('eight')), await read('expected')];
  if (String(theirs.shape) !== String(ours.shape)) throw new Error(`the output is ${theirs.shape}, not ${ours.shape}`);
  const [a, b] = [theirs.dataSync(), ours.dataSync()];
  const largest = numbers => numbers.reduce((most, value) => (most >= Math.abs(value) ? most : Math.abs(value)), 0);
  const difference = largest(a.map((value, i) => value - b[i])) / Math.max(largest(b), 1e-6);
  const x = await read('x');
  const batches = Math.ceil(NUMBERS / (expected.batch * x.size / x.shape[0]));
  const losses = expected.losses.slice(0, batches);
  const count = losses.length * expected.batch;
  train.compileModel(model);
  const history = await model.fit(x.slice(0, count), train.toTargets(await read('y')).slice(0, count), {
    batchSize: expected.batch,
    epochs: 1,
    shuffle: false,
    callbacks: train.callbacks(model),
    verbose: 0,
  });
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  return { difference, loss: history.history.loss[0], ours: mean };
}

for (const name of process.argv.slice(2)) {
  const row = { framework: 'tensorflowjs', name: basename(name) };
  try {
    Object.assign(row, await one(resolve(name)));
  } catch (error) {
    console.error(error);
    row.error = String(error.message).split('\n')[0];
  }
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
