// What others need for a step, in milliseconds: measured once, on one machine, each the median of three rounds. Speeds of
// different machines do not compare; they show the order of size.

export const REFERENCE = {
  machine: 'AMD EPYC, 2 cores, Chromium 156, no graphics card (WebGPU in software)',
  date: 'November 2026',
  versions: 'PyTorch 2.15, jax-js 0.1.25, TensorFlow.js 4.22, ConvNetJS 0.3',
  steps: {
    'cnn-32': { 'PyTorch, one core': 15.8, 'jax-js, CPU': 1120, 'jax-js, WebGPU': 658, 'TensorFlow.js, CPU': 4465, 'TensorFlow.js, WebGPU': 2615, ConvNetJS: 990 },
    'cnn-64': { 'PyTorch, one core': 71.7, 'jax-js, CPU': 6641, 'jax-js, WebGPU': 2916, 'TensorFlow.js, CPU': 13614, 'TensorFlow.js, WebGPU': 16105 },
    'lstm-text': { 'PyTorch, one core': 3.11, 'jax-js, CPU': 33.2, 'jax-js, WebGPU': 264, 'TensorFlow.js, CPU': 79.8, 'TensorFlow.js, WebGPU': 1556 },
    'mlp-digits': { 'PyTorch, one core': 0.998, 'jax-js, CPU': 2.48, 'jax-js, WebGPU': 34.5, 'TensorFlow.js, CPU': 11.2, 'TensorFlow.js, WebGPU': 217, ConvNetJS: 23.4 },
    'mlp-2d': { 'PyTorch, one core': 0.226, 'jax-js, CPU': 0.522, 'jax-js, WebGPU': 5.37, 'TensorFlow.js, CPU': 0.546, 'TensorFlow.js, WebGPU': 171, ConvNetJS: 0.0286 },
  },
};
