// How fast one thread of this machine multiplies and adds in WebAssembly, at best: vectors of four numbers that depend on
// nothing but themselves, many enough to hide what an instruction takes. What the engine reaches is a share of it.

/** An unsigned or signed number as WebAssembly writes it (LEB128). */
const leb = n => {
  const bytes = [];
  for (;;) {
    const low = n & 127;
    n >>= 7;
    if ((n === 0 && !(low & 64)) || (n === -1 && low & 64)) return [...bytes, low];
    bytes.push(low | 128);
  }
};
const size = n => (n < 128 ? [n] : [n & 127 | 128, ...size(n >> 7)]);
const sized = bytes => [...size(bytes.length), ...bytes];
const section = (id, ...items) => [id, ...sized([...size(items.length), ...items.flat()])];

const [I32, F32, V128] = [0x7f, 0x7d, 0x7b];
const get = local => [0x20, ...size(local)];
const set = local => [0x21, ...size(local)];
const simd = code => [0xfd, ...size(code)];
const [SPLAT, LANE, ADD, MUL, RELAXED_MADD] = [simd(0x13), [...simd(0x1f), 0], simd(0xe4), simd(0xe6), simd(0x105)];

/** (times: i32, a: f32, b: f32) → f32: `count` vectors, each so many times s ← s·b + a. */
function kernel(count, relaxed) {
  const [times, a, b, wideA, wideB] = [0, 1, 2, 3, 4];
  const sums = Array.from({ length: count }, (_, i) => 5 + i);
  const once = sum => [...get(sum), ...get(wideB), ...(relaxed ? [...get(wideA), ...RELAXED_MADD] : [...MUL, ...get(wideA), ...ADD]), ...set(sum)];
  return sized([
    ...size(1), ...size(2 + count), V128,
    ...get(a), ...SPLAT, ...set(wideA), ...get(b), ...SPLAT, ...set(wideB),
    0x03, 0x40, ...sums.flatMap(once),
    ...get(times), 0x41, ...leb(1), 0x6b, 0x22, times, 0x0d, 0, 0x0b,
    ...sums.flatMap((sum, i) => (i ? [...get(sum), ...ADD] : get(sum))), ...LANE, 0x0b,
  ]);
}

function build(relaxed) {
  const counts = [8, 10, 12, 14];
  const name = n => sized([...`k${n}`].map(letter => letter.charCodeAt(0)));
  return {
    counts,
    bytes: Uint8Array.from([
      0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
      ...section(1, [0x60, 3, I32, F32, F32, 1, F32]),
      ...section(3, ...counts.map(() => [0])),
      ...section(7, ...counts.map((n, i) => [...name(n), 0, i])),
      ...section(10, ...counts.map(n => kernel(n, relaxed))),
    ]),
  };
}

/** GFLOP/s of one thread: with a multiplication and then an addition, and with both as one relaxed instruction. */
export async function peak() {
  const best = async relaxed => {
    const { bytes, counts } = build(relaxed);
    if (!WebAssembly.validate(bytes)) return null;
    const { instance } = await WebAssembly.instantiate(bytes);
    let fastest = 0;
    for (const count of counts) {
      const run = instance.exports[`k${count}`];
      const times = 1_000_000;
      for (let round = 0; round < 8; round++) {
        const start = performance.now();
        run(times, 1.01, 0.999);
        fastest = Math.max(fastest, times * count * 8 / (performance.now() - start) / 1e6);
      }
    }
    return fastest;
  };
  return { mulAdd: await best(false), relaxed: await best(true) };
}
