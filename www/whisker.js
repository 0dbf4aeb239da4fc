// Whisker for programs: `Session`, one network in training, and `<whisker-playground>`, the whole playground as an element.
//
// A session is a worker with the engine in it, which is fetched with the first session; the playground's own program is
// fetched with the first element. Nothing is computed here. Each call is a message with a number, and its promise is
// settled by the answer of that number; src/worker/program.rs is the far end.

import { declare } from './element.js';

/** Makes the element known. */
export default async function init() {
  declare(async () => (await import('./page.js')).default());
}

const ENDED = 'The session was disposed of: create another one.';

export class Session {
  /** The engine's worker; null once it has ended, and then `#end` says why. */
  #worker;
  #end = ENDED;
  #device;
  #next = 0;
  /** How to settle the promises that wait for an answer, by the number of the call. */
  #waiting = new Map();
  /** An array that came back from the engine, for the next batch: new memory is slow the first time it is written. */
  #spare = new Float32Array();

  constructor(worker) {
    if (!(worker instanceof Worker)) throw new Error('A session is made with Session.create(document, options).');
    this.#worker = worker;
  }

  static async create(spec, options = {}) {
    const text = typeof spec === 'string' ? spec : spec && typeof spec === 'object' && JSON.stringify(spec);
    if (!text) throw new Error('Expected a document, as JSON text or as an object: pass one to create.');
    const { device = 'auto', workers } = options ?? {};
    if (!['auto', 'cpu', 'webgpu'].includes(device)) {
      throw new Error('The option device is "auto", "cpu" or "webgpu"; pass one of these.');
    }
    if (workers !== undefined && !(Number.isInteger(workers) && workers >= 1 && workers <= 64)) {
      throw new Error('The option workers is a whole number from 1 to 64; pass one, or leave it out.');
    }
    const session = new Session(launch());
    await session.#start();
    try {
      session.#device = await session.#ask('create', { document: text, device, workers });
    } catch (error) {
      session.dispose();
      throw error;
    }
    return session;
  }

  get device() {
    return this.#device;
  }

  async train(steps) {
    if (!Number.isInteger(steps) || steps < 1 || steps >= 2 ** 32) {
      throw new Error(`Expected a whole number of steps, 1 or more, but got ${steps}.`);
    }
    return this.#ask('train', { steps });
  }

  async trainBatch(x, y) {
    return this.#ask('trainBatch', { x: this.#copy(floats('x', x)), y: floats('y', y) });
  }

  async evaluate() {
    return this.#ask('evaluate');
  }

  async predict(x) {
    return this.#ask('predict', { x: this.#copy(floats('x', x)) });
  }

  async weights() {
    return Object.fromEntries((await this.#ask('weights')).map(([name, shape, data]) => [name, { shape: [...shape], data }]));
  }

  async setWeights(weights) {
    if (!weights || typeof weights !== 'object') {
      throw new Error('Expected weights as an object from names to { shape, data }, as weights() gives them.');
    }
    const list = Object.entries(weights).map(([name, weight]) => {
      const shape = weight?.shape;
      if (!Array.isArray(shape) || !shape.every(size => Number.isInteger(size) && size >= 0)) {
        throw new Error(`Expected the shape of ${name} as a list of numbers, as weights() gives it.`);
      }
      return [name, Uint32Array.from(shape), floats(`the data of ${name}`, weight.data)];
    });
    return this.#ask('setWeights', { weights: list });
  }

  dispose() {
    this.#stop(ENDED);
  }

  /** The same numbers in an array that can be given away. */
  #copy(x) {
    const copy = this.#spare.length === x.length ? this.#spare : new Float32Array(x.length);
    this.#spare = new Float32Array();
    copy.set(x);
    return copy;
  }

  /** Waits until the engine says that it is there. */
  #start() {
    return new Promise((resolve, reject) => {
      this.#waiting.set('start', { resolve, reject });
      this.#worker.onmessage = ({ data }) => this.#hear(data);
      this.#worker.onerror = event => {
        event.preventDefault();
        this.#stop(`The engine stopped: ${event.message ?? 'its file could not be loaded'}. Create another session.`);
      };
    });
  }

  #ask(call, details) {
    if (!this.#worker) return Promise.reject(new Error(this.#end));
    const id = this.#next++;
    const promise = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#worker.postMessage({ id, call, ...details }, details?.x ? [details.x.buffer] : []);
    return promise;
  }

  /** An answer; or a sentence, when the engine is in trouble; or what the page would draw, at first that it is there. */
  #hear(message) {
    if (typeof message === 'string') return this.#refuse(message);
    const { id = 'start', value, error, spare } = message;
    if (spare) this.#spare = spare;
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) settle?.resolve(value);
    else settle?.reject(new Error(error));
  }

  #stop(why) {
    if (!this.#worker) return;
    this.#worker.terminate();
    this.#worker = null;
    this.#end = why;
    this.#refuse(why);
  }

  /** Rejects every promise that waits. */
  #refuse(why) {
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }
}

/** A frame without an origin of its own may not start a worker by its address, but may by a blob that imports it. */
function launch() {
  const address = new URL('engine_worker.js', import.meta.url).href;
  const options = { type: 'module', name: 'whisker-session' };
  try {
    return new Worker(address, options);
  } catch {
    const source = new Blob([`import ${JSON.stringify(address)};`], { type: 'text/javascript' });
    return new Worker(URL.createObjectURL(source), options);
  }
}

function floats(name, value) {
  if (value instanceof Float32Array) return value;
  throw new Error(`Expected ${name} as a Float32Array, but something else came: wrap it in new Float32Array(…).`);
}
