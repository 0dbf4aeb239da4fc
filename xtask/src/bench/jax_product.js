// A peer's n × n matrix product on WebGPU, timed as bench/measure.js times ours: what eight more of them add to an answer.
import * as jax from './node_modules/@jax-js/jax/dist/index.js';

const median = values => [...values].sort((a, b) => a - b)[values.length >> 1];

export async function product(n, { device, budget = 1000 }) {
  if (!(await jax.init()).includes(device)) throw new Error(`jax-js has no ${device} here`);
  jax.defaultDevice(device);
  const matrix = seed => jax.numpy.array(Float32Array.from({ length: n * n }, (_, i) => (i * seed % 1000) / 5e5 - 1e-3)).reshape([n, n]);
  const [x, weight] = [matrix(7919), matrix(7907)];
  const times = [];
  for (const count of [1, 9]) {
    const multiply = jax.jit((p, q) => {
      let product = p;
      for (let i = 0; i < count; i++) product = jax.numpy.matmul(product, i + 1 < count ? q.ref : q);
      return product;
    });
    const lap = async () => {
      const start = performance.now();
      await multiply(x.ref, weight.ref).data();
      return performance.now() - start;
    };
    for (let i = 0; i < 3; i++) await lap();
    const laps = [];
    const start = performance.now();
    while (laps.length < 3 || (laps.length < 50 && performance.now() - start < budget)) laps.push(await lap());
    times.push(median(laps));
  }
  const ms = (times[1] - times[0]) / 8;
  return { ms, gflops: 2 * n ** 3 / ms / 1e6 };
}
