// What the engine's worker is started with: the page's own program, which sees that it is in a worker.
import init from './whisker.js';

await init();
