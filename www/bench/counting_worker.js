// The engine's worker with an account of what it asks of the graphics card and of memory. `count.js` starts it; the engine
// knows nothing of it.

const counts = { launches: 0, passes: 0, submissions: 0, uploads: 0, bytes: 0, buffers: 0, pipelines: 0, recording: 0 };
let memory;

/** Calls `before` whenever a method is called, `after` once it has returned. */
function watch(kind, method, { before, after }) {
  const prototype = globalThis[kind]?.prototype;
  const inner = prototype?.[method];
  if (!inner) return;
  prototype[method] = function (...args) {
    before?.(...args);
    const result = inner.apply(this, args);
    after?.(...args);
    return result;
  };
}

const one = name => ({ before: () => counts[name]++ });
watch('GPUComputePassEncoder', 'dispatchWorkgroups', one('launches'));
watch('GPUComputePassEncoder', 'dispatchWorkgroupsIndirect', one('launches'));
watch('GPUCommandEncoder', 'beginComputePass', one('passes'));
watch('GPUDevice', 'createBuffer', one('buffers'));
watch('GPUBuffer', 'destroy', { before: () => counts.buffers-- });
watch('GPUDevice', 'createComputePipeline', one('pipelines'));
watch('GPUDevice', 'createComputePipelineAsync', one('pipelines'));
watch('GPUQueue', 'writeBuffer', {
  before: (buffer, at, data, from = 0, length) => {
    counts.uploads++;
    counts.bytes += length !== undefined ? length * (data.BYTES_PER_ELEMENT ?? 1) : data.byteLength - from;
  },
});
// Recording: from the beginning of commands to their end, and handing them in, on the engine's own thread.
let began = 0;
const begin = () => { began = performance.now(); };
const end = () => { counts.recording += performance.now() - began; };
watch('GPUDevice', 'createCommandEncoder', { before: begin });
watch('GPUCommandEncoder', 'finish', { after: end });
watch('GPUQueue', 'submit', {
  before: () => {
    counts.submissions++;
    begin();
  },
  after: end,
});

for (const way of ['instantiate', 'instantiateStreaming']) {
  const inner = WebAssembly[way];
  WebAssembly[way] = async (...args) => {
    const made = await inner.apply(WebAssembly, args);
    memory ??= (made.instance ?? made).exports.memory;
    return made;
  };
}

addEventListener('message', event => {
  if (event.data?.account !== true) return;
  event.stopImmediatePropagation();
  event.ports[0].postMessage({ ...counts, memory: memory?.buffer.byteLength ?? 0 });
});

await import('../engine_worker.js');
