// What the engine asks of the graphics card and of memory, counted from outside: launches and uploads of a step, and what
// is left after many networks.
import { PICTURES, POINTS, WORKLOADS, batch } from './workload.js';

/** An engine that keeps an account, spoken to as www/whisker.js does. */
class Engine {
  #worker = new Worker(new URL('counting_worker.js', import.meta.url), { type: 'module' });
  #waiting = new Map();
  #next = 0;

  static async start() {
    const engine = new Engine();
    await new Promise((there, failed) => {
      engine.#worker.onerror = failed;
      engine.#worker.onmessage = ({ data }) => {
        there();
        const { resolve, reject } = engine.#waiting.get(data.id) ?? {};
        engine.#waiting.delete(data.id);
        if (typeof data === 'string') console.warn(data);
        else if (data.error !== undefined) reject?.(new Error(data.error));
        else resolve?.(data.value);
      };
    });
    return engine;
  }

  ask(call, details) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, call, ...details });
    });
  }

  open(document, device) {
    return this.ask('create', { document: JSON.stringify(document), device, workers: 1 });
  }

  account() {
    const { port1, port2 } = new MessageChannel();
    return new Promise(resolve => {
      port1.onmessage = ({ data }) => resolve(data);
      this.#worker.postMessage({ account: true }, [port2]);
    });
  }

  end() {
    this.#worker.terminate();
  }
}

/** What one step asks of the graphics card once it has settled. */
export async function perStep(id, { steps = 20 } = {}) {
  const { document } = WORKLOADS.find(workload => workload.id === id);
  const { x, y } = batch(document);
  const engine = await Engine.start();
  try {
    await engine.open(document, 'webgpu');
    const accounts = [];
    for (let i = 0; i < 5 + steps; i++) {
      await engine.ask('trainBatch', { x, y });
      accounts.push(await engine.account());
    }
    const [before, after] = [accounts[4], accounts[4 + steps]];
    const each = name => (after[name] - before[name]) / steps;
    // The median: a step in which the thread had to wait for its turn says nothing of what recording takes.
    const recordings = accounts.slice(5).map((account, i) => account.recording - accounts[4 + i].recording);
    const recording = recordings.sort((a, b) => a - b)[steps >> 1];
    return { launches: each('launches'), passes: each('passes'), submissions: each('submissions'), uploads: each('uploads'),
      bytes: each('bytes'), buffers: each('buffers'), recording, batchBytes: x.byteLength + y.byteLength };
  } finally {
    engine.end();
  }
}

/** The same for many steps of one call on a set, which is on the graphics card already: nothing but what the engine itself does. */
export async function perStepOfMany(id) {
  const [document, steps] = id === 'cnn-32' ? [PICTURES, 20] : [POINTS, 200];
  const engine = await Engine.start();
  try {
    await engine.open(document, 'webgpu');
    // Every sample is drawn after this.
    await engine.ask('evaluate');
    await engine.ask('train', { steps });
    const before = await engine.account();
    await engine.ask('train', { steps });
    const after = await engine.account();
    const each = name => (after[name] - before[name]) / steps;
    return Object.fromEntries(['launches', 'passes', 'submissions', 'uploads', 'bytes', 'buffers', 'recording'].map(name => [name, each(name)]));
  } finally {
    engine.end();
  }
}

/** Builds a network, trains it 20 steps and drops it, so many times in one engine; then trains one for long. */
export async function memory(device, { times = 500, tell = () => {} } = {}) {
  const [large, small] = ['cnn-32', 'mlp-2d'].map(id => WORKLOADS.find(workload => workload.id === id).document);
  const engine = await Engine.start();
  try {
    const turn = async document => {
      const { x, y } = batch(document);
      await engine.open(document, device);
      for (let i = 0; i < 20; i++) await engine.ask('trainBatch', { x, y });
    };
    const settle = async () => {
      await turn(large);
      await turn(small);
      return engine.account();
    };
    await settle();
    const before = await settle();
    for (let i = 2; i < times; i += 2) {
      await settle();
      tell(i / times);
    }
    const after = await settle();
    await engine.open(POINTS, device);
    await engine.ask('train', { steps: 100 });
    const start = await engine.account();
    await engine.ask('train', { steps: device === 'cpu' ? 200_000 : 2_000 });
    const end = await engine.account();
    return { times, before: before.memory, after: after.memory, buffersBefore: before.buffers, buffersAfter: after.buffers,
      longBefore: start.memory, longAfter: end.memory, longBuffersBefore: start.buffers, longBuffersAfter: end.buffers };
  } finally {
    engine.end();
  }
}
