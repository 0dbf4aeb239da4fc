// Stands where the engine for relaxed SIMD would, in sites that are built without it.
export { default } from './engine.js';
