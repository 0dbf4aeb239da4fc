// What an engine's worker is started with.
import init from './engine.js';

/** The program that reads the user's own pictures, fetched when it is needed. */
self.pictures = async () => {
  const program = await import('./pictures.js');
  await program.default();
  return new program.Pictures();
};

await init();
