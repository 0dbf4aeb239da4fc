// Stands where the session's program for relaxed SIMD would, in sites that are built without it.
export { default } from './session.js';
