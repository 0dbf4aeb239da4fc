// How it is measured: through `Session` alone, as any program would. Times are in milliseconds.
import { Session } from '../whisker.js';
import { POINTS, WORKLOADS, batch, products } from './workload.js';

export { WORKLOADS };
export { peak } from './peak.js';

export const median = values => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** Adam's moments of idle units become denormal numbers after some hundred steps on one batch; nobody trains so. */
const MOST = 600;

/**
 * Settles for `budget`, then takes the median of seven laps, or of the two or more that fit twice the budget. `lap(count)`
 * makes so many steps. No more than `most` steps in all. (For most of a second the browser compiles what runs often once
 * more, in the background: on the core that a second worker needs.)
 */
async function watch(lap, budget, most = Infinity) {
  let [each, settled, steps, count] = [0, 0, 0, 1];
  const timed = async count => {
    const start = performance.now();
    await lap(count);
    steps += count;
    return (performance.now() - start) / count;
  };
  while (settled < budget && steps + count <= most / 2) {
    each = await timed(count);
    settled += each * count;
    if (settled < budget) count *= 2;
  }
  const length = Math.max(1, Math.floor(Math.min(budget / each, most - steps) / 7));
  const laps = [];
  const start = performance.now();
  while (laps.length < 7 && (laps.length < 2 || performance.now() - start < 2 * budget)) laps.push(await timed(length));
  return { ms: median(laps), steps };
}

/** A session for as long as `use` takes. */
async function using(document, options, use) {
  const session = await Session.create(document, options);
  try {
    if (options.device && session.device !== options.device) throw new Error(`It computes on ${session.device} instead.`);
    return await use(session);
  } finally {
    session.dispose();
  }
}

const signalled = (signal, work) => !signal ? work : Promise.race([
  work,
  new Promise((_, stop) => signal.addEventListener('abort', () => stop(signal.reason), { once: true })),
]);

/** One workload on one device: the time of a step, that of everything up to the end of the first, and the losses. */
export function step(id, { device = 'cpu', workers, budget = 1000, signal } = {}) {
  const { document } = WORKLOADS.find(workload => workload.id === id);
  const { x, y } = batch(document);
  const start = performance.now();
  return using(document, { device, workers }, async session => {
    const first = await session.trainBatch(x, y);
    const ready = performance.now() - start;
    let last;
    const lap = async count => {
      for (let i = 0; i < count; i++) last = await signalled(signal, session.trainBatch(x, y));
    };
    const most = document.optimizer.type === 'adam' ? MOST : 20000;
    return { ...(await watch(lap, budget, most)), ready, first, last };
  });
}

/** How many times the work of one session two do side by side: what two workers can reach on this machine. */
export async function sideBySide(id, options) {
  const alone = await step(id, { ...options, workers: 1 });
  const both = await Promise.all([step(id, { ...options, workers: 1 }), step(id, { ...options, workers: 1 })]);
  return { times: both.reduce((sum, { ms }) => sum + alone.ms / ms, 0) };
}

/** Steps on a set of points, many for a call. */
export function points({ device = 'cpu', budget = 1000, signal } = {}) {
  return using(POINTS, { device }, async session => {
    let last;
    const lap = async count => { last = (await signalled(signal, session.train(count))).loss; };
    return { ...(await watch(lap, budget)), last };
  });
}

/** One product of n × n matrices inside the engine: what up to eight more of them add to an answer. */
export async function product(n, { device = 'cpu', budget = 1000, signal } = {}) {
  const x = Float32Array.from({ length: n * n }, (_, i) => (i * 7919 % 1000) / 500 - 1);
  const answer = count => using(products(n, count), { device }, async session => {
    const lap = async count => {
      for (let i = 0; i < count; i++) await signalled(signal, session.predict(x));
    };
    return (await watch(lap, budget)).ms;
  });
  const one = await answer(1);
  const more = Math.max(1, Math.min(8, Math.round(budget / one)));
  const ms = (await answer(1 + more) - one) / more;
  return { ms, gflops: 2 * n ** 3 / ms / 1e6 };
}

/** From a document to the end of its first step, in a page that has done nothing yet. */
export async function cold(id, { device = 'cpu' } = {}) {
  const { document } = WORKLOADS.find(workload => workload.id === id);
  const { x, y } = batch(document);
  const start = performance.now();
  return using(document, { device }, async session => {
    await session.trainBatch(x, y);
    return { ms: performance.now() - start };
  });
}
